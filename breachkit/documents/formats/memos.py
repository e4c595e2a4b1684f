"""Memos of dBASE and FoxPro (.dbt, .fpt): texts of any length, kept beside the table that numbers them.

The table is another file of the repository, and may be another version of it or be gone. So every memo is read that
is there, whether or not a table still has its number; and a memo that was deleted or shortened stays in its blocks
until another one needs them, so that what lies between memos is read for its words, too.

Source: E. Bachmann, "xBase File Format Description", DBT and FPT files; Microsoft, Visual FoxPro 9, "Memo File
Structure (.fpt)".
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from breachkit.documents.encoding import UNSEEN_BYTES, decode
from breachkit.documents.formats.printable import printable_in
from breachkit.documents.markup import not_in, tables_in_text
from breachkit.documents.pasted import pasted_tables
from breachkit.documents.reader import Budget, Member, NotReadError, inside
from breachkit.documents.table import Document, Embedded, Text, TextKind, Trait, Unreadable


_HEAD = 512
_OF_III = 512
"""Bytes of a block of dBASE III, which the file does not say."""
_END_OF_III = b"\x1a"
_OF_IV = b"\xff\xff\x08\0"
_KINDS_OF_FOXPRO = frozenset({0, 1, 2})
"""Picture, text, object."""
_HEAD_OF_MEMO = 8
MOST_BLOCKS = 200_000
"""Steps from one block to the next; what lies behind is read for its words alone."""
MOST_OTHERS = 200
"""Memos that are no text."""


class _Found(NamedTuple):
    start: int
    end: int


_Finder = Callable[[bytes, int], _Found | None]


class _Memo(NamedTuple):
    content: bytes
    left: bytes
    """What lies between it and the one before."""


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give all memos as one text, those that are no text as files, and the words between them as hidden."""
    if len(content) < _HEAD:
        raise NotReadError("damaged, or cut off before its end")
    budget.take_bytes(len(content))
    memos = list(_memos(content))
    texts, others = [], []
    for memo in memos:
        text = _text(memo.content)
        if text is None:
            others.append(memo.content)
        elif text.strip():
            texts.append(text.strip())
    if texts:
        yield from _prose("\n\n".join(texts), inside(part, "memos"))
    for number, other in enumerate(others[:MOST_OTHERS], start=1):
        yield Embedded(Trait.EMBEDDED_FILE, part)
        yield Member(content=other, path=b"", part=inside(part, f"object {number}"))
    if len(others) > MOST_OTHERS:
        yield Unreadable(f"only the first {MOST_OTHERS} memos that are no text were read", part)
    left = [words for memo in memos for words in printable_in(memo.left) if words.strip()]
    if left:
        yield Embedded(Trait.HIDDEN_TEXT, part, len(left))
        yield Text("\n".join(dict.fromkeys(left)), inside(part, "between memos"), TextKind.HIDDEN)


def _prose(words: str, part: str) -> Iterator[Document]:
    """Give text, and the tables that were pasted into it."""
    pasted, drawn = pasted_tables(words, part), tables_in_text(words, part)
    yield Text(words, part)
    yield from not_in(drawn, pasted)
    yield from drawn


def _text(content: bytes) -> str | None:
    """Give a memo that is text; lines that a program broke end in a sign of their own, which is no letter."""
    plain = content.replace(b"\x8d\n", b"\n").rstrip(b"\0\x1a")
    if len(plain.translate(None, UNSEEN_BYTES)) < len(plain):
        return None
    return decode(plain)


def _memos(content: bytes) -> Iterator[_Memo]:
    of_foxpro = int.from_bytes(content[6:8], "big")
    of_iv = int.from_bytes(content[20:22], "little") or _HEAD
    if _has_memo_of_iv(content, of_iv):
        yield from _in_blocks(content, of_iv, of_iv, _of_iv)
    elif of_foxpro and not content[8:16].strip(b"\0"):
        start = -(-_HEAD // of_foxpro) * of_foxpro
        yield from _in_blocks(content, start, of_foxpro, _of_foxpro)
    else:
        yield from _in_blocks(content, _HEAD, _OF_III, _of_iii)


def _has_memo_of_iv(content: bytes, block: int) -> bool:
    return any(content.startswith(_OF_IV, at) for at in range(block, len(content), block))


def _of_iv(content: bytes, at: int) -> _Found | None:
    size = int.from_bytes(content[at + 4 : at + 8], "little")
    if not content.startswith(_OF_IV, at) or not _HEAD_OF_MEMO <= size <= len(content) - at:
        return None
    return _Found(at + _HEAD_OF_MEMO, at + size)


def _of_foxpro(content: bytes, at: int) -> _Found | None:
    kind = int.from_bytes(content[at : at + 4], "big")
    size = int.from_bytes(content[at + 4 : at + 8], "big")
    start = at + _HEAD_OF_MEMO
    is_any = kind in _KINDS_OF_FOXPRO and (size > 0 or kind > 0)
    if not is_any or size > len(content) - start:
        return None
    return _Found(start, start + size)


def _of_iii(content: bytes, at: int) -> _Found | None:
    end = content.find(_END_OF_III, at)
    return _Found(at, end if end >= 0 else len(content))


def _in_blocks(content: bytes, start: int, block: int, memo_at: _Finder) -> Iterator[_Memo]:
    """Go from block to block, and give what is a memo there and what is left before it."""
    at, left_from = start, _HEAD
    for _ in range(MOST_BLOCKS):
        found = memo_at(content, at)
        at += block
        if found is not None:
            yield _Memo(content[found.start : found.end], content[left_from : found.start])
            left_from = found.end
            at = max(-(-found.end // block) * block, at)
        if at >= len(content):
            break
    yield _Memo(b"", content[left_from:])
