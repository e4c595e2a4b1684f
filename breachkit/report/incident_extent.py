"""Where the data sat, who could see them, and what was found."""

from collections.abc import Iterator

from breachkit.detect.registry import rule_by_id
from breachkit.incident.case import Milestone
from breachkit.model.ids import display
from breachkit.report import words as phrases
from breachkit.report.incident_document import (
    NOT_KNOWN,
    Block,
    Facts,
    Line,
    Picture,
    Section,
    Strong,
    Table,
    day,
    limited,
    moment,
    name,
    named,
    note,
    paragraph,
)
from breachkit.report.incident_facts import CaseFacts, Found
from breachkit.report.incident_history import Shown, summary, words
from breachkit.report.incident_picture import draw
from breachkit.report.words import counted


def history(shown: Shown, *, id_: str = "history") -> Section:
    """The picture, and the same in words."""
    title = "Where the data sat, and how they went"
    said = summary(shown)
    picture = Picture(
        title=title,
        summary=said,
        svg=draw(shown, id_=f"{id_}-picture", title=title, summary=said),
        words=words(shown),
    )
    return Section(id=id_, title=title, blocks=(picture,))


def exposure(facts: CaseFacts, shared: Line | None = None) -> Section:
    """Since when and to whom the data were open."""
    said, seen = facts.said, facts.seen
    public = facts.when("public_since")
    closed = facts.reached(Milestone.CONTAINED)
    pairs: list[tuple[str, Line]] = [
        (
            "Visibility when found",
            named(facts.text("visibility") or (seen.visibility if seen else None)),
        ),
        ("Public since", (day(public) if public else _public_unknown(facts),)),
        ("Access restricted", (moment(closed) if closed else "not yet",)),
        ("Public for", (_days(facts),)),
        (
            "Earliest commit with the data",
            (day(facts.bad.first_exposure) if facts.bad else NOT_KNOWN,),
        ),
        ("Shared with", shared or named(facts.text("shared_with"))),
        ("Forks", named(facts.text("forks") or _number(seen.forks if seen else None))),
        ("Stars and watchers", (_audience(facts),)),
        ("Traffic", (_traffic(facts),)),
    ]
    blocks: list[Block] = [Facts([(label, fact) for label, fact in pairs if fact])]
    if "shared_with" not in said:
        blocks.append(note("Nobody has said yet with whom the files were shared."))
    return Section(id="exposure", title="Who could see them", blocks=blocks)


def _public_unknown(facts: CaseFacts) -> str:
    created = facts.seen.created_at if facts.seen else None
    return f"{NOT_KNOWN}; the repository is of {day(created)}" if created else NOT_KNOWN


def _days(facts: CaseFacts) -> str:
    public, closed = facts.when("public_since"), facts.reached(Milestone.CONTAINED)
    start = max(
        filter(None, (public, facts.bad.first_exposure if facts.bad else None)), default=None
    )
    if public is None or start is None:
        return NOT_KNOWN
    whole = max(((closed or facts.now) - start).days, 0)
    return f"{counted(whole, 'day')} with the data in it{'' if closed else ', and still'}"


def _number(number: int | None) -> str | None:
    return None if number is None else f"{number:,}"


def _audience(facts: CaseFacts) -> str:
    seen = facts.seen
    if seen is None or seen.stargazers is None:
        return NOT_KNOWN
    watchers = "" if seen.subscribers is None else f", {counted(seen.subscribers, 'watcher')}"
    return f"{counted(seen.stargazers, 'star')}{watchers}, as of {moment(seen.taken_at)}"


def _traffic(facts: CaseFacts) -> str:
    traffic = facts.traffic
    if traffic is None:
        return "not known: no day of it was written down before it was lost"
    return (
        f"{counted(traffic.clones, 'clone')} by at least {counted(traffic.cloners, 'cloner')}, "
        f"{counted(traffic.views, 'page view')} by at least {counted(traffic.viewers, 'visitor')}, "
        f"from {traffic.first} to {traffic.last}; the platform keeps 14 days and names nobody"
    )


# --- what was found --------------------------------------------------------------------------


def rules_table(facts: CaseFacts) -> Iterator[Block]:
    """Count findings by rule and names of files by type."""
    found = facts.findings
    if found is None:
        yield paragraph("The history was not searched yet: what has to go is ", NOT_KNOWN, ".")
        return
    counts = sorted(found.by_rule.items(), key=lambda item: (-item[1], item[0]))
    rules = [((title_of(rule),), (name(rule),), (f"{number:,}",)) for rule, number in counts]
    if rules:
        yield Table(
            caption="Findings by rule",
            header=("What was found", "Rule", "Findings"),
            rows=rules,
            widths=(62, 20, 18),
            numbers=frozenset({2}),
        )
    types = [((kind,), (f"{number:,}",)) for kind, number in facts.file_types.items()]
    if types:
        yield Table(
            caption="Files that had to go, by type",
            header=("Type of file", "Names"),
            rows=types,
            widths=(62, 38),
            numbers=frozenset({1}),
        )
    if not found.complete or found.not_examined:
        number = counted(found.not_examined, "object")
        yield paragraph(
            Strong("Not everything could be examined:", "bad"), f" {number} could not be read."
        )


def title_of(rule: str) -> str:
    """Give what a rule is about, in words."""
    known = rule_by_id(rule)
    return known.about.title if known else "A rule of another version"


def files(facts: CaseFacts) -> Iterator[Block]:
    """List the files that had to go, and the findings in them, by place and never by value."""
    if facts.bad is None:
        return
    paths = sorted(
        ((blob.first_date, path) for blob in facts.bad.blobs for path in blob.paths),
        key=lambda pair: (pair[0] is None, pair[0] or 0, pair[1]),
    )
    if paths:
        shown, more = limited(paths, "name")
        rows = [((name(facts.masking.shown(path)),), (day(first),)) for first, path in shown]
        header = ("Name", "First committed")
        yield Table(caption="Files that had to go", header=header, rows=rows, widths=(78, 22))
        yield from more
    yield from _located(facts)


def _located(facts: CaseFacts) -> Iterator[Block]:
    if facts.findings is None or not facts.findings.listed:
        return
    rows = [
        ((name(_path(facts, found)),), (title_of(found.rule),), _where(facts, found))
        for found in facts.findings.listed
    ]
    header = ("File", "Finding", "Where in it")
    yield Table(caption="Where in the files", header=header, rows=rows, widths=(42, 30, 28))
    if facts.findings.left_out:
        number = counted(facts.findings.left_out, "more finding")
        yield note(
            f"{number} not listed here; `breachkit scope` and the case folder have all of them."
        )


def _path(facts: CaseFacts, found: Found) -> str:
    return facts.masking.shown(found.path) if found.path else "without a name"


def _where(facts: CaseFacts, found: Found) -> Line:
    said = phrases.where(found.location, display)
    return named(facts.masking.text(said) if said else None, "the whole file")
