"""Sentences and phrases that several reports share, so that each thing has one wording.

Nothing here escapes: `show` is the reporter's own function for text that a repository chose.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from breachkit.model.findings import (
    MAX_ROWS,
    Attribution,
    Coverage,
    Finding,
    Location,
    ObjectCount,
    Reach,
    ScanResult,
    Severity,
    Skipped,
)
from breachkit.model.ids import GitPath
from breachkit.model.judgement import Acceptance, Baseline, Limits


Show = Callable[[bytes | str], str]

_REACH: dict[Reach, str] = {
    "head": "in the current files (HEAD)",
    "history": "not in the current files, but in the history of HEAD",
    "branch": "only on another branch",
    "tag": "only under a tag",
    "pull": "only in a pull request's ref",
    "other": "only under another kind of ref",
    "unreachable": "under no ref; the object is still in the repository",
    "file": "",
}

_NAMESPACES: dict[Reach, tuple[bytes, ...]] = {
    "branch": (b"refs/heads/", b"refs/remotes/"),
    "tag": (b"refs/tags/",),
    "pull": (b"refs/pull/", b"refs/merge-requests/"),
    "other": (b"refs/",),
}

_NUMBERED = re.compile(r"[a-z]+ \d+")
"""`table 3`, `column 6`: what is named by its number alone needs no other noun."""
_AS_PEOPLE_SAY = {"blob": "file", "tree": "folder"}
_MOST_RANGES = 8
_MOST_COLUMNS = 6
_MOST_REFS = 2


def counted(number: int, thing: str, things: str | None = None) -> str:
    """Give `1 file`, `1,203 files`."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def verdict(result: ScanResult) -> str:
    """Give the one sentence that stands first in every report."""
    match result.verdict:
        case "findings":
            new = "new " if result.baseline else ""
            return f"NOT CLEAN: {found(result.findings, new)}"
        case "incomplete":
            counts = " that counts" if set_aside(result) else ""
            return f"INCOMPLETE: nothing found{counts}, but {unexamined(result)}"
        case "limited":
            return f"LIMITED: nothing found that counts; {set_aside(result)}"
        case "clean":
            remarks = len(result.findings)
            aside = f" ({counted(remarks, 'remark')} for information)" if remarks else ""
            return f"CLEAN: nothing found, and {scope(result.coverage)} was examined{aside}"


def scope(coverage: Coverage) -> str:
    """Say what a scan that lacks nothing was about."""
    return "everything in the store" if coverage.unreachable else "everything that refs reach"


def left_out(coverage: Coverage) -> str:
    """Say how much no ref reaches that the scan was not about; empty where there is nothing."""
    if not coverage.left_out:
        return ""
    number = counted(coverage.left_out, "object")
    return f"{number} that no ref reaches, for which --unreachable is needed"


def set_aside(result: ScanResult) -> str:
    """Say in few words what does not count, and what the scan was not about; mostly empty."""
    limits, since = result.limits, result.limits.since
    accepted, known = len(result.accepted), len(result.known)
    parts = [f"{accepted:,} accepted"] if accepted else []
    worst = max((each.hit.severity for each in result.known), default=Severity.INFO)
    parts += [f"{known:,} known from the baseline (the worst {worst.label})"] if known else []
    parts += [f"only {_asked_for(limits)}"] if limits.rules or limits.min_severity else []
    return ", ".join([*parts, *([f"only since {since.words}"] if since else [])])


def _asked_for(limits: Limits) -> str:
    severity = limits.min_severity
    bad = severity if severity in {None, "critical"} else f"{severity} or worse"
    return " ".join(filter(None, ["findings of", ", ".join(limits.rules) or "every rule", bad]))


def limits(result: ScanResult) -> list[str]:
    """Say in sentences why a report does not count all there is; empty where it does."""
    told = result.limits
    said = []
    if told.since:
        older = counted(told.since.older, "older commit or file", "older commits and files")
        by = "descent" if told.since.by_descent else "what commits say of themselves"
        said.append(f"Only what came in since {told.since.words}, by {by}: {older} left out")
    if told.rules or told.min_severity:
        others = counted(told.left_out, "other finding")
        remarks = "" if told.min_severity == "info" else "; remarks for information are not counted"
        said.append(f"Only {_asked_for(told)}: {others} left out{remarks}")
    if result.accepted:
        number = counted(len(result.accepted), "finding")
        said.append(f"{number} accepted by name, for a time: not counted above")
    if result.lapsed:
        number = counted(
            len(result.lapsed),
            "finding was accepted once, and counts again",
            "findings were accepted once, and count again",
        )
        said.append(number)
    if result.baseline:
        said += _compared(result, result.baseline)
    return said


def _compared(result: ScanResult, baseline: Baseline) -> Iterator[str]:
    known = len(result.known) + sum(each.is_known for each in result.accepted)
    if baseline.gone is None:
        gone = "whether any of its findings are gone was not looked at"
    else:
        gone = f"{counted(baseline.gone, 'finding')} of it gone"
    yield f"Only what is new against the baseline: {counted(known, 'finding')} known; {gone}"
    for difference in baseline.differences:
        yield f"The baseline was another kind of scan: {difference}"


def acceptance(said: Acceptance) -> str:
    """Give `accepted by Ada Hartley until 2027-03-01: counts of practices`."""
    return f"accepted by {said.by} until {said.until}: {said.reason}"


def found(findings: Sequence[Finding], new: str = "") -> str:
    """Give `3 findings in 2 files (1 critical, 2 medium)`."""
    by_severity = Counter(finding.hit.severity for finding in findings)
    parts = (f"{by_severity[each]:,} {each.label}" for each in sorted(by_severity, reverse=True))
    names = {finding.attribution.paths[0] for finding in findings if finding.attribution.paths}
    others = {finding.object_id for finding in findings if not finding.attribution.paths}
    places = [counted(len(names), "file")] if names else []
    if others:
        places.append(counted(len(others), "other object"))
    total = counted(len(findings), f"{new}finding")
    return f"{total} in {' and '.join(places)} ({', '.join(parts)})"


def unexamined(result: ScanResult) -> str:
    """Say what was not examined; empty where everything was."""
    skipped = len(result.skipped)
    were = "was" if skipped == 1 else "were"
    parts = [f"{counted(skipped, 'object')} {were} not examined"] if skipped else []
    return "; ".join([*parts, *filter(None, [clone_gaps(result.coverage)])])


def clone_gaps(coverage: Coverage) -> str:
    """Say what the clone itself lacks; empty where it is whole."""
    gaps = []
    if coverage.shallow:
        gaps.append("the clone is shallow: older history is missing")
    if coverage.never_fetched:
        gaps.append(f"the clone is partial: {_never_fetched(coverage)}")
    return "; ".join(gaps)


def partial_and_whole(coverage: Coverage) -> str:
    """Say of a partial clone that it lacks nothing; empty for others."""
    if not coverage.partial or coverage.never_fetched:
        return ""
    return "a partial clone, from which nothing is missing that was to be read"


FETCH_MISSING = (
    "git rev-list --objects --all --missing=print | sed -n 's/^?//p' | "
    "git fetch --no-tags --no-filter --stdin origin"
)
"""Fetches what a partial clone lacks of what its refs reach, and leaves its refs as they are."""


def not_fetched(coverage: Coverage) -> str:
    """Say what `FETCH_MISSING` leaves out; empty where it fetches all that the scan lacks."""
    if not coverage.unreachable:
        return ""
    return "What only unreachable objects name is not fetched by it, and stays not examined."


def _never_fetched(coverage: Coverage) -> str:
    """Say what a partial clone lacks: `574 files were never fetched`."""
    lacking = {kind: count.missing for kind, count in coverage.objects.items() if count.missing}
    kinds = [counted(number, _AS_PEOPLE_SAY.get(kind, kind)) for kind, number in lacking.items()]
    were = "was" if coverage.never_fetched == 1 else "were"
    below = "" if lacking.keys() == {"blob"} else ", and what these lead to is not known"
    return f"{' and '.join(kinds)} {were} never fetched{below}"


def ranges(rows: Sequence[int], *, most: int = _MOST_RANGES) -> str:
    """Give `3-7, 9` for 3, 4, 5, 6, 7, 9; after `most` ranges only `...`."""
    runs: list[list[int]] = []
    for row in sorted(rows):
        if runs and row <= runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    shown = [str(first) if first == last else f"{first}-{last}" for first, last in runs[:most]]
    return ", ".join([*shown, *(["..."] if len(runs) > most else [])])


def where(location: Location | None, show: Show) -> str:
    """Give `member x.csv, column n, rows 3-7 (5 cells)`; empty where only the file is known."""
    if location is None:
        return ""
    parts = []
    if location.part is not None:
        parts.append(_part(location.part, show))
    if location.columns:
        parts.append(columns(location.columns, show))
    if location.rows:
        parts.append(f"{_noun(location.rows, 'row')} {_rows(location)}")
    cells = f" ({counted(location.cells, 'cell')})" if location.cells else ""
    return ", ".join(parts) + cells if parts else cells.strip(" ()")


def _rows(location: Location) -> str:
    """Give the rows, and say where they are only the first of those that are concerned."""
    shown = ranges(location.rows)
    is_cut = len(location.rows) >= MAX_ROWS and location.cells > len(location.rows)
    return f"{shown} and more" if is_cut and not shown.endswith("...") else shown


def policy(name: str) -> str:
    """Say by which rules files were judged."""
    return "auto: each file by the rules of the day it was committed" if name == "auto" else name


def columns(labels: Sequence[str], show: Show) -> str:
    """Give `columns n, total and 3 more`."""
    names = ", ".join(map(show, labels[:_MOST_COLUMNS]))
    more = len(labels) - _MOST_COLUMNS
    are_numbers = all(map(_NUMBERED.fullmatch, labels))
    noun = "" if are_numbers else f"{_noun(labels, 'column')} "
    return f"{noun}{names}" + (f" and {more} more" if more > 0 else "")


def when(place: Attribution) -> str:
    """Give `since 2021-05-03, changed by 2 commits`; empty where no commit is known."""
    parts = []
    if place.first_date is not None:
        parts.append(f"since {place.first_date.date()}")
    if place.commits:
        parts.append(f"changed by {counted(place.commits, 'commit')}")
    return ", ".join(parts)


def reach(place: Attribution, show: Show) -> str:
    """Say in words how somebody could still get at it."""
    prefixes = _NAMESPACES.get(place.reach, ())
    names = [ref for ref in place.refs if ref.startswith(prefixes)] if prefixes else []
    if not names:
        return _REACH[place.reach]
    more = f" and {len(names) - _MOST_REFS} more" if len(names) > _MOST_REFS else ""
    return f"{_REACH[place.reach]}: {', '.join(map(show, names[:_MOST_REFS]))}{more}"


def reasons(skipped: Iterable[Skipped]) -> list[tuple[str, list[Skipped]]]:
    """Gather what was not examined by reason, the most frequent first."""
    by_reason: dict[str, list[Skipped]] = {}
    for each in skipped:
        by_reason.setdefault(each.reason, []).append(each)
    return sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0]))


def versions(skipped: Iterable[Skipped]) -> list[tuple[GitPath, int]]:
    """Count the entries for each path, the path with the most first; nameless ones left out."""
    return Counter(each.path for each in skipped if each.path is not None).most_common()


def failing(findings: Iterable[Finding]) -> list[str]:
    """List the rules whose findings forbid "clean", the one with the worst finding first."""
    worst = sorted(findings, key=lambda finding: -finding.hit.severity)
    return list(dict.fromkeys(each.hit.rule for each in worst if each.hit.severity))


def fates(count: ObjectCount) -> str:
    """Say what happened to the objects of one type."""
    named = {
        "read": count.read,
        "known from before": count.cached,
        "not examined": count.skipped,
        "missing": count.missing,
    }
    return ", ".join(f"{number:,} {fate}" for fate, number in named.items() if number) or "none"


def size(size_bytes: int) -> str:
    """Give a size with three figures, such as `45.1 MB`."""
    amount = float(size_bytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def next_step(result: ScanResult) -> tuple[str, str]:
    """Give the command that comes next, without its target, and what it is for."""
    match result.verdict:
        case "findings" if result.worst >= Severity.HIGH:
            return "open", "start a case: who must be told, and how to take it out of the history"
        case "findings":
            worst = [each.hit.rule for each in result.findings if each.hit.severity == result.worst]
            [(rule, _)] = Counter(sorted(worst)).most_common(1)
            return f"explain {rule}", "what this means and how to judge it"
        case "limited":
            return "scan", "without these limits, to see all of it"
        case "incomplete":
            return "scan", f"again, after {_repair(result.coverage)}"
        case "clean" if result.coverage.unreachable:
            return "explain", "what the rules look for, and so what a clean scan means"
        case "clean":
            return "scan --unreachable", "look also at what no ref reaches: reflog, index, dangling"


def _repair(coverage: Coverage) -> str:
    if coverage.shallow:
        return "`git fetch --unshallow` in the clone, which then has all of the history"
    if coverage.never_fetched:
        return (
            "fetching what is missing with the command above, or cloning anew without --filter, "
            "so that every content is there"
        )
    return "what is listed above as not examined has been put right"


def _noun(things: Sequence[object], noun: str) -> str:
    return noun if len(things) == 1 else f"{noun}s"


def _part(part: str, show: Show) -> str:
    match part:
        case "message":
            return "in the message"
        case "name":
            return "in the file's name"
        case _ if _NUMBERED.match(part):
            return f"in {show(part)}"
        case _:
            return f"in part {show(part)}"
