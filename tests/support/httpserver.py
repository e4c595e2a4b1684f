"""A git server over HTTP on 127.0.0.1: git's own `http-backend`, and the faults of a bad network.

    with GitServer(folder) as server:          # serves the bare repositories in `folder`
        server.password = "secret"             # wants user `git` with this password from now on
        server.fault = cut_after(2000)         # what happens to the next answers
        breachkit("scan", server.url("study.git"))

A fault is called for every request with the request's path and the whole answer of git (which has
done its work by then), and gives the bytes that are sent; None closes the connection.
"""

import base64
import subprocess
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from breachkit.drill.local_server import LocalServer
from tests.support.gitrepo import ENVIRONMENT


Fault = Callable[[str, bytes], bytes | None]

USER = "git"


class GitServer(LocalServer):
    """Serves a folder of bare repositories to be read and pushed to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.password: str | None = None
        self.fault: Fault | None = None
        self.delay_s = 0.0
        self.seen: list[str] = []
        super().__init__(_handler(self), port=0)

    def url(self, name: str, credentials: str = "") -> str:
        """Give the URL of a repository."""
        at = f"{credentials}@" if credentials else ""
        return f"http://{at}{self.host}/{name}"

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> bytes | None:
        """Give the whole HTTP answer, or None where the connection breaks instead."""
        self.seen.append(f"{request.command} {request.path}")
        time.sleep(self.delay_s)
        if not self._allows(request.headers.get("Authorization", "")):
            return (
                b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=x\r\n"
                b"Content-Length: 0\r\nConnection: close\r\n\r\n"
            )
        whole = self._run_git(request, body)
        return self.fault(request.path, whole) if self.fault else whole

    def _allows(self, header: str) -> bool:
        token = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        return self.password is None or header == f"Basic {token}"

    def _run_git(self, request: BaseHTTPRequestHandler, body: bytes) -> bytes:
        path, _, query = request.path.partition("?")
        headers = request.headers
        environment = {
            **ENVIRONMENT,
            "GIT_PROJECT_ROOT": str(self.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_COUNT": "1",  # who pushes needs no name here
            "GIT_CONFIG_KEY_0": "http.receivepack",
            "GIT_CONFIG_VALUE_0": "true",
            "GIT_PROTOCOL": headers.get("Git-Protocol", ""),
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": request.command,
            "CONTENT_TYPE": headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": headers.get("Content-Encoding", ""),
            "REMOTE_USER": USER,
            "REMOTE_ADDR": "127.0.0.1",
        }
        ran = subprocess.run(
            ["git", "http-backend"], input=body, capture_output=True, check=False, env=environment
        )
        head, _, content = ran.stdout.partition(b"\r\n\r\n")
        status = b"200 OK"
        lines = []
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"status: "):
                status = line[8:]
            elif line:
                lines.append(line)
        lines += [b"Content-Length: %d" % len(content), b"Connection: close"]
        return b"HTTP/1.1 " + status + b"\r\n" + b"\r\n".join(lines) + b"\r\n\r\n" + content


def _handler(server: GitServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._do(b"")

        def do_POST(self) -> None:
            if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
                self._do(b"".join(iter(self._chunk, b"")))
            else:
                self._do(self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def _chunk(self) -> bytes:
            data = self.rfile.read(int(self.rfile.readline(), 16))
            self.rfile.readline()
            return data

        def _do(self, body: bytes) -> None:
            self.close_connection = True
            answer = server.answer(self, body)
            if answer is not None:
                self.wfile.write(answer)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    return Handler


def only(part: str, fault: Fault) -> Fault:
    """Let a fault happen only where a request's path has `part`."""
    return lambda path, whole: fault(path, whole) if part in path else whole


def cut_after(size: int) -> Fault:
    """Send the beginning of an answer's content and break the connection."""

    def cut(_path: str, whole: bytes) -> bytes:
        head, _, content = whole.partition(b"\r\n\r\n")
        return head + b"\r\n\r\n" + content[:size]

    return cut


def lost(_path: str, _whole: bytes) -> None:
    """Break the connection after git has done its work."""


def bad_gateway(_path: str, _whole: bytes) -> bytes:
    """Answer as a proxy does whose server is down."""
    return b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\nConnection: close\r\n\r\n502"
