"""The reports of `check`: each valid, none with a value, all with the same to say; and who answered what."""

import json
import re
import shutil
import subprocess
import sys
from datetime import date, timedelta

import jsonschema
import pytest
import yaml
from markdown_it import MarkdownIt

from breachkit.actions.release_checks_rules import DECIDED, ITEM_OF_RULE
from breachkit.detect.registry import ALL_RULES
from breachkit.model.time import SystemClock
from breachkit.workflows.checking_notes import ITEMS
from breachkit.workflows.playbooks import organisations
from tests.support.documented import ROOT
from tests.support.release_folders import (
    BY_PEOPLE,
    EXACT,
    PICTURE,
    ROUNDED,
    SMALL,
    a_release,
    answered,
)
from tests.support.schemas import sarif_validator, scan_schema


PLANTED = 62_417_839
"""No report may show it: a count of a table that is refused."""
FORMATS = ("text", "json", "sarif", "markdown", "html")


@pytest.fixture
def folder(tmp_path):
    exact = EXACT.replace(b"2953", b"%d" % PLANTED)
    found = {
        "deaths.csv": SMALL,
        "exact.csv": exact,
        "figure 9.svg": PICTURE,
        "model.log": b"n = %d\n" % PLANTED,
        "odd|name`[x](y)<b>.csv": ROUNDED,
        "broken.xlsx": b"PK\3\4 %d" % PLANTED,
    }
    return a_release(tmp_path, found)


def checked(breachkit, *args):
    data = json.loads(breachkit("check", *args, "--json").out)
    jsonschema.validate(data, scan_schema("check-1"), format_checker=jsonschema.FormatChecker())
    return data


# --- Formats ------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS)
def test_no_report_shows_a_value_or_a_digest(breachkit, folder, form):
    ran = breachkit("check", folder, "-v", "--format", form)

    assert str(PLANTED) not in ran.all
    assert f"{PLANTED:,}" not in ran.all
    if form != "sarif":  # whose fingerprints are made of what stands in clear beside them
        assert not re.search(r"[0-9a-f]{40}", ran.out)


def test_json_is_as_its_schema_says(breachkit, folder):
    data = checked(breachkit, folder)
    settled = checked(breachkit, folder, *answered())

    assert data["schema"] == "breachkit.check/1"
    assert data["limits"]["source"].startswith("documentation ")
    assert data["passes"] is False
    assert {each["answer"]["by"] for item in settled["items"] for each in item["reasons"] if each["answer"]} == {"Ada Hartley"}  # fmt: skip


def test_sarif_is_valid_and_has_items_and_findings(breachkit, folder):
    log = json.loads(breachkit.expect(0, "check", folder, "--format", "sarif", *answered()).out)
    sarif_validator().validate(log)
    run = log["runs"][0]
    rules = {rule["id"]: at for at, rule in enumerate(run["tool"]["driver"]["rules"])}
    by_rule = {each["ruleId"]: each for each in run["results"]}

    assert {"CNT-01", "RELEASE-figure-counts", "RELEASE-logs"} <= set(by_rule)
    assert all(rules[each["ruleId"]] == each["ruleIndex"] for each in run["results"])
    assert by_rule["RELEASE-minimum-outputs"]["suppressions"][0]["status"] == "accepted"
    assert by_rule["RELEASE-logs"]["level"] == "error"


def test_markdown_is_read_as_it_was_meant(breachkit, folder):
    text = breachkit("check", folder, "--format", "markdown").out
    html = MarkdownIt("commonmark").enable("table").render(text)
    rows = re.findall(r"<tr>.*?</tr>", html, re.DOTALL)

    assert all(row.count("<td>") in {0, 5} for row in rows)
    assert "<b>" not in html
    assert 'href="y"' not in html


def test_a_page_loads_nothing(breachkit, folder):
    html = breachkit("check", folder, "--format", "html").out

    assert not re.search(r"<(?:script|link|img|iframe)\b|https?://|<b>", html)
    assert "default-src 'none'" in html


def test_a_report_in_a_file_is_its_owners_alone(breachkit, folder, tmp_path):
    out = tmp_path / "check.html"
    breachkit("check", folder, "--format", "html", "--output", out)

    assert out.stat().st_mode & 0o777 == 0o600
    assert "Check before release" in out.read_text()


def test_a_narrow_screen_has_no_longer_lines(breachkit, folder, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = breachkit("check", folder).out.splitlines()

    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines if line.startswith(" FAIL")]
    assert lines[0].startswith("NOT READY")


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_every_report_names_the_source_and_the_day_of_each_item_and_of_the_policy(
    breachkit, folder, form
):
    told = " ".join(breachkit("check", folder, "-v", "--format", form).out.split())

    assert "since 2026-03-19: documentation 77e5dc3" in told
    assert told.count("Requesting release of research outputs") > 10


# --- Answers and acceptances --------------------------------------------------------------------


def accepted(breachkit, folder, tmp_path, until):
    file = tmp_path / "accepted.toml"
    (found,) = (each for each in checked(breachkit, folder)["findings"] if each["rule"] == "CNT-01")
    breachkit.expect(
        0, "accept", folder, found["id"], "--by", "Ada Hartley", "--reason", "counts of practices",
        "--until", until, "--file", file,
    )  # fmt: skip
    return file


def test_an_accepted_finding_is_told_and_does_not_count(breachkit, tmp_path):
    folder = a_release(tmp_path, {"deaths.csv": SMALL})
    until = SystemClock().now().date() + timedelta(days=30)
    file = accepted(breachkit, folder, tmp_path, f"{until}")
    data = checked(breachkit, folder, "--acceptances", file)

    assert data["passes"] is True
    assert [each["acceptance"]["by"] for each in data["accepted"]] == ["Ada Hartley"]
    assert "Ada Hartley" in breachkit.expect(0, "check", folder, "--acceptances", file).out
    (folder / "deaths.csv").write_bytes(SMALL.replace(b"North", b"Norse"))  # another content
    breachkit.expect(13, "check", folder, "--acceptances", file)


def test_a_finding_is_never_answered_away(breachkit, tmp_path):
    folder = a_release(tmp_path, {"deaths.csv": SMALL})
    data = checked(breachkit, folder, *answered("low-counts"))

    assert data["passes"] is False
    assert [each["item"] for each in data["answers_unused"]] == ["low-counts"]
    breachkit.expect(13, "check", folder, *answered("low-counts"))


def test_what_was_not_read_is_never_answered_away(breachkit, tmp_path):
    folder = a_release(tmp_path, {"broken.csv": b"\0\1\2" * 99, "a_b.csv": ROUNDED})

    breachkit.expect(5, "check", folder, *answered("everything-read"))


def test_an_answer_that_settled_nothing_is_told(breachkit, tmp_path):
    folder = a_release(tmp_path, {"a_b.csv": ROUNDED})
    ran = breachkit("check", folder, "--reason", "model.log=it is needed", "--by", "Ada Hartley")

    assert "settled nothing" in ran.out


def test_an_answer_holds_for_a_time(breachkit, tmp_path):
    folder = a_release(tmp_path, {"a_b.csv": ROUNDED})
    notes = tmp_path / "notes.toml"
    notes.write_text(
        'schema = "breachkit.release-notes/1"\n[[answer]]\nitem = "permitted-results"\n'
        'by = "Ada Hartley"\non = 2021-01-05\nreason = "read it"\n'
    )
    data = checked(breachkit, folder, "--notes", notes)
    items = {each["id"]: each["outcome"] for each in data["items"]}

    assert items["permitted-results"] == "needs a person"
    assert [each["item"] for each in data["answers_lapsed"]] == ["permitted-results"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('item = "nonsense"', "no item"),
        ("item = 7", "item is missing"),
        ('by = ""', "by is missing"),
        ('on = "2021-01-05"', "on is no date"),
        ("on = 2999-01-05", "in the future"),
        ('reason = "3 patients in F-0001"', "could disclose"),
        ('reason = "two\\nlines"', "on one line"),
        ('files = "a.csv"', "files is no list"),
        ('colour = "red"', "no key colour"),
    ],
)
def test_notes_that_make_no_sense_are_refused(breachkit, tmp_path, line, said):
    folder = a_release(tmp_path, {"a_b.csv": ROUNDED})
    sound = {
        "item": '"permitted-results"',
        "by": '"Ada"',
        "on": "2026-01-05",
        "reason": '"read it"',
    }
    key, _, value = line.partition(" = ")
    entry = "".join(f"{name} = {text}\n" for name, text in (sound | {key: value}).items())
    notes = tmp_path / "notes.toml"
    notes.write_text(f'schema = "breachkit.release-notes/1"\n[[answer]]\n{entry}')
    ran = breachkit("check", folder, "--notes", notes)

    assert ran.code in {2, 3, 6}
    assert said in ran.err
    assert ran.out == ""


# --- The checklist as data ----------------------------------------------------------------------


def test_every_rule_speaks_to_one_item_and_every_item_is_decided():
    """Nothing that is found may lack a place, and nothing may be asked that nobody answers."""
    items = {each.id for each in ITEMS.load("generic").items}

    assert set(ITEM_OF_RULE) == {rule.about.id for rule in ALL_RULES}
    assert items == DECIDED
    assert set(BY_PEOPLE) <= items


def test_every_shipped_playbook_has_a_checklist_with_sources():
    for name in organisations():
        for item in ITEMS.load(name).items:
            assert item.title.endswith("?")
            assert item.source
            assert item.as_of > date(2020, 1, 1)


def test_a_playbook_of_ones_own_words_the_items(breachkit, tmp_path):
    own = tmp_path / "books" / "example-tre"
    breachkit.expect(0, "playbook", "new", "example-tre", "--into", tmp_path / "books")
    (own / "release-checks.toml").write_text(
        'remove = ["rows"]\nanswers_hold_days = 10\n[[item]]\nid = "minimum-outputs"\n'
        'title = "Is it little?"\nremedy = "Take out."\nsource = "Handbook"\nas_of = 2026-01-01\n'
    )
    folder = a_release(tmp_path, {"a_b.csv": ROUNDED})
    items = {each["id"]: each for each in checked(breachkit, folder, "--playbooks", own)["items"]}

    assert items["minimum-outputs"]["title"] == "Is it little?"
    assert "rows" not in items
    assert set(items) == DECIDED - {"rows"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[item]]\nid = "mine"\ntitle = "?"\nremedy = "t"\nsource = "s"\nas_of = 2026-01-01\n', "nothing decides it"),
        ('[[item]]\nid = "rows"\n', "title is missing"),
        ('remove = ["nonsense"]\n', "there is no nonsense"),
        ("answers_hold_days = 0\n", "a number from 1"),
        ("colour = 1\n", "no key colour"),
    ],
)  # fmt: skip
def test_a_checklist_that_makes_no_sense_is_named(breachkit, tmp_path, text, said):
    own = tmp_path / "books" / "example-tre"
    breachkit.expect(0, "playbook", "new", "example-tre", "--into", tmp_path / "books")
    (own / "release-checks.toml").write_text(text)
    folder = a_release(tmp_path, {"a_b.csv": ROUNDED})

    assert said in breachkit.expect(3, "check", folder, "--playbooks", own).err
    assert said in breachkit("playbook", "check", own).all


# --- pre-commit ---------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("git") is None, reason="pre-commit needs git")
def test_the_hook_stops_a_commit_of_outputs_and_no_other(tmp_path):
    """The hook as it is published, but for its environment: this one, so that nothing is installed."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    verb = hook["entry"].removeprefix("breachkit ")
    assert hook.pop("additional_dependencies") == [".[formats]"]
    hook |= {"language": "system", "entry": f"{sys.executable} -m breachkit {verb}"}
    study = tmp_path / "study"
    study.mkdir()
    config = {"repos": [{"repo": "local", "hooks": [hook]}]}
    (study / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))

    def commit(path, content):
        place = study / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        env = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "PRE_COMMIT_HOME": str(tmp_path / "cache"),
        }
        subprocess.run(["git", "add", "-A"], cwd=study, env=env, check=True)
        ran = [sys.executable, "-m", "pre_commit", "run", "breachkit-check"]
        return subprocess.run(ran, cwd=study, env=env, capture_output=True, text=True, check=False)

    subprocess.run(["git", "init", "-q", study], check=True)
    elsewhere = commit("analysis/lookup.csv", SMALL)
    assert (elsewhere.returncode, "no files to check" in elsewhere.stdout) == (0, True)
    sound = commit("released_outputs/deaths_by_region.csv", ROUNDED)
    assert (sound.returncode, "Passed" in sound.stdout) == (0, True), sound.stdout
    refused = commit("released_outputs/sub/deaths.csv", SMALL)
    assert refused.returncode == 1
    assert "CNT-01" in refused.stdout
    assert "released_outputs/sub/deaths.csv" in refused.stdout
