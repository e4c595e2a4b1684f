import os
import random
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from breachkit.incident.case import Milestone, OpenRequest
from breachkit.incident.codename import choose_codename
from breachkit.incident.opening import (
    OpeningError,
    parse_moment,
    plain_target,
    same_repository,
)
from breachkit.incident.places import UnsafePlaceError
from breachkit.incident.store import CaseNotFoundError, CaseStore
from tests.support.cases import NOON, HandClock, a_case, a_store, in_child, journal, reopened


def test_a_case_needs_nothing_but_a_name(tmp_path):
    incident = a_case(tmp_path).incident

    assert incident.id == "BK-2026-0001"
    assert incident.target == "example/study"
    assert (incident.kind, incident.policy, incident.profile) == ("suspected", "auto", None)
    assert incident.opened_at == incident.aware_at == incident.discovered_at == NOON
    assert incident.aware_assumed
    assert set(incident.milestones) == {Milestone.OPENED}


def test_everything_that_is_known_at_the_start_comes_back_from_the_journal(tmp_path):
    found, aware = NOON - timedelta(hours=5), NOON - timedelta(hours=3)
    case = a_store(tmp_path).create(
        OpenRequest(
            target="https://github.com/example/study",
            kind="confirmed",
            paths=("output/a b.csv", "café.csv"),
            found_by=" Jo Bloggs ",
            discovered_at=found,
            aware_at=aware.astimezone(timezone(timedelta(hours=5, minutes=30))),
            policy="strict",
        )
    )

    incident = reopened(case).incident

    assert (incident.kind, incident.policy, incident.found_by) == (
        "confirmed",
        "strict",
        "Jo Bloggs",
    )
    assert incident.paths == ("output/a b.csv", "café.csv")
    assert (incident.discovered_at, incident.aware_at) == (found, aware)
    assert incident.aware_at.tzinfo is UTC
    assert not incident.aware_assumed


def test_without_a_word_about_awareness_the_clock_runs_from_the_discovery(tmp_path):
    found = NOON - timedelta(hours=30)
    case = a_store(tmp_path).create(OpenRequest(target="example/study", discovered_at=found))

    assert case.incident.deadline == found + timedelta(hours=72)


def test_each_case_gets_the_next_number_of_its_year_and_its_own_codename(tmp_path):
    clock = HandClock()
    cases = [a_case(tmp_path, clock) for _ in range(3)]
    clock.at = datetime(2027, 1, 1, 0, 30, tzinfo=UTC)
    cases.append(a_case(tmp_path, clock))

    assert [case.incident.id for case in cases] == [
        "BK-2026-0001",
        "BK-2026-0002",
        "BK-2026-0003",
        "BK-2027-0001",
    ]
    assert len({case.incident.codename for case in cases}) == 4
    for case in cases:
        assert case.path.name == f"{case.incident.id}-{case.incident.codename}"


def test_two_processes_that_open_cases_at_once_get_different_numbers(tmp_path):
    readers = []
    for _ in range(4):
        reader, sender = os.pipe()
        if os.fork() == 0:
            for _ in range(3):
                os.write(sender, f"{a_case(tmp_path).incident.id}\n".encode())
            os._exit(0)
        os.close(sender)
        readers.append(reader)
    ids = []
    for reader in readers:
        with os.fdopen(reader) as answers:
            ids += answers.read().split()
        os.wait()

    assert sorted(ids) == [f"BK-2026-{number:04d}" for number in range(1, 13)]
    assert sorted(each.id for each in a_store(tmp_path).list()) == sorted(ids)


def test_two_journals_never_begin_alike(tmp_path):
    one, two = (a_case(tmp_path / name).events()[0] for name in ("a", "b"))

    assert one.text("nonce") != two.text("nonce")
    assert re.fullmatch("[0-9a-f]{32}", one.text("nonce") or "")


def test_codenames_avoid_those_taken_and_are_random_unless_told_otherwise():
    rng = random.Random(7)
    taken: set[str] = set()
    for _ in range(200):
        name = choose_codename(rng, taken)
        assert name not in taken
        taken.add(name)

    assert choose_codename(random.Random(7), set()) in taken
    assert all(re.fullmatch("[a-z]+-[a-z]+", name) for name in taken)


def test_a_process_killed_while_opening_leaves_no_case_and_no_rest(tmp_path, monkeypatch):
    store = a_store(tmp_path)

    def killed(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.rename", killed)
    with pytest.raises(KeyboardInterrupt):
        store.create(OpenRequest(target="example/study"))
    monkeypatch.undo()

    assert store.list() == ()
    assert a_case(tmp_path).incident.id == "BK-2026-0001"
    assert not list(store.home.glob(".new-*"))


def test_a_case_is_found_by_id_codename_folder_name_and_path(tmp_path, monkeypatch):
    case = a_case(tmp_path)
    other = a_case(tmp_path)
    monkeypatch.chdir(case.path.parent)

    for selector in (
        case.incident.id,
        case.incident.id.lower(),
        case.incident.codename,
        case.path.name,
        str(case.path),
        f"./{case.path.name}",
    ):
        assert a_store(tmp_path).find(selector).incident == case.incident
    assert a_store(tmp_path / "elsewhere").find(str(other.path)).incident == other.incident


def test_the_only_open_case_needs_no_name(tmp_path):
    closed, opened = a_case(tmp_path), a_case(tmp_path)
    closed.record("case.stood_down", {"reason": "false alarm", "decider": "Jo"})

    assert a_store(tmp_path).find(None).incident.id == opened.incident.id


def test_what_cannot_be_found_lists_what_there_is(tmp_path):
    store = a_store(tmp_path)
    with pytest.raises(CaseNotFoundError, match="breachkit open"):
        store.find(None)

    one, two = a_case(tmp_path), a_case(tmp_path, target="example/other")
    for selector in (None, "BK-2026-0009", "x" * 5000, "a\0b"):
        with pytest.raises(CaseNotFoundError) as caught:
            store.find(selector)
        assert caught.value.exit_code == 3
        for each in (one, two):
            assert each.incident.id in str(caught.value)
            assert each.incident.codename in str(caught.value)


def test_a_damaged_case_is_listed_as_such_and_keeps_no_other_from_being_opened(tmp_path):
    case = a_case(tmp_path)
    journal(case).write_bytes(b"nonsense\n")

    listed = a_store(tmp_path).list()
    second = a_case(tmp_path)

    assert [(each.id, each.is_open) for each in listed] == [("BK-2026-0001", True)]
    assert "line 1" in (listed[0].damaged or "")
    assert second.incident.id == "BK-2026-0002"


@pytest.mark.parametrize("kind", ["folder", "file", "bare"])
def test_cases_are_not_kept_where_git_could_commit_them(tmp_path, kind):
    if kind == "folder":
        (tmp_path / ".git").mkdir()
    elif kind == "file":
        (tmp_path / ".git").write_text("gitdir: /elsewhere\n")
    else:
        for name in ("objects", "refs"):
            (tmp_path / name).mkdir()
        (tmp_path / "HEAD").write_text("ref: refs/heads/main\n")
    home = tmp_path / "deep" / "er"

    with pytest.raises(UnsafePlaceError, match="BREACHKIT_HOME") as caught:
        CaseStore(home, HandClock()).create(OpenRequest(target="example/study"))

    assert caught.value.exit_code == 6
    assert not home.exists()


def test_a_link_into_a_work_tree_is_seen_through(tmp_path):
    (tmp_path / "tree" / ".git").mkdir(parents=True)
    (tmp_path / "cases").symlink_to(tmp_path / "tree")

    with pytest.raises(UnsafePlaceError):
        a_case(tmp_path)


def test_folders_that_are_copied_to_a_cloud_or_open_to_others_are_warned_about(tmp_path):
    for name in ("OneDrive - Example", "Dropbox", "Mobile Documents"):
        assert "cloud" in a_store(tmp_path / name).warnings()[0]
    assert a_store(tmp_path).warnings() == ()

    (tmp_path / "cases").mkdir()
    (tmp_path / "cases").chmod(0o755)
    assert "chmod 700" in a_store(tmp_path).warnings()[0]


def test_a_home_that_was_there_before_keeps_its_mode(tmp_path):
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases").chmod(0o755)

    a_case(tmp_path)

    assert (tmp_path / "cases").stat().st_mode & 0o777 == 0o755


def test_a_target_that_is_no_text_comes_back_byte_for_byte(tmp_path, monkeypatch):
    raw = b"/srv/caf\xe9/a\\b\n.git"
    case = a_store(tmp_path).create(OpenRequest(target=os.fsdecode(raw)))

    incident = reopened(case).incident

    assert os.fsencode(incident.target) == raw
    assert incident.shown_target == r"/srv/caf\xe9/a\\b\x0a.git"
    assert b"\\udc" not in journal(case).read_bytes()


def test_a_local_target_is_kept_absolute_and_a_web_address_without_credentials(
    tmp_path, monkeypatch
):
    (tmp_path / "clone").mkdir()
    monkeypatch.chdir(tmp_path)

    assert plain_target("clone") == str(tmp_path / "clone")
    assert plain_target("owner/name") == "owner/name"
    assert plain_target("https://me:ghp_x@github.com/o/n") == "https://github.com/o/n"
    assert plain_target("https://ghp_x@github.com/o/n") == "https://github.com/o/n"
    assert plain_target("ssh://git:pw@example.org/n") == "ssh://git@example.org/n"
    assert plain_target("git@github.com:o/n.git") == "git@github.com:o/n.git"
    assert plain_target("x" * 9000) == "x" * 9000


def test_names_of_one_repository_are_recognised_as_such():
    names = [
        "o/n",
        "O/N",
        "https://github.com/o/n",
        "https://github.com/o/n.git/",
        "git@github.com:o/n.git",
        "ssh://git@github.com/o/n",
    ]
    for one in names:
        for two in names:
            assert same_repository(one, two), (one, two)
        assert not same_repository(one, "o/other")
        assert not same_repository(one, "https://gitlab.com/o/n")
    assert same_repository("/srv/n.git", "/srv/n.git/")
    assert not same_repository("/srv/n", "/srv/N")


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (OpenRequest(target="  "), "name the repository"),
        (OpenRequest(target="o/n", kind="maybe"), "suspected, confirmed, near-miss"),  # type: ignore[arg-type]
        (OpenRequest(target="o/n", aware_at=NOON.replace(tzinfo=None)), "no time zone"),
        (OpenRequest(target="o/n", aware_at=NOON + timedelta(hours=1)), "in the future"),
        (OpenRequest(target="o/n", discovered_at=NOON + timedelta(days=1)), "in the future"),
        (OpenRequest(target="o/n", aware_at=datetime(1, 1, 1, tzinfo=UTC)), "before 1970"),
        (
            OpenRequest(target="o/n", aware_at=NOON - timedelta(days=2), discovered_at=NOON),
            "before --discovered-at",
        ),
    ],
)
def test_what_makes_no_sense_opens_no_case(tmp_path, request_, said):
    store = a_store(tmp_path)

    with pytest.raises(OpeningError, match=said) as caught:
        store.create(request_)

    assert caught.value.exit_code == 2
    assert store.list() == ()


def test_a_moment_that_a_user_typed_needs_a_zone():
    assert parse_moment(" 2026-03-01T18:05+01:00", "--aware-at") == datetime(
        2026, 3, 1, 17, 5, tzinfo=UTC
    )
    for typed in ("2026-03-01T18:05", "yesterday", "", "2026-03-01", "0001-01-01T00:00+14:00"):
        with pytest.raises(OpeningError, match=r"--aware-at.*such as"):
            parse_moment(typed, "--aware-at")


def test_opening_writes_nothing_a_token_could_be_read_from(tmp_path):
    a_store(tmp_path).create(OpenRequest(target="https://me:ghp_secret@github.com/o/n"))

    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"ghp_secret" not in path.read_bytes()


def test_cases_are_opened_from_a_forked_process_too(tmp_path):
    a_case(tmp_path)

    assert in_child(lambda: a_case(tmp_path)) == "done"
    assert len(a_store(tmp_path).list()) == 2
