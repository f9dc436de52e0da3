"""Every refusal as RFC 9457 `application/problem+json`, saying what is wrong and what to do."""

import logging
import sqlite3
from dataclasses import asdict, dataclass
from http import HTTPStatus

from flask import Flask, Response, g, json, request
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed

from index import LibraryError, LibraryUnusable, ModelUnusable
from service.asked import BadFields, FieldError, NotJson
from service.composition import NotReady

MIMETYPE = "application/problem+json"
_RETRY_SECONDS = "5"
_ADVICE = {
    404: "There is nothing at this address. Check it; / is the page to ask on.",
    413: "The body is too large: 1 MiB and more is not read. Send a shorter one.",
    415: "Send JSON, and the header Content-Type: application/json.",
    500: "Something went wrong here, not in your request. Try again; if it stays, look into the "
    "server's log for the X-Request-ID of this answer.",
}
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a request or with the service; `detail` says what to do."""

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[FieldError, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Return it for JSON, without `errors` where no field is at fault."""
        told = asdict(self)
        return told if self.errors else {k: v for k, v in told.items() if k != "errors"}


def register(app: Flask) -> None:
    """Turn every error that a request can meet into a problem."""
    app.register_error_handler(BadFields, _bad_fields)
    app.register_error_handler(NotJson, _not_json)
    app.register_error_handler(NotReady, _not_ready)
    app.register_error_handler(LibraryError, _unusable)
    app.register_error_handler(sqlite3.DatabaseError, _damaged)
    app.register_error_handler(ModelUnusable, _unusable)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def not_ready(detail: str) -> Problem:
    """Return the problem of a service that cannot answer yet."""
    return Problem("/problems/not-ready", "Not ready", 503, detail)


def _bad_fields(error: BadFields) -> Response:
    names = ", ".join(each.field for each in error.errors)
    detail = f"Correct {names} and send it again."
    return _response(Problem("/problems/bad-fields", "Bad fields", 422, detail, error.errors))


def _not_json(error: NotJson) -> Response:
    return _response(Problem("/problems/not-json", "Not JSON", 400, str(error)))


def _not_ready(error: NotReady) -> Response:
    response = _response(not_ready(str(error)))
    response.headers["Retry-After"] = _RETRY_SECONDS
    return response


def _unusable(error: LibraryError | ModelUnusable) -> Response:
    return _response(Problem("/problems/unusable", "Library or model unusable", 503, str(error)))


def _damaged(error: sqlite3.DatabaseError) -> Response:
    _logger.error("database error id=%s", g.request_id, exc_info=error)
    return _unusable(LibraryUnusable.because_of(error))


def _http(error: HTTPException) -> Response:
    """Keep the headers that belong to the error, such as Allow; say the rest in our own words."""
    own = error.get_response()
    status = own.status_code
    given: str | None = vars(error).get("description")
    detail = given or _ADVICE.get(status) or error.description or ""
    if isinstance(error, MethodNotAllowed):
        taken = sorted({*(error.valid_methods or ())} - {"HEAD", "OPTIONS"})
        detail = f"This address does not take {request.method}. Use {' or '.join(taken)}."
    response = _response(Problem("about:blank", HTTPStatus(status).phrase, status, detail))
    kept = [header for header in own.headers if header[0] not in response.headers]
    response.headers.extend(kept)
    return response


def _unexpected(error: Exception) -> Response:
    _logger.error("unexpected error id=%s", g.request_id, exc_info=error)
    return _http(InternalServerError())


def _response(problem: Problem) -> Response:
    return Response(json.dumps(problem.as_dict()), problem.status, mimetype=MIMETYPE)
