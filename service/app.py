"""The web application: routes, problems, and what holds for every request."""

import logging
import re
import time
import uuid
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import BadRequest

from service import problems, views
from service.composition import Opening

LARGEST_BODY = 1024 * 1024
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_logger = logging.getLogger(__name__)


def create_app(opening: Opening) -> Flask:
    """Return the application over a library that may still be getting ready.

    Nothing is loaded or opened before a request needs it; whoever serves it calls
    `opening.start()`.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.url_map.merge_slashes = False  # /papers/https://arxiv.org/abs/… is one address
    app.json = provider = DefaultJSONProvider(app)
    provider.sort_keys = False
    app.extensions[views.OPENING] = opening
    app.before_request(_begin)
    _guard(app, opening.settings.host)
    app.after_request(_finish)
    app.register_blueprint(views.bp)
    problems.register(app)
    return app


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _SANE_ID.fullmatch(given) else uuid.uuid4().hex
    g.began = time.perf_counter()


def _guard(app: Flask, host: str) -> None:
    """Let a server on loopback answer under its own names only.

    Otherwise a web page could point a name of its own at this machine and read the library.
    """
    trusted = {"localhost", "127.0.0.1", "::1", host}

    def _refuse_other_names() -> None:
        if urlsplit(f"//{request.host}").hostname not in trusted:
            raise BadRequest(
                f"This server listens on {host} only and does not go by {request.host!r}. Use "
                "http://localhost, or set JOURNALCLUB_HOST to serve other names."
            )

    if _is_loopback(host):
        app.before_request(_refuse_other_names)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _finish(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    response.headers.update(_HEADERS)
    if response.is_json:
        response.headers["Cache-Control"] = "no-store"
    _logger.info(
        "request id=%s method=%s path=%r status=%d ms=%.1f",
        g.request_id,
        request.method,
        request.path,
        response.status_code,
        (time.perf_counter() - g.began) * 1000,
    )
    return response
