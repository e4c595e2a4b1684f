"""What every reader has to stand: its own files cut, changed and spliced, and none of it told."""

import time
from collections.abc import Sequence

from hypothesis import strategies as st

from breachkit.documents.readers import read
from breachkit.documents.table import Document, Embedded, Table, Text, Unreadable


CANARY = "Zq7CanaryXw"
"""Put into a valid sample as a cell, a name and a title; no `part` and no `reason` may hold it."""
MOST_SECONDS = 5.0


def mutations(valid: bytes) -> st.SearchStrategy[bytes]:
    """Give broken relatives of a valid file: cut, with bytes changed, repeated, moved or put in."""
    size = len(valid)
    place = st.integers(0, max(size - 1, 0))

    def changed(changes: list[tuple[int, int]]) -> bytes:
        content = bytearray(valid)
        for at, byte in changes:
            content[at] = byte
        return bytes(content)

    def spliced(parts: tuple[int, int, int]) -> bytes:
        start, end, to = parts
        return valid[:to] + valid[min(start, end) : max(start, end)] + valid[to:]

    return st.one_of(
        place.map(lambda at: valid[:at]),
        place.map(lambda at: valid[at:]),
        st.lists(st.tuples(place, st.integers(0, 255)), min_size=1, max_size=12).map(changed),
        st.tuples(place, place, place).map(spliced),
        st.tuples(place, st.binary(max_size=64)).map(
            lambda part: valid[: part[0]] + part[1] + valid[part[0] :]
        ),
    )


def holds(content: bytes, *paths: bytes) -> Sequence[Document]:
    """Read content as a scan does, look at every cell, and check what every reader promises."""
    begun = time.perf_counter()
    documents = read(content, paths)
    for document in documents:
        assert CANARY not in (document.part or "")
        match document:
            case Table():
                assert all(isinstance(cell, str) for cell in document.header)
                for row in document.rows:
                    assert all(isinstance(cell, str) for cell in row)
            case Text():
                assert isinstance(document.text, str)
            case Embedded():
                assert document.count >= 1
            case Unreadable():
                assert CANARY not in document.reason
    assert time.perf_counter() - begun < MOST_SECONDS
    return documents
