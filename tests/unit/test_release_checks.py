"""What the outcome of a check comes to, and what its parts decide by themselves."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachkit.actions.release_checks import (
    Answer,
    CheckResult,
    Concern,
    Item,
    ItemResult,
    Outcome,
)
from breachkit.actions.release_checks_content import Seen
from breachkit.actions.release_checks_deciding import Answers, decide, matches
from breachkit.actions.release_checks_earlier import counterparts, differences
from breachkit.actions.release_checks_folder import FileFacts, FolderFacts, folder_concerns
from breachkit.actions.release_checks_tables import table_concerns
from breachkit.documents.table import Table
from breachkit.model.findings import (
    Attribution,
    Confidence,
    Coverage,
    Finding,
    Hit,
    ScanResult,
    Severity,
    Skipped,
    Stats,
)
from breachkit.model.ids import GitPath, ObjectId
from breachkit.sdc.sketching import sketch
from breachkit.workflows.playbooks import choose_policies


POLICY = choose_policies("2023-07").at(None)
TODAY = date(2026, 3, 1)
ITEM = Item(id="logs", title="Logs?", remedy="Leave out.", source="here", as_of=date(2022, 1, 1))
FAILS = Concern(what="a log", outcome=Outcome.FAIL, paths=(GitPath(b"release/a.log"),))
WAITS = Concern(what="who knows", outcome=Outcome.PERSON)
FOUND = Concern(what="a rule", outcome=Outcome.FAIL, findings=("F-0001",), is_answerable=False)


def result(severity=Severity.INFO, concerns=(), *, read=True):
    hit = Hit(rule="CNT-01", severity=severity, confidence=Confidence.HIGH, message="found")
    finding = Finding(
        id="F-0001", hit=hit, object_id=ObjectId(""), size=1, attribution=Attribution()
    )
    scan = ScanResult(
        target="release",
        policy="2023-07",
        coverage=Coverage(refs={}, objects={}),
        stats=Stats(
            commits=0, refs=0, objects=1, blobs=1, blobs_examined=1, bytes_examined=1, seconds=0.0
        ),
        findings=(finding,),
        skipped=() if read else (Skipped(reason="locked"),),
    )
    return CheckResult(scan=scan, items=(ItemResult(item=ITEM, concerns=concerns),), files=())


@pytest.mark.parametrize(
    ("checked", "code", "strict"),
    [
        (result(), 0, 0),
        (result(concerns=(WAITS,)), 0, 8),
        (result(concerns=(FAILS,)), 12, 12),
        (result(concerns=(replace(FAILS, answer=Answer(item="logs", by="Ada", on=TODAY, reason="so")),)), 0, 0),
        (result(Severity.LOW, (FOUND,)), 11, 11),
        (result(Severity.LOW, (FOUND, FAILS)), 12, 12),
        (result(Severity.HIGH, (FOUND, FAILS)), 13, 13),
        (result(Severity.CRITICAL, (FOUND,), read=False), 14, 14),
        (result(concerns=(WAITS,), read=False), 5, 5),
    ],
)  # fmt: skip
def test_the_worst_decides_the_exit_code(checked, code, strict):
    assert (checked.exit_code(), checked.exit_code(strict=True)) == (code, strict)
    assert checked.passes == (code == 0)


def settled(concern, *answers, files=("release/a.log", "release/t.csv")):
    decided = decide(
        [ITEM],
        [("logs", concern)],
        Answers(given=answers, today=TODAY, hold=timedelta(days=90)),
        {},
        lambda pattern: any(matches(pattern, GitPath(path.encode())) for path in files),
    )
    return decided.items[0], decided


def answer(**more):
    return Answer(item="logs", by="Ada", reason="needed", **{"on": TODAY, **more})


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (answer(), "pass"),
        (answer(files=("a.log",)), "pass"),
        (answer(files=("release/*.log",)), "pass"),
        (answer(files=("b.log",)), "fail"),
        (answer(files=("lease/a.log",)), "fail"),
        (answer(data=("t.csv",)), "pass"),
        (answer(data=("u.csv",)), "fail"),
        (answer(on=TODAY - timedelta(days=91)), "fail"),
        (answer(on=TODAY - timedelta(days=91), until=TODAY), "pass"),
        (answer(until=TODAY - timedelta(days=1)), "fail"),
        (answer(on=TODAY + timedelta(days=1)), "fail"),
    ],
)
def test_an_answer_settles_what_it_is_about_while_it_holds(said, outcome):
    item, decided = settled(FAILS, said)

    assert item.outcome == outcome
    assert (said in (*decided.unused, *decided.lapsed)) == (outcome == "fail")


def test_an_answer_about_some_files_leaves_the_others_open():
    both = replace(FAILS, paths=(GitPath(b"release/a.log"), GitPath(b"release/b.log")))
    item, _ = settled(both, answer(files=("a.log",)))

    assert [each.paths for each in item.open] == [(b"release/b.log",)]


def test_nobody_answers_a_finding():
    item, decided = settled(FOUND, answer())

    assert (item.outcome, len(decided.unused)) == ("fail", 1)


# --- Names and tables ---------------------------------------------------------------------------


def figures_without(*names):
    files = [
        FileFacts(
            path=GitPath(name.encode()),
            within=GitPath(name.encode()),
            size=9,
            seen=Seen(tables=int(name.endswith("csv"))),
        )
        for name in names
    ]
    told = folder_concerns(FolderFacts(name="release", given=1, files=files), POLICY)
    return [path.decode() for item, each in told if item == "figure-counts" for path in each.paths]


@pytest.mark.parametrize(
    ("figure", "table"),
    [
        ("deaths.png", "deaths.csv"),
        ("plots/plot_deaths_by_age.svg", "tables/deaths_by_age.csv"),
        ("fig-deaths.jpeg", "underlying data deaths.csv"),
        ("figure_2a.svg", "figure_2.csv"),
        ("Figure 2.svg", "fig2_counts.csv"),
        ("deaths_north.png", "deaths.csv"),
    ],
)
def test_a_figure_and_its_table_are_known_by_their_names(figure, table):
    assert figures_without(figure, table) == []


@pytest.mark.parametrize(
    ("figure", "table"),
    [
        ("figure_2.svg", "table_2.csv"),
        ("figure_2.svg", "figure_1.csv"),
        ("deaths.png", "births.csv"),
        ("deaths.png", "deaths_north.csv"),
    ],
)
def test_a_table_of_another_name_is_of_something_else(figure, table):
    assert figures_without(figure, table) == [figure]


@given(st.lists(st.integers(2, 400), min_size=3, max_size=9), st.integers(-1, 1))
def test_totals_of_rounded_counts_are_wrong_exactly_where_they_are_not_the_sum(fives, off):
    """Off by no more than rounding explains: what is further off is no total of these rows."""
    counts = [5 * each for each in fives]
    total = sum(counts) + 5 * off
    rows = [[f"group {'abcdefghi'[at]}", f"{count}"] for at, count in enumerate(counts)]
    table = Table(("group", "patients"), [*rows, ["Total", f"{total}"]])
    told = [each.what for item, each in table_concerns(table, POLICY) if item == "rounding"]

    assert bool(told) == (off != 0)


@given(st.lists(st.integers(1, 5000), min_size=2, max_size=9))
def test_counts_are_odd_exactly_where_no_base_of_the_policy_gives_them(numbers):
    rows = [[f"group {'abcdefghi'[at]}", f"{count}"] for at, count in enumerate(numbers)]
    table = Table(("group", "patients"), rows)
    told = [each.what for item, each in table_concerns(table, POLICY) if item == "rounding"]
    expected = any(count > POLICY.threshold and count % 5 and count % 3 for count in numbers)

    assert bool([each for each in told if "not rounded" in each]) == expected


@pytest.mark.parametrize(("step", "severity"), [(0, Severity.MEDIUM), (-17, Severity.LOW)])
def test_what_a_release_of_new_data_hides_was_no_small_count_in_the_old_ones(step, severity):
    counts = (3011, 412, 87, 1290, 553, 31, 26)
    old = [[name, f"{count}"] for name, count in zip("abcdefg", counts, strict=True)]
    new = [[name, f"{count + (at + 1) * step}"] for at, (name, count) in enumerate(zip("abcde", counts, strict=False))]  # fmt: skip
    new += [["f", "31" if not step else "20"], ["g", "[REDACTED]"]]
    before, after = ([sketch(Table(("region", "n"), rows), b"key")] for rows in (old, new))

    assert [hit.severity for hit in differences(after, before, 7) if hit.rule == "HIS-01"] == [
        severity
    ]


# --- Earlier files ------------------------------------------------------------------------------

PATHS = st.lists(
    st.lists(st.sampled_from([b"a", b"b", b"c.csv"]), min_size=1, max_size=4).map(b"/".join),
    max_size=6,
)


@given(PATHS, st.sampled_from([b"c.csv", b"a/c.csv", b"b/a/c.csv"]))
def test_the_earlier_files_of_a_name_are_those_that_share_most_of_it(paths, within):
    found = counterparts(GitPath(within), [GitPath(each) for each in paths])
    name = within.rpartition(b"/")[2]

    assert all(paths[at].rpartition(b"/")[2] == name for at in found)
    assert bool(found) == any(each.rpartition(b"/")[2] == name for each in paths)
    if within in paths:
        assert all(paths[at].endswith(within) for at in found)
