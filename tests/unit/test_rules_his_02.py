"""Small differences between two versions, where neither was rounded."""

import pytest

from breachkit.detect.rules.his_02 import FewChanged
from breachkit.model.findings import Confidence, Severity
from tests.support.judging import Past, lines, place


RULE = FewChanged()
PATH = "released_outputs/deaths.csv"
COUNTS = (101, 232, 367, 411, 523, 677, 798, 819)


def table(counts=COUNTS, label="Region"):
    return lines(["region", "n"], *([f"{label}{row}", count] for row, count in enumerate(counts)))


def past(*versions, path=PATH):
    history = Past()
    for version in versions:
        history.commit("update", {path: version})
    return history


def changed(by, at=(2,)):
    return table([count + (by if row in at else 0) for row, count in enumerate(COUNTS)])


@pytest.mark.parametrize("by", [1, -1, 5, -5])
def test_a_count_that_changed_by_a_few_people_is_low_in_the_older_version(by):
    history = past(table(), changed(by))

    [(blob, hit)] = history.judge(RULE).items()

    assert blob == history.id_of(table())
    assert (hit.severity, hit.confidence) == (Severity.LOW, Confidence.MEDIUM)
    assert (place(hit).rows, place(hit).columns, place(hit).cells) == ((3,), ("n",), 1)


def test_the_threshold_is_that_of_the_older_version():
    history = past(table(), changed(7))

    assert history.judge(RULE, "2020-12") == {}
    assert len(history.judge(RULE, "2023-07")) == 1


def test_where_most_counts_changed_the_data_were_extracted_again():
    new = table([count + 20 + row for row, count in enumerate(COUNTS[:-1])] + [COUNTS[-1] + 2])

    [hit] = past(table(), new).judge(RULE).values()

    assert (hit.severity, hit.confidence) == (Severity.INFO, Confidence.LOW)
    assert "extracted again" in hit.message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (table(), table()),
        (table(), changed(6)),
        (table([5 * count for count in COUNTS]), table([5 * (count + 1) for count in COUNTS])),
        (table(COUNTS[:3]), table([101, 232, 368])),  # too few to tell whether they were rounded
        (table(), table([count + 1 for count in COUNTS], label="Group")),
        (table().replace(",n", ",hr"), changed(1).replace(",n", ",hr")),
        (table().replace(",n", ",n_rounded"), changed(1).replace(",n", ",n_rounded")),
    ],
    ids=["same", "more", "rounded", "few", "other rows", "no count", "said to be rounded"],
)
def test_other_changes_are_none(old, new):
    assert past(old, new).judge(RULE) == {}


def test_rows_are_matched_by_their_labels():
    header, *rows = changed(1).splitlines()
    history = past(table(), "\n".join([header, *reversed(rows)]))

    [hit] = history.judge(RULE).values()

    assert place(hit).rows == (3,)


@pytest.mark.parametrize("path", ["dummy_data/deaths.csv", "codelists/uses.csv"])
def test_invented_data_and_codelists_describe_nobody(path):
    assert past(table(), changed(1), path=path).judge(RULE) == {}


def extracted(week):
    return table(
        [count + week * (17 + row) for row, count in enumerate(COUNTS[:-1])] + [COUNTS[-1] + week]
    )


def test_a_table_that_is_extracted_every_week_is_told_of_a_few_times():
    history = past(*(extracted(week) for week in range(12)))

    assert [hit.severity for hit in history.judge(RULE).values()] == [Severity.INFO] * 5


def test_that_later_extractions_are_not_listed_is_said_with_the_last_that_is():
    history = past(*(extracted(week) for week in range(12)))

    *_, last = history.judge(RULE).values()
    enough = past(*(extracted(week) for week in range(6))).judge(RULE).values()

    assert last.message.endswith("later such versions of this file are not listed")
    assert not any("not listed" in hit.message for hit in enough)


def test_a_correction_is_told_of_after_any_number_of_extractions_and_of_others():
    last = extracted(8)
    corrected = last.replace(f",{COUNTS[2] + 8 * 19}", f",{COUNTS[2] + 8 * 19 - 1}")
    weekly = past(*(extracted(week) for week in range(9)), corrected)

    assert weekly.judge(RULE)[weekly.id_of(last)].severity is Severity.LOW
    assert len(past(*(changed(by) for by in range(12))).judge(RULE)) == 11


def test_two_versions_are_compared_once_however_often_they_take_turns():
    history = past(table(), changed(1), table(), changed(1))

    assert list(history.judge(RULE)) == [history.id_of(table())]


def test_versions_without_sketches_are_passed_over():
    history = past(table(), changed(1))
    history.content.clear()

    assert history.judge(RULE) == {}
