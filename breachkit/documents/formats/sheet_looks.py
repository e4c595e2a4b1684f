"""How the cells of a sheet look: what a person sees of a value, by its type and its style.

A sheet has many thousand cells, few looks, and most of its values more than once: each is told once.
"""

from collections.abc import Iterable, Sequence
from operator import getitem

from breachkit.documents.formats.cells import date_text, written_number
from breachkit.documents.formats.sheet_tokens import look_of, plain_text
from breachkit.model.records import dataclass, field


_MOST_DIGITS = 9
"""Of the number of a string that they share."""


@dataclass(slots=True)
class Strings:
    """The strings that cells share, and which of them some cell uses."""

    texts: list[str] = field(default_factory=list)
    used: set[int] = field(default_factory=set)

    def give(self, number: str) -> str:
        """Give the string of a number, as it is written in a cell; it is used now."""
        position = int(number) if number.isdecimal() else -1
        if not 0 <= position < len(self.texts):
            return ""
        self.used.add(position)
        return self.texts[position]


@dataclass(frozen=True, slots=True)
class Look:
    """What tells how a cell looks."""

    strings: Strings
    dates: list[bool]
    since_1904: bool

    def text(self, kind: str, style: str, value: str) -> str:
        """Give what a person sees in a cell."""
        match kind:
            case "s":
                return self.strings.give(value.strip())
            case "b":
                return "TRUE" if value.strip() in {"1", "true"} else "FALSE"
            case "n" | "":
                value = value.strip()
                return self._date(value) if self.is_date(style) else written_number(value)
            case _:
                return value

    def is_date(self, style: str) -> bool:
        """Say whether cells of a style show dates."""
        return style.isdecimal() and int(style) < len(self.dates) and self.dates[int(style)]

    def _date(self, value: str) -> str:
        try:
            return date_text(float(value), since_1904=self.since_1904)
        except (ValueError, OverflowError):
            return value

    def texts(self, looks: Iterable[str | None], values: Iterable[str | None]) -> Sequence[str]:
        """Give what a person sees in each of many cells, stripped of surrounding white space.

        Args:
            looks: The style and the type of each as `PlainSheet` has them.
            values: What each holds, as that has it.
        """
        by_look = _ByLook(self)
        return list(map(getitem, map(by_look.__getitem__, looks), values))


class _Texts(dict[str | None, str]):
    """What a person sees in cells that look alike, by their values: a sheet repeats most of these."""

    def __init__(self, look: Look, kind: str, style: str) -> None:
        self._look, self._kind, self._style = look, kind, style

    def __missing__(self, value: str | None) -> str:
        shown = self._look.text(self._kind, self._style, plain_text(value)) if value else ""
        self[value] = text = shown.strip()
        return text


class _SharedTexts(_Texts):
    """What a person sees in cells that show one of the strings they share, of which there are most."""

    def __missing__(self, value: str | None) -> str:
        if not value or not value.isdecimal() or len(value) > _MOST_DIGITS:
            return super().__missing__(value)
        strings, position = self._look.strings, int(value)
        if position >= len(strings.texts):
            return ""
        strings.used.add(position)
        self[value] = text = strings.texts[position].strip()
        return text


class _ByLook(dict[str | None, _Texts]):
    """The texts of cells by their looks as they are written; many styles show the same."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._alike: dict[tuple[str, bool], _Texts] = {}

    def __missing__(self, written: str | None) -> _Texts:
        kind, style = look_of(written)
        alike = kind, self._look.is_date(style)
        if alike not in self._alike:
            of_kind = _SharedTexts if kind == "s" else _Texts
            self._alike[alike] = of_kind(self._look, kind, style)
        self[written] = self._alike[alike]
        return self[written]
