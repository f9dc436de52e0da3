"""A cross-encoder, tiny and with weights of chance, puts hits in the order of its own scores."""

import threading
from pathlib import Path

import pytest
import torch
from sentence_transformers import CrossEncoder
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

from index import Hit, ModelUnusable, Passage
from index.encoding.reranking import READ, Reranker
from tests.index.filling import a_document

WORDS = ["dropout", "cats", "sleep", "dogs", "bark", "nets", "what", "works", "on"]


def a_model(folder: Path, labels: int = 1) -> Path:
    folder.mkdir()
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]))
    torch.manual_seed(4)
    config = BertConfig(
        vocab_size=5 + len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=32,
        initializer_range=0.5,
        id2label=dict(enumerate("abc"[:labels])),
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder, model_max_length=32)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_model(tmp_path_factory.mktemp("models") / "tiny")


def hits(*texts: str) -> list[Hit]:
    """Return hits with falling scores."""
    return [
        Hit(Passage(i, a_document(f"k{i}", text), 0, len(text)), 1 - i / 100, 0.5, 1.0)
        for i, text in enumerate(texts)
    ]


def ids(found: list[Hit]) -> list[int]:
    return [hit.passage.id for hit in found]


def test_hits_are_ordered_by_the_models_own_scores(model: Path) -> None:
    given = hits("cats sleep", "dogs bark on nets", "dropout works", "what cats")
    pairs = [("what works", f"{h.passage.document.title}\n{h.passage.text}") for h in given]
    own = CrossEncoder(str(model), device="cpu").predict(pairs, activation_fn=torch.nn.Sigmoid())

    found = Reranker(str(model)).reranked("what works", given)

    assert ids(found) == sorted(range(4), key=lambda i: -own[i])
    assert ids(found) != [0, 1, 2, 3]
    assert [h.score for h in found] == pytest.approx(sorted(own, reverse=True), abs=1e-6)
    assert {(h.cosine, h.words) for h in found} == {(0.5, 1.0)}


def test_hits_that_are_not_read_stay_behind_in_their_order(model: Path) -> None:
    given = hits(*(["cats sleep", "dogs bark"] * READ))
    found = Reranker(str(model)).reranked("what works", given)
    assert sorted(ids(found[:READ])) == list(range(READ))
    assert ids(found[READ:]) == list(range(READ, 2 * READ))
    scores = [hit.score for hit in found]
    assert scores == sorted(scores, reverse=True)


def test_a_text_longer_than_the_model_reads_and_any_question_have_a_score(model: Path) -> None:
    for question in ("", "😀\0" * 100, "what " * 200):
        (found,) = Reranker(str(model)).reranked(question, hits("dropout works. " * 50))
        assert 0 <= found.score <= 1


def test_no_hits_need_no_model() -> None:
    assert Reranker("no-such-model").reranked("what works", []) == []


def test_threads_share_a_reranker(model: Path) -> None:
    reranker, given = Reranker(str(model)), hits("cats sleep", "dogs bark", "dropout works")
    found: list[list[int]] = []
    threads = [
        threading.Thread(target=lambda: found.append(ids(reranker.reranked("what", given))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(each == found[0] for each in found)


def test_a_model_with_several_scores_is_refused_with_the_reason(tmp_path: Path) -> None:
    folder = a_model(tmp_path / "three", labels=3)
    with pytest.raises(ModelUnusable, match=r"gives a pair 3 scores.*JOURNALCLUB_RERANKER"):
        Reranker(str(folder)).load()


@pytest.mark.parametrize("content", [None, "{}", "no json"])
def test_a_folder_without_a_model_is_refused_with_what_to_do(
    tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(ModelUnusable, match="JOURNALCLUB_RERANKER"):
        Reranker(str(tmp_path)).load()
