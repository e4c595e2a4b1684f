"""From findings, concerns and answers to the outcome of each item of a release's checklist."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fnmatch import fnmatchcase

from breachkit.actions.release_checks import Answer, Concern, Item, ItemResult, Outcome
from breachkit.actions.release_checks_rules import BY_PERSON, ITEM_OF_RULE
from breachkit.actions.release_checks_tables import Told
from breachkit.detect.grading import UNDECIDED, is_undecided
from breachkit.model.findings import Finding, ScanResult, Severity, Skipped
from breachkit.model.ids import GitPath, display
from breachkit.model.records import dataclass


_ASKED: Mapping[str, str] = {
    "permitted-results": "nobody has said that the policy was read for this release",
    "minimum-outputs": "nobody has said that each output is needed",
    "context": "what the request says of each output only a person can judge",
    "controls-described": "what the request says of disclosure controls only a person can judge",
}
NOT_COMPARED = "nothing was given to compare with: was anything similar released before?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What people said, at the day of the check."""

    given: Sequence[Answer] = ()
    today: date
    hold: timedelta
    """For how long an answer without an end holds."""

    def holds(self, answer: Answer) -> bool:
        """Whether an answer holds today."""
        until = answer.until if answer.until is not None else answer.on + self.hold
        return answer.on <= self.today <= until


def asked_of_people() -> Iterator[Told]:
    """Give the concerns about which no program knows anything."""
    for item in BY_PERSON:
        yield item, Concern(what=_ASKED[item], outcome=Outcome.PERSON)


def not_compared() -> Told:
    """Give the concern where nothing was given to compare with."""
    return "earlier-results", Concern(what=NOT_COMPARED, outcome=Outcome.PERSON)


def from_findings(scan: ScanResult, titles: Mapping[str, str]) -> Iterator[Told]:
    """Give one concern for each rule that found something that counts, and one for what it left open.

    What a rule could not judge is no finding of it, and no program decides it.

    Args:
        scan: What the rules said.
        titles: Of the rules, by id.
    """
    found: dict[tuple[str, bool], list[Finding]] = defaultdict(list)
    for finding in scan.findings:
        if finding.hit.severity > Severity.INFO:
            found[finding.hit.rule, is_undecided(finding.hit)].append(finding)
    for (rule, is_open), findings in found.items():
        paths = dict.fromkeys(path for each in findings for path in each.attribution.paths[:1])
        title = titles.get(rule, "found by a rule")
        yield (
            ITEM_OF_RULE[rule],
            Concern(
                what=f"{rule}: {title}: {UNDECIDED}" if is_open else f"{rule}: {title}",
                outcome=Outcome.PERSON if is_open else Outcome.FAIL,
                paths=tuple(paths),
                findings=tuple(each.id for each in findings),
                is_answerable=False,
            ),
        )


def from_skipped(skipped: Iterable[Skipped]) -> Iterator[Told]:
    """Give a concern for each reason for which something was not examined."""
    reasons: dict[str, list[GitPath]] = defaultdict(list)
    for each in skipped:
        reasons[each.reason] += [each.path] if each.path is not None else []
    for reason, paths in reasons.items():
        concern = Concern(
            what=f"not examined: {reason}",
            outcome=Outcome.FAIL,
            paths=tuple(dict.fromkeys(paths)),
            is_answerable=False,
        )
        yield "everything-read", concern


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The checklist, and what became of the answers."""

    items: tuple[ItemResult, ...]
    unused: tuple[Answer, ...]
    lapsed: tuple[Answer, ...]


def decide(
    items: Sequence[Item],
    told: Iterable[Told],
    answers: Answers,
    notes: Mapping[str, str],
    has_file: Callable[[str], bool],
) -> Decided:
    """Decide every item.

    Args:
        items: The checklist.
        told: Everything there is to say, by item.
        answers: What people said.
        notes: What was looked at, by item.
        has_file: Says whether a pattern names a file that was checked.
    """
    lapsed = tuple(each for each in answers.given if not answers.holds(each))
    holding = [each for each in answers.given if answers.holds(each)]
    used: set[Answer] = set()
    by_item: dict[str, list[Concern]] = defaultdict(list)
    for item, concern in told:
        for settled in _settled(concern, [a for a in holding if a.item == item], has_file):
            used |= {settled.answer} if settled.answer else set()
            by_item[item].append(settled)
    results = [
        ItemResult(
            item=item,
            concerns=tuple(sorted(_together(by_item[item.id]), key=_order)),
            note=notes.get(item.id, ""),
        )
        for item in items
    ]
    unused = tuple(each for each in holding if each not in used)
    return Decided(items=tuple(results), unused=unused, lapsed=lapsed)


def _settled(
    concern: Concern, answers: Sequence[Answer], has_file: Callable[[str], bool]
) -> Iterator[Concern]:
    """Part what is about several files into what somebody answered and what nobody did.

    What a rule found is accepted as a finding, and never answered here.
    """
    if not concern.is_answerable or not answers:
        yield concern
        return
    if not concern.paths:
        answer = next((each for each in answers if not each.files), None)
        yield replace(concern, answer=answer)
        return
    for path in concern.paths:
        found = next((each for each in answers if _covers(each, path, has_file)), None)
        yield replace(concern, paths=(path,), answer=found)


def _covers(answer: Answer, path: GitPath, has_file: Callable[[str], bool]) -> bool:
    """Say whether an answer is about a file; one that names tables needs them to be there."""
    if answer.files and not any(matches(pattern, path) for pattern in answer.files):
        return False
    return all(map(has_file, answer.data))


def matches(pattern: str, path: GitPath) -> bool:
    """Say whether a pattern such as `logs/*.log` names a path, or the end of it from a `/` on."""
    shown = display(path)
    parts = shown.split("/")
    tails = ("/".join(parts[at:]) for at in range(len(parts)))
    return any(fnmatchcase(tail, pattern.removeprefix("./")) for tail in tails)


def _together(concerns: Iterable[Concern]) -> Iterator[Concern]:
    """Put together what is said of several files in the same words."""
    alike: dict[tuple[object, ...], list[Concern]] = {}
    for each in concerns:
        key = (each.what, each.outcome, each.columns, each.answer)
        alike.setdefault(key, []).append(each)
    for found in alike.values():
        paths = dict.fromkeys(path for each in found for path in each.paths)
        ids = dict.fromkeys(one for each in found for one in each.findings)
        yield replace(found[0], paths=tuple(paths), findings=tuple(ids))


def _order(concern: Concern) -> tuple[object, ...]:
    rank = {Outcome.FAIL: 0, Outcome.PERSON: 1, Outcome.PASS: 2}
    return (not concern.is_open, rank[concern.outcome], not concern.findings, -len(concern.paths))
