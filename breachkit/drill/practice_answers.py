"""The answers of weeks in a moment: what nobody can practise is answered as commands to read and run.

Most of a register of copies is places and people that have to be asked one by one. A practice answers
them all, but not for whoever holds a clone or a fork: those answer a message, and prove something.
"""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence

from breachkit.actions.copies import Copy, open_copies


_BY_HAND = {
    "C10": "its owner answers a message: breachkit notify render forks",
    "C30": "its holder answers a mail: breachkit notify render holders",
}
"""Kinds of place that a practice is about."""
_NOBODY_KNOWS = "C17"


def answers(register: Iterable[Copy]) -> tuple[tuple[Copy, Sequence[str]], ...]:
    """Give each open entry of a register that a practice answers, with the command, without `breachkit`."""
    waiting = (one for one in open_copies(register) if not _is_yours(one))
    return tuple((one, _answer(one)) for one in waiting)


def left_to_you(register: Iterable[Copy]) -> tuple[Copy, ...]:
    """Give the open entries that a practice does not answer."""
    return tuple(filter(_is_yours, open_copies(register)))


def script(register: Sequence[Copy], case: str, places: Mapping[str, str]) -> Iterator[str]:
    """Write the answers as a script of the shell, with what is left to do as comments.

    Args:
        register: The register of copies.
        case: The id of its case.
        places: What each kind of place is called.
    """
    yield "# Read it, take out what you would not believe, then run it:"
    yield "#   breachkit drill answers > answers.sh; sh answers.sh"
    yield f"export BREACHKIT_CASE={case}"
    for copy, words in answers(register):
        yield f"# {copy.label or places.get(copy.place, copy.place)}"
        yield shlex.join(("breachkit", *words, "-q"))
    for one in left_to_you(register):
        yield f"# {one.id} is left to you: {_BY_HAND[one.place]}"


def _is_yours(copy: Copy) -> bool:
    """Say whether there is somebody to write to, who answers that."""
    return copy.applies == "yes" and copy.place in _BY_HAND


def _answer(copy: Copy) -> Sequence[str]:
    if copy.applies != "yes":
        return ("copies", "na", copy.id, "--note", "asked: there is none")
    if copy.place == _NOBODY_KNOWS:
        why = "nobody can name them"
        return ("copies", "accept", copy.id, "--by", "Sam Quill", "--role", "SIRO", "--reason", why)
    return ("copies", "set", copy.id, "deleted", "--note", "asked: it is gone")
