"""Embed a library again with a slow fake model, or die at a statement: made to be killed.

Run by test_re_embedding_killed.py as `python -m tests.index.re_embedding_driver LIBRARY LOG`, a
statement after it if it is to die there.
"""

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from index import Store, Vectors, re_embed
from tests.fakes import FakeEmbedder


class SlowEmbedder(FakeEmbedder):
    """The next model: takes its time, and writes down how many texts it is about to embed."""

    def __init__(self, log: Path) -> None:
        super().__init__("next", dimension=32)
        self._log = log

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a unit row for each text, slowly."""
        with self._log.open("a") as log:
            log.write(f"{len(texts)}\n")
        time.sleep(0.0003 * len(texts))
        return super().encode(texts)


def main(library: str, log: str, deadly: str | None = None) -> None:
    """Say that all is imported, then embed again; be killed before the deadly statement."""
    store = Store.open(Path(library))

    def watch(statement: str) -> None:
        if deadly and statement.startswith(deadly):
            os.kill(os.getpid(), signal.SIGKILL)

    store.connection.set_trace_callback(watch)
    print("ready", flush=True)
    re_embed(store, SlowEmbedder(Path(log)), lambda done, total: None)


if __name__ == "__main__":
    main(*sys.argv[1:])
