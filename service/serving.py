"""Serve a library over HTTP: gunicorn with threads, listening before the model is loaded."""

import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from service.app import create_app
from service.composition import Opening
from service.settings import Settings

THREADS = 8
_TIMEOUT_S = 120
_PATIENCE_S = 5


class AddressTaken(Exception):
    """The server cannot listen where it is told to; the message says what to do."""


def serve(settings: Settings, ingest: bool, say: Callable[[str], None]) -> None:
    """Listen and answer until stopped; with `ingest`, bring in what the library follows behind it.

    Raises `AddressTaken` when the address cannot be had.
    """
    _check_address(settings.host, settings.port)
    behind: list[subprocess.Popen[bytes]] = []

    def listening(server: Any) -> None:
        _limit_patience(server.LISTENERS)
        say(f"Journal Club listens on {_url(settings)} (Ctrl-C stops it).")
        if ingest:
            command = [sys.executable, "-m", "service", "--data", str(settings.data), "ingest"]
            behind.append(subprocess.Popen(command))  # noqa: S603 - this very program

    def stopping(_server: Any) -> None:
        for process in behind:
            process.terminate()
            process.wait()

    _Server(settings, ingest, listening, stopping).run()


class _Server(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """One process with threads; the application is made, and the model loaded, in that process."""

    def __init__(
        self,
        settings: Settings,
        filling: bool,
        listening: Callable[[Any], None],
        stopping: Callable[[Any], None],
    ) -> None:
        self._settings = settings
        self._filling = filling
        self._options = {
            "bind": f"{_bracketed(settings.host)}:{settings.port}",
            "worker_class": "gthread",
            "threads": THREADS,
            "timeout": _TIMEOUT_S,
            "loglevel": "warning",
            "control_socket_disable": True,
            "when_ready": listening,
            "on_exit": stopping,
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        opening = Opening(self._settings, filling=self._filling)
        opening.start()
        return create_app(opening)


def _check_address(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AddressTaken(
                f"Cannot listen on {host}:{port} ({error.strerror}). Stop what listens there, or "
                "choose another port with --port or JOURNALCLUB_PORT."
            ) from error


def _limit_patience(listeners: Sequence[Any]) -> None:
    """Have each read from a client time out: gunicorn would hold a thread for who sends no more.

    Connections have it from the socket that accepts them.
    """
    for listener in listeners:
        limit = struct.pack("ll", _PATIENCE_S, 0)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _url(settings: Settings) -> str:
    host = "localhost" if settings.host in ("127.0.0.1", "::1") else _bracketed(settings.host)
    return f"http://{host}:{settings.port}/"
