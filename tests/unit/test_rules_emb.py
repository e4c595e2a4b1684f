"""Each trait has one rule, one hit lists them all, and the hit holds no content."""

import pytest

from breachkit.detect.rules.emb_01 import NotebookOutputs
from breachkit.detect.rules.emb_02 import HiddenInMarkup
from breachkit.detect.rules.emb_03 import HiddenInFigure
from breachkit.detect.rules.emb_04 import HiddenInImage
from breachkit.detect.rules.emb_05 import HiddenInDocument
from breachkit.detect.rules.emb_06 import StatisticsContainers
from breachkit.documents.kinds import HTML, NOTEBOOK, SVG
from breachkit.documents.table import Embedded, Trait
from breachkit.model.findings import Severity
from tests.support.judging import context_of


RULES = (
    NotebookOutputs(),
    HiddenInMarkup(),
    HiddenInFigure(),
    HiddenInImage(),
    HiddenInDocument(),
    StatisticsContainers(),
)
RELEASED = context_of("released_outputs/some.file")


def judged(*found, context=RELEASED):
    return {hit.rule: hit for rule in RULES for hit in rule.check_embedded(found, context)}


@pytest.mark.parametrize("trait", Trait, ids=lambda trait: trait.name)
@pytest.mark.parametrize("carrier", ["", "office file", SVG.name, HTML.name, "PNG image"])
def test_whatever_is_embedded_anywhere_is_judged_by_exactly_one_rule(trait, carrier):
    assert len(judged(Embedded(trait, carrier=carrier))) == 1


@pytest.mark.parametrize(
    ("trait", "carrier", "rule", "severity"),
    [
        (Trait.NOTEBOOK_OUTPUT, NOTEBOOK.name, "EMB-01", Severity.INFO),
        (Trait.WIDGET_DATA, NOTEBOOK.name, "EMB-01", Severity.LOW),
        (Trait.SCRIPT, HTML.name, "EMB-02", Severity.INFO),
        (Trait.WIDGET_DATA, HTML.name, "EMB-02", Severity.LOW),
        (Trait.HIDDEN_MARKUP, HTML.name, "EMB-02", Severity.LOW),
        (Trait.EMBEDDED_IMAGE, HTML.name, "EMB-02", Severity.INFO),
        (Trait.WIDGET_DATA, "JSON", "EMB-02", Severity.LOW),
        (Trait.HIDDEN_TEXT, SVG.name, "EMB-03", Severity.LOW),
        (Trait.METADATA_TEXT, SVG.name, "EMB-03", Severity.INFO),
        (Trait.METADATA_TEXT, "PNG image", "EMB-04", Severity.INFO),
        (Trait.EXIF, "JPEG image", "EMB-04", Severity.INFO),
        (Trait.TRAILING_BYTES, "PNG image", "EMB-04", Severity.LOW),
        (Trait.THUMBNAIL, "JPEG image", "EMB-04", Severity.LOW),
        (Trait.HIDDEN_SHEET, "office file", "EMB-05", Severity.MEDIUM),
        (Trait.VERY_HIDDEN_SHEET, "office file", "EMB-05", Severity.MEDIUM),
        (Trait.EMPTY_SHEET, "office file", "EMB-05", Severity.INFO),
        (Trait.PIVOT_CACHE, "office file", "EMB-05", Severity.MEDIUM),
        (Trait.TRACKED_CHANGES, "office file", "EMB-05", Severity.LOW),
        (Trait.PLOTTED_DATA, "zip or office file", "EMB-05", Severity.LOW),
        (Trait.THUMBNAIL, "old office file", "EMB-05", Severity.LOW),
        (Trait.AUTHOR, "office file", "EMB-05", Severity.INFO),
        (Trait.HIDDEN_TEXT, "PDF", "EMB-05", Severity.LOW),
        (Trait.STATISTICS, "Stata graph or estimates", "EMB-06", Severity.INFO),
        (Trait.PLOTTED_DATA, "Stata graph or estimates", "EMB-06", Severity.LOW),
        (Trait.OBJECTS, "R data", "EMB-06", Severity.LOW),
        (Trait.ATTACHED_LABELS, "Stata data", "EMB-06", Severity.INFO),
    ],
)
def test_the_trait_and_what_carries_it_decide_rule_and_severity(trait, carrier, rule, severity):
    [hit] = judged(Embedded(trait, carrier=carrier)).values()

    assert (hit.rule, hit.severity) == (rule, severity)


def test_one_hit_lists_every_kind_the_worst_first_with_its_parts():
    found = judged(
        Embedded(Trait.AUTHOR),
        Embedded(Trait.COMMENTS, "sheet 1", 12),
        Embedded(Trait.HIDDEN_SHEET, "sheet 3"),
        Embedded(Trait.HIDDEN_SHEET, "sheet 2"),
    )

    assert list(found) == ["EMB-05"]
    hit = found["EMB-05"]
    assert hit.severity is Severity.MEDIUM
    assert hit.message.endswith(
        "hidden sheet (sheet 2, sheet 3), comments (12, sheet 1), names of authors"
    )
    assert hit.location is None


def test_a_long_list_of_parts_is_cut_and_counted():
    many = [Embedded(Trait.COMMENTS, f"sheet {number}") for number in range(1, 7)]

    assert "comments (sheet 1, sheet 2, sheet 3, 3 more)" in judged(*many)["EMB-05"].message


def test_the_only_part_is_the_place():
    hit = judged(Embedded(Trait.THUMBNAIL, "member 4", carrier="JPEG image"))["EMB-04"]

    assert hit.location is not None
    assert hit.location.part == "member 4"


def test_what_is_hidden_in_a_member_is_judged_beside_what_is_hidden_in_its_container():
    found = judged(
        Embedded(Trait.COMMENTS, carrier="office file"),
        Embedded(Trait.EXIF, "picture 1", carrier="JPEG image"),
    )

    assert set(found) == {"EMB-04", "EMB-05"}


@pytest.mark.parametrize(
    ("path", "severity"),
    [
        ("released_outputs/tables.xlsx", Severity.MEDIUM),
        ("docs/protocol.xlsx", Severity.LOW),
        ("tests/fixtures/tables.xlsx", Severity.INFO),
    ],
)
def test_elsewhere_than_among_outputs_a_trait_weighs_less(path, severity):
    found = judged(Embedded(Trait.HIDDEN_SHEET), context=context_of(path))

    assert found["EMB-05"].severity is severity


def test_nothing_embedded_is_nothing_found():
    assert not judged()
