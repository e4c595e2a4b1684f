"""A sweep's result for people: what is new first, then what could not be looked at, then everything in numbers."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from breachkit.actions.sweeping import Life, Record, Standing, Sweep, Swept
from breachkit.report import sweep_words
from breachkit.report.escape import shown, terminal
from breachkit.report.words import counted


_MOST_REPOSITORIES = 10
_MOST_FILES = 5
"""New findings of one repository, those of one rule in one file together; a report for machines has all."""
_MOST_NAMES = 10
_EVERYTHING = 10**9
_LONGEST_NAME = 200
_INDENT = 10
_NARROWEST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How much room there is, and how much is wanted."""

    width: int = 80
    """Columns; a name is never broken, so that it can be copied."""
    verbose: bool = False
    """Everything, however long."""

    def most(self, number: int) -> int:
        """Give how many are shown of what is shown `number` times otherwise."""
        return _EVERYTHING if self.verbose else number

    def wrapped(self, text: str, indent: int, label: str = "") -> Iterator[str]:
        """Give a paragraph with a label on the left of its first line."""
        yield from textwrap.wrap(
            text,
            max(self.width, _NARROWEST),
            initial_indent=label.ljust(indent),
            subsequent_indent=" " * indent,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [label]


def to_text(
    made: Sweep, notes: Sequence[str] = (), *, counts_only: bool = False, shape: Shape | None = None
) -> str:
    """Give the result as lines for a terminal or a log.

    Args:
        made: The result.
        notes: What whoever reads it has to know.
        counts_only: Name no repository, path or column, nor the target: for a log that anybody can read.
        shape: How wide it is and how long; None: 80 columns, the worst of it.
    """
    shape = shape or Shape()
    lines = list(shape.wrapped(_headline(made, counts_only=counts_only), 0))
    for note in notes:
        lines += shape.wrapped(f"Note: {shown(note)}", 6)
    if not counts_only:
        lines += _new(made, shape)
        lines += _not_looked_at(made, shape)
    lines += ["", *_numbers(made, shape)]
    return "\n".join(lines)


def _headline(made: Sweep, *, counts_only: bool) -> str:
    looked = counted(len(made.repositories), "repository", "repositories")
    of = looked if counts_only else f"{looked} of {_name(terminal(made.target))}"
    said = f"Sweep {made.number}, {of}: {sweep_words.found(made)}"
    if made.complete:
        return said
    # The reason may name what the platform answered; numbers say as much to whoever may read them alone.
    why = "" if counts_only or not made.unfinished else f" ({shown(made.unfinished)})"
    return f"{said}; not everything was looked at{why}"


def _name(name: str) -> str:
    """Give a name that fits a line, whatever it is."""
    whole = shown(name)
    return whole if len(whole) <= _LONGEST_NAME else f"{whole[: _LONGEST_NAME - 3]}..."


def _new(made: Sweep, shape: Shape) -> Iterator[str]:
    found = [one for one in sweep_words.worst_first(made) if one.of(Life.NEW)]
    most = shape.most(_MOST_REPOSITORIES)
    for one in found[:most]:
        new = one.of(Life.NEW)
        yield ""
        yield f"{_name(one.outcome.name)}: {sweep_words.new_in(one)}"
        files = sweep_words.alike(sweep_words.by_file_and_rule(new), verbose=shape.verbose)
        for group in files[:_MOST_FILES] if not shape.verbose else files:
            yield from _group(group, shape)
        if not shape.verbose and files[_MOST_FILES:]:
            rest = sum(len(one) for group in files[_MOST_FILES:] for one in group)
            yield f"  and {rest:,} more, no worse than these (-v shows all)"
    if found[most:]:
        rest = sum(len(one.of(Life.NEW)) for one in found[most:])
        others = counted(len(found[most:]), "other repository", "other repositories")
        yield ""
        yield f"And {counted(rest, 'new finding')} in {others}, none worse than these (-v shows all)."


def _group(group: Sequence[Sequence[Record]], shape: Shape) -> Iterator[str]:
    """Give the file that stands for all that are like it, and what is in it."""
    first, *others = group
    seen = first[0].seen
    yield f"  {seen.severity.label:<8}  {_name(seen.path) if seen.path else sweep_words.NAMELESS}"
    if others:
        cells = sum(one[0].seen.cells for one in group)
        also = f"and {counted(len(others), 'more file')} like it"
        yield f"{' ' * _INDENT}  {also}{f' ({cells:,} cells in all)' if cells else ''}"
    told = "; ".join(filter(None, (shown(seen.message), sweep_words.where(seen))))
    more = f"; and {counted(len(first) - 1, 'more finding')} in its versions" if first[1:] else ""
    yield from shape.wrapped(told + more, _INDENT + 2, f"    {seen.rule}")


_TITLES = {
    Standing.FAILED: "Could not be looked at",
    Standing.SKIPPED: "Not looked at",
    Standing.GONE: "Gone",
}


def _not_looked_at(made: Sweep, shape: Shape) -> Iterator[str]:
    for standing, title in _TITLES.items():
        some = made.standing(standing)
        if some:
            yield ""
            yield f"{title}:"
            yield from _by_reason(some, shape)
    unread = [one for one in made.repositories if sweep_words.has_gaps(one)]
    if unread:
        yield ""
        yield "Looked at, but not all of it could be read:"
        for one in unread[: shape.most(_MOST_NAMES)]:
            yield f"  {_name(one.outcome.name)}: {sweep_words.gaps(one)}"
        yield from _left(unread, shape)
    looked = made.standing(Standing.SCANNED, Standing.UNCHANGED, Standing.EMPTY)
    noted = [one for one in looked if one.outcome.reason]
    if noted:
        yield ""
        yield "Looked at, and to be noted:"
        yield from _by_reason(noted, shape)


def _by_reason(some: Sequence[Swept], shape: Shape) -> Iterator[str]:
    reasons: dict[str, list[Swept]] = {}
    for one in some:
        reasons.setdefault(one.outcome.reason, []).append(one)
    for reason, those in sorted(reasons.items()):
        yield from _for_one_reason(reason, those, shape)


def _for_one_reason(reason: str, those: Sequence[Swept], shape: Shape) -> Iterator[str]:
    """Give a line for each, or where there are several the reason once and their names under it."""
    why = shown(reason) or "nobody knows why"
    if len(those) == 1:
        yield from shape.wrapped(f"{_name(those[0].outcome.name)}: {why}", 4, "  ")
        return
    yield from shape.wrapped(f"{len(those):,} x {why}", 4, "  ")
    for one in those[: shape.most(_MOST_NAMES)]:
        yield f"      {_name(one.outcome.name)}"
    yield from _left(those, shape, indent=6)


def _left(those: Sequence[Swept], shape: Shape, indent: int = 2) -> Iterator[str]:
    rest = len(those) - shape.most(_MOST_NAMES)
    if rest > 0:
        yield f"{' ' * indent}and {rest:,} more (-v shows all)"


def _numbers(made: Sweep, shape: Shape) -> Iterator[str]:
    lives = ", ".join(f"{made.count(life):,} {life.value}" for life in Life)
    yield from shape.wrapped(f"{lives}{_severities(made)}", 14, "Findings:")
    stands = ((len(made.standing(standing)), standing.value) for standing in Standing)
    told = ", ".join(f"{number:,} {name}" for number, name in stands if number)
    yield from shape.wrapped(told or "none", 14, "Repositories:")
    objects = sum(one.outcome.objects for one in made.repositories)
    recalled = sum(one.outcome.recalled for one in made.repositories)
    share = f"{recalled / objects:.0%}" if objects else "none"
    yield from shape.wrapped(
        f"{objects:,}, of which {share} were known from earlier scans", 14, "Objects:"
    )
    unread = sum(one.outcome.unread for one in made.repositories)
    if unread:
        yield from shape.wrapped(f"{counted(unread, 'object')}", 14, "Not examined:")


def _severities(made: Sweep) -> str:
    new = [record.seen.severity for one in made.repositories for record in one.of(Life.NEW)]
    each = [f"{new.count(severity):,} {severity.label}" for severity in sorted(set(new))[::-1]]
    return f" (new: {', '.join(each)})" if new else ""
