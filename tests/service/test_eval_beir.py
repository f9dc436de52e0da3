"""A collection is measured by the product's own search, in a library of its own."""

import json
import math
import shutil
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from index import (
    Document,
    Hit,
    ModelUnusable,
    Reranker,
    SentenceTransformerEmbedder,
    Store,
    WrongModel,
    make_entries,
    writer_lock,
)
from index.errors import LibraryBusy
from ingest import Progress
from service.evaluation.collection import read_collection
from service.evaluation.errors import BadFile, EvaluationError, MissingExtra, needs_extra
from service.evaluation.indexing import Indexed, index_collection
from service.evaluation.measurement import Measurement
from service.evaluation.measures import MEASURES
from service.evaluation.plots import check_plots, dense_against_words, draw, recall_by_depth
from service.evaluation.runs import QueryRun
from service.evaluation.searching import Searched, search_all
from tests.fakes import FakeEmbedder
from tests.real_model import MODELS
from tests.service.collections_made import CORPUS, lines_of, made
from tests.service.shell import ROOT, Shell, posing

KETTLE_ALONE = {"ndcg@10": 1.0, "recall@10": 1.0, "recall@100": 1.0, "mrr@10": 1.0}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the tiny collection."""
    return made(tmp_path / "tiny")


def _silent(progress: Progress) -> None:
    """Show nothing."""


def _indexed(folder: Path, store: Store, embedder: FakeEmbedder) -> Indexed:
    return index_collection(read_collection(folder, "test"), store, embedder, _silent)


def _keep_a_note(store: Store, embedder: FakeEmbedder) -> None:
    own = Document("note:1", "note", "Mine", "My own note.")
    entries, _ = make_entries([own], embedder, store.known_vectors)
    store.replace(entries, embedder.identity)


def _searched(folder: Path, store: Store, embedder: FakeEmbedder) -> Searched:
    _indexed(folder, store, embedder)
    return search_all(read_collection(folder, "test"), store, embedder, _silent)


def _of(searched: Searched, query: str, search: str) -> QueryRun:
    (found,) = (run for run in searched.runs if (run.query, run.search) == (query, search))
    return found


def test_every_query_is_searched_by_vector_by_words_and_fused(
    folder: Path, store: Store, embedder: FakeEmbedder
) -> None:
    found = _searched(folder, store, embedder)

    assert [(run.query, run.search) for run in found.runs[:4]] == [
        ("q1", "dense"),
        ("q1", "words"),
        ("q1", "fused"),
        ("q2", "dense"),
    ]
    for search in ("dense", "words", "fused"):
        kettle = _of(found, "q1", search)
        assert (kettle.words, kettle.measures) == (5, KETTLE_ALONE)
        assert kettle.documents[0][0] == "kettle"
    assert len(_of(found, "q1", "dense").documents) == len(CORPUS)
    assert [document for document, _ in _of(found, "q1", "words").documents] == ["kettle"]


def test_grades_count_as_gains(folder: Path, store: Store, embedder: FakeEmbedder) -> None:
    found = _of(_searched(folder, store, embedder), "q2", "fused")

    best = 2 + 1 / math.log2(3)
    in_order = {("bulb", "lamp"): best, ("lamp", "bulb"): 1 + 2 / math.log2(3)}
    gain = in_order[found.documents[0][0], found.documents[1][0]]
    assert found.measures["ndcg@10"] == pytest.approx(gain / best)


def test_a_document_does_not_find_itself_and_one_that_is_gone_counts_as_not_found(
    folder: Path, store: Store, embedder: FakeEmbedder
) -> None:
    found = _of(_searched(folder, store, embedder), "query-of-itself", "fused")

    assert "query-of-itself" not in dict(found.documents)
    assert found.documents[0][0] == "stone"
    assert (found.measures["recall@10"], found.measures["mrr@10"]) == (0.5, 1.0)


def test_a_document_has_the_score_of_its_best_passage(
    tmp_path: Path, store: Store, embedder: FakeEmbedder
) -> None:
    filler = "Sand is dry and grains are small. " * 12
    rows = [
        {"_id": "late", "text": f"{filler} A kettle whistles loudly."},
        {"_id": "early", "text": f"A kettle whistles loudly. {filler}"},
    ]
    judged = "query-id\tcorpus-id\tscore\nq1\tlate\t1\n"
    folder = made(tmp_path / "long", lines_of(rows), judged=judged)

    found = _searched(folder, store, embedder)

    vector = embedder.encode(["When does the kettle whistle?"])[0]
    (best, cosine), *_ = store.nearest(vector, 8)
    owner = store.passages([best])[best].document.key.removeprefix("beir:")
    assert store.counts()["passages"] == 4
    assert dict(_of(found, "q1", "dense").documents)[owner] == pytest.approx(cosine)
    for search in ("dense", "words", "fused"):
        assert {document for document, _ in _of(found, "q1", search).documents} == {"late", "early"}


def test_a_hundred_documents_come_out_however_many_passages_the_best_ones_have(
    tmp_path: Path, store: Store, embedder: FakeEmbedder
) -> None:
    long = "The kettle whistles here and the water boils over. " * 60
    rows = [{"_id": f"long{n}", "text": f"{long} {n}"} for n in range(90)]
    rows += [{"_id": f"short{n}", "text": f"Kettle number {n} stands still."} for n in range(30)]
    judged = "query-id\tcorpus-id\tscore\nq1\tshort1\t1\n"
    folder = made(tmp_path / "many", lines_of(rows), judged=judged)

    found = _searched(folder, store, embedder)

    assert store.counts()["passages"] > 400
    assert len(_of(found, "q1", "dense").documents) == 100
    assert len(_of(found, "q1", "words").documents) == 100


def test_measuring_again_embeds_only_what_changed(
    folder: Path, store: Store, embedder: FakeEmbedder
) -> None:
    first = _indexed(folder, store, embedder)
    before = store.generation()
    again = _indexed(folder, store, embedder)
    unchanged = store.generation()
    rows = [*CORPUS[:3], {"_id": "new", "text": "Doors creak."}]
    other = _indexed(made(folder, lines_of(rows)), store, embedder)

    assert (first.documents, first.passages, first.embeddings) == (5, 5, 5)
    assert (again.embeddings, unchanged) == (0, before)
    assert (other.documents, other.passages, other.embeddings) == (4, 4, 1)
    assert store.known_keys(["beir:stone", "beir:new"]) == {"beir:new"}


def test_a_library_with_documents_of_its_own_is_left_alone(
    folder: Path, store: Store, embedder: FakeEmbedder
) -> None:
    _keep_a_note(store, embedder)
    before = store.generation()

    with pytest.raises(EvaluationError, match="documents of its own, such as note:1"):
        _indexed(folder, store, embedder)

    assert (store.generation(), store.counts()["note"]) == (before, 1)


def test_a_library_of_another_model_and_one_that_is_being_written_are_refused(
    folder: Path, store: Store, embedder: FakeEmbedder
) -> None:
    _indexed(folder, store, embedder)

    with pytest.raises(WrongModel):
        _indexed(folder, store, FakeEmbedder("other"))
    with writer_lock(store.folder), pytest.raises(LibraryBusy):
        _indexed(folder, store, embedder)


def test_progress_is_told_while_documents_are_stored_and_queries_asked(
    folder: Path, store: Store, embedder: FakeEmbedder
) -> None:
    seen: list[Progress] = []
    collection = read_collection(folder, "test")

    index_collection(collection, store, embedder, seen.append)
    search_all(collection, store, embedder, seen.append)

    assert seen[0] == Progress("storing", 0, 5)
    assert seen[-1] == Progress("searching", 3, 3)


def test_the_summary_holds_the_means_over_the_queries(
    folder: Path, store: Store, embedder: FakeEmbedder
) -> None:
    collection = read_collection(folder, "test")
    indexed = _indexed(folder, store, embedder)
    searched = search_all(collection, store, embedder, _silent)

    told = Measurement.of(collection, indexed, searched, "fake")

    assert told.fused["recall@100"] == round((1 + 1 + 0.5) / 3, 5)
    assert told.words["mrr@10"] == 1.0
    assert (told.documents, told.queries, told.left_out, told.absent) == (5, 3, 1, 1)
    assert told.search_ms.p95 >= told.search_ms.p50 > 0
    lines = replace(told, index_seconds=2.0).as_text().splitlines()
    assert lines[0] == "tiny, split test: 5 documents in 5 passages, 3 queries"
    assert lines[2].startswith("indexed in 2.0 s (5 embeddings computed); a query takes ")
    assert lines[3] == "judged queries without a relevant document, left out: 1"
    assert lines[4] == "relevant documents that the corpus lacks, not found: 1"
    assert lines[6].split() == ["ndcg@10", "recall@10", "recall@100", "mrr@10"]
    assert [line.split()[0] for line in lines[7:]] == ["dense", "words", "fused"]
    assert float(lines[9].split()[3]) == pytest.approx(0.8333)


def test_the_plots_are_pictures(folder: Path, store: Store, embedder: FakeEmbedder) -> None:
    pictures = folder / "new" / "plots"
    check_plots(pictures)

    drawn = draw(pictures, read_collection(folder, "test"), _searched(folder, store, embedder).runs)

    assert [path.name for path in drawn] == ["recall-by-depth.png", "dense-against-words.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n") for path in drawn)
    with pytest.raises(BadFile, match="cannot be made"):
        check_plots(folder / "corpus.jsonl")


def test_a_cross_encoder_is_loaded_before_a_search_is_timed(
    folder: Path, store: Store, embedder: FakeEmbedder
) -> None:
    _indexed(folder, store, embedder)
    asked: list[str] = []

    class Asked(Reranker):
        def reranked(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
            asked.append(question)
            return list(hits)

    search_all(read_collection(folder, "test"), store, embedder, _silent, Asked("none"))

    assert asked[:2] == ["ready", "When does the kettle whistle?"]


# -- the command line -----------------------------------------------------------------------


def test_a_cross_encoder_that_cannot_be_used_is_told_before_anything_is_indexed(
    folder: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    with pytest.raises(ModelUnusable, match=r"The cross-encoder '/none/such' cannot be used"):
        Shell(tmp_path).invoke("eval", "beir", folder, "--library", kept, RERANKER="/none/such")

    assert not kept.exists()


def test_a_corpus_without_documents_takes_none_out_of_a_library_that_is_kept(
    folder: Path, tmp_path: Path
) -> None:
    with closing(Store.create(tmp_path / "kept")) as kept:
        _indexed(folder, kept, posing())
        made(folder, corpus="")

        with pytest.raises(BadFile, match=r"corpus\.jsonl: holds no documents\. Write"):
            Shell(tmp_path).invoke("eval", "beir", folder, "--library", kept.folder)

        assert kept.counts()["abstract"] == 5


@pytest.mark.model
def test_the_command_measures_writes_what_was_asked_for_and_keeps_no_library(
    folder: Path, tmp_path: Path
) -> None:
    runs, pictures = tmp_path / "runs.jsonl", tmp_path / "pictures"

    command = ("eval", "beir", folder, "--runs", runs, "--plots", pictures, "--json")
    told = json.loads(Shell(tmp_path).invoke(*command).stdout)

    assert (told["collection"], told["split"], told["documents"]) == ("tiny", "test", 5)
    assert (told["queries"], told["embeddings"], told["words"]["recall@10"]) == (3, 5, 0.83333)
    assert set(told["fused"]) == set(told["dense"]) == set(MEASURES)
    assert set(told["encode_ms"]) == set(told["search_ms"]) == {"p50", "p95"}
    rows = [json.loads(line) for line in runs.read_text("utf-8").splitlines()]
    assert [(row["query"], row["search"]) for row in rows[:2]] == [("q1", "dense"), ("q1", "words")]
    assert rows[1]["documents"][0][0] == "kettle"
    assert (pictures / "recall-by-depth.png").is_file()
    assert not list(tmp_path.rglob("library.db"))


def test_the_command_uses_the_library_it_is_given(folder: Path, tmp_path: Path) -> None:
    with closing(Store.create(tmp_path / "own")) as own:
        _keep_a_note(own, posing())

    with pytest.raises(EvaluationError, match="own is a library with documents of its own"):
        Shell(tmp_path).invoke("eval", "beir", folder, "--library", tmp_path / "own")


@pytest.mark.model
def test_the_model_is_read_from_the_library_that_is_set_and_not_saved_beside_the_measured_one(
    folder: Path, tmp_path: Path
) -> None:
    SentenceTransformerEmbedder(folder=MODELS).save()
    main, measured = tmp_path / "library", tmp_path / "measured"
    Store.create(main).close()
    shutil.copytree(MODELS, main / "derived")
    models = {path.name for path in MODELS.glob("model-*")}

    Shell(tmp_path).invoke("eval", "beir", folder, "--library", measured, MODELS="")

    assert (measured / "library.db").is_file()
    assert {path.name for path in (main / "derived").glob("model-*")} == models
    assert not list(measured.rglob("model-*"))


@pytest.mark.model
def test_no_library_is_made_where_none_was(folder: Path, tmp_path: Path) -> None:
    SentenceTransformerEmbedder(folder=MODELS).save()
    with closing(Store.create(tmp_path / "measured")) as kept:
        _indexed(folder, kept, posing())
    shutil.copytree(MODELS, kept.folder / "derived", dirs_exist_ok=True)

    Shell(tmp_path).invoke("eval", "beir", folder, "--library", kept.folder, MODELS="")

    assert {path.name for path in tmp_path.iterdir()} == {"tiny", "measured"}


def test_the_depths_end_with_the_documents_and_the_axis_above_the_curves() -> None:
    curve = {"dense": [0.5, 1.0, 1.0], "words": [0.5, 1.0, 1.0], "fused": [0.5, 1.0, 1.0]}

    (axes,) = recall_by_depth(curve, "tiny").axes

    assert (axes.get_xlim(), axes.get_ylim()) == ((1, 3), (0, 1.04))
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["1", "2", "3"]
    lines = axes.get_lines()
    assert [line.get_label() for line in lines] == ["fused", "dense", "words"]
    assert lines[0].get_linewidth() > 2 * lines[1].get_linewidth()


def test_each_half_of_the_picture_says_which_search_is_better_there() -> None:
    (axes,) = dense_against_words([(0.0, 1.0), (0.5, 0.5)], "tiny").axes

    said = {text.get_text(): text.get_position() for text in axes.texts}
    assert said["vectors better"][1] > said["vectors better"][0]
    assert said["words better"][1] < said["words better"][0]


def test_what_is_not_installed_is_told_with_the_command_that_installs_it() -> None:
    command = ".venv/bin/python -m pip install -c constraints.txt -e '.[eval]'"

    with pytest.raises(MissingExtra) as refused, needs_extra("matplotlib"):
        raise ImportError("No module named 'matplotlib'")

    assert command in str(refused.value)
    assert command in (ROOT / "docs" / "evaluation.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--split", "dev", r"tiny/qrels/dev\.tsv: is not there"),
        ("--runs", "tiny/corpus.jsonl/runs", r"runs: cannot be written"),
        ("--library", "tiny", "tiny: holds other files and no library. Name an empty folder"),
        ("--plots", "tiny/corpus.jsonl/plots", "plots: cannot be made"),
    ],
)
def test_what_cannot_be_done_is_told_before_anything_long_is_begun(
    folder: Path, option: str, value: str, said: str
) -> None:
    given = value if option == "--split" else folder.parent / value

    with pytest.raises(BadFile, match=said):
        Shell(folder.parent).invoke("eval", "beir", folder, option, given)
