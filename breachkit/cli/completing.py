"""What a shell completes: ids, names and kinds, as they lie on the disk.

A key that is pressed must cost nothing: files are read as they are, nothing is checked, locked,
written or asked of a network, and whatever goes wrong completes nothing and says nothing.
"""

import contextlib
import functools
import itertools
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import typer


VARIABLE = "_BREACHKIT_COMPLETE"
"""Is set by the script that a shell has, and says for which shell."""

Choices = Iterable[tuple[str, str]]

_CASE = re.compile(r"(BK-\d{4}-\d{4,})-([a-z]+-[a-z]+)")
_PLAIN = re.compile(r"[\w.@/-]+")
_NOT_PLAIN = re.compile("[^\\w .,;/@=+%()\N{RIGHT SINGLE QUOTATION MARK}-]")
_LONGEST = 64


def is_asked() -> bool:
    """Say whether a shell asks for what can be typed next."""
    return os.environ.get(VARIABLE, "").startswith("complete_")


def answer(run: Callable[[], object]) -> int:
    """Let typer answer a shell, and keep to ourselves whatever goes wrong."""
    sys.modules.setdefault("rich", None)  # type: ignore[arg-type] # or typer loads it to draw nothing
    with (
        contextlib.suppress(BaseException),
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        contextlib.redirect_stderr(nowhere),
    ):
        run()
    return 0


def plain(text: object) -> str:
    """Give words that no shell takes for anything else: cut, and without signs that mean something."""
    said = str(text).replace(":", " -").replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")
    words = " ".join(_NOT_PLAIN.sub(" ", said).split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 3]} .."


def _choices(find: Callable[[typer.Context], Choices]) -> Callable[..., list[tuple[str, str]]]:
    """Make of what finds choices what typer asks for them."""

    @functools.wraps(find)
    def complete(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
        with contextlib.suppress(Exception):
            return [
                (value, plain(about))
                for value, about in find(ctx)
                if value.startswith(incomplete) and _PLAIN.fullmatch(value)
            ]
        return []

    del complete.__wrapped__  # typer reads the signature of what is wrapped
    return complete


def cases(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Every case, the open ones first, with what it is about; codenames once one is begun."""
    found = _numbers(ctx, incomplete)
    return found if found or not incomplete else _codenames(ctx, incomplete)


@_choices
def _numbers(_ctx: typer.Context) -> Choices:
    found = sorted(_folders(), key=lambda each: not each[2].get("open", True))
    return ((number, _about(summary)) for number, _, summary in found)


@_choices
def _codenames(_ctx: typer.Context) -> Choices:
    return ((codename, f"{number}, {_about(summary)}") for number, codename, summary in _folders())


@_choices
def messages(ctx: typer.Context) -> Choices:
    """The messages of the case, with their kind; to whom they go is not said."""
    kinds: dict[str, str] = {}
    for entry in _journal(_case(ctx)):
        number, kind = entry["detail"].get("number"), entry["kind"]
        if kind == "notify.rendered":
            kinds[number] = f"{entry['detail']['message']}, not sent"
        elif kind in _FATES and number in kinds:
            kinds[number] = f"{kinds[number].partition(',')[0]}, {_FATES[kind]}"
    return sorted(kinds.items())


_FATES = {
    "notify.sent": "sent",
    "notify.acknowledged": "answered",
    "notify.refused": "refused",
    "notify.unsure": "may have arrived",
}


@_choices
def copies(ctx: typer.Context) -> Choices:
    """The copies in the register, the open ones first, with place and state; no name of anybody."""
    from breachkit.actions.copy_states import CLOSED

    found = _read(_case(ctx) / "copies.json")["copies"]
    found.sort(key=lambda each: each["state"] in CLOSED)
    return ((each["id"], f"{each['place']}, {each['state']}") for each in found)


@_choices
def items(ctx: typer.Context) -> Choices:
    """The items of the case's checklist, each with what is to do."""
    import yaml

    from breachkit.workflows.playbooks import lineage, read_text

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, str] = {}
    with _playbooks(ctx):
        for name in lineage(_profile(ctx)):
            data = yaml.load(read_text("checklist.yaml", name), Loader=loader)  # noqa: S506 - one of the safe ones
            found = {each["id"]: each["text"] for each in data["items"]} | found
    return sorted(found.items())


@_choices
def findings(ctx: typer.Context) -> Choices:
    """The findings of the case's scope, with rule and severity; not where they are."""
    file = _case(ctx) / "private" / "scan.json"
    if file.stat().st_size > _LARGEST:
        return []
    found = _read(file)["findings"]
    return ((each["id"], f"{each['rule']}, {each['severity']}") for each in found)


_LARGEST = 8_000_000
"""Bytes of a scan beyond which reading it takes longer than somebody waits who presses a key."""


@_choices
def redactions(_ctx: typer.Context) -> Choices:
    """The redactions whose originals are kept."""
    from breachkit.cli.cases import home

    return sorted((path.name, "") for path in (home() / "redactions").glob("RD-*"))


@_choices
def rules(_ctx: typer.Context) -> Choices:
    """Every rule, with its title."""
    from breachkit.detect.registry import ALL_RULES

    return sorted((rule.about.id, rule.about.title) for rule in ALL_RULES)


def topics(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """What can be explained and has a name: rules, and items of the checklist."""
    return [*rules(ctx, incomplete), *items(ctx, incomplete)]


@_choices
def kinds(_ctx: typer.Context) -> Choices:
    """The kinds of messages."""
    from breachkit.actions.notice_kinds import KINDS

    return [*((kind.alias, kind.name) for kind in KINDS), ("all", "every kind that can be written")]


@_choices
def playbooks(ctx: typer.Context) -> Choices:
    """The playbooks: shipped ones, and those of --playbooks."""
    from breachkit.workflows.playbooks import organisations

    with _playbooks(ctx):
        return [(name, "") for name in organisations()]


@_choices
def policies(ctx: typer.Context) -> Choices:
    """What files can be judged by."""
    from breachkit.workflows.playbooks import load_policies

    yield "auto", "each file by the rules of its day"
    yield "strict", "the strictest of all rules"
    with _playbooks(ctx):
        for each in load_policies().profiles:
            yield each.name, f"counts up to {each.threshold} are small"


@_choices
def matters(_ctx: typer.Context) -> Choices:
    """What people decide."""
    from breachkit.incident.matters import MATTERS

    yield "list", "every question, and what is open"
    yield from ((name, matter.question) for name, matter in MATTERS.items())


@_choices
def fields(_ctx: typer.Context) -> Choices:
    """What can be corrected about a case, or added."""
    from breachkit.workflows.amending import FIELDS

    return ((each.replace("_", "-"), "") for each in FIELDS)


def copies_and_states(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """The copies in the register, and what they can be moved to by hand: a state ends the row of ids."""
    return [*copies(ctx, incomplete), *_states(ctx, incomplete)]


@_choices
def _states(_ctx: typer.Context) -> Choices:
    from breachkit.actions.copy_states import STATES

    return ((each, "") for each in STATES)


@_choices
def places(ctx: typer.Context) -> Choices:
    """The kinds of places where a copy can be."""
    from breachkit.workflows.trace import load_places

    with _playbooks(ctx):
        return [(each.code, each.label) for each in load_places(_profile(ctx))]


@_choices
def scenarios(_ctx: typer.Context) -> Choices:
    """The stories that can be practised."""
    return ((each, "") for each in SCENARIOS)


SCENARIOS = (
    *("released-table", "notebook", "log"),
    *("fork-storm", "stale-clone", "private-repo"),
)
"""Named here, too: to load the stories takes longer than somebody waits who presses a key."""


def _folders() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Give id, codename and what is known of every case, the newest first."""
    from breachkit.cli.cases import home

    for path in sorted(home().iterdir(), reverse=True):
        match = _CASE.fullmatch(path.name)
        if match:
            yield match[1], match[2], _summary(path)


def _summary(case: Path) -> Mapping[str, Any]:
    with contextlib.suppress(OSError, ValueError):
        return _read(case / "case.json")
    return {}


def _read(file: Path) -> Mapping[str, Any]:
    import json  # wanted only where a file is read: other starts do without

    read: Mapping[str, Any] = json.loads(file.read_bytes())
    return read


def _about(summary: Mapping[str, Any]) -> str:
    if not summary:
        return ""
    state = "open" if summary["open"] else "closed"
    return f"{state}, {summary['kind']}, {summary['opened_at'][:10]}, {_repository(summary)}"


def _repository(summary: Mapping[str, Any]) -> str:
    """Give the last parts of a target alone: before them a URL can name somebody, or hold a token."""
    return "/".join(re.split(r"[/:\\]", summary["target"].rstrip("/"))[-2:]).rpartition("@")[2]


def _case(ctx: typer.Context) -> Path:
    """Give the folder of the case that the line names, or of the only open one."""
    from breachkit.cli.cases import home

    named = ctx.params.get("case") or os.environ.get("BREACHKIT_CASE")
    found = [
        f"{number}-{codename}"
        for number, codename, summary in _folders()
        if (
            named.lower() in {number.lower(), codename, f"{number}-{codename}".lower()}
            if named
            else summary.get("open")
        )
    ]
    if len(found) == 1:
        return home() / found[0]
    if named and not found:
        return Path(named)
    raise LookupError


def _journal(case: Path) -> Iterator[Mapping[str, Any]]:
    import json

    with (case / "events.jsonl").open("rb") as file:
        yield from map(json.loads, itertools.islice(file, _MOST_ENTRIES))


_MOST_ENTRIES = 20_000


def _profile(ctx: typer.Context) -> str:
    """Give the playbook of the case."""
    from breachkit.workflows.playbooks import playbook_of

    with contextlib.suppress(LookupError, OSError):
        return playbook_of(_summary(_case(ctx)).get("profile"))
    return playbook_of(None)


def _playbooks(ctx: typer.Context) -> contextlib.AbstractContextManager[None]:
    """Use the playbooks that the line names, as its command would."""
    from breachkit.workflows.playbooks import using

    named = ctx.params.get("playbooks") or os.environ.get("BREACHKIT_PLAYBOOKS")
    return using(Path(named)) if named else contextlib.nullcontext()
