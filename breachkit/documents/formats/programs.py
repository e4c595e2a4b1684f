"""What a program was compiled into, as far as it can be read: translations of gettext, libraries of Mata.

A file of translations holds texts and nothing else, of which all are read. A library of Mata holds functions: their
names and texts are read, and their numbers, which stand among instructions, are not.

Source: GNU gettext manual, "The Format of GNU MO Files"; Stata, [M-1] "How Mata works" (a library is compiled code).
"""

import struct
from collections.abc import Iterator

from breachkit.documents.encoding import decode
from breachkit.documents.formats.frames import hidden_text
from breachkit.documents.formats.printable import printable_in
from breachkit.documents.pasted import pasted_tables
from breachkit.documents.reader import Budget, NotReadError
from breachkit.documents.table import Document, Text, Unreadable


_LITTLE, _BIG = b"\xde\x12\x04\x95", b"\x95\x04\x12\xde"
MOST_TEXTS = 200_000


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document]:
    """Give the texts of translations, or the words of a library and that its numbers were not read."""
    budget.take_bytes(len(content))
    if not content.startswith((_LITTLE, _BIG)):
        yield from hidden_text(list(printable_in(content)), part)
        yield Unreadable(
            "library of Mata: only its words were read, and no numbers among them", part
        )
        return
    words = "\n".join(_translations(content))
    if words.strip():
        yield Text(words, part)
        yield from pasted_tables(words, part)


def _translations(content: bytes) -> Iterator[str]:
    order = "<" if content.startswith(_LITTLE) else ">"
    _, number, *tables = struct.unpack_from(f"{order}4I", content, 4)
    if number > MOST_TEXTS or number * 8 > len(content):
        raise NotReadError("damaged, or of too many texts")
    room = len(content)
    for table in tables:
        for size, start in struct.iter_unpack(f"{order}2I", content[table : table + 8 * number]):
            raw = content[start : start + size]
            room -= size
            if len(raw) < size or room < 0:
                raise NotReadError("damaged, or cut off before its end")
            text = decode(raw.replace(b"\0", b"\n"))
            if text is None:
                raise NotReadError("of texts that cannot be decoded")
            yield text
