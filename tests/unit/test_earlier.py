"""A scan is compared with an earlier one: by what was found and where, never by a commit's id."""

import dataclasses

import pytest
from hypothesis import given, settings

from breachkit.actions.earlier import Earlier, gone, known
from breachkit.model.errors import ConfigurationError
from breachkit.model.findings import Attribution, Location, Severity
from breachkit.report import json_v1
from tests.support import results


def written(*findings):
    return json_v1.to_json(results.result(*findings), tool_version="1")["findings"]


def compare(now, earlier):
    return known(now, earlier), gone(now, earlier)


def message(number, text="a message quotes a count"):
    """A finding in the message of a commit: its object is the commit."""
    place = Attribution(
        first_commit=results.object_id(number), first_date=results.DAY, reach="head"
    )
    hit = results.hit("META-01", message=text, location=Location(part="message"))
    return results.finding(number, hit=hit, attribution=place)


@settings(max_examples=50)
@given(results.scan_results)
def test_a_scan_has_nothing_new_against_itself(result):
    found = json_v1.to_json(result, tool_version="1")
    earlier = Earlier.from_json(found, shown="x")

    assert compare(earlier.findings, earlier.findings) == ((True,) * len(result.everything), 0)


def test_a_rewrite_that_changes_commits_alone_makes_nothing_new():
    before = results.finding(1)
    place = dataclasses.replace(before.attribution, first_commit=results.object_id(9), refs=())
    after = dataclasses.replace(before, id="F-0007", attribution=place)

    assert compare(written(after), written(before)) == ((True,), 0)
    assert compare(written(message(5)), written(message(4))) == ((True,), 0)


@pytest.mark.parametrize(
    "now",
    [
        results.finding(1, blob=2),
        results.finding(1, hit=results.hit("CNT-02")),
        results.finding(1, hit=results.hit(location=Location(part="sheet 2"))),
        message(1),
    ],
    ids=["content", "rule", "part", "message"],
)
def test_what_is_another_finding_is_new(now):
    assert compare(written(now), written(results.finding(1))) == ((False,), 1)


def test_what_became_worse_is_new_and_not_gone():
    worse = results.finding(1, hit=results.hit(severity=Severity.CRITICAL))

    assert compare(written(worse), written(results.finding(1))) == ((False,), 0)


def test_a_finding_that_is_milder_now_is_known():
    mild = results.finding(1, hit=results.hit(severity=Severity.LOW))

    assert compare(written(mild), written(results.finding(1))) == ((True,), 0)


def test_each_earlier_finding_stands_for_one():
    one, two = results.finding(1), results.finding(2, blob=1)
    severe = results.finding(3, blob=1, hit=results.hit(severity=Severity.CRITICAL))

    assert compare(written(one, two), written(one)) == ((True, False), 0)
    assert compare(written(one), written(one, two)) == ((True,), 1)
    assert compare(written(one, severe), written(severe)) == ((False, True), 0)


def test_another_message_of_the_same_day_is_new():
    assert compare(written(message(1, "other words")), written(message(1))) == ((False,), 1)


REPORT = json_v1.to_json(results.result(results.finding(1)), tool_version="1")


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        "breachkit.scan/1",
        {**REPORT, "schema": "breachkit.scan/2"},
        {**REPORT, "findings": None},
        {**REPORT, "findings": [{}]},
        {**REPORT, "findings": [{**REPORT["findings"][0], "severity": "bad"}]},
        {**REPORT, "findings": [{**REPORT["findings"][0], "blob": []}]},
        {**REPORT, "findings": [{**REPORT["findings"][0], "blob": "abc"}]},
        {**REPORT, "findings": [{**REPORT["findings"][0], "rule": "caf\u00e9"}]},
        {**REPORT, "coverage": None},
    ],
    ids=[f"broken-{number}" for number in range(12)],
)
def test_what_is_no_report_is_refused(data):
    with pytest.raises(ConfigurationError, match=r"x is no report of a scan: make one with"):
        Earlier.from_json(data, shown="x")
