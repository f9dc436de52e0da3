"""The routes: each reads what was sent, asks the library, and shapes the reply."""

from dataclasses import asdict
from typing import Any, cast

from flask import Blueprint, Response, current_app, json, render_template, request
from werkzeug.exceptions import NotFound, RequestEntityTooLarge, UnsupportedMediaType

from index import search
from ingest import BadSource, Paper
from service import facts, problems
from service.answering import answer
from service.asked import (
    BadFields,
    FieldError,
    Parameters,
    read_question,
    read_revision,
    read_search,
    read_slice,
)
from service.composition import Opening
from service.paper_ids import read_paper_id

OPENING = "journalclub"
_STREAM = "text/event-stream"
_NOT_LISTED = "A work that is not on arXiv comes in by a reading list."
bp = Blueprint("views", __name__)


@bp.get("/")
def page() -> str:
    """Show the web chat."""
    return render_template("chat.html")


@bp.post("/ask")
def ask() -> dict[str, Any]:
    """Answer a question with quotes, or say that nothing here answers it."""
    if not request.is_json:
        raise UnsupportedMediaType
    if request.accept_mimetypes.best_match(("application/json", _STREAM)) == _STREAM:
        message = f"{_STREAM} is not built yet. Ask for application/json."
        raise BadFields(FieldError("Accept", message))
    question = read_question(_body())
    return asdict(answer(question, _opening().library()))


@bp.get("/search")
def find() -> dict[str, Any]:
    """Return the passages nearest to a question, best first."""
    asked = read_search(_parameters())
    library = _opening().library()
    hits = search(
        asked.question,
        library.store,
        library.embedder,
        asked.k,
        asked.filters,
        library.reranker,
    )
    return {"hits": [asdict(source) for source in facts.sources_of(hits, library.catalogue)]}


@bp.get("/documents/<path:key>")
def document(key: str) -> dict[str, Any]:
    """Return a document as it is, or as an earlier revision had it."""
    revision = read_revision(_parameters())
    found = _opening().open_library().store.fetch(key, revision)
    if found is None:
        what = f"document {key!r}" + (f" with revision {revision}" if revision else "")
        raise NotFound(f"There is no {what[:200]} in this library. It may have been removed.")
    return asdict(facts.document_facts(found))


@bp.get("/papers")
def papers() -> dict[str, Any]:
    """Return the papers of the library, by id."""
    wanted = read_slice(_parameters())
    return asdict(facts.paper_list(_opening().open_library(), wanted.limit, wanted.offset))


@bp.get("/papers/<path:paper_id>")
def paper(paper_id: str) -> dict[str, Any]:
    """Return what is known of a paper, with the comments about it."""
    try:
        wanted = read_paper_id(paper_id)
    except BadSource as error:
        raise BadFields(FieldError("arxiv_id", str(error))) from error
    found = facts.paper_page(_opening().open_library(), wanted)
    if found is None:
        on_arxiv = Paper(wanted).is_on_arxiv
        cure = f"Add it: journalclub ingest --arxiv {wanted}" if on_arxiv else _NOT_LISTED
        raise NotFound(f"Paper {wanted} is not in this library. {cure}")
    return asdict(found)


@bp.get("/healthz")
def healthz() -> dict[str, str]:
    """Say that the process is alive."""
    return {"status": "alive"}


@bp.get("/readyz")
def readyz() -> Response | dict[str, Any]:
    """Say whether questions can be answered, and how the library stands."""
    state = facts.standing(_opening())
    if state.status == "ready":
        return asdict(state)
    # Our `status` is a word; RFC 9457 has readers of a problem skip it then.
    told = problems.not_ready(state.detail).as_dict() | asdict(state)
    return Response(json.dumps(told), 503, mimetype=problems.MIMETYPE)


def _opening() -> Opening:
    return cast("Opening", current_app.extensions[OPENING])


def _body() -> bytes:
    body = request.get_data()
    if len(body) == request.max_content_length:  # Werkzeug cuts an unannounced body there
        raise RequestEntityTooLarge
    return body


def _parameters() -> Parameters:
    return request.args.to_dict(flat=False)
