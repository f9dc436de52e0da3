"""A small server that plays the API's part for the chat page: it answers as a test tells it."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from flask import Flask, Response, jsonify, make_response, render_template, request

from tests.service.wsgi import serving

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
POST = "thread:attic:7"
NOT_YET = "The model is loading; ask again in a few seconds."
Reply = tuple[int, dict[str, Any]]


@dataclass
class Stage:
    """What the server will say (`replies`, in order; then `answer()`), and what it was asked."""

    url: str = ""
    ready: bool = True
    replies: deque[Reply] = field(default_factory=deque)
    texts: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    patience: threading.Event = field(default_factory=threading.Event)

    def next_reply(self, body: dict[str, Any]) -> Reply:
        """Note a question and give the reply to it."""
        self.asked.append(body)
        self.patience.wait(10)
        if not self.ready:
            return 503, {"status": 503, "title": "Not ready", "detail": NOT_YET}
        return self.replies.popleft() if self.replies else (200, answer(body["question"]))


@contextmanager
def opened_stage() -> Iterator[Stage]:
    """Serve the page with a stage behind it on loopback."""
    stage = Stage(texts={POST: "Pruning helps. It costs little."})
    stage.patience.set()
    with serving(_app(stage)) as url:
        stage.url = url
        try:
            yield stage
        finally:
            stage.patience.set()


def source(quote: str = "It costs little.", start: int = 15, **other: Any) -> dict[str, Any]:
    """Give a source as the contract names its fields."""
    return {
        "document": POST, "kind": "comment", "title": "Attic", "authors": [], "date": None,
        "url": "https://forum.example/t/attic/1/7", "arxiv_id": None, "version": None,
        "topic_id": None, "post_number": None, "about": [], "works": [], "withdrawn": False,
        "revision": 1, "quote": quote, "start": start, "end": start + len(quote), "score": 0.5,
        **other,
    }  # fmt: skip


def answer(question: str, cited: dict[str, Any] | None = None, **other: Any) -> dict[str, Any]:
    """Give an answer of one quote, as the contract names its fields."""
    citation = {**(cited or source()), "number": 1}
    sentence = {"lead": None, "text": citation["quote"], "start": 0, "end": 0, "citations": [1]}
    return {
        "id": "1", "conversation_id": None, "question": question, "standalone_question": question,
        "answer": f"“{citation['quote']}” [1]", "abstained": False, "abstain_reason": None,
        "confidence": 0.5, "sentences": [{**sentence, "voice": "discussion"}],
        "citations": [citation], "sources": [], "suggestions": [], "mode": "extractive",
        "model": None, "embedding_model": "none", "generation": 1, "timings_ms": {}, **other,
    }  # fmt: skip


def absence(question: str, reason: str) -> dict[str, Any]:
    """Give an answer that abstains, with one nearest passage."""
    silent: dict[str, Any] = {"sentences": [], "citations": [], "sources": [source()]}
    reasons: dict[str, Any] = {"abstained": True, "abstain_reason": reason, "answer": reason}
    return answer(question, **silent, **reasons, suggestions=["What is Attic about?"])


def _app(stage: Stage) -> Flask:
    home = str(resources.files("service"))
    app = Flask("stage", root_path=home)
    app.add_url_rule("/", view_func=lambda: render_template("chat.html"), endpoint="page")
    app.add_url_rule("/papers", view_func=lambda: {"papers": []}, endpoint="papers")

    @app.after_request
    def _policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @app.get("/readyz")
    def _readyz() -> Response:
        state = {"status": "ready" if stage.ready else "starting", "detail": NOT_YET}
        counts = {"papers": 1, "documents": 2, "pending": 0, "pending_note": None}
        return make_response(
            jsonify({**state, **counts, "ingesting": False}), 200 if stage.ready else 503
        )

    @app.post("/ask")
    def _ask() -> Response:
        status, body = stage.next_reply(request.get_json())
        return make_response(jsonify(body), status)

    @app.get("/documents/<path:key>")
    def _document(key: str) -> Response:
        if key not in stage.texts:
            return make_response(jsonify({"detail": "This document was removed."}), 404)
        return jsonify({"key": key, "text": stage.texts[key]})

    return app
