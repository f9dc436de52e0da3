"""Each benchmark at a tiny size with the fake model: it runs, and its figures are what they say."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks import __main__ as bench
from benchmarks import (
    cold_start,
    encode,
    large_ingest,
    latency,
    load,
    memory,
    quality,
    throughput,
    unchanged,
)
from benchmarks.exact import Among, exact, recall
from benchmarks.known_vectors import KnownVectors, noisy
from benchmarks.libraries import Made, Recipe, recipe, shuffled, write_library
from benchmarks.machine import Figures, conditions, publish
from benchmarks.workload import questions
from index import Store
from ingest.making import paper_documents
from tests.fakes import FakeEmbedder

PROGRAM = (sys.executable, "-m", "tests.benchmark_program")
NO_DATA = Path("nowhere")
WORDS = [
    "training",
    "deep",
    "networks",
    "learn",
    "graphs",
    "images",
    "language",
    "sparse",
    "noise",
    "kernel",
    "bayes",
]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of forty records of invented words."""
    dice = random.Random(1)
    file = tmp_path_factory.mktemp("records") / "papers.jsonl"
    with file.open("w") as out:
        for number in range(1, 41):
            title = f"{' '.join(dice.sample(WORDS, 3)).title()} {number}"
            sentences = [f"We study {' '.join(dice.sample(WORDS, 5))}." for _ in range(3)]
            record = {
                "id": f"1801.{number:05}",
                "title": title,
                "abstract": " ".join(sentences),
                "authors": ["Ada Writer", f"Bea Reader{number}"],
                "categories": ["cs.LG"],
                "published": f"2018-{1 + number % 12:02}-01",
            }
            out.write(json.dumps(record) + "\n")
    return file


@pytest.fixture(scope="module")
def library(records: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return a library of sixty documents, made of thirty of the records."""
    folder = tmp_path_factory.mktemp("libraries") / "60" / "library"
    folder.parent.mkdir()
    what = recipe(60, 30)
    write_library(folder, what, shuffled(records), KnownVectors(FakeEmbedder(), []))
    return Made(what, folder)


def here(work: Callable[..., Any], *given: Any) -> Any:
    """Do in this process what a benchmark does in one of its own."""
    return work(*given)


def published(figures: Figures, folder: Path) -> dict[str, Any]:
    publish(figures, conditions(), folder / "figures.json")
    found: dict[str, Any] = json.loads((folder / "figures.json").read_text())
    return found


def test_figures_are_written_with_the_conditions_they_were_taken_under(tmp_path: Path) -> None:
    row = load.Loaded(60, 2, 10, 0, 99.5, 1.0, 2.0, 3.0)
    found = published(Figures("load", {"documents": [60]}, {"load": [row]}), tmp_path)

    assert found["benchmark"] == "load"
    assert found["sizes"] == {"documents": [60]}
    assert found["results"]["load"][0]["requests_per_second"] == 99.5
    assert found["cores"] >= 1
    assert found["versions"]["numpy"] == np.__version__
    assert {"machine", "python", "commit", "date", "command", "memory_mib", "load"} <= found.keys()


def test_the_command_is_told_as_it_was_typed(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    for name in ("__init__", "part"):
        (tmp_path / "made" / f"{name}.py").touch()
    code = "from benchmarks.machine import conditions; print(conditions().command)"
    (tmp_path / "made" / "__main__.py").write_text(code)
    (tmp_path / "made" / "part.py").write_text(code)
    told = [
        subprocess.run(
            [sys.executable, "-m", module, "--only", "a b"],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[1]}"},
        ).stdout
        for module in ("made", "made.part")
    ]

    assert told == [
        "python -m made --only 'a b'\n",
        "python -m made.part --only 'a b'\n",
    ]


def test_a_library_holds_what_its_recipe_says(library: Made) -> None:
    assert library.recipe == Recipe(documents=60, papers=48, comments=12, records=30)
    with closing(Store.open(library.folder)) as store:
        counts = store.counts()
        repeated = store.fetch("arxiv:2101.00001:abstract")

    assert (counts["abstract"], counts["record"], counts["comment"]) == (48, 48, 12)
    assert repeated is not None
    assert repeated.title.endswith(" #2")


def test_a_repeated_text_has_the_first_ones_vector_with_noise() -> None:
    embedder = KnownVectors(FakeEmbedder(), [])

    first, again, once_more = embedder.encode(["Graphs. Ada\nx", "Graphs #2. Ada\nx", "Graphs #2"])

    assert float(first @ again) == pytest.approx(0.94, abs=0.02)
    assert float(np.linalg.norm(again)) == pytest.approx(1, abs=1e-5)
    assert not np.allclose(again, once_more)
    assert np.array_equal(noisy(first, "a"), noisy(first, "a"))


def test_vectors_that_a_library_has_are_not_made_again(library: Made, records: Path) -> None:
    fake = FakeEmbedder()
    papers = shuffled(records)[:10]
    texts = throughput.texts_of([d for paper in papers for d in paper_documents(paper)], fake)
    known = KnownVectors(fake, [library.folder])

    rows = known.encode(texts)

    assert known.made == 0
    assert fake.encoded == 0
    assert np.allclose(rows, FakeEmbedder().encode(texts))


def test_an_exact_search_gives_the_highest_cosines_among_the_given_documents(
    library: Made,
) -> None:
    asked = FakeEmbedder().encode(["sparse graphs", "noise"])
    with closing(Store.open(library.folder)) as store:
        best = exact(store.connection, asked, 3)
        comments = exact(store.connection, asked, 3, Among("d.kind = ?", ("comment",)))
        found = store.nearest(asked[0], 3)

    assert max(best[0].values()) == pytest.approx(found[0][1], abs=1e-5)
    assert len(comments[0]) == 12
    assert recall([passage for passage, _ in found], best[0], 3) == 1
    assert recall([], best[0], 3) == 0


def test_questions_are_the_same_each_time_and_none_comes_twice(library: Made) -> None:
    with closing(Store.open(library.folder)) as store:
        asked = questions(store, NO_DATA, 50)

        assert questions(store, NO_DATA, 20) == asked[:20]
    assert len(set(asked)) == 50


def test_latency_tells_each_stage_and_each_filter(library: Made) -> None:
    found = latency.measure(library, NO_DATA, 12, FakeEmbedder())

    parts = {row.part for row in found.times}
    whole = {"without encoding", "with encoding", "without encoding, from disk"}
    assert {"encode", "nearest", "matching"} | whole <= parts
    assert all(0 <= row.p50 <= row.p95 <= row.p99 for row in found.times)
    assert (found.library.documents, found.library.stored) == (60, 108)
    assert found.library.recall_at_10 == 1
    left = {row.filter: row.passages_left for row in found.filters}
    assert left["comments"] == 12
    assert left["one paper"] >= 2
    assert {row.recall_at_10 for row in found.filters} == {1}


def test_encode_tells_how_near_a_backend_is_to_the_reference() -> None:
    fake = FakeEmbedder()
    texts = [f"{word} and {other}" for word in WORDS for other in WORDS]
    reference = encode.measure(fake.encode, WORDS, texts)
    turned = encode.measure(lambda some: -fake.encode(some), WORDS, texts)

    found = encode.tables({"torch": reference, "product": turned, "onnx": "not installed"})

    same, other = found["backends"]
    assert (same.largest_difference, same.top_ten_same) == (0, 1)
    assert other.largest_difference >= 1
    assert other.texts_per_second > 0
    assert found["not measured"] == [encode.Missing("onnx", "not installed")]


def test_memory_tells_what_a_server_holds_and_what_two_share(library: Made) -> None:
    rows = list(memory.measure(library, NO_DATA, PROGRAM))

    assert [row.process for row in rows] == ["one", "one", "first of two", "second of two"]
    assert all(0 < row.private_mib <= row.pss_mib <= row.rss_mib for row in rows)
    assert all(row.limit_mib == 300 + row.vectors_mib for row in rows)


def test_cold_start_tells_how_long_each_way_to_begin_takes(library: Made) -> None:
    rows = {row.what: row for row in cold_start.measure(library, NO_DATA, 1, PROGRAM)}

    assert list(rows) == ["ask", "serve: listens", "serve: ready", "serve: first answer"]
    assert 0 < rows["serve: listens"].median_ms <= rows["serve: ready"].median_ms
    assert {row.rounds for row in rows.values()} == {1}


def test_load_tells_requests_a_second_and_errors(library: Made) -> None:
    rows = load.measure(library, NO_DATA, (1, 4), 12, PROGRAM)

    assert [(row.clients, row.requests, row.errors) for row in rows] == [(1, 12, 0), (4, 12, 0)]
    assert all(row.requests_per_second > 0 and row.p50 <= row.p99 for row in rows)


def test_quality_tells_the_measures_of_each_search_and_of_answers(
    library: Made, tmp_path: Path
) -> None:
    collection = tmp_path / "tiny"
    (collection / "qrels").mkdir(parents=True)
    texts = {"a": "sparse graphs", "b": "bayes noise"}
    lines = [json.dumps({"_id": key, "title": text, "text": text}) for key, text in texts.items()]
    (collection / "corpus.jsonl").write_text("\n".join(lines))
    (collection / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "graphs"}))
    (collection / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\ta\t1\n")
    asked = tmp_path / "asked.jsonl"
    asked.write_text('{"id": "x", "kind": "fact", "question": "Why zebras?", "abstain": true}')

    searched = quality.search_rows(collection, "test", tmp_path / "kept", PROGRAM)
    answered = quality.answer_rows([asked], library.folder, PROGRAM)

    assert [row.search for row in searched] == ["dense", "words", "fused"]
    assert {(row.ndcg_at_10, row.recall_at_100) for row in searched} == {(1, 1)}
    assert (answered[0].file, answered[0].questions, answered[0].quotes_false) == ("asked", 1, 0)


def test_throughput_compares_an_ingest_with_encoders_alone(records: Path) -> None:
    fake = FakeEmbedder()
    documents = [d for paper in shuffled(records)[:10] for d in paper_documents(paper)]
    texts = throughput.texts_of(documents, fake)

    rounds = throughput.measure(lambda: fake.encode(texts), documents, fake, 2)

    assert len(rounds) == 2
    assert all(0 < each.own_ratio < 5 for each in rounds)
    assert throughput.tables(rounds, len(texts))["middle"][0].ingest_texts_per_second > 0


def test_unchanged_embeds_only_what_was_edited(records: Path) -> None:
    tables = unchanged.measure(records, 40, fake=True, apart=here)

    runs = {(row.records, row.run): row for row in tables["runs"]}
    assert (runs[40, "first"].added, runs[4, "first"].added) == (80, 8)
    assert (runs[40, "unchanged"].unchanged, runs[40, "unchanged"].embeddings) == (80, 0)
    assert runs[40, "edited"].embeddings == tables["edits"][0].passages_changed == 1


def test_large_ingest_tells_what_each_run_did(records: Path, tmp_path: Path) -> None:
    runs = large_ingest.measure(tmp_path, ["--file", str(records)], 60, PROGRAM)
    with closing(Store.open(tmp_path)) as store:
        searched = large_ingest.search_row(store, FakeEmbedder(), 10)

    assert [(run.exit_code, run.added, run.unchanged) for run in runs] == [
        (0, 80, 0),
        (0, 0, 80),
        (0, 0, 80),
    ]
    assert (searched.questions, searched.recall_at_10) == (10, 1)


def test_what_lacks_its_data_is_skipped_with_the_reason(tmp_path: Path) -> None:
    run = CliRunner().invoke(bench.main, ["--data", str(tmp_path), "--only", "latency"])

    assert run.exit_code == 0
    assert "latency" in run.output
    assert "skipped: needs arxiv/abstracts_ml_to_2019.jsonl.gz" in run.output
    assert run.output.splitlines()[-1] == "Not measured for want of data: latency."


def test_each_benchmark_is_given_what_it_takes() -> None:
    given = bench.Given(Path("data"), None, Path("root"), Path("out"), "1000")
    commands = {each.name: each.command(given)[2:] for each in bench.BENCHMARKS}

    assert commands["latency"] == [
        "benchmarks.latency", "--sizes", "1000", "--data", "data", "--root", "root",
        "--json", "out/latency.json",
    ]  # fmt: skip
    assert commands["unchanged"][1] == "data/arxiv/abstracts_ml_to_2019.jsonl.gz"
