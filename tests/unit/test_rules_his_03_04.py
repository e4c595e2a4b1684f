import dataclasses
import time

import pytest

from breachkit.detect.rules.his_03 import TakenBack
from breachkit.detect.rules.his_04 import StillReachable
from breachkit.model.findings import Confidence, Location, Severity
from tests.support.judging import Past, hit


TAKEN_BACK = TakenBack()
STILL_REACHABLE = StillReachable()
TABLE = "region,n\nNorth,10\nSouth,120"
OTHER = "region,n\nNorth,15\nSouth,125"
PATH = "released_outputs/deaths.csv"


def deleted(subject, path=PATH):
    past = Past()
    past.commit("add", {path: TABLE})
    past.commit(subject, {path: None})
    return past


@pytest.mark.parametrize(
    "subject",
    [
        "Remove table with small numbers",
        "oops",
        "Delete file: low counts",
        "remove patient-level data",
        "this should not be public",
        "Committed by mistake",
        "delete disclosive output",
        "Remove unredacted results",
        "GDPR",
    ],
)
def test_a_deletion_that_reads_like_a_correction_is_a_finding(subject):
    past = deleted(subject)

    found = past.judge(TAKEN_BACK)

    assert list(found) == [past.id_of(TABLE)]
    assert found[past.id_of(TABLE)].severity is Severity.MEDIUM
    assert found[past.id_of(TABLE)].confidence is Confidence.HIGH


@pytest.mark.parametrize("subject", ['Revert "Add results"', "undo release", "rolled back to v1"])
def test_a_revert_is_a_finding_and_a_graver_one_where_something_was_found(subject):
    past = deleted(subject)
    [alone] = past.judge(TAKEN_BACK).values()
    past.found(TABLE, Severity.HIGH)
    [beside] = past.judge(TAKEN_BACK).values()

    assert (alone.severity, alone.confidence) == (Severity.LOW, Confidence.MEDIUM)
    assert (beside.severity, beside.confidence) == (Severity.MEDIUM, Confidence.MEDIUM)


@pytest.mark.parametrize(
    "subject", ["remove results", "Deleted output files", "withdraw the tables"]
)
def test_a_removal_of_results_without_a_reason_is_low(subject):
    [hit_] = deleted(subject).judge(TAKEN_BACK).values()

    assert hit_.severity is Severity.LOW


def test_a_subject_takes_no_longer_than_its_length_whatever_it_says():
    began = time.process_time()

    assert deleted("remove " * 20_000).judge(TAKEN_BACK) == {}
    assert time.process_time() - began < 5  # and minutes, if each word were followed to the end


@pytest.mark.parametrize(
    "subject",
    [
        "remove old results",
        "Delete unused output files",
        "tidy up: remove tables",
        "rename outputs",
        "update",
        "",
        "remove temporary csv files",
        "Merge pull request #7 from x/redact-small-numbers",
        "delete dummy data",
    ],
)
def test_tidying_up_is_no_finding(subject):
    assert deleted(subject).judge(TAKEN_BACK) == {}


@pytest.mark.parametrize(
    "path", ["analysis/model.R", "codelists/a.csv", "docs/notes.csv", "output/x.py"]
)
def test_what_holds_no_results_is_no_finding(path):
    assert deleted("oops", path).judge(TAKEN_BACK) == {}


@pytest.mark.parametrize(
    ("worst", "expected"),
    [
        (Severity.LOW, Severity.LOW),
        (Severity.MEDIUM, Severity.MEDIUM),
        (Severity.CRITICAL, Severity.MEDIUM),
    ],
)
def test_a_silent_deletion_counts_where_another_rule_found_something_and_never_more(
    worst, expected
):
    past = deleted("update", "analysis/anything.txt")
    past.found(TABLE, worst)

    [hit_] = past.judge(TAKEN_BACK).values()

    assert hit_.severity is expected


def test_a_finding_of_info_alone_makes_no_deletion_a_finding():
    past = deleted("update")
    past.found(TABLE, Severity.INFO)

    assert past.judge(TAKEN_BACK) == {}


def test_a_change_that_a_revert_undid_is_a_finding_and_the_version_put_back_is_not():
    past = Past()
    past.commit("add", {PATH: TABLE})
    past.commit("new figures", {PATH: OTHER})
    past.commit('Revert "new figures"', {PATH: TABLE})

    assert list(past.judge(TAKEN_BACK)) == [past.id_of(OTHER)]


def test_an_edit_that_reads_like_a_redaction_is_a_finding_of_low_confidence():
    past = Past()
    past.commit("add", {PATH: TABLE})
    past.commit("redact low counts", {PATH: OTHER})

    [(blob, hit_)] = past.judge(TAKEN_BACK).items()

    assert blob == past.id_of(TABLE)
    assert (hit_.severity, hit_.confidence) == (Severity.MEDIUM, Confidence.LOW)


def test_an_ordinary_edit_is_no_finding():
    past = Past()
    past.commit("add", {PATH: TABLE})
    past.commit("oops, wrong figures", {PATH: OTHER})

    assert past.judge(TAKEN_BACK) == {}


def test_content_that_only_moved_or_is_still_shown_is_no_finding():
    moved = Past()
    moved.commit("add", {PATH: TABLE})
    moved.commit("oops, wrong folder", {PATH: None, "released_outputs/b/deaths.csv": TABLE})
    copied = Past()
    copied.commit("add", {PATH: TABLE, "released_outputs/copy.csv": TABLE})
    copied.commit("oops", {PATH: None})

    assert moved.judge(TAKEN_BACK) == {}
    assert copied.judge(TAKEN_BACK) == {}


def test_each_blob_is_one_finding_and_the_clearest_commit_counts():
    past = Past()
    past.commit("add", {PATH: TABLE})
    past.commit("remove results", {PATH: None})
    past.commit("add", {PATH: TABLE})
    past.commit("remove: small numbers", {PATH: None})
    past.commit("add", {PATH: TABLE})
    past.commit("remove the results", {PATH: None})

    [hit_] = past.judge(TAKEN_BACK).values()

    assert hit_.severity is Severity.MEDIUM


def test_the_subject_of_the_commit_is_never_quoted():
    [hit_] = deleted("oops, deaths in Ambridge").judge(TAKEN_BACK).values()

    assert "Ambridge" not in repr(hit_)


@pytest.mark.parametrize(
    ("reach", "words"),
    [
        ("history", "older commits of HEAD"),
        ("branch", "another branch"),
        ("tag", "a tag"),
        ("pull", "platform's support"),
        ("other", "a note or a stash"),
        ("unreachable", "no ref leads to it"),
    ],
)
def test_what_keeps_content_with_findings_is_said_in_words(reach, words):
    past = deleted("update")
    past.found(TABLE, Severity.LOW)
    past.reach[past.id_of(TABLE)] = reach

    [hit_] = past.judge(STILL_REACHABLE).values()

    assert hit_.severity is Severity.INFO
    assert words in hit_.message


def test_content_of_the_newest_version_or_without_findings_is_not_mentioned():
    past = Past()
    past.commit("add", {PATH: TABLE, "b.csv": OTHER})
    past.commit("drop", {"b.csv": None})
    past.found(TABLE, Severity.HIGH)
    past.found(OTHER, Severity.INFO)

    assert past.judge(STILL_REACHABLE) == {}


def test_several_findings_in_one_blob_are_one_mention():
    past = deleted("update")
    past.hits[past.id_of(TABLE)] = [hit(Severity.HIGH), hit(Severity.LOW, "HIS-03")]

    assert len(past.judge(STILL_REACHABLE)) == 1


@pytest.mark.parametrize("part", ["message", "name"])
def test_what_is_in_a_message_or_a_name_is_not_mentioned(part):
    past = deleted("update")
    said = dataclasses.replace(hit(Severity.MEDIUM, "META-01"), location=Location(part=part))
    past.hits[past.id_of(TABLE)] = [said]

    assert past.judge(STILL_REACHABLE) == {}
