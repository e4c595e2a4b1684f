"""Whether a text may hold what a reader or a rule looks for, told without reading all of it again.

Most texts are programs that hold nothing of the kind, and the versions of a program repeat nearly all
of its paragraphs, and nearly all lines of the others. What was found in a paragraph or a line is
remembered, so that only those are searched that were not met before.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import chain
from operator import or_


MOST_CHARACTERS = 32_000_000
"""Of all paragraphs that are remembered; of all lines a quarter of that."""
_SHORTEST = 200
"""Characters of a text from which on its paragraphs are looked up: a shorter one is sooner searched."""
_RUN = 1_000
"""Characters from which on the next empty line ends a run of paragraphs."""
_ENTRY = 100
"""Characters that a run or a line counts for beside its own."""

Places = Callable[[str], Iterable[int]]
"""Gives places in a text, in characters counted from 0."""


class Look:
    """One thing that texts are searched for; all looks share what they know of a text."""

    __slots__ = ("bit",)

    def __init__(self, places: Places, *, beside: "Look | None" = None) -> None:
        """Say what to look for: what a line holds, whatever stands above and below.

        Args:
            places: Gives, for lines that may be of different texts, a place in each of them that
                may hold the thing.
            beside: Where the thing takes several lines, though none of them empty: what one of
                them holds. `places` is then given whole paragraphs, and any place will do.
        """
        self.bit: int = _MEMORY.add(places, beside.bit if beside else None)

    def may_hold(self, text: str) -> bool:
        """Say whether a text may hold the thing. Where the answer is no, it does not."""
        return len(text) < _SHORTEST or bool(_MEMORY.signs(text) & self.bit)

    def is_ruled_out(self, text: str) -> bool:
        """Say whether a text is the last that was looked at, and does not hold the thing.

        This costs nothing: print-outs, which seldom repeat themselves, are sooner searched.
        """
        return _MEMORY.is_last(text) and not self.may_hold(text)

    def parts_of(self, text: str) -> Sequence[str]:
        """Give the paragraphs of a text that may hold the thing, with those around them."""
        return _MEMORY.parts(text, self.bit) if self.may_hold(text) else ()


class Known:
    """The signs of pieces of text, until there are too many; then it begins anew."""

    def __init__(self, most: int) -> None:
        self.signs: dict[str, int] = {}
        self._most = self._left = most

    def of(self, pieces: Iterable[str]) -> int | None:
        """Give the signs of pieces together; None where one of them is not known."""
        found = set(map(self.signs.get, pieces))
        return None if None in found else reduce(or_, filter(None, found), 0)

    def add(self, signs: Mapping[str, int]) -> None:
        """Remember pieces that are not known."""
        self.signs.update(signs)
        self._left -= sum(map(len, signs)) + _ENTRY * len(signs)

    def make_room(self) -> None:
        """Forget all pieces where they are too many."""
        if self._left < 0:
            self.signs.clear()
            self._left = self._most


class _Memory:
    """All looks, and of the pieces of texts the bits of those for which they may hold something."""

    def __init__(self) -> None:
        self._in_lines: dict[int, Places] = {}
        self._in_runs: dict[int, tuple[Places, int]] = {}
        self._forget()

    def _forget(self) -> None:
        self._runs = Known(MOST_CHARACTERS)
        self._lines = Known(MOST_CHARACTERS // 4)
        self._last = ("", 0)

    def add(self, places: Places, beside: int | None) -> int:
        """Take in a look; what was known without it is forgotten."""
        self._forget()
        bit = 1 << (len(self._in_lines) + len(self._in_runs))
        if beside is None:
            self._in_lines[bit] = places
        else:
            self._in_runs[bit] = places, beside
        return bit

    def signs(self, text: str) -> int:
        """Give the signs of a text; several readers and rules ask for them, one after the other."""
        if not self.is_last(text):
            self._last = (text, self._signs(_runs(text)))
        return self._last[1]

    def is_last(self, text: str) -> bool:
        """Say whether a text is the last of which the signs were asked for."""
        return self._last[0] is text

    def parts(self, text: str, bit: int) -> Sequence[str]:
        """Give the runs of a text that have a sign."""
        known = self._runs.signs
        return [run for run in _runs(text) if known.get(run, bit) & bit]

    def _signs(self, runs: Sequence[str]) -> int:
        found = self._runs.of(runs)
        if found is None:
            fresh = set(runs).difference(self._runs.signs)
            self._take_in({run: run.split("\n") for run in fresh})
            found = self._runs.of(runs)
            self._runs.make_room()
            self._lines.make_room()
        return found or 0

    def _take_in(self, runs: Mapping[str, Sequence[str]]) -> None:
        """Learn the signs of runs, of which the lines are given."""
        known = {run: self._lines.of(lines) for run, lines in runs.items()}
        new = [lines for run, lines in runs.items() if known[run] is None]
        if new:
            self._search(set(chain.from_iterable(new)).difference(self._lines.signs))
        self._runs.add(
            {
                run: self._around(run, (self._lines.of(runs[run]) or 0) if signs is None else signs)
                for run, signs in known.items()
            }
        )

    def _search(self, lines: Collection[str]) -> None:
        """Learn the signs of lines."""
        signs = dict.fromkeys(lines, 0)
        text = "\n".join(lines)
        for bit, places in self._in_lines.items():
            for line in _lines_at(text, places(text)):
                signs[line] |= bit
        self._lines.add(signs)

    def _around(self, run: str, signs: int) -> int:
        """Add to the signs of the lines of a run those of what takes several of them."""
        for bit, (places, beside) in self._in_runs.items():
            if signs & beside and any(True for _ in places(run)):
                signs |= bit
        return signs


_MEMORY = _Memory()


def _lines_at(text: str, places: Iterable[int]) -> Iterator[str]:
    """Give the lines in which places are; of places in one line most cost nothing."""
    begin, end = 0, -1
    for place in places:
        if begin <= place <= end:
            continue
        begin, end = text.rfind("\n", 0, place) + 1, text.find("\n", place)
        end = end if end >= 0 else len(text)
        yield text[begin:end]


def _runs(text: str) -> Sequence[str]:
    """Cut a text at some of its empty lines."""
    empty = "\n\r\n" if "\r" in text and "\n\r\n" in text else "\n\n"
    runs, start = [], 0
    while (end := text.find(empty, start + _RUN)) >= 0:
        runs.append(text[start:end])
        start = end + len(empty)
    runs.append(text[start:])
    return runs
