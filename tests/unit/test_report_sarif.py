import dataclasses
import json
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import example, given, settings

from breachkit.model.findings import Attribution, Confidence, Location, Severity, Skipped
from breachkit.model.ids import GitPath
from breachkit.report import escape, sarif
from tests.support import results
from tests.support.reports import ABOUT
from tests.support.schemas import sarif_validator


def run_of(result, about=ABOUT):
    log = sarif.to_sarif(result, about, tool_version="1.2.3")
    (run,) = log["runs"]
    return run


def fingerprints(result):
    return [each["partialFingerprints"]["breachkitPlace/v1"] for each in run_of(result)["results"]]


@given(results.scan_results)
@settings(max_examples=60, deadline=None)
@example(results.hostile())
@example(results.named_after_a_patient())
@example(results.result(partial=True))
def test_every_result_is_valid_sarif(result):
    sarif_validator().validate(json.loads(sarif.to_bytes(result, ABOUT, tool_version="1.2.3")))


def test_the_validator_refuses_what_is_not_sarif():
    log = sarif.to_sarif(results.result(results.finding(1)), ABOUT, tool_version="1")
    log["runs"][0]["results"][0]["level"] = "critical"

    assert not sarif_validator().is_valid(log)


@given(results.scan_results)
@settings(max_examples=60, deadline=None)
def test_the_uri_is_the_exact_path_unless_it_is_masked(result):
    if any(finding.masked_path for finding in result.everything):
        return
    for finding, written in zip(result.everything, run_of(result)["results"], strict=True):
        (place,) = written["locations"]
        artifact = place["physicalLocation"]["artifactLocation"]
        paths = finding.attribution.paths
        assert unquote_to_bytes(artifact["uri"]) == (paths[0] if paths else b".")
        assert artifact["uriBaseId"] == "SRCROOT"


def test_no_result_has_a_line_for_an_uploader_to_hash():
    location = Location(rows=(1, 2), columns=("n",), cells=2)
    text = json.dumps(
        run_of(results.result(results.finding(1, hit=results.hit(location=location))))
    )

    assert '"region"' not in text
    assert "startLine" not in text
    assert "rows 1-2" in text


def test_parts_and_columns_are_logical_locations():
    location = Location(part="in/t.csv", columns=("n", "m", "n"))
    (written,) = run_of(results.result(results.finding(1, hit=results.hit(location=location))))[
        "results"
    ]

    logical = written["locations"][0]["logicalLocations"]
    assert [each["name"] for each in logical] == ["in/t.csv", "n", "m"]


@pytest.mark.parametrize(
    ("severity", "level", "score"),
    [
        (Severity.INFO, "note", "0.0"),
        (Severity.LOW, "note", "3.0"),
        (Severity.MEDIUM, "warning", "5.5"),
        (Severity.HIGH, "error", "8.0"),
        (Severity.CRITICAL, "error", "9.5"),
    ],
    ids=str,
)
def test_level_and_score_follow_the_severity(severity, level, score):
    result = results.result(results.finding(1, hit=results.hit("NEW-99", severity)))
    (written,) = run_of(result)["results"]

    assert (written["level"], written["properties"]["security-severity"]) == (level, score)
    assert written["properties"]["severity"] == severity.label


def test_rules_carry_their_help_and_results_point_at_their_rule():
    findings = (
        results.finding(1, hit=results.hit("NEW-99")),
        results.finding(2, hit=results.hit("PAT-01", confidence=Confidence.LOW)),
    )
    run = run_of(results.result(*findings))
    rules = run["tool"]["driver"]["rules"]

    assert [rule["id"] for rule in rules] == ["CNT-01", "PAT-01", "HIS-03", "NEW-99"]
    assert [rules[each["ruleIndex"]]["id"] for each in run["results"]] == ["NEW-99", "PAT-01"]
    assert "Start a case at once." in rules[1]["help"]["text"]
    assert "Start a case at once" in rules[1]["help"]["markdown"]
    assert rules[1]["properties"]["precision"] == "high"


def test_a_fingerprint_survives_a_rewrite_of_the_history():
    before = results.finding(1, b"output/t.csv")
    after = dataclasses.replace(
        before,
        id="F-0042",
        object_id=results.object_id(99),
        size=1,
        attribution=Attribution(
            paths=(GitPath(b"output/t.csv"),), first_commit=results.object_id(98), reach="tag"
        ),
    )

    assert fingerprints(results.result(before)) == fingerprints(results.result(after))


@pytest.mark.parametrize(
    "other",
    [
        results.finding(1, b"output/u.csv"),
        results.finding(1, hit=results.hit("PAT-01")),
        results.finding(1, hit=results.hit(location=Location(columns=("n",)))),
        results.finding(1, hit=results.hit(location=Location(part="n"))),
    ],
    ids=["path", "rule", "column", "part"],
)
def test_a_fingerprint_tells_places_apart(other):
    assert fingerprints(results.result(results.finding(1))) != fingerprints(results.result(other))


def test_a_fingerprint_is_made_of_what_the_log_shows():
    masked = results.named_after_a_patient()
    other_number = json.loads(json.dumps(fingerprints(masked)))
    paths = (GitPath(b"old/2021-05-03 943-476-0000.csv"), GitPath(b"output/patient_9434760000.csv"))
    place = dataclasses.replace(masked.findings[0].attribution, paths=paths)
    twin = dataclasses.replace(masked.findings[0], attribution=place)

    assert fingerprints(results.result(twin))[0] == other_number[0]


def test_what_was_not_examined_is_a_notification_by_reason():
    skipped = (
        Skipped(reason="needs breachkit[stata]", path=GitPath(b"a b.dta")),
        Skipped(reason="needs breachkit[stata]", path=GitPath(b"a b.dta")),
        Skipped(reason="missing"),
    )
    run = run_of(results.result(skipped=skipped, shallow=True))
    (invocation,) = run["invocations"]
    notes = invocation["toolExecutionNotifications"]

    assert [note["message"]["text"] for note in notes] == [
        "Not examined: 2 objects: needs breachkit\\[stata\\]",
        "Not examined: 1 object: missing",
        "the clone is shallow: older history is missing",
    ]
    (place,) = notes[0]["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "a%20b.dta"
    assert invocation["executionSuccessful"] is True
    assert "exitCode" not in invocation
    assert run["properties"]["complete"] is False


def test_a_message_holds_no_link_and_no_placeholder_a_name_could_plant():
    hit = results.hit(message="see [here](1) {0}", location=Location(columns=("[a](b)",)))
    (written,) = run_of(results.result(results.finding(1, hit=hit)))["results"]

    assert "See \\[here\\](1) {{0}}." in written["message"]["text"]
    assert "\\[a\\](b)" in written["message"]["text"]
    assert escape.markdown("[a](b)") in written["message"]["markdown"]
