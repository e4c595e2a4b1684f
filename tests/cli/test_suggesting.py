"""A call that cannot be understood is answered with what may be meant, and nothing is run by itself."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from breachkit.cli.app import program
from breachkit.cli.suggesting import ELSEWHERE
from tests.cli.test_help import LEAVES
from tests.support.command_line import study
from tests.support.gitrepo import git


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"
COMMANDS = get_command(program()).commands  # type: ignore[attr-defined]


def said(breachkit, *words, code=2):
    return " ".join(breachkit.expect(code, *words).err.split())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("scna .", "`breachkit scan`"),
        ("verfy", "`breachkit verify`"),
        ("notify-list", "`breachkit notify list`"),
        ("mark-sent N-001", "`breachkit notify mark-sent`"),
        ("notify lst", "`breachkit notify list`"),
        ("notify restore", "`breachkit restore`"),
        ("log shwo", "`breachkit log show`"),
        ("verify clone", "`breachkit verify-clone`"),
        ("status --jsn", "--json"),
        ("scan . --min-severity medum", "medium"),
        ("open . --kind suspectd", "suspected"),
        ("status BK-2026-0001", "--case BK-2026-0001"),
        ("--case X status", "breachkit status --case X"),
        ("--no-config --case X status", "breachkit status --case ..."),
        ("restrict --yes", "--execute"),
        ("push --dry-run", "plan"),
        ("restrict \N{EN DASH}execute", "--execute"),
        ("open . --found-by \N{LEFT DOUBLE QUOTATION MARK}Jo Lee", "plain ones"),
        ("approve push --reason fine --by Ada Hartley", '--by "Ada Hartley"'),
        ("copies show", "K-031"),
        ("explain CNT-1", "CNT-01"),
        ("help scan", "`breachkit scan --help`"),
        ("--scan .", "`breachkit scan`"),
    ],
)
def test_what_may_be_meant_is_said(breachkit, typed, meant):
    assert meant in said(breachkit, *typed.split())


def test_two_words_in_quotes_are_parted(breachkit):
    assert "`breachkit notify list`" in said(breachkit, "notify list")


@pytest.mark.parametrize("word", ["zzzz", "qqqq --json", "frobnicate"])
def test_nothing_is_suggested_for_what_is_like_nothing(breachkit, word):
    assert "Did you mean" not in said(breachkit, *word.split())


@pytest.mark.parametrize("word", sorted(ELSEWHERE))
def test_commands_of_other_tools_lead_to_commands_that_there_are(breachkit, word):
    named = re.findall(r"`breachkit ([^`]+)`", ELSEWHERE[word])
    paths = [tuple(re.split(r" (?=--|[A-Z])", each)[0].split()) for each in named]

    assert word not in COMMANDS
    assert ELSEWHERE[word] in said(breachkit, word)
    assert named
    assert all(path in LEAVES for path in paths if path[0][0].islower() or path[0] == "x")


def test_a_mistyped_command_does_nothing(breachkit, tmp_path):
    breachkit(*f"opne {tmp_path}".split())

    assert not list(breachkit.home.glob("BK-*"))


def test_confirming_without_execute_is_said_to_change_nothing(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"))
    breachkit.expect(0, "scope", "--severity", "low")
    before = git(tmp_path / "study.git", "for-each-ref")

    ran = breachkit.expect(0, "rewrite", "--confirm", "study.git")

    assert "--confirm alone changes nothing" in ran.err
    assert git(tmp_path / "study.git", "for-each-ref") == before


@pytest.fixture
def opened(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"))
    return breachkit


def test_ids_that_are_nearly_right_are_told(opened):
    (case,) = opened.home.glob("BK-*")
    number = case.name[:12]
    opened.expect(0, "notify", "render", "alert", "--contacts", CONTACTS)
    opened.expect(0, "scope")
    opened.expect(0, "trace")

    assert f"Did you mean {number}?" in said(opened, "status", "--case", number[:-1], code=3)
    assert "Did you mean N-001?" in said(opened, "notify", "show", "N-01")
    assert "Did you mean N-001?" in said(opened, "notify", "ack", "n1")
    assert "Did you mean K-001?" in said(opened, "copies", "show", "K1")
    assert "Did you mean A07?" in said(opened, "checklist", "tick", "A-7", "--evidence", "N-001")
    assert "Did you mean aware_at?" in said(opened, "amend", "awareat", "x")
    assert "Did you mean ico-report?" in said(opened, "decide", "ico-repot", "--answer", "no")
    assert "Did you mean alert?" in said(opened, "notify", "render", "alrt")


def test_a_path_that_no_commit_has_leads_to_the_one_that_is_like_it(opened):
    assert "Did you mean released_outputs/output/by_region.csv?" in said(
        opened, "scope", "--path", "by_region.csv"
    )
    assert "Did you mean released_outputs/output/by_region.csv?" in said(
        opened, "scope", "--path", "released_outputs/output/by_regoin.csv"
    )


def test_a_finding_that_there_is_not_leads_to_one_that_there_is(opened, tmp_path):
    assert "Did you mean F-0001?" in said(opened, "scope", "--finding", "F-01")
    given = ("--by", "Jo", "--reason", "numbers of practices", "--until", "2026-12-31")
    assert "Did you mean F-0001?" in said(opened, "accept", tmp_path / "study.git", "F-01", *given)


def test_a_branch_that_there_is_not_leads_to_one_that_there_is(breachkit, tmp_path):
    server = study(tmp_path / "study.git")

    assert "Did you mean main?" in said(breachkit, "scan", server, "--since", "mian")


def test_a_story_that_there_is_not_leads_to_one_that_there_is(breachkit):
    assert "notebook" in said(breachkit, "drill", "--scenario", "notbook")


def test_a_playbook_that_is_nearly_right_is_told(breachkit):
    assert "Did you mean opensafely-2026?" in said(
        breachkit, "playbook", "show", "opensafely-206", code=3
    )
