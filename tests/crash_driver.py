"""Ingest a metadata file or a reading list with a slow fake model that logs what it embeds.

Made to be killed. Run by test_crash.py as `python -m tests.crash_driver LIBRARY FILE LOG`.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from index import Store, Vectors
from ingest import ArxivApi, Discourse, Given, Outside, ingest
from service.terminal import report_text
from tests.fakes import FakeEmbedder

SECONDS_A_TEXT = 0.004


class SlowEmbedder(FakeEmbedder):
    """Takes its time, and writes down how many texts it is about to embed."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self._log = log

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a unit row for each text, slowly."""
        with self._log.open("a") as log:
            log.write(f"{len(texts)}\n")
        time.sleep(SECONDS_A_TEXT * len(texts))
        return super().encode(texts)


def main(library: Path, file: Path, log: Path) -> None:
    """Say that all is imported, then ingest and print the report."""
    print("ready", flush=True)
    store = Store.create(library)
    with Discourse(pause_seconds=0, allow_private_hosts=True) as forum:
        outside = Outside(ArxivApi("http://127.0.0.1:9/api/query"), forum)
        given = Given(lists=(file,)) if file.suffix == ".toml" else Given(files=(file,))
        report = ingest(store, SlowEmbedder(log), outside, given, lambda progress: None)
    print(report_text(report))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
