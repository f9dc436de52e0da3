"""A running service follows its library to another embedding model, without a restart."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from index import ModelUnusable, Store, Vectors, re_embed
from service.app import create_app
from service.composition import Opening
from service.settings import Settings
from tests.fakes import FakeEmbedder

QUESTION = {"question": "Who wrote MixMatch?"}
NOT_FOLLOWED = (
    "The library was embedded with next (revision 1, 256 dimensions), which this service cannot "
    "load: The embedding model 'next' cannot be used. Put that model where the service finds it "
    "under this name and start it again, or run 'journalclub ingest --re-embed' with a model that "
    "it has."
)


class Unloadable(FakeEmbedder):
    """A model that is nowhere to be found."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        raise ModelUnusable(f"The embedding model {self.identity.name!r} cannot be used.")


class Following:
    """A service that finds models by name, as soon as `loaded` is set; `missing` it never finds."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.open(folder)
        self.loaded = threading.Event()
        self.missing: set[str] = set()
        self.opening = Opening(Settings(data=folder), FakeEmbedder(), named=self._named)
        self.opening.load()
        self.client = create_app(self.opening).test_client()

    def _named(self, name: str) -> FakeEmbedder:
        assert self.loaded.wait(10)
        return Unloadable(name) if name in self.missing else FakeEmbedder(name, _dimension(name))

    def embed_anew(self, name: str) -> None:
        """Switch the library to another model, as an ingest in another process does."""
        re_embed(self.store, FakeEmbedder(name, _dimension(name)), lambda done, total: None)

    def status(self) -> tuple[int, str]:
        """Return what the service says of itself."""
        reply = self.client.get("/readyz")
        return reply.status_code, reply.get_json()["status"]


@pytest.fixture
def following(library_folder: Path, tmp_path: Path) -> Iterator[Following]:
    """Return a service over a copy of the library, and what embeds that anew behind it."""
    shutil.copytree(library_folder, tmp_path / "library")
    made = Following(tmp_path / "library")
    yield made
    made.opening.close()
    made.store.close()


def _dimension(name: str) -> int:
    return 32 if name == "small" else 256


@pytest.mark.parametrize("name", ["small", "next"])
def test_a_service_follows_its_library_to_another_model(following: Following, name: str) -> None:
    before = following.client.post("/ask", json=QUESTION).get_json()

    following.embed_anew(name)
    waiting, asked = following.client.get("/readyz"), following.client.post("/ask", json=QUESTION)
    shown = following.client.get("/documents/note:1905.02249")
    following.loaded.set()
    _join()
    after = following.client.post("/ask", json=QUESTION).get_json()

    assert (waiting.status_code, waiting.get_json()["status"]) == (503, "starting")
    assert waiting.get_json()["detail"] == (
        f"The library was embedded anew with {name} (revision 1, {_dimension(name)} dimensions), "
        "which is loading; try again soon."
    )
    assert (asked.status_code, asked.headers["Retry-After"]) == (503, "5")
    assert shown.status_code == 200
    assert following.status() == (200, "ready")
    assert (before["embedding_model"], after["embedding_model"]) == ("fake", name)
    assert after["answer"] == before["answer"]


def test_a_service_answers_while_its_library_is_embedded_anew(following: Following) -> None:
    class Stopped(FakeEmbedder):
        def encode(self, texts: Sequence[str]) -> Vectors:
            raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        re_embed(following.store, Stopped("next"), lambda done, total: None)

    assert following.status() == (200, "ready")
    assert following.client.post("/ask", json=QUESTION).status_code == 200


def test_a_service_follows_to_the_model_that_came_last(following: Following) -> None:
    for name in ("next", "small", "fake", "small"):
        following.embed_anew(name)
        following.status()
    following.loaded.set()
    _join()
    following.status()
    _join()

    assert following.status() == (200, "ready")
    asked = following.client.post("/ask", json=QUESTION)
    assert asked.get_json()["embedding_model"] == "small"


def test_a_model_that_cannot_be_followed_is_told_with_what_to_do(following: Following) -> None:
    following.missing.add("next")
    following.loaded.set()
    following.embed_anew("next")
    following.status()
    _join()

    ready, asked = following.client.get("/readyz"), following.client.post("/ask", json=QUESTION)
    following.embed_anew("small")
    following.status()
    _join()

    assert (ready.status_code, ready.get_json()["status"]) == (503, "unavailable")
    assert ready.get_json()["detail"] == asked.get_json()["detail"] == NOT_FOLLOWED
    assert following.status() == (200, "ready")


@pytest.mark.parametrize("named", [Unloadable, lambda name: FakeEmbedder("fake", 8)])
def test_a_library_of_another_model_is_shown_but_not_searched(
    library_folder: Path, named: Callable[[str], FakeEmbedder]
) -> None:
    settings = Settings(data=library_folder)
    opening = Opening(settings, FakeEmbedder(name="other"), named=named)
    opening.load()
    client = create_app(opening).test_client()
    client.get("/readyz")
    _join()

    ready, asked = client.get("/readyz"), client.post("/ask", json=QUESTION)
    total = client.get("/papers").get_json()["total"]
    opening.close()

    assert (ready.status_code, ready.get_json()["status"]) == (503, "unavailable")
    assert (asked.status_code, asked.mimetype) == (503, "application/problem+json")
    for reply in (ready, asked):
        assert "run 'journalclub ingest --re-embed'" in reply.get_json()["detail"]
    assert total == 4


def _join() -> None:
    """Wait until no model is being loaded."""
    deadline = time.monotonic() + 10
    for thread in threading.enumerate():
        if thread.name == "following":
            thread.join(deadline - time.monotonic())
            assert not thread.is_alive()
