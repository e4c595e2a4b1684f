"""What PDFs keep in streams since version 1.5: the table of places, and objects of which many are packed together.

Only what can be read in one way is read, as in `pdf_pages`; and no object is given whose end PDFium may
see elsewhere.

Source: ISO 32000-1, 7.5.7 (object streams), 7.5.8 (cross-reference streams).
"""

import re
import zlib
from itertools import pairwise
from typing import NamedTuple


class UncertainError(Exception):
    """The file may be read in more than one way."""


class Places(NamedTuple):
    """Where the objects of a file are, by their numbers."""

    places: dict[int, int]
    """Of those that stand by themselves: the byte they start at."""
    packed: dict[int, tuple[int, int]]
    """Of the others: the number of the stream that holds them, and which of its objects each is."""


class Packed(NamedTuple):
    """An object within a stream."""

    number: int
    text: bytes
    """As far as the next one starts."""
    behind: bytes
    """The first byte of the next one; empty if there is none."""


def compiled(pattern: bytes) -> re.Pattern[bytes]:
    r"""Compile an expression in which `\s` is the white space of PDF, to which a vertical tab does not belong."""
    return re.compile(pattern.replace(rb"\s", rb"[\t\n\f\r ]"))


_FREE, _ALONE, _PACKED = 0, 1, 2
"""What the first field of an entry says of an object."""
_NAME = re.compile(rb"/([^\s/<>\[\](){}%]*)")
_SIZE = compiled(rb"/Size\s+(\d{1,7})\b(?!\s+\d+\s+R\b)")
_WIDTHS = compiled(rb"/W\s*\[\s*([1-4])\s+([1-4])\s+([0-4])\s*\]")
_INDEX = compiled(rb"/Index\s*\[\s*0\s+(\d{1,7})\s*\]")
_COUNT = compiled(rb"/N\s+(\d{1,7})\b(?!\s+\d+\s+R\b)")
_FIRST = compiled(rb"/First\s+(\d{1,9})\b(?!\s+\d+\s+R\b)")
_FLATE = compiled(rb"/Filter\s*/FlateDecode\b")
_OF_TABLE = frozenset(
    {b"Type", b"XRef", b"Size", b"W", b"Index", b"Root", b"Info", b"ID", b"Length", b"Filter", b"FlateDecode"}
)  # fmt: skip
_OF_PACKED = frozenset({b"Type", b"ObjStm", b"N", b"First", b"Length", b"Filter", b"FlateDecode"})
"""All names that a dictionary may hold: others may change what its stream is."""
_BLANKS = b"\0\t\n\v\f\r "
_MOST_DIGITS = 10
_BRACKET = re.compile(rb"<<|>>|\[|\]")
_CLOSED = {b">>": b"<<", b"]": b"["}
_DEEPEST = 30
MOST_OBJECTS = 100_000
"""Of one file; a handbook has some ten thousand."""


def places_in(about: bytes, data: bytes, most: int) -> Places:
    """Read a table of places that is a stream.

    Args:
        about: Its dictionary, without strings.
        data: Its bytes, as they are packed.
        most: Bytes that it may grow to.

    Raises:
        UncertainError: It may be read in another way, too, or refers to an earlier one.
    """
    _check_names(about, _OF_TABLE, b"XRef")
    size = _only(_SIZE, about)
    if size > MOST_OBJECTS:
        raise UncertainError
    if b"/Index" in about and _only(_INDEX, about) != size:
        raise UncertainError
    found = list(_WIDTHS.finditer(about))
    widths = [int(width) for width in found[0].groups()] if len(found) == 1 else []
    table = inflated(about, data, min(size * sum(widths), most))
    if not widths or len(table) != size * sum(widths):
        raise UncertainError
    kinds, firsts, seconds = _fields(table, widths)
    if not set(kinds) <= {_FREE, _ALONE, _PACKED}:
        raise UncertainError
    entries = list(enumerate(zip(kinds, firsts, seconds, strict=True)))
    return Places(
        {number: first for number, (kind, first, _) in entries if kind == _ALONE},
        {number: (first, second) for number, (kind, first, second) in entries if kind == _PACKED},
    )


def _fields(table: bytes, widths: list[int]) -> list[list[int]]:
    """Give the numbers of each field, of all entries."""
    ends = [sum(widths[:at]) for at in range(len(widths) + 1)]
    return [
        [
            int.from_bytes(table[at + start : at + end], "big")
            for at in range(0, len(table), ends[-1])
        ]
        for start, end in pairwise(ends)
    ]


def objects_in(about: bytes, data: bytes, most: int) -> list[Packed]:
    """Give the objects within a stream.

    Args:
        about: Its dictionary, without strings.
        data: Its bytes, inflated.
        most: How many there may be.

    Raises:
        UncertainError: They may be read in another way, too.
    """
    _check_names(about, _OF_PACKED, b"ObjStm")
    count, first = _only(_COUNT, about), _only(_FIRST, about)
    if count > most or first > (2 * _MOST_DIGITS + 4) * most:
        raise UncertainError
    head = data[:first].split()
    is_plain = b"\v" not in data[:first] and all(map(bytes.isdigit, head))
    if not is_plain or len(head) != 2 * count or max(map(len, head), default=0) > _MOST_DIGITS:
        raise UncertainError
    numbers, starts = list(map(int, head[::2])), [first + int(place) for place in head[1::2]]
    if starts != sorted({*starts}) or len({*numbers, 0}) <= len(numbers):
        raise UncertainError
    texts = [data[start:end] for start, end in pairwise([*starts, len(data)])]
    behind = [*(text.strip(_BLANKS)[:1] or b"%" for text in texts[1:]), b""]
    return [Packed(*each) for each in zip(numbers, texts, behind, strict=True)]


def check_end(packed: Packed, plain: bytes) -> None:
    """Make sure that an object ends where its text does.

    Args:
        packed: The object.
        plain: Its text without strings, in which brackets are what they seem to be.

    Raises:
        UncertainError: It does not, or what stands behind it may belong to it.
    """
    if packed.behind in {b"s", b"%"}:  # "stream", for one
        raise UncertainError
    brackets = _BRACKET.findall(plain)
    text = plain.strip(_BLANKS)
    if not brackets or not text.startswith(brackets[0]) or not text.endswith(brackets[-1]):
        raise UncertainError
    opened: list[bytes] = []
    for at, bracket in enumerate(brackets):
        if (at and not opened) or len(opened) > _DEEPEST:
            raise UncertainError
        if bracket not in _CLOSED:
            opened.append(bracket)
        elif not opened or opened.pop() != _CLOSED[bracket]:
            raise UncertainError
    if opened:
        raise UncertainError


def inflated(about: bytes, data: bytes, most: int) -> bytes:
    """Inflate a stream of which the dictionary is plain.

    Raises:
        UncertainError: It is damaged, packed in another way, or grows to more than `most` bytes.
    """
    if b"/Filter" not in about:
        return data
    if len(_FLATE.findall(about)) != 1:
        raise UncertainError
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(data, most + 1)
    except zlib.error:
        raise UncertainError from None
    if not unpacker.eof or len(content) > most:
        raise UncertainError
    return content


def _check_names(about: bytes, allowed: frozenset[bytes], kind: bytes) -> None:
    names = _NAME.findall(about)
    is_plain = b"\v" not in about and len(names) == len({*names})
    if not is_plain or kind not in names or not allowed.issuperset(names):
        raise UncertainError


def _only(pattern: re.Pattern[bytes], about: bytes) -> int:
    found = pattern.findall(about)
    if len(found) != 1:
        raise UncertainError
    return int(found[0])
