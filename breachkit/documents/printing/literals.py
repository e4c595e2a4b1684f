"""What Python prints of lists and dictionaries, in one line or in many: records, and counts by label."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from breachkit.documents.printing.frequencies import FREQUENCY
from breachkit.documents.printing.page import MAX_LINE, Found, Page, PageSign, is_echo


LITERAL_SIGN = PageSign("{'", '{"', "[{", "{(", "'}", '"}')

_TOKEN = re.compile(
    r"\s*(?:(?P<mark>\[[A-Z][A-Z _]{1,40}\])|(?P<open>[\[({])|(?P<close>[\])}])|(?P<sign>[,:])"
    r"|(?P<text>b?'(?:[^'\\\n]|\\.){0,400}'|\"(?:[^\"\\\n]|\\.){0,400}\")"
    r"|(?:[A-Za-z_][\w.]{0,60}\((?P<called>[^()\[\]{}]{0,80})\))"
    r"|(?P<word>[-+]?[\w.][\w.+-]{0,40}|<NA>))"
)
_BEGIN = re.compile(r"(?:\[\{|\{)(?=\s*(?:['\"(]|[\w.]{1,40}[(:]))")
_CLOSES = {"[": "]", "(": ")", "{": "}"}
_MOST_LINES = 2_000
_LONGEST = 5 * MAX_LINE
_MOST_TOKENS = 200_000
_DEEPEST = 8
_MISSING = frozenset({"None", "nan", "<NA>", "NaT"})
_NAMED = re.compile(
    r"([^\W\d][\w %()-]{0,60}?)\s{0,3}[:=]\s{0,3}(?:Counter\(|defaultdict\([^{}]{0,40}|OrderedDict\()?$"
)


class _NoLiteralError(Exception):
    """Text that goes on as no literal does."""


class _Text(str):
    """A string, as other than a number."""

    __slots__ = ()


def literals(page: Page) -> Iterator[Found]:
    """Give records and counts by label; records of one kind that stand in a line each are one table."""
    flat: dict[tuple[str, ...], list[tuple[int, int, Mapping[str, Any]]]] = {}
    spent = [0]
    for number, line in enumerate(page.lines):
        if "{" not in line or not page.is_free(number) or len(line) > _LONGEST:
            continue
        begun = None if is_echo(line) else _BEGIN.search(line)
        value, end = (None, 0) if begun is None else _value_at(page, number, begun.start(), spent)
        if value is None:
            continue
        if _is_flat(value):
            flat.setdefault(tuple(value), []).append((number, end, value))
            page.take(number, end)
        elif (found := _found(value)) is not None:
            page.take(number, end)
            yield Found(number, end, *found)
    for header, those in flat.items():
        first, last = those[0], those[-1]
        name = _counted(page.lines[first[0]]) if first is last and _is_counts(first[2]) else ""
        if name:
            yield Found(
                *first[:2], ("", name), [(key, _cell(one)) for key, one in first[2].items()]
            )
        elif any(_is_number(one) for one in first[2].values()):
            rows = [tuple(map(_cell, value.values())) for _, _, value in those]
            yield Found(first[0], last[1], header, rows)


def _value_at(page: Page, number: int, start: int, spent: list[int]) -> tuple[Any, int]:
    """Read what begins on a line; None where it is no literal. Gives the line behind it, too."""
    end = number + 1
    if spent[0] > _MOST_TOKENS:
        return None, end
    text = page.lines[number][start:]
    depth = _depth(text)
    pieces = [text]
    while depth > 0 and page.is_free(end) and end - number < _MOST_LINES:
        pieces.append(page.lines[end])
        depth += _depth(page.lines[end])
        end += 1
    spent[0] += len(pieces)
    try:
        return _Reader("\n".join(pieces), spent).value(0), end
    except _NoLiteralError:
        return None, end


def _depth(line: str) -> int:
    return sum(line.count(sign) for sign in "[({") - sum(line.count(sign) for sign in "])}")


class _Reader:
    """Reads one literal; anything else stops it."""

    def __init__(self, text: str, spent: list[int]) -> None:
        self._text, self._at, self._spent = text, 0, spent

    def _next(self) -> re.Match[str]:
        self._spent[0] += 1
        found = _TOKEN.match(self._text, self._at)
        if found is None or self._spent[0] > _MOST_TOKENS:
            raise _NoLiteralError
        self._at = found.end()
        return found

    def value(self, depth: int) -> Any:
        """Give what begins here."""
        token = self._next()
        if depth > _DEEPEST or token["close"] or token["sign"]:
            raise _NoLiteralError
        if token["open"]:
            return self._within(token["open"], depth)
        return _plain(token)

    def _within(self, opened: str, depth: int) -> Any:
        items: list[Any] = []
        pairs: dict[Any, Any] = {}
        closes = _CLOSES[opened]
        while not self._closed(closes):
            item = self.value(depth + 1)
            if opened == "{" and self._takes(":"):
                pairs[_name(item)] = self.value(depth + 1)
            else:
                items.append(item)
            if not self._takes(",") and not self._closed(closes):
                raise _NoLiteralError
        self._next()
        if pairs and items:
            raise _NoLiteralError
        return pairs if opened == "{" else items

    def _peek(self) -> str:
        found = _TOKEN.match(self._text, self._at)
        return "" if found is None else found[0].strip()

    def _closed(self, closes: str) -> bool:
        return self._peek() == closes

    def _takes(self, sign: str) -> bool:
        if self._peek() != sign:
            return False
        self._next()
        return True


def _plain(token: re.Match[str]) -> Any:
    """Give a scalar as text; that of a call, such as `np.int64(3)` or `Timestamp('2020-03-01')`, is what it is called with."""
    if token["text"] is not None:
        return _Text(token["text"].lstrip("b")[1:-1])
    if token["mark"] is not None:  # `[REDACTED]`, in the place of a number
        return _Text(token["mark"])
    if token["called"] is not None:
        return _day(token["called"].strip("'\" "))
    return token["word"]


def _day(words: str) -> str:
    """Write the numbers that `datetime.date` shows as the day that they are."""
    numbers = words.split(", ")
    if len(numbers) < 3 or not all(map(str.isdecimal, numbers)):
        return words
    return "-".join(number.zfill(2) for number in numbers[:3])


def _name(key: Any) -> str:
    return ", ".join(map(str, key)) if isinstance(key, list) else str(key)


def _cell(value: Any) -> str:
    if isinstance(value, (list, dict)):
        return ""
    return "" if not isinstance(value, _Text) and value in _MISSING else str(value)


def _is_flat(value: Any) -> bool:
    if not isinstance(value, dict) or not value:
        return False
    return not any(isinstance(one, (list, dict)) for one in value.values())


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, _Text) and value[:1].isdecimal()


def _is_counts(value: Mapping[str, Any]) -> bool:
    """Say whether a dictionary gives a number for each of several labels, and nothing else."""
    return len(value) > 1 and all(map(_is_number, value.values()))


_Rows = tuple[tuple[str, ...], Sequence[tuple[str, ...]]]


def _found(value: Any) -> _Rows | None:
    if isinstance(value, list):
        return _records([one for one in value if _is_flat(one)])
    if not isinstance(value, dict) or not value:
        return None
    inner = {key: one for key, one in value.items() if _is_flat(one)}
    if len(inner) < 2:
        lists = [one for one in value.values() if isinstance(one, list)]
        records = [one for each in lists for one in each if _is_flat(one)]
        return _records(records) if records else None
    keys = list(dict.fromkeys(key for row in inner.values() for key in row))
    rows = [(name, *(_cell(row.get(key, "None")) for key in keys)) for name, row in inner.items()]
    return ("", *keys), rows


def _records(rows: Sequence[Mapping[str, Any]]) -> _Rows | None:
    if not rows:
        return None
    keys = list(dict.fromkeys(key for row in rows for key in row))
    return tuple(keys), [tuple(_cell(row.get(key, "None")) for key in keys) for row in rows]


def _counted(line: str) -> str:
    """Give what the numbers of a dictionary are called by the words before it in its line."""
    begun = _BEGIN.search(line)
    before = line[: begun.start()] if begun else ""
    if before.endswith("Counter("):
        return FREQUENCY
    named = _NAMED.search(before)
    return named[1].strip() if named else ""
