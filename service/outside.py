"""The clients that ask the network, put together from the settings: what only ingest needs."""

from ingest import (
    ArxivApi,
    ArxivOai,
    Credentials,
    DataCite,
    Discourse,
    Outside,
    PaperChain,
    PaperSource,
    Snapshot,
)
from service.settings import Settings


def outside_of(settings: Settings) -> Outside:
    """Return the clients that ask the network."""
    host, key = settings.discourse_host, settings.discourse_api_key
    user = settings.discourse_api_username or "system"
    credentials = Credentials(host, key.get_secret_value(), user) if host and key else None
    forum = Discourse(
        contact=settings.contact,
        credentials=credentials,
        allow_private_hosts=settings.allow_private_hosts,
    )
    oai = ArxivOai(settings.oai_url, settings.contact)
    chain = PaperChain([_paper_source(name, oai, settings) for name in settings.arxiv_sources])
    return Outside(chain, forum, oai, settings.named_papers)


def _paper_source(name: str, oai: ArxivOai, settings: Settings) -> PaperSource:
    match name:
        case "atom":
            return ArxivApi(settings.arxiv_url, settings.contact)
        case "oai":
            return oai
        case "datacite":
            return DataCite(settings.datacite_url, settings.contact)
        case _:
            assert settings.arxiv_file is not None  # noqa: S101 - the settings demand it
            return Snapshot(settings.arxiv_file)
