"""Rich text cut into tokens: groups, control words, runs of text; and runs to words, by their code page.

Source: Microsoft, Rich Text Format Specification 1.9.1: conventions of an RTF reader, character set, font table.
"""

import codecs
import re
from collections.abc import Mapping
from functools import lru_cache


TOKEN = re.compile(
    rb"\\(?P<word>[A-Za-z]+)(?P<number>-?\d{1,10})?[ ]?"
    rb"|(?P<text>(?:[^\\{}]++|\\'[0-9A-Fa-f]{2}|\\[\\{}])++)"
    rb"|(?P<group>[{}])"
    rb"|\\(?P<sign>[^A-Za-z])",
    re.DOTALL,
)
"""One token; whatever stands at a place it matches there, but for a lone backslash at the end."""

_UNIT = re.compile(rb"[\r\n]*(?:\\'[0-9A-Fa-f]{2}|\\[\\{}]|[^\\{}\r\n])")
"""What counts as one character where characters are passed over."""
_ESCAPED = re.compile(rb"\\(?:'(..)|(.))")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_ENDS = b"\r\n\0"
_USUAL = "cp1252"
_PAGES: Mapping[int, str] = {
    42: _USUAL,
    819: "latin-1",
    936: "gbk",
    949: "cp949",
    1361: "johab",
    10000: "mac_roman",
    10007: "mac_cyrillic",
    10029: "mac_latin2",
    65001: "utf-8",
}
_CHARSETS: Mapping[int, str] = {
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    130: "johab",
    134: "gbk",
    136: "cp950",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
    254: "cp437",
    255: "cp850",
}


@lru_cache(maxsize=256)
def codec_of_page(page: int) -> str:
    """Give Python's name of a code page; that of Western Europe where there is none."""
    name = _PAGES.get(page, f"cp{page}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return _USUAL


def codec_of_charset(charset: int) -> str | None:
    """Give Python's name of what a font is written in; None where that is what the document is."""
    return _CHARSETS.get(charset)


def text_of(run: bytes, codec: str) -> str:
    """Give the words of a run of text, in which bytes may be escaped.

    Programs that know of no code pages write UTF-8 as it is: that is told by its look.
    """
    run = run.translate(None, _LINE_ENDS)
    if b"\\" in run:
        run = _ESCAPED.sub(_meant, run)
        return run.decode("ascii" if run.isascii() else codec, "replace")
    if run.isascii():
        return run.decode("ascii")
    try:
        return run.decode("utf-8")
    except UnicodeDecodeError:
        return run.decode(codec, "replace")


def _meant(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)]) if found[1] else found[2]


def without_first(run: bytes, number: int) -> tuple[bytes, int]:
    """Leave out so many characters of a run, and say how many more are to be left out."""
    at = 0
    while number and (unit := _UNIT.match(run, at)):
        at = unit.end()
        number -= 1
    return run[at:], number


def sign_of(number: int) -> str:
    """Give the character of a number, which may be negative or half of one."""
    if number < 0:
        number += 0x10000
    return chr(number) if 0 < number <= 0x10FFFF else ""


def whole(text: str) -> str:
    """Give a text in which the halves of characters were put together."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def from_hexadecimal(digits: bytes) -> bytes | None:
    """Give what digits stand for; None where they are none. An odd one at the end is left out."""
    plain = b"".join(digits.split())
    try:
        return bytes.fromhex(plain[: len(plain) & ~1].decode("ascii"))
    except ValueError:
        return None
