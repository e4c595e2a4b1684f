import base64
import json
import re

import pytest
from hypothesis import example, given, settings

from breachkit.model.findings import Location
from breachkit.model.ids import display
from breachkit.report import json_v1, jsonl
from tests.support import results
from tests.support.schemas import scan_schema, scan_validator


def to_json(result):
    return json_v1.to_json(result, tool_version="1.2.3")


def to_lines(result):
    return [json.loads(line) for line in jsonl.lines(result, tool_version="1.2.3")]


def undisplay(text):
    """The name that `display` was given: the inverse of every escape it knows."""

    def character(escape):
        if escape == "\\\\":
            return b"\\"
        code = int.from_bytes(bytes.fromhex(escape[2:]))
        return bytes([code]) if escape[1] == "x" else chr(code).encode("utf-8", "surrogatepass")

    pieces = re.split(r"(\\\\|\\x..|\\u....|\\U.{8})", text)
    return b"".join(
        character(each) if number % 2 else each.encode() for number, each in enumerate(pieces)
    )


def test_a_finding_has_exactly_the_fields_of_the_contract_in_their_order():
    location = Location(rows=(3, 4), columns=("n_deaths",), cells=2)
    result = results.result(results.finding(1, b"output/t.csv", hit=results.hit(location=location)))

    written = to_json(result)

    assert list(written) == [
        "schema",
        "tool",
        "target",
        "policy",
        "verdict",
        "complete",
        "coverage",
        "stats",
        "findings",
        "skipped",
    ]
    assert written["schema"] == "breachkit.scan/1"
    assert written["tool"] == {"name": "breachkit", "version": "1.2.3"}
    assert written["coverage"]["objects"]["blob"] == {
        "read": 1203,
        "cached": 7,
        "skipped": 0,
        "missing": 0,
    }
    assert list(written["findings"][0].items()) == [
        ("id", "F-0001"),
        ("rule", "CNT-01"),
        ("severity", "high"),
        ("confidence", "high"),
        ("message", "Counts of people from 1 to 5 stand in a count column."),
        ("blob", results.object_id(0xB10B0001)),
        ("size", 2048),
        ("path", "output/t.csv"),
        ("path_b64", None),
        ("paths", ["output/t.csv"]),
        ("location", {"part": None, "rows": [3, 4], "columns": ["n_deaths"], "cells": 2}),
        ("first_commit", results.object_id(0xC0FFEE)),
        ("first_date", "2021-05-03T09:30:00Z"),
        ("last_commit", results.object_id(0xFADED)),
        ("commits", 2),
        ("refs", ["refs/heads/main"]),
        ("reach", "history"),
    ]


def test_seconds_are_rounded_to_milliseconds():
    assert to_json(results.result())["stats"]["seconds"] == 0.813


@given(results.scan_results)
@settings(max_examples=150)
@example(results.hostile())
@example(results.named_after_a_patient())
@example(results.result(shallow=True))
def test_every_result_is_valid_against_the_shipped_schemas(result):
    scan_validator("scan-1").validate(json.loads(json_v1.to_bytes(result, tool_version="1.2.3")))
    for line in to_lines(result):
        scan_validator("scan-line-1").validate(line)


DAMAGE = {
    "a field is missing": lambda scan: scan.pop("coverage"),
    "a field is new": lambda scan: scan.update(extra=1),
    "clean with findings": lambda scan: scan.update(verdict="clean"),
    "an abbreviated id": lambda scan: scan["findings"][0].update(blob="abc"),
    "a date without a time": lambda scan: scan["findings"][0].update(first_date="2021-05-03"),
    "a control character": lambda scan: scan["findings"][0].update(path="a\x1bb"),
    "no path": lambda scan: scan["findings"][0].update(path=None),
    "rows from 0": lambda scan: scan["findings"][0]["location"].update(rows=[0]),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_the_schema_notices_what_breaks_the_contract(damage):
    hit = results.hit(location=Location(rows=(1,)))
    scan = to_json(results.result(results.finding(1, hit=hit)))
    assert scan_validator("scan-1").is_valid(scan)

    damage(scan)

    assert not scan_validator("scan-1").is_valid(scan)


def test_the_schema_of_lines_has_every_field_of_the_schema_of_scans():
    scan, line = scan_schema("scan-1"), scan_schema("scan-line-1")
    lines = {
        each["properties"]["kind"]["const"]: set(each["properties"]) - {"schema", "kind"}
        for each in line["oneOf"]
    }

    for kind, of in (
        *[(each, each) for each in lines if each in scan["$defs"]],
        ("known", "finding"),
    ):
        if kind != "limits":
            assert lines[kind] == set(scan["$defs"][of]["properties"]), kind
    assert lines["limits"] == {"limits", "baseline"}
    assert lines["summary"] == set(scan["properties"]) - {"schema"}
    assert set(lines) == {"finding", "accepted", "lapsed", "known", "skipped", "limits", "summary"}


@given(results.scan_results)
@settings(max_examples=100)
@example(results.hostile())
def test_no_name_is_lost_unless_it_is_masked(result):
    masked = {
        path
        for finding in result.everything
        if finding.masked_path
        for path in finding.attribution.paths
    }
    for finding, written in zip(result.findings, to_json(result)["findings"], strict=True):
        paths = finding.attribution.paths
        if masked:
            continue
        assert [undisplay(path) for path in written["paths"]] == list(paths)
        if written["path_b64"] is not None:
            assert base64.b64decode(written["path_b64"]) == paths[0]
        elif paths:
            assert written["path"].encode() == paths[0]


def test_an_undecodable_byte_never_looks_like_a_character():
    assert display(b"\x85") != display("\x85".encode())
    assert display(b"\xad") != display("\xad".encode())


def test_no_space_looks_like_another():
    assert display("a\xa0b") == r"a\u00a0b"


@given(results.scan_results)
@settings(max_examples=100)
@example(results.hostile())
def test_machine_output_cannot_act_on_a_terminal(result):
    for text in (
        json_v1.to_bytes(result, tool_version="1").decode("ascii").replace("\n", ""),
        *jsonl.lines(result, tool_version="1"),
    ):
        assert text.isascii()
        assert text.isprintable()


@given(results.scan_results)
@settings(max_examples=50)
def test_lines_say_what_the_object_says_and_end_with_the_summary(result):
    scan, lines = to_json(result), to_lines(result)
    common = {"schema", "kind"}

    kinds = [line["kind"] for line in lines]
    fields = [{key: line[key] for key in line.keys() - common} for line in lines]

    lists = {"finding": scan["findings"]}
    lists |= {name: scan.get(name, []) for name in ("accepted", "lapsed", "known")}
    lists |= {"skipped": scan["skipped"]}
    limits = {name: scan[name] for name in ("limits", "baseline") if name in scan}
    assert kinds == [
        *["limits"] * bool(limits),
        *(kind for kind, listed in lists.items() for _ in listed),
        "summary",
    ]
    told = [each for listed in lists.values() for each in listed]
    assert fields[:-1] == [*([limits] if limits else []), *told]
    scan.pop("schema")
    counts = {name: len(value) for name, value in scan.items() if isinstance(value, list)}
    assert fields[-1] == {**scan, **counts}


@given(results.scan_results)
@settings(max_examples=50)
def test_the_bytes_hold_the_object_with_one_finding_a_line(result):
    written = json_v1.to_bytes(result, tool_version="1.2.3")

    assert json.loads(written) == to_json(result)
    assert len([line for line in written.splitlines() if b'"confidence"' in line]) == len(
        result.everything
    )


def test_lines_are_given_one_by_one():
    lines = jsonl.lines(results.hostile(), tool_version="1")

    assert json.loads(next(lines))["id"] == "F-0001"


def test_a_password_in_the_target_is_not_written():
    result = results.result(target="https://user:hunter2@example.org/flu.git")

    assert to_json(result)["target"] == "https://***@example.org/flu.git"
