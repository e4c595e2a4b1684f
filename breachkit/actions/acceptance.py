"""Acceptances: which finding somebody accepted, who, why, and for how long.

A finding is known by a digest of its blob's id and its rule under a secret key. A blob's id by
itself would let anybody who has the file try guesses of a redacted table, and a digest without a
key, or with the key beside it, would do the same. So the key is kept elsewhere, and the file holds
nothing that a report does not show.
"""

import hashlib
import hmac
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from breachkit.model.errors import ConfigurationError
from breachkit.model.findings import Severity
from breachkit.model.judgement import Acceptance


SCHEMA = "breachkit.acceptances/1"
LONGEST = timedelta(days=366)
"""An acceptance is a judgement of its day: nobody looks again at one without an end."""

_KEY = re.compile(r"[0-9a-f]{64}")
_MARK = _KEY
_KEY_NAME = re.compile(r"[0-9a-f]{16}")
_RULE = re.compile(r"[A-Z]+-\d\d")
_HEADER = re.compile(r"^\s*\[\[\s*acceptance\s*\]\]", re.MULTILINE)
_TOML_PLACE = re.compile(r"\(at line (\d+), column \d+\)")
_TEXTS = ("mark", "rule", "severity", "path", "by", "reason")
_DATES = ("on", "until")


class AcceptanceFileError(ConfigurationError):
    """A file of acceptances does not read as one; the message names the line."""


class WrongKeyError(ConfigurationError):
    """The acceptances were made with another key than the one at hand."""


@dataclass(frozen=True, slots=True)
class Key:
    """The secret under which findings are marked."""

    _secret: bytes = field(repr=False)

    @classmethod
    def from_text(cls, text: str, *, origin: str) -> "Key":
        """Read a key as `breachkit accept` writes it: 64 hexadecimal digits.

        Args:
            text: The digits; space around them is nothing.
            origin: Where they come from, for the error.

        Raises:
            ConfigurationError: it is something else.
        """
        digits = text.strip().lower()
        if not _KEY.fullmatch(digits):
            raise ConfigurationError(
                f"{origin} holds no key for acceptances: 64 hexadecimal digits, as `breachkit "
                "accept` makes them at its first use"
            )
        return cls(bytes.fromhex(digits))

    @property
    def name(self) -> str:
        """What a file calls the key it was made with; the key cannot be found from it."""
        return self._digest(SCHEMA)[:16]

    def mark(self, rule: str, blob: str) -> str:
        """Give what stands for a finding: 64 hexadecimal digits."""
        return self._digest(f"{SCHEMA}\0{rule}\0{blob}")

    def _digest(self, text: str) -> str:
        return hmac.new(self._secret, text.encode("ascii"), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One acceptance as the file has it."""

    mark: str
    rule: str
    severity: Severity
    """How bad the finding was when it was accepted; a worse one is not covered."""
    path: str
    """For whoever reads the file: as reports show it."""
    by: str
    reason: str
    on: date
    until: date
    really: bool = False
    """Whether a critical finding of patients' rows was meant."""

    @property
    def id(self) -> str:
        """What people call it."""
        return called(self.mark)

    def has_expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return self.until < today

    def acceptance(self) -> Acceptance:
        """Give what reports say of it."""
        return Acceptance(id=self.id, by=self.by, reason=self.reason, on=self.on, until=self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A whole file of acceptances."""

    key_name: str
    entries: tuple[Entry, ...] = ()

    def find(self, mark: str) -> Entry | None:
        """Give the acceptance of a finding, expired or not."""
        return next((entry for entry in self.entries if entry.mark == mark), None)

    def require(self, key: Key, shown: str) -> None:
        """Check that the key is the one that the file was made with.

        Raises:
            WrongKeyError: it is another, so that no acceptance would be found.
        """
        if self.key_name != key.name:
            raise WrongKeyError(
                f"the acceptances in {shown} were made with another key: put that key into "
                "BREACHKIT_ACCEPTANCE_KEY"
            )

    def to_json(self, today: date) -> dict[str, Any]:
        """Give the file for machines, with the state that each acceptance is in."""
        return {
            "schema": SCHEMA,
            "key": self.key_name,
            "acceptance": [_entry_json(entry, today) for entry in self.entries],
        }


def called(mark: str) -> str:
    """Give what people call the acceptance with this mark."""
    return f"A-{mark[:8]}"


def is_patient_level(rule: str, severity: Severity) -> bool:
    """Say whether a finding is of patients' own rows, and as bad as can be."""
    return rule.startswith("PAT-") and severity is Severity.CRITICAL


def entry_to_mapping(entry: Entry) -> dict[str, Any]:
    """Give the keys of one acceptance as the file has them, in their order."""
    values: dict[str, Any] = {
        "mark": entry.mark,
        "rule": entry.rule,
        "severity": entry.severity.label,
        "path": entry.path,
        "by": entry.by,
        "reason": entry.reason,
        "on": entry.on,
        "until": entry.until,
    }
    return values | ({"really": True} if entry.really else {})


def _entry_json(entry: Entry, today: date) -> dict[str, Any]:
    values = entry_to_mapping(entry) | {
        "on": entry.on.isoformat(),
        "until": entry.until.isoformat(),
    }
    state = "expired" if entry.has_expired(today) else "in force"
    return {"id": entry.id, **values, "state": state}


def read_book(text: str, *, shown: str, today: date) -> Book:
    """Read a file of acceptances.

    Args:
        text: The whole file, TOML.
        shown: Its name, for errors.
        today: In UTC.

    Raises:
        AcceptanceFileError: it is no such file; the message names the line, counted from 1.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        found = _TOML_PLACE.search(str(cause))
        line = found[1] if found else len(text.splitlines())
        what = _TOML_PLACE.sub("", str(cause)).strip()
        raise AcceptanceFileError(f"{shown}, line {line}: not TOML: {what}") from None
    return _Reading(text, shown, today).book(data)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One file being read; knows on which line a thing stands."""

    text: str
    shown: str
    today: date

    def book(self, data: Mapping[str, Any]) -> Book:
        if data.get("schema") != SCHEMA:
            self.refuse(self.line("schema"), f'it must say schema = "{SCHEMA}"')
        key = data.get("key")
        if not isinstance(key, str) or not _KEY_NAME.fullmatch(key):
            self.refuse(self.line("key"), "key must be the 16 digits that `breachkit accept` wrote")
        if unknown := sorted(data.keys() - {"schema", "key", "acceptance"}):
            self.refuse(self.line(unknown[0]), f"{unknown[0]!r} means nothing here")
        listed = data.get("acceptance", [])
        if not isinstance(listed, list):
            self.refuse(self.line("acceptance"), "write each acceptance under [[acceptance]]")
        return Book(key_name=str(key), entries=tuple(self.entries(listed)))

    def entries(self, listed: Iterable[Any]) -> Iterator[Entry]:
        seen: dict[str, int] = {}
        for number, values in enumerate(listed):
            if not isinstance(values, dict):
                self.refuse(self.line("acceptance"), "write each acceptance under [[acceptance]]")
            entry = self.entry(values, number)
            if entry.mark in seen:
                first = self.line("mark", seen[entry.mark])
                what = f"the same finding as in line {first}: keep one"
                self.refuse(self.line("mark", number), what)
            seen[entry.mark] = number
            yield entry

    def entry(self, values: Mapping[str, Any], number: int) -> Entry:
        for name in _TEXTS:
            if not isinstance(values.get(name), str) or not (
                values[name].strip() or name == "path"
            ):
                self.refuse(self.line(name, number), f"{name} is missing, or is no text")
        for name in _DATES:
            value = values.get(name)
            if not isinstance(value, date) or isinstance(value, datetime):
                self.refuse(self.line(name, number), f"{name} must be a date such as 2026-03-01")
        allowed = {*_TEXTS, *_DATES, "really"}
        if unknown := sorted(values.keys() - allowed):
            self.refuse(self.line(unknown[0], number), f"{unknown[0]!r} means nothing here")
        self.patterns(values, number)
        self.dates(values["on"], values["until"], number)
        severity = Severity[values["severity"].upper()]
        return Entry(**{**values, "severity": severity})

    def patterns(self, values: Mapping[str, Any], number: int) -> None:
        if not _MARK.fullmatch(values["mark"]):
            self.refuse(self.line("mark", number), "mark must be the 64 digits that were written")
        if not _RULE.fullmatch(values["rule"]):
            self.refuse(self.line("rule", number), "rule must be one such as CNT-01")
        if values["severity"] not in {each.label for each in Severity}:
            self.refuse(self.line("severity", number), "severity must be low, medium, high, ...")
        if not isinstance(values.get("really", False), bool):
            self.refuse(self.line("really", number), "really must be true or false")

    def dates(self, on: date, until: date, number: int) -> None:
        try:
            check_dates(on, until, self.today)
        except ValueError as cause:
            name = "on" if "future" in str(cause) else "until"
            self.refuse(self.line(name, number), str(cause))

    def line(self, name: str, number: int | None = None) -> int:
        """Give the line of a key: of an acceptance, counted from 0, or above the first one."""
        starts = [found.start() for found in _HEADER.finditer(self.text)]
        if number is None:
            start, end = 0, starts[0] if starts else len(self.text)
        elif number < len(starts):
            start, end = starts[number], [*starts, len(self.text)][number + 1]
        else:
            start, end = 0, len(self.text)
        found = re.compile(rf"^[ \t]*{re.escape(name)}[ \t]*=", re.MULTILINE).search(
            self.text, start, end
        )
        place = found.start() if found else _first_word(self.text, start)
        return self.text.count("\n", 0, place) + 1

    def refuse(self, line: int, what: str) -> None:
        raise AcceptanceFileError(f"{self.shown}, line {line}: {what}")


def _first_word(text: str, start: int) -> int:
    found = re.compile(r"\S").search(text, start)
    return found.start() if found else start


def check_dates(on: date, until: date, today: date) -> None:
    """Check that an acceptance has an end that is near enough.

    Raises:
        ValueError: in words, what is wrong.
    """
    if on > today + timedelta(days=1):  # somewhere it is tomorrow already
        raise ValueError("on lies in the future")
    if until < on:
        raise ValueError("until is before the day on which it was accepted")
    if until - on > LONGEST:
        last = (on + LONGEST).isoformat()
        raise ValueError(f"an acceptance holds for a year at most: until {last}")
