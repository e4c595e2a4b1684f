"""Settings with their origin, for people and machines. Of a secret it is told only that it is set."""

from collections.abc import Iterator, Sequence
from typing import Any

from breachkit.model.ids import display
from breachkit.model.records import dataclass
from breachkit.report.case_status import WIDTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a value comes from."""

    kind: str
    """`command line`, `environment`, `file`, `playbook` or `default`."""
    where: str = ""
    """The variable, the file and its line, or the playbook."""

    def __str__(self) -> str:
        match self.kind:
            case "environment":
                return f"${self.where}"
            case "file":  # in which folder it lies stands above, once
                return self.where.rpartition("/")[2]
            case "playbook":
                return f"playbook {self.where}"
            case _:
                return self.kind


DEFAULT = Origin(kind="default")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting, as it is in force."""

    name: str
    """Such as `workers`, or `sweep.workers` where one command has another value."""
    value: str | int | bool | None
    """None where there is none; for a secret, whether it is set."""
    origin: Origin
    is_secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What `config show` knows."""

    file: str | None
    """Where the file is looked for; None where it is not to be read."""
    why: str
    """Why there."""
    is_there: bool
    settings: tuple[Setting, ...]


def to_json(shown: Shown) -> dict[str, Any]:
    """Give it in JSON's own types; schema `breachkit.config/1`."""
    return {
        "schema": "breachkit.config/1",
        "file": {"path": shown.file, "why": shown.why, "exists": shown.is_there},
        "settings": [
            {
                "name": each.name,
                "value": each.value,
                "secret": each.is_secret,
                "origin": {"kind": each.origin.kind, "where": each.origin.where},
            }
            for each in shown.settings
        ],
    }


def lines(shown: Shown, *, origin: bool) -> tuple[str, ...]:
    """Give it as text, a setting on a line; the origin of a long one on the next.

    Args:
        shown: All of it.
        origin: Also say where each value comes from.
    """
    return tuple(_lines(shown.settings, origin=origin))


def _lines(settings: Sequence[Setting], *, origin: bool) -> Iterator[str]:
    for each in settings:
        line = f"{each.name} = {_value(each)}"
        if not origin:
            yield line
            continue
        where = display(str(each.origin))
        if max(len(line), _WIDE) + 2 + len(where) > WIDTH:  # a path, which stays whole
            yield line
            line = ""
        yield f"{line:<{_WIDE}}  {where}"


_WIDE = 42
"""Columns of a setting with its value; a longer one pushes its origin aside, or below it."""


def _value(setting: Setting) -> str:
    if setting.is_secret:
        return "set" if setting.value else "not set"
    match setting.value:
        case None | "":
            return "-"
        case bool():
            return "yes" if setting.value else "no"
        case _:
            return display(str(setting.value))
