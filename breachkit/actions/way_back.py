"""How access is given back: the inverses of what was done, in the order in which the platform takes them.

The last door that was shut is opened first, and the repository becomes public last of all but for what
the platform gives a public repository alone: its Pages site and its push rulesets.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from breachkit.actions.containment import Step
from breachkit.actions.hosting import Reading, Write, WriteKind
from breachkit.actions.protections import RULESET_FIELDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """One change that gives something back."""

    write: Write
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WayBack:
    """Everything that would be given back."""

    returns: tuple[Return, ...]
    lost: tuple[str, ...]
    """What does not come back, in words, each once."""

    @property
    def writes(self) -> tuple[Write, ...]:
        """The changes, in order."""
        return tuple(each.write for each in self.returns)


_AFTER_VISIBILITY = frozenset({WriteKind.PUBLISH_PAGES})


def way_back(done: Sequence[Step], rulesets: Reading | None = None) -> WayBack:
    """Give the way back from changes.

    Where something was done twice, because it had drifted back, it is given back once, as it was
    before the first time.

    Args:
        done: The changes that happened, oldest first.
        rulesets: As they were before, for those that the platform switches off on the way back.
    """
    first: dict[tuple[object, ...], Step] = {}
    for step in done:
        if step.inverse is not None:
            first.setdefault(_what(step.inverse), step)
    returns = [_back(step) for step in reversed(first.values())]
    is_opened = any(_opens(each) for each in returns)
    early = [each for each in returns if not _is_late(each) and not _opens(each)]
    return WayBack(
        returns=(
            *early,
            *(each for each in returns if _opens(each)),
            *(each for each in returns if _is_late(each)),
            *(_push_rules(rulesets) if is_opened else ()),
        ),
        lost=tuple(dict.fromkeys(_lost(done, rulesets if is_opened else None))),
    )


def _is_late(one: Return) -> bool:
    return one.write.kind in _AFTER_VISIBILITY


def _opens(one: Return) -> bool:
    return one.write.kind is WriteKind.SET_VISIBILITY


def _back(step: Step) -> Return:
    assert step.inverse is not None  # noqa: S101 - only such steps are given
    return Return(write=step.inverse, says=_words(step.inverse))


def _words(write: Write) -> str:
    may = "read" if write.detail.get("read_only") else "read and write"
    return _WORDS[write.kind].format(**{**write.detail, "may": may})


_WORDS = {
    WriteKind.SET_VISIBILITY: "make it {visibility} again",
    WriteKind.INVITE: "give {login} the role {role} again",
    WriteKind.PUBLISH_PAGES: "put the Pages site up again",
    WriteKind.SET_ACTIONS: "switch Actions on again, as they were",
    WriteKind.ADD_KEY: "add the deploy key {title!r} again ({may})",
    WriteKind.SET_HOOK: "switch the webhook {id} on again",
    WriteKind.ADD_TEAM: "give the team {slug} the role {role} again",
    WriteKind.SET_FORKING: "allow private forks again",
}


def _what(write: Write) -> tuple[object, ...]:
    """Give what a change is about, so that two about the same are told."""
    detail = write.detail
    match write.kind:
        case WriteKind.INVITE:
            return write.kind, str(detail["login"]).lower()
        case WriteKind.ADD_KEY:
            return write.kind, detail["key"]
        case WriteKind.SET_HOOK:
            return write.kind, detail["id"]
        case WriteKind.ADD_TEAM:
            return write.kind, detail["slug"]
        case _:
            return (write.kind,)


def _push_rules(rulesets: Reading | None) -> Iterator[Return]:
    for each in _switched_off(rulesets):
        if "bypass_actors" in each:
            body = {name: each[name] for name in RULESET_FIELDS if name in each}
            yield Return(
                write=Write(kind=WriteKind.SET_RULESET, detail={"id": each["id"], "body": body}),
                says=f"switch the push ruleset {each['name']!r} on again",
            )


def _switched_off(rulesets: Reading | None) -> Iterable[Mapping[str, Any]]:
    """Give the push rulesets of the repository itself that were in force."""
    return (
        each
        for each in (() if rulesets is None else rulesets.items)
        if each.get("target") == "push"
        and each.get("source_type") == "Repository"
        and each.get("enforcement") != "disabled"
    )


def _lost(done: Sequence[Step], rulesets: Reading | None) -> Iterator[str]:
    for step in done:
        yield from step.lost
        if step.inverse is None:
            yield f"cannot be undone: {step.says}"
    for each in _switched_off(rulesets):
        if "bypass_actors" not in each:
            yield (
                f"the push ruleset {each['name']!r} was read without who may bypass it: switch it "
                "on again by hand"
            )
