"""Whether a file is the one that was read before: by a cheap look, and if that differs by hash."""

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

_SETTLED_S = 3.0


@dataclass(frozen=True, slots=True)
class Stamp:
    """How a file looked: size and time of its last change, empty if that was just now; its hash."""

    cheap: str
    digest: bytes

    @classmethod
    def of(cls, path: Path) -> "Stamp":
        """Return the stamp of a file. Raises `OSError`."""
        cheap = cheap_stamp(path)
        with path.open("rb") as file:
            return cls(cheap, hashlib.file_digest(file, "blake2b").digest())

    def renewed(self, path: Path) -> "Stamp":
        """Return the stamp of a file that this one fits, as it looks now."""
        return Stamp(cheap_stamp(path), self.digest)

    def fits(self, path: Path) -> bool:
        """Tell whether a file is still the same. Raises `OSError`."""
        if self.cheap and self.cheap == cheap_stamp(path):
            return True
        return self.digest == Stamp.of(path).digest


def cheap_stamp(path: Path) -> str:
    """Return size and time of the last change; nothing where a change could go unseen.

    File systems tell times coarsely, so a file that changed seconds ago may change again unseen.
    """
    seen = path.stat()
    settled = time.time() - seen.st_mtime > _SETTLED_S
    return f"{seen.st_size}:{seen.st_mtime_ns}:{seen.st_ino}" if settled else ""
