"""The rules of disclosure control that were in force on a day. Data, with date and source.

The data are in the `policy.toml` of a playbook; nothing here knows a threshold.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal, get_args

from breachkit.model.errors import ConfigurationError
from breachkit.model.records import dataclass


Rounding = Literal["none", "recommended", "required"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What may be released, on one day."""

    name: str
    since: date
    threshold: int
    """Counts of people from 1 up to and including this are disclosive."""
    rounding: Rounding
    rounding_bases: tuple[int, ...]
    """Multiples that released counts are rounded to, the usual one first."""
    midpoint_bases: tuple[int, ...]
    """Bases of midpoint rounding that are allowed too (6: 3, 9, 15, ...)."""
    file_types: frozenset[str]
    """Allowed suffixes, lower case with their dot; empty where no list was in force."""
    max_size_bytes: int | None
    max_rows: int | None
    source: str

    def is_disclosive(self, count: int) -> bool:
        """Say whether a count of people is too small to release. Zeros may be kept."""
        return 1 <= count <= self.threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """All profiles of an organisation, and which of them a scan uses."""

    profiles: tuple[Policy, ...]
    """In order of date."""
    strict: Policy
    fixed: Policy | None = None
    """The profile that judges everything; None judges each file by its own date."""
    of: str | None = None
    """The playbook that they are from; None for the one that is used unless another is named."""

    def at(self, day: date | None) -> Policy:
        """Give the policy for a file first committed on `day`.

        A file without a date is judged by the newest profile; one from before the first profile
        by the first.
        """
        if self.fixed is not None:
            return self.fixed
        if day is None:
            return self.profiles[-1]
        in_force = [profile for profile in self.profiles if profile.since <= day]
        return in_force[-1] if in_force else self.profiles[0]

    @property
    def label(self) -> str:
        """What reports call the choice."""
        name = self.fixed.name if self.fixed else "auto"
        return f"{self.of}:{name}" if self.of else name

    def choose(self, name: str) -> "Policies":
        """Fix a profile: `auto`, `strict`, a profile's name, or a date such as `2022-09-01`.

        Raises:
            ConfigurationError: no profile has that name, and it is no date.
        """
        if name == "auto":
            return replace(self, fixed=None)
        for profile in (*self.profiles, self.strict):
            if profile.name == name:
                return replace(self, fixed=profile)
        try:
            day = date.fromisoformat(name)
        except ValueError:
            known = ", ".join(["auto", *(p.name for p in self.profiles), self.strict.name])
            message = f"no policy {name!r}: choose one of {known}, or a date such as 2022-09-01"
            raise ConfigurationError(message) from None
        return replace(self, fixed=replace(self, fixed=None).at(day))


def policies_from_mapping(data: Mapping[str, Any]) -> Policies:
    """Read the parsed `policy.toml`.

    Raises:
        ConfigurationError: a key is missing or of the wrong kind; the message names it.
    """
    try:
        profiles = tuple(sorted(map(_profile, data["profile"]), key=lambda profile: profile.since))
        strict = _profile(data["strict"])
    except (KeyError, TypeError, ValueError) as cause:
        raise ConfigurationError(f"policy.toml: missing or wrong key: {cause}") from cause
    if not profiles:
        raise ConfigurationError("policy.toml: no [[profile]]")
    names = [profile.name for profile in (*profiles, strict)]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ConfigurationError(f"policy.toml: more than one profile is called {repeated[0]!r}")
    return Policies(profiles=profiles, strict=strict)


def _profile(entry: Mapping[str, Any]) -> Policy:
    _check(entry)
    return Policy(
        name=str(entry["name"]),
        since=entry["since"],
        threshold=entry["threshold"],
        rounding=entry["rounding"],
        rounding_bases=tuple(entry["rounding_bases"]),
        midpoint_bases=tuple(entry["midpoint_bases"]),
        file_types=frozenset(suffix.lower() for suffix in entry["file_types"]),
        max_size_bytes=entry.get("max_size_bytes"),
        max_rows=entry.get("max_rows"),
        source=str(entry["source"]),
    )


def _check(entry: Mapping[str, Any]) -> None:
    """Refuse what would read and then judge wrongly, by the name of its key."""
    sane = {
        "since": isinstance(entry["since"], date) and not isinstance(entry["since"], datetime),
        "threshold": _is_whole(entry["threshold"], 0),
        "rounding": entry["rounding"] in get_args(Rounding),
        "rounding_bases": all(_is_whole(base, 2) for base in entry["rounding_bases"]),
        "midpoint_bases": all(_is_whole(base, 2) for base in entry["midpoint_bases"]),
        "file_types": all(suffix.startswith(".") for suffix in entry["file_types"]),
        "max_size_bytes": _is_whole(entry.get("max_size_bytes", 1), 1),
        "max_rows": _is_whole(entry.get("max_rows", 1), 1),
    }
    for key, is_sane in sane.items():
        if not is_sane:
            raise ValueError(f"{key} of profile {entry['name']!r}")


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
