"""Sentences about the check of a release that its reports share; nothing here escapes, `show` does."""

from collections.abc import Iterator, Sequence

from breachkit.actions.redacted import MENDED
from breachkit.actions.release_checks import (
    Answer,
    CheckResult,
    Concern,
    ItemResult,
    Outcome,
    counted,
)
from breachkit.model.findings import Severity
from breachkit.model.ids import GitPath
from breachkit.report import words
from breachkit.report.masking import Masking
from breachkit.report.words import Show


LABELS = {Outcome.FAIL: "FAIL", Outcome.PERSON: "PERSON", Outcome.PASS: "pass"}
"""What stands before an item, in a column of its own."""


def verdict(result: CheckResult) -> str:
    """Give the one sentence that stands first in every report."""
    numbers = counted(result.items)
    failed, waiting = numbers[Outcome.FAIL], numbers[Outcome.PERSON]
    people = f"{words.counted(waiting, 'item')} {'needs' if waiting == 1 else 'need'} a person"
    if not result.passes:
        found = [each for each in result.scan.findings if each.hit.severity > Severity.INFO]
        parts = [f"{words.counted(failed, 'item')} of {len(result.items)} {'fails' if failed == 1 else 'fail'}"]  # fmt: skip
        parts += [people] if waiting else []
        told = f"; {words.found(found)}" if found else ""
        return f"NOT READY: {', '.join(parts)}{told}"
    if waiting:
        return f"NO FAULT FOUND: {people}, and nothing fails"
    return "READY: nothing fails, everything was read, and every item has its answer"


def looked_at(result: CheckResult) -> str:
    """Give `12 files, 1.2 MB, by policy 2026-03`."""
    size = words.size(sum(each.size for each in result.files))
    files = words.counted(len(result.files), "file")
    return f"{files}, {size}, by policy {result.scan.policy}"


def policy(result: CheckResult) -> str:
    """Say where the limits come from that the policy states, and from when it has them; mostly long."""
    said = result.policy
    return "" if said is None else f"policy {said.name}, since {said.since}: {said.source}"


def seconds(result: CheckResult) -> str:
    """Give how long it took."""
    return f"{result.scan.stats.seconds:.1f} s"


def concern(each: Concern, show: Show) -> str:
    """Give what is wrong, with the columns it is about."""
    return f"{show(each.what)}{_columns(each, show)}"


def alike(concerns: Sequence[Concern]) -> list[tuple[Concern, ...]]:
    """Put together what is said in the same words of several files, in the order of the first."""
    groups: dict[tuple[object, ...], list[Concern]] = {}
    for each in concerns:
        groups.setdefault((each.what, each.outcome, each.answer), []).append(each)
    return [tuple(group) for group in groups.values()]


def about(group: Sequence[Concern], show: Show, *, most: int, show_path: Show | None = None) -> str:
    """Give `a.csv (column n), b.csv and 10 more files`; empty where no file is meant.

    Args:
        group: As `alike` gives it.
        show: Makes names safe to show.
        most: How many files are named.
        show_path: The same for paths, where they look otherwise.
    """
    named = [
        f"{(show_path or show)(path)}{_columns(each, show)}"
        for each in group
        for path in each.paths
    ]
    return _listed(named, most)


def files(paths: Sequence[GitPath], show: Show, *, most: int) -> str:
    """Give `a.csv, b.csv and 10 more files`; empty where none is meant."""
    return _listed([show(path) for path in paths[: most + 1]], most, len(paths))


def _listed(named: Sequence[str], most: int, number: int | None = None) -> str:
    others = (len(named) if number is None else number) - most
    shown = ", ".join(named[:most])
    return f"{shown} and {words.counted(others, 'more file')}" if others > 0 else shown


def _columns(each: Concern, show: Show) -> str:
    return f" ({words.columns(each.columns, show)})" if each.columns else ""


_MOST_IDS = 3


def ids(group: Sequence[Concern]) -> str:
    """Give `F-0001, F-0002 and 3 more`; empty where no finding is behind it."""
    findings = [one for each in group for one in each.findings]
    named = ", ".join(findings[:_MOST_IDS])
    others = len(findings) - _MOST_IDS
    return f"{named} and {others:,} more" if others > 0 else named


def answer(said: Answer, show: Show) -> str:
    """Give `settled by Ada Hartley on 2026-03-01: all of them are in the paper`."""
    return f"settled by {show(said.by)} on {said.on}: {show(said.reason)}"


def how_to_answer(each: ItemResult) -> str:
    """Give the option that answers an item; empty where nobody can answer it."""
    open_ = [one for one in each.open if one.is_answerable]
    if not open_ or any(one.outcome is Outcome.FAIL for one in open_):
        return ""
    return f"--answer {each.item.id}=TEXT --by NAME"


def source(each: ItemResult) -> str:
    """Give where the question comes from, and from when."""
    return f"{each.item.source}; since {each.item.as_of}"


def answers_left(result: CheckResult) -> Iterator[str]:
    """Say which answers settled nothing, and which hold no longer."""
    for said in result.unused:
        about = f" about {', '.join(said.files)}" if said.files else ""
        yield f"the answer of {said.by} to {said.item}{about} settled nothing: there was nothing to settle, or no such file"  # fmt: skip
    for said in result.lapsed:
        yield f"the answer of {said.by} to {said.item} on {said.on} holds no longer: ask again"


_REDACTED = ("low-counts", "rounding")
_REDACTABLE = (b".csv", b".tsv", b".json", b".html", b".htm", b".md", b".xlsx", b".txt")


def set_aside(result: CheckResult, show: Show, show_path: Show | None = None) -> list[str]:
    """Say what people answered that is not used, and which findings do not count, and why.

    Args:
        result: The check.
        show: Escapes for the place where it is shown.
        show_path: The same for paths, where they look otherwise.
    """
    said = [show(each) for each in answers_left(result)]
    said += [f"{each.finding.id}: {show(each.why)}" for each in result.scan.lapsed]
    for each in result.scan.accepted:
        path = next(iter(each.finding.attribution.paths), b"")
        accepted = show(words.acceptance(each.acceptance))
        said.append(f"{(show_path or show)(path)}: {each.finding.hit.rule}, {accepted}")
    return said


def _is_mended(concern: Concern, result: CheckResult) -> bool:
    """Say whether redacting tables is what settles a concern."""
    rules = {each.hit.rule[:3] for each in result.scan.findings if each.id in concern.findings}
    return concern.outcome is Outcome.FAIL and (not rules or not rules.isdisjoint(MENDED))


def next_step(result: CheckResult) -> tuple[str, Sequence[GitPath], str]:
    """Give the command that comes next, the files it is about (none: what was checked), and why."""
    failed = {each.item.id: each for each in result.failed if each.item.id in _REDACTED}
    paths = dict.fromkeys(
        path
        for each in failed.values()
        for one in each.open
        if _is_mended(one, result)
        for path in one.paths
    )
    masking = Masking.of(result.scan)
    tables = [
        each for each in paths if each.lower().endswith(_REDACTABLE) and not masking.hides(each)
    ]
    if tables:
        what = "redact --round policy" if "rounding" in failed else "redact"
        return what, tables, "what has to be taken out so that no small count can be worked out"
    worst = [each.hit.rule for each in result.scan.findings if each.hit.severity > Severity.INFO]
    if worst:
        return f"explain {worst[0]}", (), "what this means and what to do about it"
    if not result.passes:
        return "check", (), "again, when what is listed above has been put right"
    return "request", (), "the release request, filled in as far as the folder tells"
