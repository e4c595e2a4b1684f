"""What R prints in a shape of its own: tibbles, `str` and `glimpse`, `summary` of a data frame, vectors."""

import itertools
from collections.abc import Iterator, Sequence

from breachkit.documents.printing.columns import columns_of, cut, name_of
from breachkit.documents.printing.frequencies import FREQUENCY
from breachkit.documents.printing.page import MAX_LINE, Found, LineSign, Page, PageSign, is_echo
from breachkit.documents.reader import MAX_CELLS
from breachkit.model.patterns import regex


LISTED_SIGN = PageSign("$ ")
_STATISTICS = ("Min.   :", "Length:")
SUMMARY_SIGN = PageSign(*_STATISTICS)
VECTOR_SIGN = PageSign("[1] ")

_TYPES = regex(r"\s{0,400}(?:<[^<>\s]{1,30}>\s{0,400}){1,200}")
_END_OF_TIBBLE = regex("\\s{0,4}(?:#|\N{HORIZONTAL ELLIPSIS}|\\.\\.\\. with)|\\s{0,9}$")
_LISTED = regex(
    r" {0,3}\$ (?P<name>`[^`]{1,100}`|[^\s:<>]{1,100}|[^:<>$]{1,100}?(?=\s{0,60}:))\s{0,60}"
    r"(?:<[^<>]{1,20}>|:)\s{0,3}(?P<type>(?:int|num|chr|logi|dbl|cplx|POSIXct|Date)(?:\[\d{1,12}:\d{1,12}\])?[\s,]{1,4})?(?P<values>.{0,4000})"
)
_FACTOR = regex(r"Factor w/ \d{1,9} levels? [^:]{0,400}: ?|\d{0,9} ?levels? [^:]{0,400}: ?")
_DATES = regex(r",? ?format: ")
_LISTED_VALUE = regex(r'"([^"]{0,200})"|([^\s,"]{1,80})')
_PIECE = regex(r"(.{1,60}?)\s{0,9}:\s{0,12}(\S.{0,40}?)\s{0,9}")
_LEVELS = regex(r" (?:[^:]{1,80}: {0,12}+\d{1,9}+ {2}){1,30} {0,20}")
"""How often each level of some factors is there."""
_STATISTIC = regex(r"Min\.|1st Qu\.|Median|Mean|3rd Qu\.|Max\.")
_DESCRIBED = frozenset({"Length", "Class", "Mode"})
_INDEX = regex(r" {0,9}\[(\d{1,9})\] ")
_VECTOR_VALUE = regex(r'"([^"]{0,200})"|(\S{1,80})')
_TYPED = regex(
    r"> ?(?:print\(|head\(|unique\(|sort\(){0,4}[\w.]{1,60}(?:\$|\[\[[\"'])([\w.]{1,60})[^=<]{0,40}"
)
_OF_LIST = regex(r"\$(?:[\w.]{1,60}\$){0,5}(`[^`]{1,100}`|[\w.]{1,60})")
"""What stands above each part of a list."""


def _is_telling(line: str) -> object:
    if "<" in line:
        return len(line) <= MAX_LINE and _TYPES.fullmatch(line)
    return line[-2:] == "  " and ":" in line and _LEVELS.fullmatch(line)


_TELLING = LineSign(_is_telling)
"""Types of the columns of a tibble, or levels of factors: there are no more signs than eight."""


def tibbles(page: Page) -> Iterator[Found]:
    """Give the tables whose columns have their types, such as `<int>`, under their names."""
    for number in page.having(_TELLING):
        if "<" not in page.lines[number] or not page.is_free(number - 1):
            continue
        end = number + 1
        while page.is_free(end) and not _ends_tibble(page.lines[end]):
            end += 1
        heads, body = page.lines[number - 1 : number + 1], page.lines[number + 1 : end]
        if not body or not heads[0].strip() or is_echo(heads[0]):
            continue
        spans = columns_of(heads, body)
        header = tuple(name_of(heads[:1], span).strip("`") for span in spans)
        page.take(number - 1, end)
        yield Found(number - 1, end, header, [cut(line, spans) for line in body])


def _ends_tibble(line: str) -> bool:
    return _END_OF_TIBBLE.match(line) is not None or is_echo(line)


def listed(page: Page) -> Iterator[Found]:
    """Give the variables that `str` and `glimpse` list with their first values, as a table of rows."""
    names: list[str] = []
    values: list[list[str]] = []
    first = end = -1
    for number, line in enumerate([*page.lines, ""]):
        is_one = line[:5].lstrip()[:2] == "$ " and page.is_free(number)
        found = _LISTED.fullmatch(line[:MAX_LINE]) if is_one else None
        if found is not None:
            first = number if not names else first
            names.append(found["name"].strip("`"))
            values.append(_values(found["values"]))
            end = number + 1
        elif names:
            if len(names) > 1 and any(map(len, values)):
                page.take(first, end)
                yield Found(first, end, tuple(names), _side_by_side(values, page))
            names, values = [], []


def _side_by_side(values: Sequence[Sequence[str]], page: Page) -> list[tuple[str, ...]]:
    """Put the values of variables into rows, as far as there is room for their cells."""
    count, room = max(map(len, values)), MAX_CELLS // len(values)
    if count > room:
        page.unread.append("only the first values of printed variables were read: too many cells")
    return [
        tuple(some[at] if at < len(some) else "" for some in values)
        for at in range(min(count, room))
    ]


def _values(text: str) -> list[str]:
    text = _DATES.sub("", _FACTOR.sub("", text, count=1), count=1)
    found = (quoted or plain for quoted, plain in _LISTED_VALUE.findall(text))
    return [value for value in found if value not in {"...", "\N{HORIZONTAL ELLIPSIS}"}]


def summaries(page: Page) -> Iterator[Found]:
    """Give what `summary` prints of a data frame: for each variable its levels, or its statistics."""
    for number, line in enumerate(page.lines):
        if ":" not in line or not page.is_free(number) or number == 0 or is_echo(line):
            continue
        if any(sign in line for sign in _STATISTICS):
            yield from _summary_around(page, number)


def levels(page: Page) -> Iterator[Found]:
    """Give what `summary` prints of factors alone."""
    for number in page.having(_TELLING):
        if number and "<" not in page.lines[number] and page.is_free(number):
            yield from _summary_around(page, number)


def _summary_around(page: Page, number: int) -> Iterator[Found]:
    """Read the lines that go with one, under the names of the variables."""
    first, end = number, number + 1
    while page.is_free(end) and ":" in page.lines[end] and not is_echo(page.lines[end]):
        end += 1
    while first > 1 and page.is_free(first - 1) and _PIECE.fullmatch(page.lines[first - 1][:200]):
        first -= 1
    names, body = page.lines[first - 1], page.lines[first:end]
    if len(body) < 2 or not names.strip() or max(map(len, body)) > MAX_LINE:
        return
    page.take(first - 1, end)
    yield from _summary(first - 1, end, names, body)


def _summary(first: int, end: int, names: str, body: Sequence[str]) -> Iterator[Found]:
    counted: list[tuple[str, ...]] = []
    stated: list[tuple[str, ...]] = []
    for start, stop in _summary_spans(names, body):
        name = names[start:stop].strip()
        for line in body:
            piece = _PIECE.fullmatch(line[start:stop].strip())
            if piece is None or piece[1] in _DESCRIBED:
                continue
            is_statistic = _STATISTIC.fullmatch(piece[1]) is not None
            (stated if is_statistic else counted).append((name, piece[1], piece[2]))
    if counted:
        yield Found(first, end, ("", "", FREQUENCY), counted)
    if stated:
        yield Found(first, end, ("variable", "statistic", "value"), stated)


def _summary_spans(names: str, body: Sequence[str]) -> Sequence[tuple[int, int]]:
    """Cut at two blanks or more that all lines share; names are centred over their columns."""
    width = max(map(len, [names, *body]))
    starts = [
        at
        for at in range(1, width)
        if all(line[at - 2 : at].isspace() or not line[at - 2 : at] for line in body if at > 1)
        and any(line[at : at + 1].strip() for line in body)
    ]
    edges = [0, *(at for at in starts if at > 2), width]
    return list(itertools.pairwise(edges))


def vectors(page: Page) -> Iterator[Found]:
    """Give the vectors of two values or more that R prints behind `[1]`, as a table of one column."""
    number = 0
    while number < len(page.lines):
        first = number
        number += 1
        if page.lines[first][:12].lstrip()[:3] != "[1]" or not page.is_free(first):
            continue
        while number < len(page.lines) and page.is_free(number) and _goes_on(page.lines[number]):
            number += 1
        if number - first == 1 and " " not in page.lines[first].strip()[4:]:
            continue
        lines = (line[:MAX_LINE].partition("] ")[2] for line in page.lines[first:number])
        values = [
            quoted or plain for line in lines for quoted, plain in _VECTOR_VALUE.findall(line)
        ]
        if len(values) > 1:
            page.take(first, number)
            yield Found(first, number, (_typed_name(page, first),), [(value,) for value in values])


def _goes_on(line: str) -> bool:
    found = _INDEX.match(line[:20])
    return found is not None and found[1] != "1"


def _typed_name(page: Page, first: int) -> str:
    """Give the column whose values were asked for, where what was typed says so."""
    above = page.lines[first - 1][:200] if first else ""
    found = _TYPED.fullmatch(above) or _OF_LIST.fullmatch(above)
    return found[1].strip("`") if found else ""
