"""The journal at the command line: anchored, checked, stamped and exported; evidence kept."""

import json
import shutil
from pathlib import Path

import jsonschema
import pytest

import breachkit
from tests.support.authority import Authority
from tests.support.cacao_schema import CACAO
from tests.support.command_line import study


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"


@pytest.fixture
def opened(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"), "--contacts", CONTACTS)
    return breachkit


def the_case(breachkit):
    (folder,) = breachkit.home.glob("BK-*")
    return folder


def test_inc_039_a_mail_that_was_sent_anchors_the_journal(opened, tmp_path):
    opened.expect(0, "notify", "render", "alert")
    opened.expect(0, "notify", "mark-sent", "N-001", "--by", "Jo")
    mails = tmp_path / "mails"
    shutil.copytree(the_case(opened) / "notifications", mails)

    anchored = json.loads(opened.expect(0, "log", "anchor", "--json").out)
    said = opened.expect(0, "log", "verify", "--anchor-file", mails).out

    assert anchored["messages"][0]["entry"]
    assert f"is {anchored['messages'][0]['entry']}" in said
    assert anchored["head"] in opened.expect(0, "log", "anchor").out

    file = the_case(opened) / "events.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:1]))
    assert (
        "cut off or written anew" in opened.expect(7, "log", "verify", "--anchor-file", mails).out
    )
    opened.expect(0, "log", "verify")


def test_inc_038_the_first_bad_line_is_named_with_exit_code_7(opened):
    opened.expect(0, "notify", "render", "alert")
    file = the_case(opened) / "events.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    assert len(lines) > 3

    for damaged, first in (
        ([*lines[:1], lines[1].replace(b"contacts", b"contents", 1), *lines[2:]], 2),
        ([*lines[:2], *lines[3:]], 3),
        ([*lines[:2], lines[1], *lines[2:]], 3),
        ([lines[0], lines[2], lines[1], *lines[3:]], 2),
    ):
        file.write_bytes(b"".join(damaged))
        said = opened.expect(7, "log", "verify").out.splitlines()
        assert said[0] == "the journal DOES NOT HOLD:"
        assert said[1].strip().startswith(f"line {first}: ")


def test_inc_043_a_timeline_is_written_for_the_response_and_for_the_public(opened, tmp_path):
    opened.expect(0, "log", "export", "--output", tmp_path / "timeline.jsonl")
    inside = (tmp_path / "timeline.jsonl").read_text()
    outside = opened.expect(0, "log", "export", "--public").out

    for text in (inside, outside):
        for line in map(json.loads, text.splitlines()):
            assert {"message", "datetime", "timestamp_desc"} <= set(line)
    assert "study.git" in inside
    assert "study.git" not in outside
    rows = opened.expect(0, "log", "export", "--format", "jsonl").out.splitlines()
    assert [json.loads(row)["seq"] for row in rows] == [1, 2]


def test_a_case_is_written_as_a_playbook_that_is_valid(opened):
    text = opened.expect(0, "log", "export", "--format", "cacao").out

    book = json.loads(text)
    jsonschema.Draft202012Validator(CACAO).validate(book)
    assert len([step for step in book["workflow"].values() if step["type"] == "action"]) > 30
    assert "{" not in "".join(step.get("name", "") for step in book["workflow"].values())
    assert "study.git" not in text
    assert text == opened.expect(0, "log", "export", "--format", "cacao").out
    one = json.loads(opened.expect(0, "log", "export", "--format", "cacao", "--json").out)
    assert (one["schema"], one["playbook"]) == ("breachkit.log-export/1", book)


def test_lines_are_given_as_one_object_where_asked(opened):
    lines = [json.loads(line) for line in opened.expect(0, "log", "export").out.splitlines()]

    assert json.loads(opened.expect(0, "log", "export", "--json").out)["lines"] == lines


def test_evidence_is_kept_listed_and_handed_over(opened, tmp_path):
    (tmp_path / "access.log").write_text("x")

    kept = json.loads(opened.expect(0, "evidence", "add", tmp_path / "access.log", "--how", "gh api", "--json").out)  # fmt: skip
    opened.expect(0, "evidence", "hand-over", "E-001", "--to", "Ann", "--by", "Jo")
    listed = json.loads(opened.expect(0, "evidence", "list", "--json").out)["evidence"]

    assert kept["id"] == "E-001"
    assert listed[0]["state"] == "unchanged"
    assert listed[0]["custody"][0]["to"] == "Ann"
    assert "1 file of evidence, 1 as recorded" in opened.expect(0, "log", "verify").out

    (the_case(opened) / kept["file"]).write_text("y")
    assert "CHANGED" in opened.expect(7, "evidence", "list").out
    assert "E-001" in opened.expect(7, "log", "verify").out
    (the_case(opened) / kept["file"]).unlink()
    assert "not in the case any more" in opened.expect(0, "log", "verify").out


def test_what_the_tool_wrote_is_evidence_too(opened):
    opened.expect(0, "scope")

    listed = json.loads(opened.expect(0, "evidence", "list", "--json").out)["evidence"]

    assert {each["command"] for each in listed} == {"breachkit scope"}
    assert {each["tool"] for each in listed} == {f"breachkit {breachkit.__version__}"}
    (the_case(opened) / "private" / "bad-set.json").write_text("{}")
    opened.expect(7, "log", "verify")


def test_inc_040_a_stamp_is_asked_for_by_file_and_over_the_network(opened, tmp_path):
    pytest.importorskip("rfc3161_client")
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl program")
    authority = Authority(tmp_path / "authority")
    ca, answer = tmp_path / "ca.pem", tmp_path / "T-001.tsr"
    ca.write_bytes(authority.root)

    asked = json.loads(opened.expect(0, "log", "stamp", "--json").out)
    answer.write_bytes(authority.answer(Path(asked["file"]).read_bytes()))
    assert "--ca" in opened.expect(2, "log", "stamp", "--answer", answer).err
    assert "Time of Example" in opened.expect(0, "log", "stamp", "--answer", answer, "--ca", ca).out
    with authority.serving() as url:
        assert "--allow 127.0.0.1" in opened.expect(6, "log", "stamp", "--tsa", url, "--ca", ca).err
        opened.expect(0, "log", "stamp", "--tsa", url, "--ca", ca, "--allow", "127.0.0.1")
        opened.expect(2, "log", "stamp", "--tsa", url, "--answer", answer)
    stamps = json.loads(opened.expect(0, "log", "verify", "--json").out)["stamps"]
    assert [(each["id"], each["problem"]) for each in stamps] == [("T-001", None), ("T-002", None)]
