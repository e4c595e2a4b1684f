"""A user's own defaults for options, in a file: what may stand in it, and what must not, and why.

What acts, names a person or hides something is said each time, by whoever does it: no default does
it for them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from breachkit.actions.playbook_text import Located
from breachkit.model.ids import display
from breachkit.model.meant import meant
from breachkit.model.records import dataclass


EVERYWHERE = "defaults"
"""The table for all commands that have the option."""

SETTINGS: Mapping[str, str] = {
    "playbooks": "a folder with playbooks of your own, or one of them",
    "github-api": "the platform: https://HOST/api/v3 for GitHub Enterprise Server",
    "policy": "the rules to judge by: auto, strict, a profile, a date",
    "smtp": "your mail server: HOST[:PORT], or smtps://HOST[:PORT]",
    "user": "under which name to log in there",
    "password-file": "a file that holds the password, readable by you alone",
    "ca-file": "certificates of your organisation's servers",
    "workers": "how many processes read objects; 0 for one a core",
    "strict": "end with 8 where something is overdue or unfinished",
    "unreachable": "look at what no ref reaches, too",
    "format": "how a command writes its result; in the table of that command",
    "offline": "try nothing over the network (doctor)",
    "store": "where sweeps keep what they know",
    "disk": "how much room the mirrors of sweeps may take",
    "budget": "how long a sweep may take",
    "longest": "how long a sweep may take at one repository",
    "dask": "the cluster that sweeps run on",
    "dask-store": "what the cluster shares",
    "tsa": "the authority that stamps journals (log stamp)",
    "engine": "what redact protects tables with",
    "verbose": "how much is said beside results: 0, 1 or 2",
    "quiet": "say only results and what went wrong",
}
"""By name: what it is. Each is an option of the command line without its dashes."""

PATHS = frozenset({"playbooks", "password-file", "ca-file", "store", "dask-store"})
"""Those that name a place on this machine."""

OF_ONE_COMMAND = frozenset({"format"})
"""Those that mean something else at each command."""

_ACTS = "it changes something or lets a change through, which is said on the command line each time"
_PERSON = "it names a person, and who acts and who is told is said each time"
_HIDES = "it leaves something out of what is looked at or counted, which is said each time"
_ONCE = "it is about one run, one case or one file, which is named each time"
_ELSEWHERE = (
    "a secret does not belong into a file that is copied and backed up: set {variable} instead"
)

REFUSED: Mapping[str, str] = {
    **dict.fromkeys(("execute", "confirm", "override", "yes", "force", "write", "really"), _ACTS),
    **dict.fromkeys(("false-alarm", "whole-history", "recurrence", "another", "refuse"), _ACTS),
    **dict.fromkeys(("again", "anew", "notify", "open-cases", "keep-protections", "allow"), _ACTS),
    **dict.fromkeys(("replace", "keep", "waive", "vouch", "backup-recipient"), _ACTS),
    **dict.fromkeys(("by", "decided-by", "checked-by", "found-by", "from", "role"), _PERSON),
    **dict.fromkeys(("contacts", "contact", "engineer", "keeper", "decider", "holder"), _PERSON),
    **dict.fromkeys(("authorised", "team", "email", "phone", "reason"), _PERSON),
    **dict.fromkeys(("no-fail", "exclude", "min-severity", "rule", "since", "until"), _HIDES),
    **dict.fromkeys(("baseline", "acceptances", "skip-topic", "only-topic", "no-forks"), _HIDES),
    **dict.fromkeys(("no-archived", "no-files", "skip-unreadable", "forget"), _HIDES),
    **dict.fromkeys(("case", "path", "target", "output", "json", "message", "at"), _ONCE),
    **dict.fromkeys(("to", "file", "into", "record", "list", "evidence", "finding"), _ONCE),
    **dict.fromkeys(
        ("token", "github-token", "gh-token"), _ELSEWHERE.format(variable="BREACHKIT_GITHUB_TOKEN")
    ),
    **dict.fromkeys(
        ("password", "smtp-password"), _ELSEWHERE.format(variable="BREACHKIT_SMTP_PASSWORD")
    ),
    **dict.fromkeys(("key", "secret"), _ELSEWHERE.format(variable="a variable of the environment")),
    "home": "where cases live is said by the variable BREACHKIT_HOME, for every program that asks",
}
"""By name: why it must not stand there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One setting of the file."""

    table: tuple[str, ...]
    """`("defaults",)`, or the command's words, such as `("notify", "send")`."""
    name: str
    """As in `SETTINGS`."""
    value: Any
    line: int | None
    """Counted from 1."""

    @property
    def key(self) -> str:
        """How a message calls it, such as `notify.send.smtp`."""
        return ".".join((*self.table, self.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """Something in the file that cannot be used."""

    line: int | None
    key: str
    problem: str

    def __str__(self) -> str:
        where = "" if self.line is None else f"line {self.line}: "
        return f"{where}{display(self.key)}: {self.problem}"


def read_settings(located: Located, commands: tuple[str, ...]) -> tuple[list[Given], list[Mistake]]:
    """Give the settings of a file, and what is wrong with it.

    Args:
        located: The file.
        commands: The program's commands, by which tables are called.
    """
    given: list[Given] = []
    mistakes: list[Mistake] = []
    for table, content in located.value.items():
        line = located.line((table,))
        if not isinstance(content, Mapping):
            mistakes.append(Mistake(line=line, key=table, problem=_homeless(table)))
        elif table not in {EVERYWHERE, *commands}:
            mistakes.append(Mistake(line=line, key=table, problem=_no_table(table, commands)))
        else:
            found = list(_in_table(located, (table,), content))
            given += [each for each in found if isinstance(each, Given)]
            mistakes += [each for each in found if isinstance(each, Mistake)]
    return given, [*mistakes, *_twice(given)]


def for_command(given: list[Given], words: tuple[str, ...]) -> dict[str, Given]:
    """Give what the file says to a command, by the names of settings; the nearest table wins.

    Args:
        given: Of the whole file.
        words: The command's, such as `("notify", "send")`.
    """
    tables = [(EVERYWHERE,), *(words[:end] for end in range(1, len(words) + 1))]
    ordered = sorted(
        (each for each in given if each.table in tables), key=lambda each: tables.index(each.table)
    )
    return {each.name: each for each in ordered}


def _in_table(
    located: Located, table: tuple[str, ...], content: Mapping[str, Any]
) -> Iterator[Given | Mistake]:
    for key, value in content.items():
        line = located.line((*table, key))
        name = key.replace("_", "-")
        if isinstance(value, Mapping) and table[0] != EVERYWHERE and len(table) == 1:
            yield from _in_table(located, (*table, key), value)
        elif problem := _problem(name, value, table):
            yield Mistake(line=line, key=".".join((*table, key)), problem=problem)
        else:
            yield Given(table=table, name=name, value=value, line=line)


def _problem(name: str, value: object, table: tuple[str, ...]) -> str:
    if name in REFUSED:
        return f"may not stand here: {REFUSED[name]}"
    if name not in SETTINGS:
        return f"there is no such setting.{meant(name, SETTINGS)} `breachkit config show` lists all"
    if name in OF_ONE_COMMAND and table == (EVERYWHERE,):
        return (
            f"means something else at each command: put it under one, such as [scan] {name} = ..."
        )
    if not isinstance(value, (str, int, bool)):
        return "needs one value: a text, a number, true or false"
    if name in PATHS and not _is_whole(value):
        return "needs a whole path, which begins with / or ~/: the current folder may be anybody's"
    return ""


def _is_whole(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("/", "~/"))


def _homeless(key: str) -> str:
    name = key.replace("_", "-")
    if name in REFUSED:
        return f"may not stand here: {REFUSED[name]}"
    return f"belongs into a table: write [{EVERYWHERE}] above it, or the name of a command"


def _no_table(table: str, commands: tuple[str, ...]) -> str:
    return f"there is no such command.{meant(table, (EVERYWHERE, *commands))}"


def _twice(given: list[Given]) -> Iterator[Mistake]:
    seen: set[tuple[tuple[str, ...], str]] = set()
    for each in given:
        if (each.table, each.name) in seen:
            yield Mistake(line=each.line, key=each.key, problem="is there twice, with - and with _")
        seen.add((each.table, each.name))
