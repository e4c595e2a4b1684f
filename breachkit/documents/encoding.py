"""Bytes to text, in whatever encoding a table was saved."""

import codecs
import re
from collections.abc import Iterator


_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HIGH = bytes(range(128, 256))
_MOST_HIGH = 0.3
"""Share of bytes beyond ASCII above which text is in no alphabet that Windows-1252 is for."""
_SEEN_BY_NOBODY = re.compile(
    "\x1b\\[[0-9;]{0,20}[A-Za-z]|[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_UNSEEN = tuple(map(str.encode, "\u00ad\u061c\ufeff"))
_UNSEEN_MARKS = re.compile(rb"\xe2(?:\x80[\x8b-\x8f\xaa-\xae]|\x81[\xa0-\xa4\xa6-\xa9])")
"""The other signs of `_SEEN_BY_NOBODY` in UTF-8: U+200B to 200F, 202A to 202E, 2060 to 2064, 2066 to 2069."""
UNSEEN_BYTES = bytes(code for code in range(32) if code not in {0, 9, 10, 11, 12, 13, 26, 27})
"""Control codes that text does not have: a few of them are slips of the keyboard, many are something binary."""


def decode(content: bytes) -> str | None:
    """Turn the bytes of a text file into text, or None where they are no text.

    Tries byte order marks, then UTF-16 and UTF-32 without one, then UTF-8, then Windows-1252.
    What nobody sees is dropped: NUL, marks of direction, spaces without width, codes for colours.
    """
    text = _decoded(content)
    if text is None or not _may_hide(text):
        return text
    return _SEEN_BY_NOBODY.sub("", text)


def encoding_of(content: bytes) -> tuple[bytes, str]:
    """Give the byte order mark of a text and the encoding in which `decode` reads what follows it."""
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return bom, encoding
    wide = _wide_encoding(content) if b"\0" in content[:4096] else None
    if wide is not None:
        return b"", wide
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return b"", "cp1252"
    return b"", "utf-8"


def unseen_in(text: str) -> Iterator[tuple[int, int]]:
    """Give where what nobody sees begins and ends in a text without NUL: what `decode` drops."""
    if _may_hide(text):
        yield from (found.span() for found in _SEEN_BY_NOBODY.finditer(text))


def _may_hide(text: str) -> bool:
    """Say whether a text holds something of what nobody sees, in a third of the time it takes to drop it."""
    if "\x1b" in text:
        return True
    if text.isascii():
        return False
    written = text.encode("utf-8", "surrogatepass")
    return any(map(written.__contains__, _UNSEEN)) or _UNSEEN_MARKS.search(written) is not None


def _decoded(content: bytes) -> str | None:
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return _without_nul(content[len(bom) :].decode(encoding, "replace"))
    wide = _wide_encoding(content) if b"\0" in content[:4096] else None
    if wide is not None:
        return _without_nul(content.decode(wide, "replace"))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        if len(content) - len(content.translate(None, _HIGH)) > _MOST_HIGH * len(content):
            return None
        text = content.decode("cp1252", "replace")
    return _without_nul(text) if _is_text(content) else None


def _without_nul(text: str) -> str:
    return text.replace("\0", "") if "\0" in text else text


def _is_text(content: bytes) -> bool:
    """Tell text, with a few stray control bytes at most, from something binary."""
    head = content[:8192]
    odd = len(head) - len(head.translate(None, UNSEEN_BYTES))
    return odd * 20 <= len(head)


def _wide_encoding(content: bytes) -> str | None:
    """Guess UTF-16 or UTF-32 by where the NUL bytes of its ASCII characters stand."""
    head = content[: 4096 & ~3]
    quarter = max(len(head) // 4, 1)
    nul = [head[offset::4].count(0) / quarter for offset in range(4)]
    likely, unlikely = 0.6, 0.1
    if min(nul[1:]) > likely and nul[0] < unlikely:
        return "utf-32-le"
    if min(nul[:3]) > likely and nul[3] < unlikely:
        return "utf-32-be"
    if min(nul[1], nul[3]) > likely and max(nul[0], nul[2]) < unlikely:
        return "utf-16-le"
    if min(nul[0], nul[2]) > likely and max(nul[1], nul[3]) < unlikely:
        return "utf-16-be"
    return None
