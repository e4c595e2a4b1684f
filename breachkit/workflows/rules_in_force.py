"""What a verdict follows from beside an object: the code of rules and readers, and the libraries in use.

Any change of either, however small, makes another identity, so that whatever was judged before is judged
again. A digest of the code is taken rather than a version number, because a number can be forgotten.
"""

import functools
import sys
from collections.abc import Iterator
from hashlib import blake2b
from importlib import metadata
from pathlib import Path

import breachkit


_ROOMS = ("model", "documents", "sdc", "detect", "workflows", "git")
"""Those whose code takes part in judging an object, or decides what rules are told of it."""
_READERS = (
    *("highspy", "lxml", "numpy", "olefile", "orjson", "pyarrow", "pypdf", "pypdfium2"),
    *("pyreadstat", "xlrd", "zstandard"),
)
"""What `breachkit[formats]` brings. Without one of them files stay unread, which is a verdict too."""
_BYTES = 16


@functools.cache
def rules_in_force() -> bytes:
    """Give what stands for the rules, the readers and everything else that a verdict follows from."""
    made = blake2b(digest_size=_BYTES)
    for part in (*_versions(), *_code()):
        made.update(len(part).to_bytes(8, "little") + part)
    return made.digest()


def _versions() -> Iterator[bytes]:
    yield breachkit.__version__.encode()
    yield sys.version.encode()
    for name in _READERS:
        try:
            yield f"{name} {metadata.version(name)}".encode()
        except metadata.PackageNotFoundError:
            yield f"{name} is not there".encode()


def _code() -> Iterator[bytes]:
    root = Path(breachkit.__file__).parent
    for room in _ROOMS:
        for file in sorted((root / room).rglob("*.py")):
            yield file.relative_to(root).as_posix().encode()
            yield file.read_bytes()
