"""A sweep's result for people: what is new first, then what could not be looked at, then everything in numbers."""

from collections.abc import Iterator, Sequence

from breachkit.actions.sweeping import Life, Record, Standing, Sweep, Swept
from breachkit.report.escape import terminal
from breachkit.report.words import counted


_MOST_SHOWN = 10
"""New findings of one repository; a report for machines has all."""


def to_text(made: Sweep, notes: Sequence[str] = (), *, counts_only: bool = False) -> str:
    """Give the result as lines for a terminal or a log.

    Args:
        made: The result.
        notes: What whoever reads it has to know.
        counts_only: Name no repository, path or column: for a log that anybody can read.
    """
    parts = [_headline(made)]
    parts += [f"Note: {terminal(note)}" for note in notes]
    if not counts_only:
        parts += _new(made)
        parts += _not_looked_at(made)
    parts += ["", *_numbers(made)]
    return "\n".join(parts)


def _headline(made: Sweep) -> str:
    new = made.count(Life.NEW)
    looked = len(made.repositories)
    found = (
        f"{counted(new, 'new finding')}, the worst {made.worst_new.label}" if new else "nothing new"
    )
    whole = "" if made.complete else "; not everything was looked at"
    return f"Sweep {made.number} of {counted(looked, 'repository', 'repositories')}: {found}{whole}"


def _new(made: Sweep) -> Iterator[str]:
    for one in made.repositories:
        new = sorted(one.of(Life.NEW), key=lambda record: -record.seen.severity)
        if new:
            yield ""
            yield f"{terminal(one.outcome.name)}: {counted(len(new), 'new finding')}"
            yield from map(_one, new[:_MOST_SHOWN])
            if len(new) > _MOST_SHOWN:
                yield f"  and {len(new) - _MOST_SHOWN} more, no worse than these"


def _one(record: Record) -> str:
    seen = record.seen
    place = f"{terminal(seen.path)}: " if seen.path else ""
    return f"  {seen.severity.label:<8}  {seen.rule:<7}  {place}{terminal(seen.message)}"


def _not_looked_at(made: Sweep) -> Iterator[str]:
    titles = {
        Standing.FAILED: "Could not be looked at",
        Standing.SKIPPED: "Not looked at",
        Standing.GONE: "Gone",
    }
    for standing, title in titles.items():
        some = made.standing(standing)
        if some:
            yield ""
            yield f"{title}:"
            yield from (
                f"  {terminal(one.outcome.name)}: {terminal(one.outcome.reason)}" for one in some
            )
    unread = [one for one in made.repositories if _has_gaps(one)]
    if unread:
        yield ""
        yield "Looked at, but not all of it could be read:"
        yield from (
            f"  {terminal(one.outcome.name)}: {counted(one.outcome.unread, 'object')} not examined"
            if one.outcome.unread
            else f"  {terminal(one.outcome.name)}: the copy is not complete"
            for one in unread
        )


def _has_gaps(one: Swept) -> bool:
    looked = one.outcome.standing in {Standing.SCANNED, Standing.UNCHANGED}
    return looked and not one.outcome.complete


def _numbers(made: Sweep) -> Iterator[str]:
    lives = ", ".join(f"{made.count(life)} {life.value}" for life in Life)
    stands = ((len(made.standing(standing)), standing.value) for standing in Standing)
    yield f"Findings: {lives}"
    yield f"Repositories: {', '.join(f'{number} {name}' for number, name in stands if number)}"
    objects = sum(one.outcome.objects for one in made.repositories)
    recalled = sum(one.outcome.recalled for one in made.repositories)
    share = f"{recalled / objects:.0%}" if objects else "none"
    yield f"Objects: {objects:,}, of which {share} were known from earlier scans"
