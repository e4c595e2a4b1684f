"""Each check of `doctor` notices what is really broken, and is silent where it is not."""

import os
import subprocess
import sys
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from breachkit.actions.health import Health, broken, doubtful, fine, not_tried, worst_code
from breachkit.actions.hosting import Answered, HostedRepository, Topic
from breachkit.actions.platform_health import Seen
from breachkit.git import backup, process
from breachkit.incident.case import OpenRequest
from breachkit.incident.store import CaseStore
from breachkit.report import doctor as report
from breachkit.store import sweeps
from breachkit.store.database import connect
from breachkit.workflows import (
    doctor_cases,
    doctor_clock,
    doctor_encryption,
    doctor_git,
    doctor_github,
    doctor_mounts,
    doctor_places,
    doctor_playbooks,
    doctor_program,
    doctor_terminal,
)
from breachkit.workflows.contacts import choose_contacts
from breachkit.workflows.playbooks import using
from tests.support.cases import HandClock


ROOT = Path(__file__).parents[2]
CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"
NOW = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)


def by_id(diagnoses):
    return {each.id: each for each in diagnoses}


def healths(diagnoses):
    return {each.id: each.health for each in diagnoses}


# --- what it ends with ----------------------------------------------------------------------

WARNING, UNKNOWN = doubtful("a.b", "x", "y"), not_tried("a.b", "x")
WRONG, FORBIDDEN = broken("a.b", "x", "y"), broken("a.b", "x", "y", is_access=True)


@pytest.mark.parametrize(
    ("found", "code", "strict"),
    [
        ([fine("a.b", "x"), UNKNOWN], 0, 0),
        ([WARNING, UNKNOWN], 0, 8),
        ([WARNING, WRONG], 3, 3),
        ([WARNING, FORBIDDEN], 4, 4),
        ([FORBIDDEN, WRONG], 3, 3),
    ],
)
def test_it_ends_with_3_where_something_is_wrong_and_with_4_where_only_permissions_are(
    found, code, strict
):
    assert worst_code(found, strict=False) == code
    assert worst_code(found, strict=True) == strict


def plain(found, width=80):
    lines = report.screen(found, width)
    return ["".join(part if isinstance(part, str) else part[0] for part in line) for line in lines]


def test_what_is_wrong_stands_last_in_lines_of_80_columns_and_commands_are_whole():
    command = "git config --global --unset-all " + "x" * 80
    long = "a sentence of some length that goes on " * 4
    found = [broken("a.b", long, long, command), fine("a.c", long), doubtful("d.e", long, long), not_tried("d.f", long)]  # fmt: skip
    lines = plain([*found, fine("a.g", "short")])
    badges = [line[:10].strip() for line in lines if line[:10].strip()]

    assert badges[:4] == ["ok", "not tried", "WARN", "FAIL"]
    assert [line for line in lines if len(line) > 80] == [" " * 13 + command]
    assert lines[-2:] == ["1 thing stops a response here", "2 ok, 1 warning, 1 not tried."]


@pytest.mark.parametrize(("columns", "widest"), [(20, 40), (60, 60), (110, 110), (300, 120)])
def test_sentences_are_as_wide_as_the_terminal_within_what_can_be_read(columns, widest):
    long = "of some length " * 20
    lines = plain([broken("a.b", long, long), fine("a.c", long)], columns)[:-2]

    assert widest - len("length") <= max(map(len, lines)) <= widest


def test_a_path_is_whole_however_narrow_the_terminal_is():
    path = "/srv/" + "study-" * 20

    assert any(path in line for line in plain([fine("a.c", f"nothing is in {path} now")], 60))


def test_all_is_called_well_only_where_all_was_tried():
    assert plain([fine("a.b", "x")])[-2:] == ["Everything that a response needs is here", "1 ok."]
    for other in (WARNING, UNKNOWN):
        assert plain([fine("a.b", "x"), other])[-2] == "Nothing that was looked at stops a response here"  # fmt: skip


# --- the program ----------------------------------------------------------------------------


def program(**changes):
    given = {
        "python": (3, 11, 7),
        "executable": "/opt/my python/bin/python",
        "rewriter": doctor_program.PINNED,
        "rewriter_loads": True,
        "missing": dict.fromkeys(doctor_program.EXTRAS, ()),
    }
    return by_id(doctor_program.judge(doctor_program.Program(**{**given, **changes})))


def test_a_whole_program_is_called_so():
    assert {each.health for each in program().values()} == {Health.OK}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"python": (3, 10, 1)}, "program.python"),
        ({"rewriter": None}, "program.filter-repo"),
        ({"rewriter": "2.45.0"}, "program.filter-repo"),
        ({"rewriter_loads": False}, "program.filter-repo"),
    ],
)
def test_what_a_rewrite_needs_stops_a_response(changes, name):
    assert program(**changes)[name].health is Health.FAIL


def test_a_library_that_is_not_there_is_named_with_what_cannot_be_read():
    missing = {**dict.fromkeys(doctor_program.EXTRAS, ()), "formats": ("pyreadstat",)}
    found = program(missing=missing)["program.formats"]

    assert found.health is Health.WARN
    assert "pyreadstat" in found.says
    assert found.repairs == ("'/opt/my python/bin/python' -m pip install 'breachkit[formats]'",)


def test_the_extras_are_those_of_the_distribution_and_each_module_is_looked_for():
    in_a_process = (
        "import sys; sys.modules['pypdf'] = None; sys.modules['git_filter_repo'] = None\n"
        "from breachkit.workflows import doctor_program as d\n"
        "p = d.gather(); print(p.missing['formats'], p.rewriter_loads)"
    )
    ran = subprocess.run([sys.executable, "-c", in_a_process], capture_output=True, check=True)

    assert ran.stdout.decode().strip() == "('pypdf',) False"
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {**declared["optional-dependencies"]}
    assert extras.pop("dev")
    assert {name: len(needs) for name, needs in extras.items()} == {
        name: len(modules) for name, (modules, _) in doctor_program.EXTRAS.items()
    }
    assert f"git-filter-repo=={doctor_program.PINNED}" in declared["dependencies"]


# --- git ------------------------------------------------------------------------------------


def test_without_git_nothing_works(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    process.git_version.cache_clear()
    try:
        found = by_id(doctor_git.judge(doctor_git.gather(())))
    finally:
        process.git_version.cache_clear()

    assert found["git.version"].health is Health.FAIL
    assert "git.settings" not in found


def test_a_git_with_known_weaknesses_is_said_to_be_one():
    def version(*numbers):
        return by_id(doctor_git.judge(doctor_git.Git(version=numbers)))["git.version"].health

    assert version(2, 39, 3) is Health.WARN
    assert version(2, 39, 4) is version(2, 45, 1) is Health.OK


# --- places ---------------------------------------------------------------------------------


def mount(*args):
    return not subprocess.run(["mount", *args], capture_output=True, check=False).returncode


@pytest.fixture
def disk(tmp_path):
    """A disk of one megabyte from which nothing is run."""
    place = tmp_path / "disk"
    place.mkdir()
    if not mount("-t", "tmpfs", "-o", "size=1m,noexec", "tmpfs", place):
        pytest.skip("this user may not mount a disk")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def home(path, needed=None):
    return by_id(doctor_places.judge_home(doctor_places.gather(path), needed))


def temporary(path):
    return by_id(doctor_places.judge_temporary(doctor_places.gather(path)))


def test_a_folder_of_ones_own_is_fit_for_cases(tmp_path):
    place = tmp_path / "cases"
    place.mkdir(mode=0o700)
    found = home(place)

    wanted = ("cases.place", "cases.repository")
    assert [found[name].health for name in wanted] == [Health.OK] * 2
    assert Health.FAIL not in {each.health for each in found.values()}
    assert list(place.iterdir()) == []


def test_a_folder_that_is_not_there_yet_is_looked_at_where_it_would_be(tmp_path):
    tmp_path.chmod(0o755)

    assert home(tmp_path / "not" / "yet")["cases.place"].health is Health.OK
    assert not (tmp_path / "not").exists()


def test_a_folder_that_others_can_open_is_named_with_what_closes_it(tmp_path):
    place = tmp_path / "our cases"
    place.mkdir(mode=0o755)
    found = home(place)["cases.place"]

    assert found.health is Health.WARN
    subprocess.run(found.repairs[0], shell=True, check=True)
    assert home(place)["cases.place"].health is Health.OK


def test_a_folder_within_a_repository_stops_a_case(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)

    assert home(tmp_path / "cases")["cases.repository"].health is Health.FAIL


@pytest.mark.parametrize("name", ["Dropbox", "OneDrive - Example", "Mobile Documents"])
def test_a_folder_that_is_copied_to_a_cloud_is_named(tmp_path, name):
    (tmp_path / name).mkdir()

    assert home(tmp_path / name / "cases")["cases.synchronised"].health is Health.WARN


def test_a_full_disk_stops_a_case_and_temporary_files(disk):
    (disk / "filler").write_bytes(bytes(1 << 20))

    found = home(disk)["cases.place"]
    assert found.health is Health.FAIL
    assert "make room on that disk" in found.means
    assert found.repairs == ()  # elsewhere no case is open
    assert temporary(disk)["temporary.place"].health is Health.FAIL
    assert [each.name for each in disk.iterdir()] == ["filler"]


def test_a_small_disk_in_memory_where_nothing_may_be_run_is_all_of_that(disk):
    found = home(disk)

    assert found["cases.room"].health is Health.FAIL
    assert found["cases.file-system"].health is Health.WARN
    assert "tmpfs" in found["cases.file-system"].says
    assert temporary(disk)["temporary.room"].health is Health.FAIL
    there = doctor_places.gather(disk).mount
    assert there is not None
    assert there.noexec


def test_room_is_reckoned_by_the_repository_where_that_is_known(tmp_path):
    assert home(tmp_path, needed=1 << 60)["cases.room"].health is Health.FAIL
    assert home(tmp_path, needed=1)["cases.room"].health is Health.OK


def test_what_is_no_folder_or_not_there_is_no_place(tmp_path):
    (tmp_path / "file").write_bytes(b"")

    assert home(tmp_path / "file" / "cases")["cases.place"].health is Health.FAIL
    assert temporary(tmp_path / "none")["temporary.place"].health is Health.FAIL
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("fault", "health"),
    [("fsync", Health.WARN), ("case", Health.WARN), ("modes", Health.WARN)]
    + [(name, Health.FAIL) for name in ("rename", "locks", "content")],
)
def test_what_a_file_system_does_not_do_is_said(tmp_path, fault, health):
    place = doctor_places.Place(path=tmp_path, exists=True, free=1 << 40, faults=(fault,))

    assert by_id(doctor_places.judge_home(place))[f"cases.{fault}"].health is health


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "9p", "fuse.sshfs"])
def test_a_folder_on_another_machine_is_named(tmp_path, kind):
    there = doctor_mounts.Mount(point=tmp_path, kind=kind, noexec=False, device="0:1")
    place = doctor_places.Place(path=tmp_path, exists=True, free=1 << 40, mount=there)

    assert by_id(doctor_places.judge_home(place))["cases.file-system"].health is Health.WARN
    assert by_id(doctor_places.judge_temporary(place))["temporary.network"].health is Health.WARN


def test_a_file_system_that_loses_what_a_chmod_says_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "chmod", lambda *_args: None)
    (tmp_path / "x").mkdir()
    previous = os.umask(0)
    try:
        assert "modes" in doctor_places.gather(tmp_path / "x").faults
    finally:
        os.umask(previous)


def test_a_system_that_does_not_tell_is_not_tried(tmp_path):
    place = doctor_places.Place(path=tmp_path, exists=True)
    found = by_id(doctor_places.judge_home(place))

    assert found["cases.file-system"].health is found["cases.room"].health is Health.NOT_TRIED


# --- disks ----------------------------------------------------------------------------------

MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
23 22 0:21 / /tmp rw,nosuid,noexec - tmpfs tmpfs rw
24 22 253:1 / /home/my\\040files rw - ext4 /dev/mapper/home rw
25 22 0:44 / /home/my\\040files rw - fuse.sshfs other:/ rw
"""


def test_the_nearest_and_latest_mount_is_the_one_that_counts(tmp_path):
    table = tmp_path / "mountinfo"
    table.write_text(MOUNTS, encoding="utf-8")

    def kind(path):
        found = doctor_mounts.mount_of(Path(path), table)
        return None if found is None else (found.kind, found.noexec)

    assert kind("/usr/lib") == ("ext4", False)
    assert kind("/tmp/x") == ("tmpfs", True)
    assert kind("/tmpx") == ("ext4", False)
    assert kind("/home/my files/x") == ("fuse.sshfs", False)
    assert doctor_mounts.mount_of(Path("/"), tmp_path / "none") is None


def blocks(tmp_path, uuid):
    """A volume in a group that lies on a device of this identity."""
    folder = tmp_path / "blocks"
    for name in ("253:1", "253:0"):
        (folder / name / "dm").mkdir(parents=True)
        (folder / name / "dm" / "uuid").write_text("LVM-4711", encoding="utf-8")
    (folder / "253:0" / "dm" / "uuid").write_text(uuid, encoding="utf-8")
    (folder / "253:1" / "slaves").mkdir()
    (folder / "253:1" / "slaves" / "dm-0").symlink_to(folder / "253:0")
    return folder


def test_a_volume_on_an_encrypted_device_is_encrypted(tmp_path):
    assert doctor_mounts.is_encrypted("253:1", blocks(tmp_path, "CRYPT-LUKS2-x")) is True
    assert doctor_mounts.is_encrypted("9:9", tmp_path / "blocks") is None


def test_a_volume_on_a_plain_device_is_not(tmp_path):
    assert doctor_mounts.is_encrypted("253:1", blocks(tmp_path, "LVM-x")) is False


def test_swap_in_memory_or_none_is_no_swap_on_a_disk(tmp_path):
    table = tmp_path / "swaps"
    head = "Filename Type Size Used Priority\n"
    table.write_text(f"{head}/dev/zram0 partition 1 0 1\n", encoding="utf-8")
    assert doctor_mounts.swaps_encrypted(table, tmp_path) is True
    table.write_text(head, encoding="utf-8")
    assert doctor_mounts.swaps_encrypted(table, tmp_path) is True
    table.write_text(f"{head}/none/there partition 1 0 1\n", encoding="utf-8")
    assert doctor_mounts.swaps_encrypted(table, tmp_path) is None
    assert doctor_mounts.swaps_encrypted(tmp_path / "none", tmp_path) is None


# --- encryption -----------------------------------------------------------------------------


def encryption(home):
    return by_id(doctor_encryption.judge(doctor_encryption.gather(home, None)))


def test_keys_that_work_are_called_so_and_those_that_do_not_are_named(tmp_path):
    assert backup.round_trip()
    assert "encryption.key" not in encryption(tmp_path)
    backup.make_key(tmp_path / "keys" / "BK-2026-0001.agekey")
    assert encryption(tmp_path)["encryption.key"].health is Health.OK

    (tmp_path / "keys" / "BK-2026-0001.agekey").write_text("AGE-SECRET-KEY-4711", encoding="utf-8")
    found = encryption(tmp_path)["encryption.key"]
    assert found.health is Health.FAIL
    assert "4711" not in repr(found)


def test_a_key_of_a_sealed_verifier_beside_it_is_named_and_is_no_key_of_a_backup(tmp_path):
    backup.make_key(tmp_path / "keys" / "BK-2026-0001-verifier.agekey")
    found = encryption(tmp_path)
    assert "encryption.key" not in found
    assert found["encryption.seal"].health is Health.WARN
    assert "BK-2026-0001's sealed verifier" in found["encryption.seal"].says


@pytest.mark.parametrize("folder", ["ours", "a b", "it's", "back\\slash", "line\nbreak", "\udcff"])
def test_a_key_that_others_can_read_is_named_with_what_closes_it(tmp_path, folder):
    home = tmp_path / folder
    key = home / "keys" / "BK-2026-0001.agekey"
    backup.make_key(key)
    key.chmod(0o644)
    found = encryption(home)["encryption.key"]

    assert found.health is Health.FAIL
    assert found.is_access
    subprocess.run(found.repairs[0], shell=True, check=True)
    assert encryption(home)["encryption.key"].health is Health.OK


@pytest.mark.parametrize(
    ("state", "health"), [(True, Health.OK), (False, Health.WARN), (None, Health.NOT_TRIED)]
)
def test_a_disk_of_which_nothing_is_known_is_not_called_encrypted(state, health):
    known = doctor_encryption.Encryption(works=True, keys=(), disk=state, swap=state)
    found = by_id(doctor_encryption.judge(known))

    assert found["encryption.disk"].health is found["encryption.swap"].health is health


@pytest.mark.parametrize(
    ("kind", "encrypted"), [("ecryptfs", True), ("fuse.gocryptfs", True), ("ext4", None)]
)
def test_a_folder_that_is_encrypted_by_itself_is_so_on_any_disk(tmp_path, kind, encrypted):
    there = doctor_mounts.Mount(point=tmp_path, kind=kind, noexec=False, device="9999:9")

    assert doctor_encryption.gather(tmp_path, there).disk is encrypted
    assert doctor_encryption.gather(tmp_path, None).disk is None


def test_encryption_that_gives_back_something_else_stops_a_response(monkeypatch):
    monkeypatch.setattr("pyrage.decrypt", lambda *_args: b"something else")

    assert not backup.round_trip()
    known = doctor_encryption.Encryption(works=False, keys=(), disk=True, swap=True)
    assert by_id(doctor_encryption.judge(known))["encryption.age"].health is Health.FAIL


# --- the clock ------------------------------------------------------------------------------


def clocks(now=NOW, **changes):
    given = {"platform": now, "newest": None, "zone": UTC, "zone_named": None}
    return by_id(doctor_clock.judge(doctor_clock.Clocks(now=now, **{**given, **changes})))


@pytest.mark.parametrize(
    ("off", "health"),
    [
        (timedelta(seconds=40), Health.OK),
        (timedelta(minutes=-3), Health.WARN),
        (timedelta(hours=2), Health.FAIL),
        (timedelta(days=-400), Health.FAIL),
    ],
)
def test_a_clock_that_is_off_is_noticed(off, health):
    found = clocks(platform=NOW - off)["clock.skew"]

    assert found.health is health
    assert ("behind" in found.says) is (health is not Health.OK and off < timedelta(0))


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (timedelta(minutes=90), "90 minutes ahead of"),
        (timedelta(hours=30), "30 hours ahead of"),
        (timedelta(days=-3), "3 days behind"),
    ],
)
def test_how_far_a_clock_is_off_is_said_as_people_say_it(off, words):
    assert words in clocks(platform=NOW - off)["clock.skew"].says


def test_a_clock_that_nobody_compared_is_not_called_right():
    assert clocks(platform=None)["clock.skew"].health is Health.NOT_TRIED


def test_a_clock_that_lost_its_battery_is_noticed_without_any_other():
    found = clocks(datetime(1970, 1, 2, tzinfo=UTC), platform=None)

    assert found["clock.skew"].health is Health.FAIL


def test_a_clock_behind_the_journal_is_noticed():
    assert clocks(newest=NOW + timedelta(hours=3))["clock.journal"].health is Health.FAIL
    assert clocks(newest=NOW - timedelta(hours=3))["clock.journal"].health is Health.OK


def test_a_change_of_the_clocks_within_the_72_hours_is_said():
    london = ZoneInfo("Europe/London")
    before = datetime(2026, 3, 27, 17, 0, tzinfo=UTC)
    found = clocks(before, zone=london)["clock.zone"]

    assert found.health is Health.WARN
    assert "UTC+00:00, then UTC+01:00" in found.says
    assert clocks(NOW, zone=london)["clock.zone"].health is Health.OK


@pytest.mark.parametrize(
    ("named", "health"),
    [
        ("Europe/Londn", Health.WARN),
        ("../etc/passwd", Health.WARN),
        ("Europe/London", Health.OK),
        ("CET-1CEST,M3.5.0,M10.5.0/3", Health.OK),
        (":UTC", Health.OK),
        ("", Health.OK),
    ],
)
def test_a_time_zone_that_nobody_knows_is_named(named, health):
    assert clocks(zone_named=named)["clock.zone"].health is health


# --- the terminal ---------------------------------------------------------------------------


def terminal(**changes):
    given = {"encoding": "utf-8", "file_names": "utf-8", "is_terminal": True, "columns": 80}
    return healths(
        doctor_terminal.judge(doctor_terminal.Terminal(**{**given, "kind": "xterm", **changes}))
    )


@pytest.mark.parametrize(
    ("changes", "name", "health"),
    [
        ({}, "terminal.encoding", Health.OK),
        ({"encoding": "ANSI_X3.4-1968"}, "terminal.encoding", Health.WARN),
        ({"file_names": "latin-1"}, "terminal.encoding", Health.WARN),
        ({}, "terminal.size", Health.OK),
        ({"columns": 60}, "terminal.size", Health.WARN),
        ({"kind": "dumb"}, "terminal.size", Health.WARN),
        ({"is_terminal": False}, "terminal.size", Health.NOT_TRIED),
    ],
)
def test_a_terminal_that_shows_less_is_said_to(changes, name, health):
    assert terminal(**changes)[name] is health


# --- cases ----------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path):
    return CaseStore(tmp_path / "home", HandClock())


@pytest.fixture
def case(store):
    made = store.create(OpenRequest(target="example/study"))
    choose_contacts(made, str(CONTACTS), HandClock())
    return made


def cases(store):
    return by_id(doctor_cases.judge(doctor_cases.gather(store, HandClock())))


def test_a_sound_case_is_called_so_and_is_not_touched(store, case):
    before = {file: file.stat().st_mtime_ns for file in case.path.rglob("*")}

    found = cases(store)["cases.list"]
    assert (found.health, found.says) == (Health.OK, "1 case, each journal holds")
    assert {file: file.stat().st_mtime_ns for file in case.path.rglob("*")} == before


def test_where_there_is_no_case_that_is_said(store):
    assert cases(store)["cases.list"].says == "there is no case yet"


def test_a_journal_that_does_not_hold_stops_whoever_goes_on(store, case):
    journal = case.path / "events.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"example/study", b"example/other"))
    found = cases(store)["cases.journal"]

    assert found.health is Health.FAIL
    assert found.repairs == (f"breachkit log verify --case {case.path.name[:12]}",)


def test_entries_of_a_later_version_stop_whoever_goes_on():
    looked = doctor_cases.Looked(id="BK-2026-0001", newer=2, contacts="x")
    found = by_id(doctor_cases.judge(doctor_cases.Cases(cases=(looked,))))

    assert found["cases.newer"].health is Health.FAIL


def test_what_a_killed_command_left_is_counted_and_not_cleared(store, case):
    left = case.private / "mirror.git.partial-1234"
    left.mkdir(parents=True)
    (store.home / ".new-4711").mkdir()
    found = cases(store)

    assert found["cases.left"].health is found["cases.unmade"].health is Health.WARN
    assert left.exists()


def test_what_a_living_command_is_making_is_not_left(store, case):
    with case.lock("scope"):
        (case.private / "mirror.git.partial-1234").mkdir(parents=True)
        assert "cases.left" not in cases(store)


def test_a_change_without_a_result_is_named(store, case):
    case.record("push.intent", {"leases": 1})

    assert cases(store)["cases.stopped"].health is Health.WARN


def test_the_newest_entry_of_all_cases_is_what_the_clock_is_held_against(store, case):
    assert doctor_cases.Cases().newest is None
    damaged = doctor_cases.Looked(id="BK-2026-0002", damaged="x")
    found = doctor_cases.gather(store, HandClock())
    assert replace(found, cases=(*found.cases, damaged)).newest == HandClock().now()


def test_contacts_that_nobody_chose_or_that_are_stale_are_named(store, case):
    store.create(OpenRequest(target="example/other"))
    assert "nobody chose" in cases(store)["cases.contacts"].says

    later = HandClock()
    later.move(days=4000)
    found = [*doctor_cases.judge(doctor_cases.gather(store, later))]
    assert any(case.path.name[:12] in each.says and "contacts" in each.id for each in found)


def test_a_folder_of_cases_that_cannot_be_looked_into_is_named(store, case, monkeypatch):
    def refused(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refused)

    assert cases(store)["cases.list"].health is Health.FAIL


def test_a_database_that_is_damaged_or_of_a_later_version_is_named(store):
    path = store.home / "sweeps" / sweeps.FILE
    database = connect(path, sweeps.SCHEMA)
    assert cases(store)["sweeps.database"].health is Health.OK
    database.execute("PRAGMA user_version = 99")
    database.close()
    assert cases(store)["sweeps.database"].health is Health.FAIL
    for file in path.parent.iterdir():
        file.unlink()
    path.write_bytes(b"no database at all" * 100)
    assert cases(store)["sweeps.database"].health is Health.WARN


# --- playbooks ------------------------------------------------------------------------------


def test_a_playbook_with_a_mistake_stops_a_response(tmp_path):
    ours = tmp_path / "ours"
    ours.mkdir()
    (ours / "playbook.toml").write_text('name = "ours"\n', encoding="utf-8")
    with using(ours):
        found = by_id(doctor_playbooks.judge(doctor_playbooks.gather(NOW.date())))

    assert found["playbook.reads"].health is Health.FAIL


def test_a_playbook_that_nobody_looked_at_for_years_is_said_to_be_stale():
    found = doctor_playbooks.judge(doctor_playbooks.gather(NOW.date() + timedelta(days=4000)))

    assert "last reviewed" in by_id(found)["playbook.fresh"].means


# --- the platform ---------------------------------------------------------------------------

STUDY = HostedRepository(
    id=1,
    full_name="example-org/study",
    owner="example-org",
    is_organisation=True,
    visibility="public",
    is_admin=True,
    default_branch="main",
    forks=0,
)


def platform(seen=None, **rights):
    given = {"name": "example-org/study", "repository": STUDY, "may_push": True}
    known = doctor_github.Github(
        token=doctor_github.Token(source="GH_TOKEN"),
        web="https://github.com",
        seen=seen or Seen(status=200, login="ada", scopes=("repo", "workflow", "read:org")),
        target="example-org/study",
        rights=doctor_github.Rights(**{**given, **rights}),
    )
    return by_id(doctor_github.judge(known, NOW))


def test_a_token_that_ends_within_the_response_is_named():
    def ends(days):
        seen = Seen(status=200, login="ada", scopes=("repo",), expires=NOW + timedelta(days=days))
        return platform(seen)["github.token-end"].health

    assert (ends(3), ends(90)) == (Health.WARN, Health.OK)


def test_a_classic_token_says_which_scope_it_lacks():
    found = platform(Seen(status=200, login="ada", scopes=("repo", "admin:org")))["github.scopes"]

    assert found.health is Health.WARN
    assert "workflow" in found.says
    assert "read:org" not in found.says


def test_few_requests_before_the_limit_are_said():
    seen = Seen(status=200, login="ada", scopes=("repo",), requests_left=12)

    assert platform(seen)["github.limit"].health is Health.WARN


def test_a_topic_that_may_not_be_read_names_the_permission(monkeypatch):
    topics = {Topic.HOOKS: Answered.REFUSED, Topic.KEYS: Answered.COMPLETE}
    found = platform(topics=topics)["target.snapshot"]

    assert found.health is Health.WARN
    assert "needs Webhooks" in found.means
    unknown = platform(topics={Topic.HOOKS: Answered.FAILED})["target.snapshot"]
    assert unknown.health is Health.NOT_TRIED


def test_an_archived_or_renamed_repository_is_named():
    assert platform(repository=replace(STUDY, archived=True))["target.push"].health is Health.FAIL
    moved = platform(repository=replace(STUDY, full_name="example-org/new"))
    assert moved["target.name"].health is Health.WARN


def test_a_push_of_which_git_got_no_answer_is_not_tried():
    assert platform(may_push=None)["target.push"].health is Health.NOT_TRIED
    assert platform(may_push=False)["target.push"].health is Health.FAIL


def test_a_repository_that_is_not_shown_stops_a_response():
    found = platform(repository=None, problem="not there")["target.rights"]

    assert found.health is Health.FAIL
    assert found.is_access


def test_a_platform_that_refuses_the_token_says_why():
    found = platform(
        Seen(status=403, problem="Resource protected by organization SAML enforcement")
    )

    assert "SAML" in found["github.account"].says
