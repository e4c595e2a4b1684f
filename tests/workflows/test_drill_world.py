"""The practice world holds what it says, each hiding place checked with plain git."""

import re
import stat
from pathlib import Path

import pytest

from breachkit.drill import history
from breachkit.drill.plaingit import Repository, clone, url_of
from breachkit.drill.planted import MARK, Detector, blob_id, plant, telltales
from breachkit.drill.recover import recover
from breachkit.drill.world import World, build_world
from tests.support.drill import FixedClock


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return build_world(tmp_path_factory.mktemp("world"), FixedClock())


def reaches(repository: Repository, blob: str, *refs: str) -> bool:
    return any(
        line.split(" ")[0] == blob for line in repository.lines("rev-list", "--objects", *refs)
    )


def test_two_worlds_are_the_same_down_to_the_commit_ids(world: World, tmp_path: Path) -> None:
    again = build_world(tmp_path, FixedClock())

    assert again.refs == world.refs
    assert again.commits == world.commits


def test_the_newest_commit_of_main_looks_clean(world: World) -> None:
    files = world.server.lines("ls-tree", "-r", "main")

    assert not any(blob in line for line in files for blob in world.planted.blobs)
    assert len(files) > 8


def test_main_still_holds_what_was_reverted_deleted_and_redacted_later(world: World) -> None:
    for planted in (plant().by_region, plant().extract, plant().follow_up):
        assert reaches(world.server, planted.blob, "refs/heads/main")


def test_the_first_fix_is_a_revert_that_names_the_commit_it_reverts(world: World) -> None:
    message = world.server.git("log", "-1", "--format=%B", world.commits["revert"]).decode()

    assert message.startswith('Revert "Released from ')
    assert f"This reverts commit {world.commits['release-1']}." in message


def test_the_second_fix_deletes_the_extract_and_says_why(world: World) -> None:
    shown = world.server.lines("show", "--format=%s", "--name-status", world.commits["delete"])

    assert shown[0] == "Remove outputs that were not redacted"
    assert f"D\t{history.EXTRACT}" in shown


def test_the_follow_up_table_was_redacted_in_place(world: World) -> None:
    commit = world.commits["redact"]
    before = world.server.git("show", f"{commit}^:{history.FOLLOW_UP}")
    after = world.server.git("show", f"{commit}:{history.FOLLOW_UP}")

    assert before == plant().follow_up.content
    assert after == plant().follow_up_redacted
    assert MARK.encode() in after
    assert MARK.encode() not in before
    assert before.splitlines()[0] == after.splitlines()[0]


def test_a_side_branch_holds_a_renamed_copy_and_another_version(world: World) -> None:
    renames = world.server.lines(
        "log", "--format=", "--name-status", "--find-renames", "-1", world.commits["paper-2"]
    )

    assert renames == (f"R100\t{history.TABLE_ON_BRANCH}\t{history.TABLE_RENAMED}",)
    assert reaches(world.server, plant().for_paper.blob, "refs/heads/paper-draft")
    assert not reaches(world.server, plant().for_paper.blob, "refs/heads/main")


def test_the_annotated_tag_stands_on_a_bad_commit(world: World) -> None:
    assert world.server.lines("cat-file", "-t", "refs/tags/v1.0") == ("tag",)
    assert world.server.lines("rev-parse", "v1.0^{commit}") == (world.commits["second"],)
    assert reaches(world.server, plant().extract.blob, "refs/tags/v1.0")


def test_one_file_can_be_reached_through_a_pull_request_alone(world: World) -> None:
    blob = plant().single_year.blob
    others = (ref for ref in world.refs if not ref.startswith("refs/pull/7/"))

    assert reaches(world.server, blob, "refs/pull/7/head")
    assert not reaches(world.server, blob, *others)


def test_a_clone_does_not_bring_pull_requests_but_the_server_shows_them(
    world: World, tmp_path: Path
) -> None:
    plain = clone(world.server.git_dir, tmp_path / "plain")
    shown = plain.lines("ls-remote", "origin", "refs/pull/*")

    assert plant().single_year.blob not in plain.object_ids()
    assert [line.split("\t")[1] for line in shown] == [f"refs/pull/{n}/head" for n in (4, 7, 9)]


def test_the_server_refuses_to_change_a_pull_request(world: World) -> None:
    yours = Repository(world.yours / ".git")

    assert not yours.accepts("push", "origin", "main:refs/pull/7/head")
    assert not yours.accepts("push", "origin", ":refs/pull/7/head")
    assert world.server.refs()["refs/pull/7/head"] == world.commits["pull-7"]


def test_the_server_gives_any_object_to_whoever_knows_its_id(world: World, tmp_path: Path) -> None:
    empty = clone(world.server.git_dir, tmp_path / "c", ("--single-branch", "--branch=palette"))

    assert plant().single_year.blob not in empty.object_ids()
    assert empty.accepts("fetch", "origin", world.commits["pull-7"])
    assert plant().single_year.blob in empty.object_ids()


def test_the_server_allows_forced_pushes(world: World, tmp_path: Path) -> None:
    copy = clone(world.server.git_dir, tmp_path / "copy.git", ("--mirror",))
    for key, value in (
        line.split("=", 1) for line in world.server.lines("config", "--list", "--local")
    ):
        copy.git("config", key, value)
    yours = Repository(world.yours / ".git")
    old = yours.lines("rev-parse", "main~3")[0]

    assert yours.accepts("push", "--force", url_of(copy.git_dir), f"{old}:refs/heads/main")
    assert copy.refs()["refs/heads/main"] == old


def test_refs_from_before_the_breach_hold_nothing(world: World) -> None:
    clean = ("refs/heads/palette", "refs/tags/v0.1", "refs/notes/commits", "refs/pull/4/head")

    for planted in world.planted.files:
        assert not reaches(world.server, planted.blob, *clean)


def test_harmless_files_are_of_several_kinds(world: World) -> None:
    files = world.server.git("ls-tree", "-r", "-z", "main").split(b"\0")

    assert any(line.startswith(b"100755 ") and line.endswith(b"\trun_all.sh") for line in files)
    assert any(line.endswith("docs/notes for Zo\u00eb.md".encode()) for line in files)


def test_a_note_hangs_on_a_harmless_commit(world: World) -> None:
    assert b"second clinician" in world.server.git("notes", "show", world.commits["codelist"])


def test_the_colleague_has_bad_files_a_branch_and_a_stash_that_nobody_else_has(
    world: World,
) -> None:
    clone_of_colleague = Repository(world.colleague / ".git")
    own = clone_of_colleague.refs()
    stashed = clone_of_colleague.lines("ls-tree", "-r", "refs/stash")

    assert (world.colleague / history.EXTRACT).is_file()
    assert "refs/heads/chen/sensitivity" in own
    assert any(plant().for_paper.blob in line for line in stashed)
    assert not set(own.values()) & {own["refs/stash"]} & set(world.refs.values())


def test_people_are_invented_and_releases_look_as_they_did(world: World) -> None:
    people = set(world.server.lines("log", "--all", "--format=%ae%n%ce"))
    trailers = world.server.lines(
        "log", "--all", "--format=%(trailers:key=Opensafely-released-from,valueonly,separator=;)"
    )
    co_authors = world.server.lines("log", "--all", "--format=%(trailers:key=Co-authored-by)")

    assert all(re.search(r"@(users\.noreply\.)?example\.org$", address) for address in people)
    assert any("[bot]" in address for address in people)
    assert sum("drill.example.org:" in trailer for trailer in trailers) == 5
    assert any("dilys.morgan@example.org" in line for line in co_authors)
    assert 25 <= len(world.server.lines("rev-list", "--all")) <= 40


def test_the_practice_home_is_closed_to_others(world: World) -> None:
    assert stat.S_IMODE(world.home.stat().st_mode) == 0o700


def test_the_contacts_were_verified_on_the_day_of_the_drill(world: World) -> None:
    text = world.contacts.read_text(encoding="utf-8")

    assert text.count(FixedClock.moment.date().isoformat()) == 2
    assert set(re.findall(r"@(\S+)\"", text)) == {"example.org"}


def test_both_wrong_fixes_are_undone_with_two_plain_commands(tmp_path: Path) -> None:
    world = build_world(tmp_path, FixedClock())

    table, extract = recover(world)

    for recovery in (table, extract):
        assert recovery.complete
        assert not recovery.in_main
        assert len(recovery.subjects) >= 2
    assert table.subjects[0].startswith("Revert")
    assert table.rows.reveal()[0].startswith("region,")
    assert int(table.rows.reveal()[1].rpartition(",")[2]) <= 5
    assert "sensitive" in repr(table.rows)


def test_a_blob_id_is_the_one_git_gives(world: World) -> None:
    for planted in world.planted.files:
        oid = world.server.git("hash-object", "--stdin", stdin=planted.content).decode().strip()
        assert planted.blob == oid == blob_id(planted.content)


def test_a_detector_finds_rows_and_ids_but_not_digits_inside_a_longer_number() -> None:
    planted = plant()
    detector = Detector(telltales(planted))
    patient = planted.extract.content.decode().splitlines()[1].split(",")[0]

    assert detector.finds_in(planted.by_region.content)
    assert detector.finds_in(f"patient {patient}.")
    assert detector.finds_in(b"\xff" + patient.encode() + b"\xff")
    assert not detector.finds_in(f"a{patient}f")
    assert not detector.finds_in(planted.follow_up_redacted)
    assert not detector.finds_in("patient_id,sex,age,region,review_date")
