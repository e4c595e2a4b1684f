"""Old ids in messages: "This reverts commit ..." and the like get the new id.

An old id lets anybody test a guess of what was redacted (a table of small counts has few), so none
may stay in a message of a commit that is made again.
"""

import graphlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from breachkit.model.ids import ObjectId


SHORTEST = 7
"""Of the start of an id that counts as one. Source: git's `core.abbrev`."""

_WORD = re.compile(rb"(?<![0-9a-fA-F])[0-9a-fA-F]{%d,40}(?![0-9a-fA-F])" % SHORTEST)
"""An object id or the start of one, also in what `git describe` writes, `v1-2-g1234567`."""

Waiting = Mapping[ObjectId, AbstractSet[ObjectId]]
"""For each commit, those that have to be made before it."""


class Mentions:
    """Finds ids that will be gone in texts.

    Args:
        gone: Ids of objects that will not be in the new history.
    """

    def __init__(self, gone: Iterable[ObjectId]) -> None:
        self._by_start: dict[bytes, list[ObjectId]] = defaultdict(list)
        for one in gone:
            self._by_start[one[:SHORTEST].encode()].append(one)

    def find(self, text: bytes) -> Iterator[ObjectId]:
        """Give the ids that a text names, or may name by their start."""
        for word in _WORD.findall(text):
            yield from self._named(word)

    def translate(self, text: bytes, new_ids: Mapping[ObjectId, ObjectId]) -> bytes:
        """Put new ids in the place of old ones, as long as they were; zeros where there is none.

        Args:
            text: A message.
            new_ids: New id by old id of commits, as far as they are known.
        """

        def new(found: re.Match[bytes]) -> bytes:
            word = found[0]
            named = list(self._named(word))
            if not named:
                return word
            known = {new_ids.get(one) for one in named}
            only = known.pop() if len(known) == 1 else None
            return b"0" * len(word) if only is None else only.encode()[: len(word)]

        return _WORD.sub(new, text)

    def _named(self, word: bytes) -> Iterator[ObjectId]:
        start = word.lower().decode("ascii")
        return (
            one
            for one in self._by_start.get(start[:SHORTEST].encode(), ())
            if one.startswith(start)
        )


def tell_apart(
    parents: Mapping[ObjectId, Sequence[ObjectId]], told: Waiting
) -> tuple[Sequence[ObjectId], Waiting]:
    """Order commits so that each comes after those it names, as far as that is possible.

    A number in a message may look like the start of the id of a later commit, or of the commit
    itself. Of commits that wait for each other like that, each knows those before it alone.

    Args:
        parents: For each commit, parents first, those of its parents that are made again.
        told: For commits, those of them that their messages or files name.

    Returns:
        The order, and what of `told` is known to a commit when its turn comes.
    """
    before: Waiting = {one: {*above, *told.get(one, ())} for one, above in parents.items()}
    knots = _knots(before)
    place = {one: number for number, one in enumerate(parents)}
    known: Waiting = {
        one: {each for each in named if knots[each] != knots[one] or place[each] < place[one]}
        for one, named in told.items()
    }
    before = {one: {*above, *known.get(one, ())} for one, above in parents.items()}
    return tuple(graphlib.TopologicalSorter(before).static_order()), known


def _knots(before: Waiting) -> dict[ObjectId, ObjectId]:
    """Give for each commit one that stands for all that wait for each other with it.

    Source: Kosaraju's algorithm.
    """
    after: dict[ObjectId, list[ObjectId]] = defaultdict(list)
    for one, others in before.items():
        for other in others:
            after[other].append(one)
    knots: dict[ObjectId, ObjectId] = {}
    for start in reversed(_finished(before)):
        waiting = [start] if start not in knots else []
        while waiting:
            one = waiting.pop()
            if one not in knots:
                knots[one] = start
                waiting += after[one]
    return knots


def _finished(before: Waiting) -> Sequence[ObjectId]:
    """Give the commits in the order in which a walk in depth leaves them."""
    order: list[ObjectId] = []
    seen: set[ObjectId] = set()
    for start in before:
        path: list[tuple[ObjectId, Iterator[ObjectId]]] = []
        if start not in seen:
            seen.add(start)
            path.append((start, iter(sorted(before[start]))))
        while path:
            one, rest = path[-1]
            following = next((each for each in rest if each not in seen), None)
            if following is None:
                order.append(one)
                path.pop()
            else:
                seen.add(following)
                path.append((following, iter(sorted(before[following]))))
    return order
