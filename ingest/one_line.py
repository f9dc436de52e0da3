"""Make titles, abstracts and names of any origin one clean line."""

from ingest.forum.cleaning import clean_text


def one_line(text: str) -> str:
    """Return the words joined by single spaces, without what cannot be stored or shown."""
    line = " ".join(text.split())
    return line if line.isprintable() else " ".join(clean_text(line).split())
