"""Where annotated tags lead, however many are about one another: all through one git process.

A tag can be about a tag, thousands deep. What each is about is known only once it is read, and a
process for each level would take a stranger's tags minutes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from breachkit.git.questions import Questions, asking
from breachkit.git.rawobjects import (
    Kind,
    MissingObjectError,
    RawObject,
    as_kind,
    parse,
)
from breachkit.model.ids import ObjectId, is_object_id


@dataclass(frozen=True, slots=True)
class Chains:
    """Some objects, and all that tags among them lead to."""

    kinds: dict[ObjectId, Kind] = field(default_factory=dict)
    """What each is; what is missing is not here."""
    tags: dict[ObjectId, RawObject] = field(default_factory=dict)
    """Those of them that are tags."""


def follow_tags(git_dir: Path, starts: Iterable[ObjectId]) -> Chains:
    """Tell what some objects are, and follow those that are annotated tags to their ends.

    Raises:
        MissingObjectError: one is there and cannot be read.
    """
    chains = Chains()
    waiting = list(dict.fromkeys(starts))
    if not waiting:
        return chains
    with asking(git_dir) as ask:
        while waiting:
            found = _kinds(ask, waiting)
            tags = [one for one, kind in found.items() if kind == "tag"]
            read = {tag.id: tag for tag in ask.contents(tags)}
            chains.kinds.update(found)
            chains.tags.update(read)
            inner = dict.fromkeys(one for tag in read.values() for one in about(tag.data))
            waiting = [one for one in inner if one not in chains.kinds]
    return chains


def about(tag: bytes) -> tuple[ObjectId, ...]:
    """Give what a tag says it is about; of one that git wrote it is one object."""
    named = (value.decode("ascii", "replace") for value in parse(tag).values(b"object"))
    return tuple(ObjectId(one) for one in named if is_object_id(one))


def _kinds(ask: Questions, ids: Sequence[ObjectId]) -> dict[ObjectId, Kind]:
    """Give the kind of each that is there."""
    kinds: dict[ObjectId, Kind] = {}
    for one in ask.put("info", ids):
        match ask.answers.readline().split():
            case [_, kind, _]:
                kinds[one] = as_kind(kind)
            case [_, b"missing"]:
                continue
            case _:
                raise MissingObjectError("a tag or what it is about is damaged")
    return kinds
