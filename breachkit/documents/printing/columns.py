"""Aligned lines to cells: a column is what is parted from the next one by blanks in every line."""

import re
from collections.abc import Sequence
from functools import lru_cache


Span = tuple[int, int]
"""Where a column starts, and where it ends, in characters counted from 0."""

_NUMBER = re.compile(
    r"[-+]?(?:\d{1,3}(?:,\d{3}){1,4}|\d{1,18})?(?:\.\d{0,18})?(?:[eE][-+]?\d{1,3})?%?"
)
_NO_VALUE = frozenset(
    {"NA", "NaN", "nan", "<NA>", "None", "NaT", ".", "..", "...", "-", "*", "", "Inf", "-Inf", "[REDACTED]"}
)  # fmt: skip
_TAKEN_OUT = "[REDACTED]"
_BOUND_OR_PART = re.compile(r"(?:[<>]=?|\u2264|\u2265)\d{1,4}|\d{1,9}/\d{1,9}")
"""`<5` stands for a number, and `3/1204` is one of a number."""
_SIGNS = bytes(code != 0x20 for code in range(256))
_RUN = re.compile(b"\1+")
_WHOLE = re.compile(r"\d{1,3}(?:,\d{3}){1,3}|\d{1,9}")


_BINDS = "\xa0"
"""Stands for a blank that parts no columns; pages have none of it."""
_SHARE = re.compile(
    r"(?:(?<=[\d\]]) {1,3}(?=\( ?\d{1,3}(?:\.\d{0,6})?%\))|(?<=\() (?=\d{1,3}(?:\.\d{0,6})?%\))|(?<=\w) (?=\(%\)))"
)
_WITH_SHARE = re.compile(rf"(.{{1,20}}?){_BINDS}{{1,3}}\({_BINDS}?\d{{1,3}}(?:\.\d{{0,6}})?%\)")


def bound(lines: Sequence[str]) -> Sequence[str]:
    """Mark the blanks within cells such as `12 (3.4%)`, which part no columns; `unbound` takes that back."""
    if not any("%)" in line for line in lines):
        return lines
    return [_SHARE.sub(lambda found: _BINDS * len(found[0]), line) for line in lines]


def unbound(cell: str) -> str:
    """Give a cell as it was printed."""
    return cell.replace(_BINDS, " ")


@lru_cache(maxsize=1 << 12)  # the cells of print-outs repeat
def is_number(cell: str) -> bool:
    """Say whether a cell is a number of any kind, or says that there is none."""
    if cell[-2:] == "%)" and (found := _WITH_SHARE.fullmatch(cell)):
        cell = found[1]
    if cell in _NO_VALUE:
        return True
    return (
        len(cell) < 40 and (_NUMBER.fullmatch(cell) or _BOUND_OR_PART.fullmatch(cell)) is not None
    )


def is_value(cell: str) -> bool:
    """Say whether a cell is a number, or was one until it was taken out."""
    return (cell not in _NO_VALUE and is_number(cell)) or cell == _TAKEN_OUT


def is_whole(cell: str) -> bool:
    """Say whether a cell is a whole number as counts are printed, or says that there is none."""
    return cell in _NO_VALUE or _WHOLE.fullmatch(cell) is not None


def spans_of(lines: Sequence[str], start: int = 0, end: int | None = None) -> list[Span]:
    """Give the columns of lines: the runs of characters that some line fills."""
    return _runs(_filled(lines), start, end)


def _runs(filled: bytes, start: int, end: int | None) -> list[Span]:
    return [found.span() for found in _RUN.finditer(filled[:end], start)]


def _filled(lines: Sequence[str], others: bytes = b"") -> bytes:
    """Give a byte for each place in a line: 1 where some line, or other lines, have anything but a blank."""
    together = int.from_bytes(others, "little")
    for line in lines:
        signs = line.encode("latin-1", "replace").translate(_SIGNS)
        together |= int.from_bytes(signs, "little")
    return together.to_bytes(max([len(others), *map(len, lines)]), "little")


def cut(line: str, spans: Sequence[Span]) -> tuple[str, ...]:
    """Give the cells of a line."""
    return tuple([line[start:end].strip() for start, end in spans])


def columns_of(
    heads: Sequence[str], body: Sequence[str], start: int = 0, end: int | None = None
) -> list[Span]:
    """Give the columns of a header and the lines under it.

    A column without anything under its name belongs to the next one: `lower 95% CI` stands over
    one number. Words under no name belong to the words beside them.
    """
    under = _filled(body)
    spans = _runs(_filled(heads, under), start, end)
    return _joined_words(_joined_names(spans, under), heads, body)


def _joined_names(spans: Sequence[Span], filled: bytes) -> list[Span]:
    joined: list[Span] = []
    begun: int | None = None
    for start, end in spans:
        first = start if begun is None else begun
        if 1 in filled[start:end]:
            joined.append((first, end))
            begun = None
        else:
            begun = first
    if begun is not None and joined:
        joined[-1] = (joined[-1][0], spans[-1][1])
    return joined


def _joined_words(spans: Sequence[Span], heads: Sequence[str], body: Sequence[str]) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        if joined and span[0] - joined[-1][1] == 1 and _are_words(joined[-1], span, heads, body):
            joined[-1] = (joined[-1][0], span[1])
        else:
            joined.append(span)
    return joined


def _are_words(left: Span, right: Span, heads: Sequence[str], body: Sequence[str]) -> bool:
    named = [any(line[start:end].strip() for line in heads) for start, end in (left, right)]
    if heads and all(named):
        return False
    return not any(
        all(_is_number_of_row(line[start:end].strip()) for line in body)
        for start, end in (left, right)
    )


def _is_number_of_row(cell: str) -> bool:
    return is_number(cell) or is_number(cell.strip("[],:."))


def name_of(heads: Sequence[str], span: Span) -> str:
    """Give the name that header lines, one under the other, give to a column."""
    return " ".join(filter(None, (line[span[0] : span[1]].strip() for line in heads)))
