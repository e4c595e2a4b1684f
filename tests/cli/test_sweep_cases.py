"""What a sweep finds becomes a draft case, in private, that waits for a person to look."""

import json
import shutil
from pathlib import Path

import pytest

from breachkit.incident.folder import CaseFolder
from breachkit.model.time import SystemClock
from tests.support.command_line import SAFE_COUNTS, SMALL_COUNTS
from tests.support.gitrepo import History


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"
OUTPUT = b"released_outputs/t.csv"


class Place:
    """A folder of repositories, swept again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def repository(self, name: str, *tables: bytes) -> Path:
        path = self.folder / name
        shutil.rmtree(path, ignore_errors=True)
        history = History()
        for number, content in enumerate(tables or (SMALL_COUNTS,)):
            history.commit({OUTPUT.replace(b"t.", b"%d." % number): content})
        return history.build(path)

    def sweep(self, *more: object) -> tuple[object, ...]:
        return ("sweep", self.folder, "--workers", "1", "--open-cases", *more)


@pytest.fixture
def place(tmp_path):
    (tmp_path / "repositories").mkdir()
    made = Place(tmp_path / "repositories")
    made.repository("study")
    made.repository("clean", SAFE_COUNTS)
    return made


def cases(home: Path) -> list[CaseFolder]:
    return [CaseFolder(each, SystemClock()) for each in sorted(home.glob("BK-*"))]


def only(home: Path) -> CaseFolder:
    (case,) = cases(home)
    return case


def kinds(case: CaseFolder) -> list[str]:
    return [event.kind for event in case.events()]


def test_inc_103_something_new_opens_a_draft_in_private_that_claims_nobodys_awareness(
    breachkit, place
):
    ran = breachkit.expect(13, *place.sweep())
    case = only(breachkit.home)
    incident = case.incident

    assert f"1 draft case opened: {incident.codename}" in ran.err
    assert incident.is_draft
    assert incident.is_open
    assert incident.kind == "suspected"
    assert incident.target == str(place.folder / "study")
    assert incident.aware_assumed
    found_at = next(e for e in case.events() if e.kind == "sweep.recorded").text("found_at")
    assert incident.aware_at == incident.discovered_at
    assert found_at is not None
    assert incident.aware_at.isoformat()[:26] == found_at[:26]
    assert case.events()[0].actor.name is None
    assert case.path.stat().st_mode & 0o077 == 0
    assert case.verify().ok


def test_its_journal_counts_what_was_found_and_names_no_file(breachkit, place):
    breachkit.expect(13, *place.sweep())
    case = only(breachkit.home)
    recorded = next(event for event in case.events() if event.kind == "sweep.recorded")

    assert recorded.detail["new"] == 1
    assert (recorded.detail["worst"], recorded.detail["rules"]) == ("high", {"CNT-01": 1})
    everything = "".join(each.read_text() for each in case.path.rglob("*.json*"))
    assert "released_outputs" not in everything
    assert "patients" not in everything


def test_the_same_sweep_twice_opens_one_and_writes_nothing_more(breachkit, place):
    breachkit.expect(13, *place.sweep())
    before = only(breachkit.home).incident.head
    breachkit.expect(0, *place.sweep())
    breachkit.expect(0, *place.sweep("--anew"))

    assert only(breachkit.home).incident.head == before


def test_what_is_found_later_is_added_to_the_draft_that_is_open(breachkit, place):
    breachkit.expect(13, *place.sweep())
    place.repository("study", SMALL_COUNTS, SMALL_COUNTS + b"West,1\n")
    ran = breachkit.expect(13, *place.sweep())
    case = only(breachkit.home)

    assert f"1 case open already, and told of it: {case.incident.codename}" in ran.err
    assert kinds(case).count("sweep.recorded") == 2
    assert case.incident.is_draft
    assert case.verify().ok


def test_a_case_that_a_person_opened_is_added_to_and_is_no_draft(breachkit, place):
    breachkit.expect(0, "open", place.folder / "study")
    breachkit.expect(13, *place.sweep())
    case = only(breachkit.home)

    assert kinds(case)[-1] == "sweep.recorded"
    assert not case.incident.is_draft


def test_after_a_false_alarm_only_what_is_new_since_opens_another_that_names_it(breachkit, place):
    breachkit.expect(13, *place.sweep())
    first = only(breachkit.home).incident.id
    breachkit.expect(
        0, "close", "--false-alarm", "--reason", "rounded", "--decided-by", "Jo", "--case", first
    )
    breachkit.expect(0, *place.sweep("--anew"))
    assert len(cases(breachkit.home)) == 1
    place.repository("study", SMALL_COUNTS, SMALL_COUNTS + b"West,1\n")
    breachkit.expect(13, *place.sweep())

    _, second = cases(breachkit.home)
    assert second.incident.related == (first,)
    assert second.incident.is_draft


def test_each_repository_gets_a_draft_of_its_own_and_only_from_the_severity_asked_for(
    breachkit, place
):
    place.repository("another")
    breachkit.expect(13, *place.sweep("--cases-from", "critical"))
    assert cases(breachkit.home) == []
    place.repository("third")
    place.repository("fourth")
    breachkit.expect(13, *place.sweep())

    assert {Path(case.incident.target).name for case in cases(breachkit.home)} == {
        "third",
        "fourth",
    }


def test_contacts_that_are_named_are_chosen_so_that_an_alert_can_be_written(breachkit, place):
    breachkit.expect(13, *place.sweep("--contacts", CONTACTS))
    breachkit.expect(0, "notify", "render", "alert")

    assert only(breachkit.home).incident.is_draft  # written, and nobody has looked


def test_a_place_where_no_case_may_live_is_said_and_tried_again(breachkit, place, tmp_path):
    import subprocess

    breachkit.home.mkdir()
    subprocess.run(["git", "init", "-q", breachkit.home], check=True)
    store = ("--store", tmp_path / "store")
    ran = breachkit.expect(13, *place.sweep(*store))
    assert "some draft cases could not be opened; the next sweep tries again" in ran.err
    breachkit.expect(5, *place.sweep(*store))
    shutil.rmtree(breachkit.home / ".git")
    breachkit.expect(0, *place.sweep(*store))

    assert only(breachkit.home).incident.is_draft


def test_a_draft_that_was_opened_and_not_written_to_is_gone_on_with(breachkit, place, monkeypatch):
    """The process was killed between the two."""

    def killed(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("breachkit.workflows.sweep_cases._Opening._record", killed)
        breachkit.expect(130, *place.sweep("--contacts", CONTACTS))
    breachkit.expect(0, *place.sweep("--contacts", CONTACTS))

    case = only(breachkit.home)
    assert kinds(case) == ["case.opened", "contacts.chosen", "sweep.recorded"]


# --- a draft among cases ----------------------------------------------------------------------


@pytest.fixture
def draft(breachkit, place):
    breachkit.expect(13, *place.sweep())
    return only(breachkit.home)


def test_it_is_shown_as_a_draft_wherever_cases_are_shown(breachkit, draft):
    name = draft.incident.id
    assert "DRAFT: a person has to look" in breachkit.expect(0, "status", "--all").out
    breachkit.expect(8, "status", "--all", "--strict")
    screen = breachkit.expect(0, "status", "--case", name).out
    assert "suspected, severity pending, DRAFT" in screen
    assert "a sweep found it, and no person has looked" in " ".join(screen.split())
    assert "OVERDUE" not in screen
    assert json.loads(breachkit.expect(0, "status", "--json").out)["draft"] is True
    assert json.loads((draft.path / "case.json").read_bytes())["draft"] is True


def test_what_is_next_is_that_a_person_looks_and_confirms_or_dismisses_it(breachkit, draft):
    said = breachkit.expect(0, "next").out

    assert said.startswith(
        f'breachkit amend kind confirmed --reason "..." --case {draft.incident.id}'
    )
    for command in ("breachkit scan ", "breachkit close --false-alarm", "amend kind near-miss"):
        assert command in said


def test_its_report_says_that_nobody_has_looked_and_nobody_is_aware(breachkit, draft):
    breachkit.expect(
        0, "report", "--audience", "internal", "--format", "md", "-o", draft.path / "r.md"
    )
    said = (draft.path / "r.md").read_text()

    assert "Draft: a sweep found something, and no person has looked at it" in said
    assert "nobody yet; reckoned from" in said


@pytest.mark.parametrize(
    "word",
    [
        ("amend", "kind", "confirmed", "--reason", "looked at it"),
        ("amend", "kind", "suspected", "--reason", "may be one"),
        ("amend", "kind", "near-miss", "--reason", "never published"),
        ("amend", "aware-at", "2026-03-06T09:00Z", "--reason", "the DPO knew"),
        ("decide", "living", "--answer", "yes", "--by", "Jo", "--reason", "patients"),
        ("close", "--false-alarm", "--reason", "rounded", "--decided-by", "Jo"),
    ],
)
def test_a_persons_word_ends_the_draft_and_keeps_the_moment_it_was_found(breachkit, draft, word):
    breachkit.expect(0, *word, "--case", draft.incident.id)
    incident = only(breachkit.home).incident

    assert not incident.is_draft
    if "aware-at" not in word:
        assert incident.aware_at == draft.incident.aware_at
    assert "DRAFT" not in breachkit.expect(0, "status", "--all").out


def test_a_correction_of_something_else_and_a_fact_leave_it_a_draft(breachkit, draft):
    breachkit.expect(0, "amend", "found-by", "the night sweep", "--reason", "its name")
    breachkit.expect(0, "amend", "engineer", "Ada Hartley")

    assert only(breachkit.home).incident.is_draft


@pytest.mark.parametrize(
    "command",
    [
        ("rewrite", "--execute", "--confirm", "study", "--override", "in a hurry"),
        ("close", "--reason", "x", "--decided-by", "Jo", "--override", "in a hurry"),
    ],
)
def test_nothing_is_replaced_or_ended_on_the_word_of_a_program(breachkit, draft, command):
    ran = breachkit.expect(6, *command, "--case", draft.incident.id)

    assert "no person has looked at what it found" in ran.err


def test_drafts_do_not_come_between_a_person_and_their_only_case(breachkit, draft):
    breachkit.expect(0, "open", "example/study")

    assert "example/study" in breachkit.expect(0, "status").out
