"""Collections are read with every judgement, and what is wrong is told with file and line."""

from pathlib import Path

import pytest

from service.evaluation.collection import corpus_documents, read_collection
from service.evaluation.errors import BadFile
from tests.service.collections_made import CORPUS, made

HEADER = "query-id\tcorpus-id\tscore\n"
ONE = '{"_id": "a", "text": "b"}\n'
EMPTY = '{"_id": "q1", "text": " "}\n'
NULL = '{"_id": "q1", "text": null}\n'


def test_only_queries_with_a_relevant_document_are_asked_and_the_others_counted(
    tmp_path: Path,
) -> None:
    found = read_collection(made(tmp_path / "tiny"), "test")

    assert (found.name, found.split) == ("tiny", "test")
    assert found.ids == {row["_id"] for row in CORPUS}
    assert found.queries == {
        "q1": "When does the kettle whistle?",
        "q2": "Lamps with bulbs",
        "query-of-itself": "Do rivers carry sand?",
    }
    assert found.judgements["q2"] == {"lamp": 1, "bulb": 2}
    assert (found.left_out, found.absent) == (1, 1)


def test_a_title_is_context_as_ingest_has_it_and_stands_in_where_there_is_no_text(
    tmp_path: Path,
) -> None:
    documents = {d.key: d for d in corpus_documents(made(tmp_path))}

    kettle, stone = documents["beir:kettle"], documents["beir:stone"]
    assert (kettle.kind, kettle.title, kettle.context) == ("abstract", "On kettles", "On kettles")
    assert kettle.text == "A kettle whistles when water boils."
    assert (stone.title, stone.text, stone.context) == (*2 * ("Stones sink in rivers",), "")
    assert documents["beir:query-of-itself"].title == ""


def test_what_cannot_be_stored_is_taken_out_of_texts(tmp_path: Path) -> None:
    line = '{"_id": "a", "title": "half \\ud800", "text": "null \\u0000 line\\nend"}\n'
    judged = HEADER + "q1\ta\t1\n"

    (found,) = corpus_documents(made(tmp_path, line, judged=judged))

    assert (found.title, found.text) == ("half \ufffd", "null line end")


def test_windows_line_ends_a_byte_order_mark_and_blank_lines_are_read(tmp_path: Path) -> None:
    folder = made(
        tmp_path,
        f"\ufeff{ONE}\n".replace("\n", "\r\n"),
        ONE,
        f"{HEADER}a\ta\t1\n\n".replace("\n", "\r\n"),
    )

    found = read_collection(folder, "test")

    assert found.ids == {"a"}
    assert found.judgements == {"a": {"a": 1}}


@pytest.mark.parametrize(
    ("bad", "file", "line", "said"),
    [
        ({"corpus": ONE + "{"}, "corpus.jsonl", 2, "is not JSON"),
        ({"corpus": ONE + "[]"}, "corpus.jsonl", 2, "is not a JSON object"),
        ({"corpus": ONE + '{"_id": 7, "text": "x"}'}, "corpus.jsonl", 2, "_id must be a text"),
        ({"corpus": '{"_id": "\\ud800", "text": ""}'}, "corpus.jsonl", 1, "cannot be shown"),
        ({"corpus": ONE + '{"_id": "c"}'}, "corpus.jsonl", 2, "text must be a text"),
        ({"corpus": '{"_id": "c", "text": "", "title": 1}'}, "corpus.jsonl", 1, "title must"),
        ({"corpus": " \n"}, "corpus.jsonl", None, "holds no documents. Write one JSON object"),
        ({"corpus": ONE}, "corpus.jsonl", None, "none of the 5 documents that are judged relevant"),
        ({"corpus": ONE + ONE}, "corpus.jsonl", 2, "the _id 'a' is taken"),
        ({"queries": ONE + ONE}, "queries.jsonl", 2, "the _id 'a' is taken"),
        ({"queries": ONE}, "queries.jsonl", None, "3 judged queries are not here, such as"),
        ({"queries": ONE + EMPTY}, "queries.jsonl", 2, "the judged query 'q1' has no text. Write"),
        ({"queries": NULL + ONE}, "queries.jsonl", 1, "the judged query 'q1' has no text. Write"),
        ({"judged": ""}, "test.tsv", None, "is empty. Begin with a header line"),
        ({"judged": "q1\tlamp\t1\n"}, "test.tsv", 1, "is no header"),
        ({"judged": HEADER + "q1\tlamp\n"}, "test.tsv", 2, "must be query-id, corpus-id"),
        ({"judged": HEADER + "q1 lamp 1\n"}, "test.tsv", 2, "must be query-id, corpus-id"),
        ({"judged": HEADER + "q1\tlamp\tgood\n"}, "test.tsv", 2, "the score 'good' is no whole"),
        ({"judged": HEADER + "q\ta\t1\nq\ta\t2\n"}, "test.tsv", 3, "judged differently"),
        ({"judged": HEADER + "q1\tlamp\t0\n"}, "test.tsv", None, "judges no document as relevant"),
    ],
)
def test_a_bad_line_is_told_with_its_file_and_number(
    tmp_path: Path, bad: dict[str, str], file: str, line: int | None, said: str
) -> None:
    folder = made(tmp_path, **bad)

    with pytest.raises(BadFile, match=said) as refused:
        read_collection(folder, "test")

    assert (refused.value.path.name, refused.value.line) == (file, line)


def test_text_that_is_not_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    folder = made(tmp_path)
    (folder / "queries.jsonl").write_bytes(ONE.encode() + b'{"_id": "\xff"}\n')

    with pytest.raises(BadFile, match=r"queries\.jsonl, line 2: is not UTF-8"):
        read_collection(folder, "test")


def test_missing_files_are_named_and_a_missing_split_names_those_there_are(tmp_path: Path) -> None:
    folder = made(tmp_path)
    (folder / "qrels" / "train.tsv").write_text(HEADER)

    with pytest.raises(BadFile, match=r"dev.tsv: is not there. Splits that are: test, train\."):
        read_collection(folder, "dev")
    (folder / "corpus.jsonl").unlink()
    with pytest.raises(BadFile, match=r"has no corpus\.jsonl\. Name a folder in BEIR's layout"):
        read_collection(folder, "test")


def test_a_folder_within_a_collection_is_told_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(BadFile) as refused:
        read_collection(made(tmp_path) / "qrels", "test")

    assert str(refused.value) == (
        f"{tmp_path / 'qrels'}: has no corpus.jsonl and no queries.jsonl and no qrels. Name a "
        "folder in BEIR's layout, which holds corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv."
    )


def test_a_text_of_null_in_the_corpus_is_an_empty_one(tmp_path: Path) -> None:
    line = '{"_id": "a", "title": "On kettles", "text": null}\n'
    folder = made(tmp_path, line, judged=HEADER + "q1\ta\t1\n")

    (found,) = corpus_documents(folder)

    assert read_collection(folder, "test").ids == {"a"}
    assert (found.title, found.text) == ("On kettles", "On kettles")
