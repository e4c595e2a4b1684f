"""An HTTP server of the practice world: on 127.0.0.1 alone, and only while it is entered."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


_POLL_S = 0.02
"""How often it looks whether it is to end."""


class LocalServer:
    """Answers each request in a thread of its own while it is entered.

    Args:
        handler: Answers requests.
        port: Where to listen; 0 for any that is free.

    Raises:
        OSError: something else listens on that port.
    """

    def __init__(self, handler: type[BaseHTTPRequestHandler], port: int) -> None:
        self._http = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(_POLL_S,), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def host(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._http.server_address[1]}"
