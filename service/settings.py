"""Settings from the environment or a `.env` file; flags of the command line win over both."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from index import PACKAGED
from ingest import ARXIV_API_URL, DATACITE_URL, OAI_URL

PREFIX = "JOURNALCLUB_"

_ADDRESS = r"^https?://"
ArxivSource = Literal["atom", "oai", "datacite", "file"]


def _listed(value: object) -> object:
    return tuple(word.strip() for word in value.split(",")) if isinstance(value, str) else value


class BadSettings(Exception):
    """A setting has a value that cannot be used; the message names it and what it takes."""


class Settings(BaseSettings):
    """Every setting there is, each the variable `JOURNALCLUB_` with its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    data: Path = Path("data")
    model: str = PACKAGED
    models: Path | None = None
    reranker: str | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    arxiv_url: str = Field(default=ARXIV_API_URL, pattern=_ADDRESS)
    oai_url: str = Field(default=OAI_URL, pattern=_ADDRESS)
    datacite_url: str = Field(default=DATACITE_URL, pattern=_ADDRESS)
    arxiv_sources: Annotated[tuple[ArxivSource, ...], NoDecode, BeforeValidator(_listed)] = (
        "atom",
        "oai",
        "datacite",
    )
    arxiv_file: Path | None = None
    named_papers: int = Field(default=20, ge=0, le=20)
    contact: str = ""
    discourse_host: str | None = None
    discourse_api_key: SecretStr | None = None
    discourse_api_username: str | None = None
    allow_private_hosts: bool = False

    @model_validator(mode="after")
    def _key_has_a_host(self) -> Self:
        if self.discourse_api_key and not self.discourse_host:
            raise ValueError(
                f"{PREFIX}DISCOURSE_API_KEY is sent to one forum only: name it in "
                f"{PREFIX}DISCOURSE_HOST"
            )
        return self

    @model_validator(mode="after")
    def _sources_of_papers_fit_together(self) -> Self:
        if ("file" in self.arxiv_sources) != (self.arxiv_file is not None):
            raise ValueError(
                f"{PREFIX}ARXIV_FILE is read where {PREFIX}ARXIV_SOURCES names 'file': set both or "
                "neither"
            )
        if len(set(self.arxiv_sources)) < len(self.arxiv_sources):
            raise ValueError(f"{PREFIX}ARXIV_SOURCES names a source twice: name each once")
        return self

    @classmethod
    def from_environment(cls) -> Self:
        """Return the settings of this process. Raises `BadSettings`."""
        try:
            return cls()
        except ValidationError as error:
            wrong = "; ".join(map(_told, error.errors(include_url=False)))
            raise BadSettings(f"{wrong}. Correct it in the environment or in .env.") from error


def _told(error: ErrorDetails) -> str:
    if not error["loc"]:  # of several settings together; its input would show the key
        return error["msg"].removeprefix("Value error, ")
    name = "_".join(map(str, error["loc"])).upper()
    return f"{PREFIX}{name}: {error['msg']} (it is {error['input']!r})"
