"""The command line with the fake model in the real one's place, for benchmarks that start it."""

from index import Embedder
from service import composition
from service.settings import Settings
from tests.fakes import FakeEmbedder


def fake_model(settings: Settings) -> Embedder:
    """Return the fake, whatever model is set."""
    return FakeEmbedder()


if __name__ == "__main__":
    composition.embedder_of = fake_model  # before the commands take it from there
    from service.cli import main

    main()
