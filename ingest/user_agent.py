"""Who we say we are to arXiv and to forums."""

from importlib.metadata import version

from ingest.one_line import one_line


def user_agent(contact: str) -> str:
    """Return the project's name and version, and the mail or web address to reach its user at."""
    name = f"journal-club/{version('journal-club')}"
    reachable = one_line(contact).encode("ascii", "ignore").decode()
    return f"{name} (+{reachable})" if reachable else name
