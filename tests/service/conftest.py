"""A small library made by the real ingest, and the real service over it."""

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from index import Store
from ingest import Discourse, Given, ingest
from service.app import create_app
from service.composition import Opening
from service.settings import Settings
from tests.fakes import FakeEmbedder
from tests.ingest.club import an_outside
from tests.service.wsgi import serving

HOSTILE = '<img src=x onerror="window.pwned=1"> <script>window.pwned=2</script>'
TOPIC = "https://forums.fast.ai/t/invented-readings/4711"

READING_LIST = f"""
title = "Invented readings"

[[threads]]
file = "invented-readings.txt"
title = "Invented readings"
topic = "{TOPIC}"

[[papers]]
id = "1905.02249"
names = ["MixMatch"]
note = "MixMatch learns from few labels. It reaches 11 percent error with 250 labels."

[[papers]]
id = "1710.09412"
names = ["mixup"]

[[papers]]
id = "1904.12848"
title = "Unsupervised Data Augmentation for Consistency Training"
authors = ["Qizhe Xie", "Zihang Dai"]
published = 2019-04-29
categories = ["cs.LG"]
names = ["UDA"]

[[papers]]
id = "math/0309136"
"""

METADATA = (
    {
        "id": "1905.02249",
        "title": "MixMatch: A Holistic Approach to Semi-Supervised Learning",
        "abstract": "MixMatch guesses labels for unlabeled pictures. Mixing pictures makes the "
        "guesses calm.",
        "authors": ["David Berthelot", "Nicholas Carlini"],
        "categories": "cs.LG cs.CV",
        "published": "2019-05-06",
    },
    {
        "id": "1710.09412",
        "title": "mixup: Beyond Empirical Risk Minimization",
        "abstract": "Training on blends of two examples makes a network behave linearly between "
        "them 🙂.",
        "authors": ["Hongyi Zhang", "Moustapha Cissé"],
        "categories": "cs.LG",
        "published": "2017-10-25",
    },
    {
        "id": "math/0309136",
        "title": "Lattices from an Older Time",
        "abstract": "Lattices of an older time are counted by hand.",
        "authors": ["Ada Abacus"],
        "categories": "math.CO",
        "published": "2003-09-08",
    },
)

THREAD = f"""Invented readings

MixMatch is out this week. I find MixMatch a joy to read, and so will you.


Is a Python implementation of MixMatch available yet?


I noticed someone making a Python implementation of MixMatch. It starts from the mixup code.


My answer on MixMatch with img onerror and script window.pwned: {HOSTILE} ends here.


UDA works with texts and with pictures.
"""


Open = Callable[..., Opening]


@dataclass(frozen=True, slots=True)
class Served:
    """The service as a browser meets it."""

    url: str


@pytest.fixture(scope="session")
def library_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a library of four papers, a note and a thread; one abstract lacks."""
    folder = tmp_path_factory.mktemp("service")
    (folder / "list.toml").write_text(READING_LIST, "utf-8")
    (folder / "invented-readings.txt").write_text(THREAD, "utf-8")
    lines = "\n".join(map(json.dumps, METADATA))
    (folder / "metadata.jsonl").write_text(lines, "utf-8")
    given = Given(lists=(folder / "list.toml",), files=(folder / "metadata.jsonl",))
    store = Store.create(folder / "library")
    with Discourse() as forum:
        outside = an_outside(_silent_address(), forum)
        report = ingest(store, FakeEmbedder(), outside, given, lambda progress: None)
    store.close()
    assert (report.failed, len(report.pending)) == ((), 2)
    return folder / "library"


@pytest.fixture(scope="session")
def opening(library_folder: Path) -> Iterator[Opening]:
    """Return the library, ready to answer."""
    made = Opening(Settings(data=library_folder, host="127.0.0.1"), FakeEmbedder())
    made.load()
    yield made
    made.close()


@pytest.fixture
def client(opening: Opening) -> FlaskClient:
    """Return a client of the service that needs no network."""
    return create_app(opening).test_client()


@pytest.fixture(scope="session")
def served(opening: Opening) -> Iterator[Served]:
    """Serve the service on loopback."""
    with serving(create_app(opening)) as url:
        yield Served(url)


@pytest.fixture
def opened() -> Iterator[Open]:
    """Return what opens a folder; all is closed afterwards."""
    made: list[Opening] = []

    def _open(
        folder: Path, embedder: FakeEmbedder | None = None, host: str = "127.0.0.1"
    ) -> Opening:
        made.append(Opening(Settings(data=folder, host=host), embedder or FakeEmbedder()))
        return made[-1]

    yield _open
    for opening in made:
        opening.close()


def _silent_address() -> str:
    """Return an address of loopback at which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/api/query"
