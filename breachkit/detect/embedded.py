"""Which rule judges what a file carries beside what a person sees, and how a finding says so."""

from collections.abc import Iterator, Mapping, Sequence

from breachkit.detect.paths import is_invented
from breachkit.detect.rule import About, FileContext
from breachkit.documents.kinds import HTML, NOTEBOOK, SVG
from breachkit.documents.table import Embedded, Trait
from breachkit.model.findings import Hit, Location, Severity


Grades = Mapping[Trait, Severity]
"""How bad each trait is, where results are kept; what is not listed is INFO."""

_BY_CARRIER = {NOTEBOOK.name: "EMB-01", HTML.name: "EMB-02", SVG.name: "EMB-03"}
_RULE_OF: Mapping[Trait, str] = {
    Trait.NOTEBOOK_OUTPUT: "EMB-01",
    Trait.SCRIPT: "EMB-02",
    Trait.WIDGET_DATA: "EMB-02",
    Trait.HIDDEN_MARKUP: "EMB-02",
    Trait.STATISTICS: "EMB-06",
    Trait.PLOTTED_DATA: "EMB-06",
    Trait.OBJECTS: "EMB-06",
    Trait.ATTACHED_LABELS: "EMB-06",
}
_DOCUMENTS = "EMB-05"
_MOST_PARTS = 3


def hits(
    about: About, found: Sequence[Embedded], grades: Grades, context: FileContext
) -> Iterator[Hit]:
    """Give one hit that lists the kinds of what a file carries, where a rule judges any of it.

    Args:
        about: Of the rule.
        found: Everything embedded in one file.
        grades: How bad each trait is.
        context: Where the file lies: elsewhere than among outputs nothing is worse than low, and
            in a file that calls itself invented everything is INFO.
    """
    mine = [one for one in found if _rule_of(one) == about.id]
    if mine:
        worst = max(grades.get(one.trait, Severity.INFO) for one in mine)
        parts = {one.part for one in mine}
        yield Hit(
            rule=about.id,
            severity=_by_path(worst, context),
            confidence=about.confidence,
            message=f"beside what it shows the file carries {_kinds(mine, grades)}",
            location=Location(part=parts.pop()) if len(parts) == 1 else None,
        )


def _rule_of(one: Embedded) -> str:
    """A figure's rule judges all of the figure; what many formats may carry goes by its trait."""
    if one.carrier in _BY_CARRIER:
        return _BY_CARRIER[one.carrier]
    if one.carrier.endswith(" image"):
        return "EMB-04"
    if "office" in one.carrier or one.carrier == "PDF":
        return _DOCUMENTS
    return _RULE_OF.get(one.trait, _DOCUMENTS)


def _by_path(severity: Severity, context: FileContext) -> Severity:
    if is_invented(context):
        return Severity.INFO
    is_elsewhere = bool(context.paths) and not context.is_output
    return min(severity, Severity.LOW) if is_elsewhere else severity


def _kinds(found: Sequence[Embedded], grades: Grades) -> str:
    """List traits, the worst first: `hidden sheet (sheet 2, sheet 3), comments (12)`."""
    by_trait: dict[Trait, list[Embedded]] = {}
    for one in found:
        by_trait.setdefault(one.trait, []).append(one)
    order = sorted(by_trait, key=lambda trait: (-grades.get(trait, Severity.INFO), trait.value))
    return ", ".join(_kind(trait, by_trait[trait]) for trait in order)


def _kind(trait: Trait, found: Sequence[Embedded]) -> str:
    number = sum(one.count for one in found)
    parts = sorted({one.part for one in found if one.part})
    details = [str(number)] if number > max(1, len(parts)) else []
    details += parts[:_MOST_PARTS]
    if len(parts) > _MOST_PARTS:
        details.append(f"{len(parts) - _MOST_PARTS} more")
    return f"{trait.value} ({', '.join(details)})" if details else trait.value
