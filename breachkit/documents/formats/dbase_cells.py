"""What the cells of dBASE and FoxPro mean, by the kind of their field.

dBASE 7 turns numbers round so that they sort as bytes do: the first byte comes first, and what is below zero has its
bits the other way.

Source: Microsoft, Visual FoxPro 9, "Visual FoxPro Data and Field Types"; dBase, "Data File Header Structure for the
dBASE Version 7 Table File"; for how dBASE 7 writes numbers and moments, TDbf (`dbf_dbffile.pas`).
"""

import datetime as dt
import struct
from collections.abc import Callable

from breachkit.documents.encoding import UNSEEN_BYTES, decode
from breachkit.documents.formats.frames import number_text
from breachkit.documents.formats.moments import day_and_time


Writer = Callable[[bytes], str]
_DAY_ZERO = dt.date(1858, 11, 17).toordinal() - 2_400_001
"""The day from which Julian days are counted: the day 2,400,001 was 17 November 1858."""
_LEAST = 1 << 31
"""Which is added to whole numbers, so that none is below zero."""
_THOUSANDTHS = 86_400_000
_LAST_DAY = dt.date.max.toordinal()


def writer_of(kind: str, width: int, *, is_7: bool = False) -> Writer | None:
    """Give what writes the cells of a field; None where what they hold is unknown, or kept elsewhere."""
    of_7 = _OF_7.get((kind, width)) if is_7 else None
    return of_7 or _WRITERS.get((kind, width)) or _WRITERS.get((kind, None))


def text_of(raw: bytes) -> str:
    """Write text as every other reader does, whatever the header says of its alphabet."""
    text = decode(raw)
    return (raw.decode("cp1252", "replace") if text is None else text).strip()


def _bytes(raw: bytes) -> str:
    """Write what need not be text: as text where it is, or else in hexadecimal, as FoxPro shows it."""
    text = decode(raw)
    is_text = text is not None and len(raw.translate(None, UNSEEN_BYTES)) == len(raw)
    return text.strip() if text is not None and is_text else f"0h{raw.hex()}"


def _day(raw: bytes) -> str:
    text = text_of(raw)
    if len(text) != 8 or not text.isdigit():
        return text
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if text.strip("0") else ""


def _truth(raw: bytes) -> str:
    return text_of(raw).strip("?")


def _moment(raw: bytes) -> str:
    day, thousandths = struct.unpack("<2i", raw)
    return day_and_time(day + _DAY_ZERO, thousandths / 1000) if day else ""


def _whole_of_7(raw: bytes) -> str:
    return str(int.from_bytes(raw, "big") - _LEAST) if any(raw) else ""


def _number_of_7(raw: bytes) -> str:
    if not any(raw):
        return ""
    is_below = raw[0] < 0x80
    turned = bytes(byte ^ 0xFF for byte in raw) if is_below else bytes([raw[0] & 0x7F]) + raw[1:]
    return number_text(*struct.unpack(">d", turned))


def _moment_of_7(raw: bytes) -> str:
    """Write a moment that is one number, as programs write it, or two, as the format's description says."""
    [thousandths] = struct.unpack(">d", raw)
    if _THOUSANDTHS <= thousandths < _LAST_DAY * _THOUSANDTHS:
        day, rest = divmod(thousandths, _THOUSANDTHS)
        return day_and_time(int(day), rest / 1000)
    return _moment(raw)


def _whole(raw: bytes) -> str:
    return str(int.from_bytes(raw, "little", signed=True))


def _number(raw: bytes) -> str:
    return number_text(*struct.unpack("<d", raw))


_WRITERS: dict[tuple[str, int | None], Writer] = {
    ("C", None): text_of,
    ("V", None): text_of,
    ("Q", None): _bytes,
    ("N", None): text_of,
    ("F", None): text_of,
    ("L", None): _truth,
    ("D", 8): _day,
    ("D", None): text_of,
    ("I", 4): _whole,
    ("+", 4): _whole,
    ("B", 8): _number,
    ("O", 8): _number,
    ("T", 8): _moment,
    ("@", 8): _moment,
    ("Y", 8): lambda raw: number_text(int.from_bytes(raw, "little", signed=True) / 10_000),
}
"""What writes a cell, by the kind of its field and how many bytes it has, where that is fixed."""
_OF_7: dict[tuple[str, int], Writer] = {
    ("I", 4): _whole_of_7,
    ("+", 4): _whole_of_7,
    ("O", 8): _number_of_7,
    ("@", 8): _moment_of_7,
}
