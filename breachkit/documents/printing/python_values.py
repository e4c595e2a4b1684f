"""Reads one list, dictionary or tuple as Python shows it, and nothing of what it does not show so."""

import re
from typing import Any

from breachkit.documents.reader import OverBudgetError


MOST_TOKENS = 2_000_000
"""Of one print-out: a second or two."""
_DEEPEST = 12
_TOKEN = re.compile(
    r"\s*(?:(?P<mark>\[[A-Z][A-Z _]{1,40}\])|(?P<open>[\[({])|(?P<close>[\])}])|(?P<sign>[,:])"
    r"|(?P<text>b?'(?:[^'\\\n]|\\.)*+'|\"(?:[^\"\\\n]|\\.)*+\")"
    r"|(?:[A-Za-z_][\w.]{0,60}\((?P<called>[^()\[\]{}]{0,80})\))"
    r"|(?P<word>[-+]?[\w.][\w.+-]{0,40}|<NA>))"
)
_CLOSES = {"[": "]", "(": ")", "{": "}"}
_MISSING = frozenset({"None", "nan", "<NA>", "NaT"})


class NoValueError(Exception):
    """Text that goes on as no value does."""


class Words(str):
    """A string, as other than a number."""

    __slots__ = ()


class Values:
    """The values of one text; what reading all of them costs is limited together."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._spent = text, 0, 0

    def at(self, begun: int) -> tuple[Any, int]:
        """Read what begins at a place.

        Returns:
            A dictionary, a list (of what stands in square brackets, a set or a tuple), or the text of a
            scalar, which is `Words` where it is a string; and the place behind it.

        Raises:
            NoValueError: it goes on as no value does.
            OverBudgetError: all that was read so far is more than `MOST_TOKENS`.
        """
        self._at = begun
        return self._value(0), self._at

    def _next(self) -> re.Match[str]:
        self._spent += 1
        if self._spent > MOST_TOKENS:
            raise OverBudgetError("too many lists and dictionaries")
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            raise NoValueError
        self._at = found.end()
        return found

    def _value(self, depth: int) -> Any:
        token = self._next()
        if depth > _DEEPEST or token["close"] or token["sign"]:
            raise NoValueError
        if token["open"]:
            return self._within(token["open"], depth)
        return _plain(token)

    def _within(self, opened: str, depth: int) -> Any:
        items: list[Any] = []
        pairs: dict[Any, Any] = {}
        closes = _CLOSES[opened]
        while not self._closed(closes):
            item = self._value(depth + 1)
            if opened == "{" and self._takes(":"):
                pairs[_name(item)] = self._value(depth + 1)
            else:
                items.append(item)
            if not self._takes(",") and not self._closed(closes):
                raise NoValueError
        self._next()
        if pairs and items:
            raise NoValueError
        return pairs if opened == "{" and not items else items

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
        return Words(token["text"].lstrip("b")[1:-1])
    if token["mark"] is not None:  # `[REDACTED]`, in the place of a number
        return Words(token["mark"])
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


def cell(value: Any) -> str:
    """Give what a cell of a table shows of a value: nothing of one that is missing, or has others in it."""
    if isinstance(value, (list, dict)):
        return ""
    return "" if not isinstance(value, Words) and value in _MISSING else str(value)


def is_flat(value: Any) -> bool:
    """Say whether something is a dictionary of scalars."""
    if not isinstance(value, dict) or not value:
        return False
    return not any(isinstance(one, (list, dict)) for one in value.values())


def is_number(value: Any) -> bool:
    """Say whether something was shown as a number."""
    return isinstance(value, str) and not isinstance(value, Words) and value[:1].isdecimal()
