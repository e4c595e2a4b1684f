"""What every report of a sweep says in the same words, and in the same order."""

import re
from collections.abc import Iterable

from breachkit.actions.sweeping import Life, Outcome, Record, Seen, Standing, Sweep, Swept
from breachkit.model.findings import Location, Severity
from breachkit.report import words
from breachkit.report.escape import shown, terminal
from breachkit.report.words import counted


NAMELESS = "(messages of commits and tags, objects without a name)"


def found(made: Sweep) -> str:
    """Say how much is new."""
    new = made.count(Life.NEW)
    return (
        f"{counted(new, 'new finding')}, the worst {made.worst_new.label}" if new else "nothing new"
    )


def new_in(one: Swept) -> str:
    """Say how much is new in a repository in which something is."""
    new = counted(len(one.of(Life.NEW)), "new finding")
    return f"{new}, the worst {worst_new(one).label}"


def worst_new(one: Swept) -> Severity:
    """Give the highest severity among what is new in a repository; INFO where nothing is."""
    return max((record.seen.severity for record in one.of(Life.NEW)), default=Severity.INFO)


def worst_first(made: Sweep) -> list[Swept]:
    """Give the repositories with the worst new findings first, of equals those with most, then by name."""
    return sorted(
        made.repositories,
        key=lambda one: (-worst_new(one), -len(one.of(Life.NEW)), one.outcome.name),
    )


def by_file_and_rule(records: Iterable[Record]) -> list[tuple[Record, ...]]:
    """Put together what one rule found in one file, the worst first; of equals by path and rule."""
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in sorted(records, key=_rank):
        groups.setdefault((record.seen.path, record.seen.rule), []).append(record)
    return [tuple(group) for group in groups.values()]  # in the order of the worst of each


def alike(
    groups: Iterable[tuple[Record, ...]], *, verbose: bool
) -> list[tuple[tuple[Record, ...], ...]]:
    """Put files together of which one rule says the same, whatever numbers it names, as a scan's report does.

    Args:
        groups: As `by_file_and_rule` gives them; the order stays, by the first of each.
        verbose: Every file by itself.
    """
    found: dict[object, list[tuple[Record, ...]]] = {}
    for group in groups:
        seen = group[0].seen
        folder, slash, _ = seen.path.partition("/")
        likeness = (
            folder if slash else "",
            seen.severity,
            seen.rule,
            _NUMBER.sub("#", seen.message),
        )
        key = (seen.path, seen.rule) if verbose or not seen.path else likeness
        found.setdefault(key, []).append(group)
    return list(map(tuple, found.values()))


_NUMBER = re.compile(r"\d[\d,.]*")


def in_order(records: Iterable[Record]) -> list[Record]:
    """Give records by life, the worst first, in an order that no key and no process has a part in."""
    lives = list(Life)
    return sorted(records, key=lambda record: (lives.index(record.life), _rank(record)))


def _rank(record: Record) -> tuple[object, ...]:
    seen = record.seen
    return -seen.severity, seen.path, seen.rule, seen.part or "", seen.message, seen.rows


def has_gaps(one: Swept) -> bool:
    """Say whether a repository was looked at, but not all of it."""
    looked = one.outcome.standing in {Standing.SCANNED, Standing.UNCHANGED}
    return looked and not one.outcome.complete


def gaps(one: Swept) -> str:
    """Say what of such a repository was not looked at."""
    unread = one.outcome.unread
    return f"{counted(unread, 'object')} not examined" if unread else "the copy is not complete"


def where(seen: Seen) -> str:
    """Say in words where in its file a finding is; empty where nothing tells."""
    place = Location(part=seen.part, rows=seen.rows, columns=seen.columns, cells=seen.cells)
    return words.where(place, _shown)


def _shown(label: bytes | str) -> str:
    return shown(label) if isinstance(label, str) else terminal(label)


def place_of(outcome: Outcome) -> str:
    """Give what other commands find a repository by: its path or URL, or `owner/name`."""
    if not outcome.key.startswith("github:"):
        return outcome.key
    return outcome.name.partition(" (was ")[0]
