"""Takes values of the right kind out of a playbook's file, and collects everything that is wrong.

Nothing is raised here, so that whoever adapts a playbook sees all mistakes at once, each with its
file, line and key.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from breachkit.actions.playbook_text import Located, Place
from breachkit.model.ids import display


PLACEHOLDER = "FILL IN"
"""What a text of a new playbook begins with until somebody puts in what belongs there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something in a file of a playbook that cannot be used."""

    file: str
    """Within the playbook, such as `mail/internal-alert.txt.j2`."""
    line: int | None
    """Counted from 1; None where the file as a whole is meant."""
    key: str
    """Such as `contact[2].email`, numbers counted from 1; empty where no key is to blame."""
    problem: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return ": ".join(filter(None, (where, self.key, self.problem)))


class Reader:
    """What is read of one file, and the problems found in it.

    Args:
        file: Its name within the playbook.
        located: Its values.
    """

    def __init__(self, file: str, located: Located) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._located = located

    def top(self) -> "TableReader":
        """Give the file as a table."""
        value = self._located.value
        if isinstance(value, Mapping):
            return TableReader(self, value, ())
        self.wrong((), "keys with values are needed" if value is not None else "the file is empty")
        return TableReader(self, {}, ())

    def wrong(self, place: Place, problem: str) -> None:
        """Note a problem."""
        line = self._located.line(place)
        self.problems.append(Problem(file=self.file, line=line, key=named(place), problem=problem))


class TableReader:
    """A table of a file. Where a value is wrong, a stand-in is given: look at `problems` at the end."""

    def __init__(self, reader: Reader, values: Mapping[str, Any], place: Place) -> None:
        self.values = values
        self.place = place
        self._reader = reader

    def wrong(self, key: str, problem: str) -> None:
        """Note a problem with a key; with the table where the key is empty."""
        self._reader.wrong((*self.place, key) if key else self.place, problem)

    def only(self, known: Collection[str]) -> None:
        """Note the keys that are not among `known`, each with the one that may be meant."""
        for key in self.values:
            if key not in known:
                self.wrong(key, f"unknown key{suggestion(key, known)}")

    def text(self, key: str) -> str:
        """Give a text that has to be there, without space around it."""
        if key not in self.values:
            self.wrong("", f"{key}: a text is needed")
            return ""
        return self.optional_text(key) or ""

    def optional_text(self, key: str) -> str | None:
        """Give a text; None where the key is missing."""
        value = self.values.get(key)
        if key not in self.values or self._is_placeholder(key, value):
            return None
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.wrong(key, "a text is needed")
        return None

    def day(self, key: str) -> date:
        """Give a day that has to be there."""
        if key not in self.values:
            self.wrong("", f"{key}: {_DAY}")
            return date.min
        return self.optional_day(key) or date.min

    def optional_day(self, key: str) -> date | None:
        """Give a day; None where the key is missing."""
        value = self.values.get(key)
        if key not in self.values or self._is_placeholder(key, value):
            return None
        if type(value) is date:  # a moment is a day too, and not what is meant
            return value
        self.wrong(key, _DAY)
        return None

    def whole(self, key: str, least: int, most: int) -> int | None:
        """Give a whole number between two others, these included; None where the key is missing."""
        value = self.values.get(key)
        if key not in self.values or self._is_placeholder(key, value):
            return None
        if type(value) is int and least <= value <= most:
            return value
        self.wrong(key, f"a whole number from {least} to {most} is needed")
        return None

    def flag(self, key: str) -> bool:
        """Give whether something is so; it is not where the key is missing."""
        value = self.values.get(key, False)
        if isinstance(value, bool):
            return value
        self.wrong(key, "true or false is needed, without quotes")
        return False

    def choice(self, key: str, options: Sequence[str]) -> str:
        """Give one of some words."""
        value = self.text(key)
        if value and value not in options:
            self.wrong(key, f"choose one of {', '.join(options)}")
        return value

    def choices(
        self, key: str, options: Sequence[str], *, default: Sequence[str] = (), least: int = 1
    ) -> tuple[str, ...]:
        """Give some of some words, at least `least`."""
        value = self.values.get(key, list(default))
        if not isinstance(value, list) or len(value) < least:
            self.wrong(key if key in self.values else "", f"a list is needed, out of: {', '.join(options)}")  # fmt: skip
            return ()
        for number, each in enumerate(value):
            if each not in options:
                meant = suggestion(each, options) if isinstance(each, str) else ""
                self._reader.wrong((*self.place, key, number), f"not one of those known{meant}")
        return tuple(each for each in value if each in options)

    def tables(self, key: str, *, least: int = 0) -> Iterator["TableReader"]:
        """Give each table of a list of tables."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or len(value) < least:
            self.wrong(key if key in self.values else "", f"at least one [[{key}]] is needed")
            return
        for number, each in enumerate(value):
            place = (*self.place, key, number)
            if isinstance(each, Mapping):
                yield TableReader(self._reader, each, place)
            else:
                self._reader.wrong(place, "a table is needed")

    def table(self, key: str) -> "TableReader":
        """Give a table; empty where the key is missing."""
        value = self.values.get(key, {})
        if not isinstance(value, Mapping):
            self.wrong(key, f"a table is needed: [{key}]")
            value = {}
        return TableReader(self._reader, value, (*self.place, key))

    def _is_placeholder(self, key: str, value: object) -> bool:
        if isinstance(value, str) and value.strip().startswith(PLACEHOLDER):
            self.wrong(key, f"still to be filled in{_asked(value)}")
            return True
        return False


_DAY = "a day such as 2026-03-26 is needed, without quotes"


def placeholders(file: str, located: Located) -> Iterator[Problem]:
    """Give each text of a file that nobody has filled in."""
    reader = Reader(file, located)
    waiting: list[tuple[Place, Any]] = [((), located.value)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, str) and value.strip().startswith(PLACEHOLDER):
            reader.wrong(place, f"still to be filled in{_asked(value)}")
        if isinstance(value, Mapping):
            waiting += [((*place, key), each) for key, each in value.items()]
        elif isinstance(value, list):
            waiting += [((*place, number), each) for number, each in enumerate(value)]
    yield from reader.problems


def named(place: Place) -> str:
    """Give a place as a person writes it: `contact[2].email`."""
    shown = ""
    for part in place:
        shown += f"[{part + 1}]" if isinstance(part, int) else f".{display(part)}"
    return shown.removeprefix(".")


def suggestion(word: str, known: Collection[str]) -> str:
    """Give the rest of a sentence about an unknown word: what may be meant, and what there is."""
    import difflib  # only a mistake needs it

    options = sorted(known)
    meant = difflib.get_close_matches(word, options, n=1)
    start = f"; did you mean {meant[0]}?" if meant else ";"
    return f"{start} known are {', '.join(options)}"


def _asked(value: str) -> str:
    asked = value.strip().removeprefix(PLACEHOLDER).lstrip(": ").strip()
    return f": {display(asked)}" if asked else ""
