"""Applications on loopback, served as a browser expects it: connections stay open."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cheroot.wsgi import Server
from flask import Flask


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve the application in the background and yield its address."""
    server = Server(("127.0.0.1", 0), app)
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.bind_addr[1]}"
    finally:
        server.stop()
        thread.join()
