"""Drawings in PostScript (EPS): the words in them, and the numbers at risk.

PostScript is a program, which is not run: its strings are taken, wherever they stand, with the two
numbers that stand before each as its place, as R and Stata write them.

Source: Adobe, PostScript Language Reference, third edition, 3.2.2 (strings); Encapsulated PostScript File
Format, version 3.0, chapter 5 (the header in front of a preview).
"""

import re
import struct
from collections.abc import Iterator

from breachkit.documents.formats.svg_layout import Label
from breachkit.documents.formats.svg_risk import risk_tables
from breachkit.documents.reader import Budget, Member, NotReadError, inside
from breachkit.documents.table import Document, Embedded, Text, TextKind, Trait, Unreadable


MOST_STRINGS = 200_000
_WITH_PREVIEW = b"\xc5\xd0\xd3\xc6"
_TOKEN = re.compile(rb"[%()]|\\.", re.DOTALL)
_LINE_END = re.compile(rb"[\r\n]")
_SAID = re.compile(rb"^%%(?:Title|For|Creator|Copyright|Keywords|Subject|Author) *:(.*)$", re.MULTILINE)  # fmt: skip
_NUMBER = rb"([-+]?(?:\d{1,9}\.?\d{0,9}|\.\d{1,9}))"
_PLACE = re.compile(_NUMBER + rb"\s+" + _NUMBER + rb"(?:\s+[A-Za-z]{1,20})?\s*$")
_PLACE_BYTES = 80
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|[\s\S]))")
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_BY_GLYPH = re.compile(rb"\bglyphshow\b|<[0-9A-Fa-f\s]{2,2000}>\s*(?:\S{1,20}\s+){0,3}x?y?show\b")
_PACKED = re.compile(rb"/(?:LZW|Flate|ASCII85|RunLength)Decode\s+filter\s+cvx\b|\beexec\b")
_PREVIEWS = (b"picture.wmf", b"picture.tif")


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give the words of a drawing, the tables of numbers at risk among them, and its previews."""
    budget.take_bytes(len(content))
    if content.startswith(_WITH_PREVIEW):
        program, previews = _taken_apart(content)
    else:
        program, previews = content, ()
    yield from _drawing(program, part)
    for number, (name, preview) in enumerate(previews, start=1):
        yield Member(content=preview, path=name, part=inside(part, f"preview {number}"))


def _taken_apart(content: bytes) -> tuple[bytes, tuple[tuple[bytes, bytes], ...]]:
    places = struct.unpack_from("<6I", content, 4) if len(content) >= 28 else (0,) * 6
    program, *previews = [
        content[start : start + size] for start, size in zip(places[::2], places[1::2], strict=True)
    ]
    if not program:
        raise NotReadError("damaged")
    return program, tuple(
        (name, preview) for name, preview in zip(_PREVIEWS, previews, strict=True) if preview
    )


def _drawing(program: bytes, part: str | None) -> Iterator[Document]:
    labels: list[Label] = []
    gap = ""
    for place, text in _strings(program):
        if len(labels) == MOST_STRINGS:
            gap = f"PostScript: only the first {MOST_STRINGS} strings were read"
            break
        words = " ".join(_unescaped(text).decode("latin-1").split())
        if words:
            labels.append(Label(words, place[0], -place[1]))  # PostScript counts from below
    yield from risk_tables(labels, part)
    shown = [label.text for label in labels if any(map(str.isalpha, label.text))]
    if shown:
        yield Text("\n".join(dict.fromkeys(shown)), part, TextKind.FIGURE)
    said = [line.strip(b" ()\r").decode("latin-1") for line in _SAID.findall(program)]
    said = [line for line in said if line]
    if said:
        yield Text("\n".join(said), inside(part, "metadata"), TextKind.HIDDEN)
        yield Embedded(Trait.METADATA_TEXT, part, len(said))
    if gap:
        yield Unreadable(gap, part)
    if _BY_GLYPH.search(program):
        yield Unreadable("PostScript: words that are names of glyphs were not read", part)
    if _PACKED.search(program):
        yield Unreadable("PostScript: a part that is packed was not read", part)


def _strings(program: bytes) -> Iterator[tuple[tuple[float, float], bytes]]:
    """Give every string that is not in a comment, with the two numbers before it; zeros without."""
    depth = start = at = 0
    while found := _TOKEN.search(program, at):
        sign, at = found[0], found.end()
        if sign == b"%" and not depth:
            end = _LINE_END.search(program, at)
            at = end.end() if end else len(program)
        elif sign == b"(":
            start = start if depth else at
            depth += 1
        elif sign == b")" and depth:
            depth -= 1
            if not depth:
                yield _place(program, start - 1), program[start : at - 1]


def _place(program: bytes, end: int) -> tuple[float, float]:
    found = _PLACE.search(program, max(0, end - _PLACE_BYTES), end)
    return (float(found[1]), float(found[2])) if found else (0.0, 0.0)


def _unescaped(text: bytes) -> bytes:
    return _ESCAPE.sub(_meant, text) if b"\\" in text else text


def _meant(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return bytes([int(found[1], 8) & 0xFF])
    if found[2] in {b"\n", b"\r", b"\r\n"}:
        return b""
    return _LETTERS.get(found[2], found[2])
