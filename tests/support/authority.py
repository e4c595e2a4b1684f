"""A time-stamping authority on 127.0.0.1: OpenSSL's own, with a key that is made for the test."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


_CONFIG = """
[tsa]
default_tsa = tsa_config
[tsa_config]
serial = {folder}/serial
signer_cert = {folder}/tsa.crt
{chain}signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[leaf]
extendedKeyUsage = critical, timeStamping
keyUsage = critical, digitalSignature
"""


class Authority:
    """Answers requests for time stamps."""

    def __init__(self, folder: Path, name: str = "Time of Example", *, chain: bool = False) -> None:
        """Make its keys in `folder`; with `chain` its answers carry its root as well."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.asked: list[bytes] = []
        self.media = "application/timestamp-reply"
        (folder / "serial").write_text("01")
        (folder / "config").write_text(
            _CONFIG.format(folder=folder, chain=f"certs = {folder}/root.crt\n" if chain else "")
        )
        key = ("-newkey", "rsa:2048", "-nodes")
        self._openssl("req", "-x509", *key, "-keyout", "root.key", "-out", "root.crt",
                      "-subj", f"/CN=Root of {name}", "-days", "30", "-extensions", "root")  # fmt: skip
        self._openssl("req", *key, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", f"/CN={name}")
        self._openssl("x509", "-req", "-in", "tsa.csr", "-CA", "root.crt", "-CAkey", "root.key",
                      "-CAcreateserial", "-out", "tsa.crt", "-days", "30",
                      "-extfile", "config", "-extensions", "leaf")  # fmt: skip

    @property
    def root(self) -> bytes:
        """Its root certificate, in PEM."""
        return (self.folder / "root.crt").read_bytes()

    def answer(self, request: bytes) -> bytes:
        """Stamp what is asked."""
        self.asked.append(request)
        (self.folder / "request").write_bytes(request)
        self._openssl("ts", "-reply", "-queryfile", "request", "-out", "answer")
        return (self.folder / "answer").read_bytes()

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Answer over HTTP, and give the address."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/tsa"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _openssl(self, *args: str) -> None:
        subprocess.run(
            ["openssl", *args, *(() if args[0] == "x509" else ("-config", "config"))],
            cwd=self.folder,
            check=True,
            capture_output=True,
        )


def _handler(authority: Authority) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/timestamp-query"
            body = authority.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", authority.media)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
