"""Saved estimates and graphs of Stata, byte by byte: nothing but Stata writes them."""

import struct
from collections.abc import Mapping, Sequence


_FORMS = {
    "double": ("d", 0xFF),
    "float": ("f", 0xFE),
    "long": ("i", 0xFD),
    "int": ("h", 0xFC),
    "byte": ("b", 0xFB),
}


def estimates(
    scalars: Mapping[str, float], macros: Mapping[str, str], matrix: Sequence[Sequence[float]]
) -> bytes:
    """Write what `estimates save` does: an index, then macros, scalars and matrices of e()."""
    parts = [_header(), _numbers("cnt", [[1.0]]), _numbers("toc", [[200.0, 2.0**1023]])]
    parts += [_header(), _words("", "<begin estsavefile>"), _words("", "<begin macros>")]
    for name, words in macros.items():
        parts += [_words("", name), _words("", words), _words("", "visible")]
    parts += [_words("", "</end macros>"), _words("", "<begin scalars>")]
    for name, value in scalars.items():
        parts += [_words("", name), _numbers("", [[value]]), _words("", "visible")]
    parts += [_words("", "</end scalars>"), _words("", "<begin usb>"), _words("", "b")]
    parts += [_numbers("part1", matrix), _words("", "<end usb>"), _words("", "</end estsavefile>")]
    return b"".join(parts)


def _header() -> bytes:
    lines = (
        "*! Stata(R) 015.10 Binary File Header_version 0010",
        "*! Byteorder LOHI",
        "*! Filetype estimates                        Version 0006",
        "*! <end_of_header>",
    )
    return "".join(f"{line}\r\n" for line in lines).encode() + b"1\r2\n3\r\n"


def _numbers(name: str, rows: Sequence[Sequence[float]]) -> bytes:
    values = [value for row in rows for value in row]
    return _matrix(name, b"R", len(rows), len(rows[0]), struct.pack(f"<{len(values)}d", *values))


def _words(name: str, words: str) -> bytes:
    raw = words.encode()
    return _matrix(name, b"S", 1, 1, struct.pack("<i", len(raw)) + raw)


def _matrix(name: str, kind: bytes, rows: int, columns: int, data: bytes) -> bytes:
    about = b"MOTOP\0\1\2OBJ\0\1\1" + bytes([len(name)]) + name.encode() + struct.pack("<q", 1)
    return (
        about + b"MAT\0\1" + kind + struct.pack("<qq", rows, columns) + data + b"TAM\0JBO\0POTOM\0"
    )


def graph(
    series: Mapping[str, str],
    rows: Sequence[Sequence[float | bytes]],
    *,
    label: str = "",
    order: str = "<",
    end: str = "\n",
) -> bytes:
    """Write a graph with one plot, whose series are `double`, `long` and so on, or `strN`."""
    forms, codes = zip(*(_form(kind) for kind in series.values()), strict=True)
    about = "".join(
        f'<BeginSeries>{end}.name = `"{name}"\'{end}.label = `"{label}"\'{end}<EndSeries>{end}'
        for name in series
    )
    head = struct.pack(f"{order}BBii", 3, 2 if order == "<" else 1, len(series), len(rows))
    names = b"".join(name.encode().ljust(150, b"\0") for name in series)
    room = names + b"%9.0g".ljust(57, b"\0") * len(series) + bytes(16 * len(series))
    row = struct.Struct(order + "".join(forms))
    data = head + bytes(codes) + room + b"".join(row.pack(*values) for values in rows)
    before = (
        f"StataFileTM:00001:01000:LiveGPH:                       :{end}{end}*! title: {label}{end}"
    )
    start = f"{before}<BeginItem> serset K1{end}<BeginSerset>{end}{about}<BeginSersetData>{end}"
    return start.encode() + b"sersetreadwrite\0" + data + f"{end}<EndSersetData>{end}".encode()


def _form(kind: str) -> tuple[str, int]:
    if kind.startswith("str"):
        return f"{kind[3:]}s", int(kind[3:])
    return _FORMS[kind]
