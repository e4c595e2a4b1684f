"""A report is read in a minute: like files are one group, the worst comes first, the rest is counted."""

import dataclasses

import pytest
from hypothesis import given, settings

from breachkit.model.findings import Attribution, Confidence, Location, Severity
from breachkit.model.ids import GitPath
from breachkit.report.grouping import alike, by_file
from tests.support import results
from tests.support.reports import terminal_text


def counts(number, path, cells=1, **changes):
    location = Location(columns=("n",), rows=(1,), cells=cells)
    hit = results.hit(message=f"{cells} cells hold a count of 1 to 5", location=location, **changes)
    return results.finding(number, path, hit=hit)


def test_the_same_words_for_many_files_of_a_folder_are_one_group():
    findings = [counts(n, b"released_outputs/a/%03d.csv" % n, cells=n) for n in range(1, 214)]
    (group,) = alike(by_file(findings))
    text = terminal_text(results.result(*findings))

    assert len(group.files) == 213
    assert group.folder == b"released_outputs/a/"
    assert group.cells == sum(range(1, 214))
    assert group.first.path == b"released_outputs/a/213.csv"
    assert "and 212 files like it in released_outputs/a/ (22,791 cells in all)" in text
    assert len(text.splitlines()) < 35


def test_a_few_files_that_are_alike_are_named():
    findings = [counts(n, b"out/%d.csv" % n) for n in range(4)]
    text = terminal_text(results.result(*findings))

    assert [line for line in text.splitlines() if "like it" in line] == [
        "  like it out/1.csv",
        "  like it out/2.csv",
        "  like it out/3.csv",
    ]


@pytest.mark.parametrize(
    "other",
    [
        counts(2, b"elsewhere/b.csv"),
        counts(2, b"b.csv"),
        counts(2, b"out/b.csv", severity=Severity.MEDIUM),
        counts(2, b"out/b.csv", rule="PAT-01"),
        results.finding(2, b"out/b.csv", hit=results.hit(message="something else")),
    ],
    ids=["folder", "root", "severity", "rule", "words"],
)
def test_files_of_which_something_else_is_to_be_said_stand_apart(other):
    assert len(alike(by_file([counts(1, b"out/a.csv"), other]))) == 2


def test_the_folder_is_the_deepest_that_holds_them_all():
    paths = (b"out/a/b/x.csv", b"out/a/bc/y.csv")
    (group,) = alike(by_file([counts(n, path) for n, path in enumerate(paths)]))
    (root,) = alike(by_file([counts(n, path) for n, path in enumerate((b"x.csv", b"y.csv"))]))

    assert (group.folder, root.folder) == (b"out/a/", b"")


def test_the_names_of_one_content_stand_together():
    findings = [
        results.finding(1, b"a/t.csv", b"b/t.csv"),
        results.finding(2, b"a/t.csv", blob=1, hit=results.hit("HIS-01", Severity.MEDIUM)),
    ]
    (group,) = by_file(findings)

    assert group.path == b"a/t.csv"
    assert group.other_paths == (b"b/t.csv",)


def test_the_worst_comes_first_then_the_surest_then_what_tells_most():
    low = Confidence.LOW
    findings = [
        counts(1, b"a.csv", rule="TYPE-01"),
        counts(2, b"b.csv", confidence=low),
        counts(3, b"c.csv", severity=Severity.CRITICAL, confidence=low),
        counts(4, b"d.csv"),
        counts(5, b"e.csv", cells=9),
    ]

    assert [group.path for group in by_file(findings)] == [
        *(b"c.csv", b"e.csv", b"d.csv", b"a.csv", b"b.csv"),
    ]


def test_of_the_rules_on_one_file_the_most_telling_is_told_first_and_in_full():
    rules = ("HIS-03", "TYPE-01", "CNT-01", "PAT-01")
    findings = [
        results.finding(n, b"t.csv", blob=1, hit=results.hit(rule, message=f"it is {rule}"))
        for n, rule in enumerate(rules, 1)
    ]
    (group,) = by_file(findings)
    text = terminal_text(results.result(*findings))

    assert [each.told.hit.rule for each in group.rules] == ["PAT-01", "CNT-01", "HIS-03", "TYPE-01"]
    assert "  PAT-01  Patient identifiers: it is PAT-01; F-0004\n" in text
    assert "it is CNT-01" not in text
    assert "          and CNT-01 (F-0003), HIS-03 (F-0001), TYPE-01 (F-0002)\n" in text


def test_what_is_told_of_several_versions_is_the_worst_of_them():
    mild = counts(1, b"t.csv", severity=Severity.LOW)
    head = dataclasses.replace(mild.attribution, reach="head")
    versions = (dataclasses.replace(mild, attribution=head), counts(2, b"t.csv"))
    (group,) = by_file(versions)

    assert group.severity is Severity.HIGH
    assert group.rules[0].told.id == "F-0002"
    assert "F-0002 and 1 more, in 2 versions since" in " ".join(
        terminal_text(results.result(*versions), verbose=True).split()
    )


def test_other_rules_of_like_files_are_named():
    findings = [
        counts(1, b"out/a.csv", cells=2),
        counts(2, b"out/b.csv"),
        results.finding(3, b"out/b.csv", blob=2, hit=results.hit("HIS-01", Severity.MEDIUM)),
    ]

    assert "and in some of them HIS-01\n" in terminal_text(results.result(*findings))


def test_low_and_information_take_one_line_a_rule_unless_asked_for():
    findings = [
        *(counts(n, b"low/%d.csv" % n, severity=Severity.LOW) for n in range(40)),
        *(counts(n, b"low/%d.csv" % n, rule="HIS-03", severity=Severity.INFO) for n in range(40)),
    ]
    short = terminal_text(results.result(*findings))
    full = terminal_text(results.result(*findings), verbose=True)

    assert "  CNT-01  low     40 x Small counts in a count column\n" in short
    assert "  HIS-03  info    40 x Deleted, but still in the history\n" in short
    assert "low/" not in short
    assert all(f"low/{n}.csv" in full for n in range(40))
    assert "What to do" not in short


def test_thirty_rules_in_a_thousand_files_fit_two_screens():
    findings = [
        results.finding(n, b"d%d/%d.csv" % (n % 15, n), hit=results.hit(f"ABC-{n % 30:02}"))
        for n in range(1000)
    ]

    assert len(terminal_text(results.result(*findings)).splitlines()) < 100


@settings(max_examples=60)
@given(results.scan_results)
def test_no_finding_is_lost_by_grouping(result):
    files = by_file(result.findings)
    groups = alike(files)

    grouped = [
        finding
        for group in groups
        for file in group.files
        for rule in file.rules
        for finding in rule.findings
    ]
    assert sorted(map(id, grouped)) == sorted(map(id, result.findings))
    assert [group.first for group in groups] == [
        file for file in files if any(file is group.first for group in groups)
    ]


def test_messages_have_no_folder():
    place = Attribution(reach="tag")
    message = results.finding(1, attribution=place)
    (group,) = alike(by_file([message]))

    assert (group.folder, group.first.path) == (b"", None)
    assert GitPath(b"") not in group.first.other_paths
