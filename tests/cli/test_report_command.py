"""`breachkit report` at a terminal: its forms, its file, its refusals."""

import json
import stat

import pytest

from breachkit.incident.folder import JOURNAL


@pytest.fixture
def case(breachkit):
    breachkit.expect(0, "open", "example/study")
    return next(breachkit.home.glob("BK-*"))


@pytest.mark.parametrize(
    ("name", "begins"),
    [("r.html", "<!DOCTYPE html>"), ("r.md", "TLP:AMBER+STRICT\n"), ("r.json", "{"), ("r", "TLP:")],
)
def test_the_form_follows_the_name_of_the_file_which_its_owner_alone_can_read(
    breachkit, case, tmp_path, name, begins
):
    ran = breachkit.expect(0, "report", "--output", tmp_path / name)
    assert (tmp_path / name).read_text("utf-8").startswith(begins)
    assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert ran.out == ""
    assert "Next: breachkit" in ran.err


def test_json_stands_alone_on_stdout_with_its_schema_and_its_audience(breachkit, case):
    ran = breachkit.expect(0, "report", "--audience", "dpo", "--json", "-v")
    said = json.loads(ran.out)
    assert (said["schema"], said["audience"], said["tlp"]) == (
        *("breachkit.report/1", "dpo", "TLP:AMBER+STRICT"),
    )
    assert [each["id"] for each in said["sections"]][:3] == ["phase", "clock", "nature"]
    assert ran.out.isascii()


def test_inc_105_a_public_summary_that_discloses_something_is_not_written(
    breachkit, case, tmp_path
):
    home = tmp_path / "lab"
    (home / "report").mkdir(parents=True)
    (home / "playbook.toml").write_text(
        'name = "lab"\ntitle = "A lab"\norganisation = "lab"\nextends = "opensafely-2026"\n'
        'as_of = 2026-03-01\nsource = "ours"\nreviewed = 2026-03-01\n'
    )
    (home / "report" / "public.txt.j2").write_text("== what ==\nIt was about 3 patients.\n")
    place = tmp_path / "summary.html"
    public = ("report", "--audience", "public", "--output", place)
    ran = breachkit.expect(6, *public, "--playbooks", home)
    assert "was not written, because it could disclose something" in ran.err
    assert "3 patients" not in ran.all
    assert not place.exists()
    breachkit.expect(0, *public)
    assert place.exists()


def test_the_form_of_the_review_is_markdown_and_nothing_else(breachkit, case):
    assert "## Actions" in breachkit.expect(0, "report", "--audience", "review").out
    ran = breachkit.expect(2, "report", "--audience", "review", "--format", "html")
    assert "Markdown" in ran.err


def test_nothing_is_reported_from_a_journal_that_was_changed(breachkit, case):
    journal = case / JOURNAL
    journal.write_bytes(journal.read_bytes().replace(b"example/study", b"example/other"))
    assert breachkit("report").code == 7


def test_what_could_not_be_read_is_said_beside_the_report(breachkit, case):
    (case / "copies.json").write_text("no register")
    ran = breachkit.expect(0, "report")
    assert "! the register of copies could not be read" in ran.err
    assert "could not be read" in ran.out
