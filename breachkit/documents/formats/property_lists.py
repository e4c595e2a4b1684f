"""Binary property lists: what macOS keeps settings in, and puts in the place of a file that lies in iCloud.

Source: Apple, CFBinaryPList.c; read by Python's plistlib.
"""

import plistlib
from collections.abc import Iterator
from datetime import datetime

from breachkit.documents.reader import Budget, Member, NotReadError, inside
from breachkit.documents.records import Finder
from breachkit.documents.table import Document


MOST_BYTES = 16 * 1024 * 1024
_DEEPEST = 60


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give the words and tables of a property list, and the files within it."""
    if len(content) > MOST_BYTES:
        raise NotReadError(f"more than {MOST_BYTES} bytes")
    files: list[bytes] = []
    finder = Finder(part, budget)
    finder.look(_plain(plistlib.loads(content, fmt=plistlib.FMT_BINARY), files, budget, 0))
    yield from finder.result()
    for number, file in enumerate(files, start=1):
        budget.take_bytes(len(file))
        yield Member(content=file, path=b"", part=inside(part, f"data {number}"))


def _plain(value: object, files: list[bytes], budget: Budget, depth: int) -> object:
    """Give a value as JSON has it; files in it are set aside. One that holds itself is too deep."""
    if depth > _DEEPEST:
        raise NotReadError("nested too deep")
    budget.take_cells(1)
    match value:
        case dict():
            return {str(key): _plain(each, files, budget, depth + 1) for key, each in value.items()}
        case list():
            return [_plain(each, files, budget, depth + 1) for each in value]
        case bytes():
            files.append(value)
            return None
        case datetime():
            return value.isoformat()
        case plistlib.UID():
            return value.data
        case _:
            return value
