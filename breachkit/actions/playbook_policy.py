"""Judges a `policy.toml` as a whole, so that all that is wrong with it is said at once."""

from collections.abc import Sequence
from typing import get_args

from breachkit.actions.playbook_reader import Problem, Reader, TableReader
from breachkit.actions.playbook_text import Located
from breachkit.model.policy import Rounding


FILE = "policy.toml"

_KEYS = frozenset(
    {
        *("name", "since", "threshold", "rounding", "rounding_bases", "midpoint_bases"),
        *("file_types", "max_size_bytes", "max_rows", "source"),
    }
)
_ROUNDINGS: Sequence[str] = get_args(Rounding)
_HIGHEST = 1_000
"""No rule keeps back counts as large; whoever writes one means something else."""


def policy_problems(located: Located) -> list[Problem]:
    """Give everything that is wrong with the release policy of an organisation."""
    reader = Reader(FILE, located)
    top = reader.top()
    top.only({"profile", "strict"})
    profiles = list(top.tables("profile", least=1))
    if "strict" not in top.values:
        top.wrong("", "strict: a table [strict] is needed, for repositories about to become public")
        strict = []
    else:
        strict = [top.table("strict")]
    seen: set[str] = set()
    for profile in (*profiles, *strict):
        name = _profile(profile)
        if name and name in seen:
            profile.wrong("name", "more than one profile is called so")
        seen.add(name)
    return reader.problems


def _profile(table: TableReader) -> str:
    table.only(_KEYS)
    name = table.text("name")
    if name == "auto" or ":" in name:
        table.wrong(
            "name", "must not be auto, and hold no colon: `--policy` means something by them"
        )
    table.day("since")
    table.text("source")
    table.choice("rounding", _ROUNDINGS)
    if table.whole("threshold", 0, _HIGHEST) is None and "threshold" not in table.values:
        table.wrong("", "threshold: a whole number is needed")
    for key in ("rounding_bases", "midpoint_bases"):
        _numbers(table, key)
    _suffixes(table)
    for key in ("max_size_bytes", "max_rows"):
        table.whole(key, 1, 2**40)
    return name


def _numbers(table: TableReader, key: str) -> None:
    value = table.values.get(key)
    if not isinstance(value, list) or not all(type(each) is int and each > 1 for each in value):
        what = "a list of whole numbers above 1 is needed; [] for none"
        table.wrong(key if key in table.values else "", f"{key}: {what}")


def _suffixes(table: TableReader) -> None:
    value = table.values.get("file_types")
    if not isinstance(value, list):
        what = "file_types: a list is needed; [] where every type may be released"
        table.wrong("file_types" if "file_types" in table.values else "", what)
        return
    for each in value:
        if not isinstance(each, str) or not each.startswith(".") or each != each.lower():
            table.wrong("file_types", "each must begin with a dot and be in lower case: .csv")
            return
