"""The drill's own searches find what a command let slip, wherever it did."""

from collections.abc import Iterable
from email.message import EmailMessage
from pathlib import Path

import pytest

from breachkit.drill import proofs
from breachkit.drill.planted import plant
from breachkit.drill.report import Check, CommandResult
from breachkit.drill.stage import Scene
from tests.support.drill import FixedClock, copied_world


PATIENT = plant().extract.content.decode().splitlines()[9].split(",")[0]


def failed(checks: Iterable[Check]) -> list[str]:
    return [check.name for check in checks if not check.ok]


def says_nothing(_: object) -> CommandResult:
    return CommandResult(code=0, stdout="", stderr="")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """A world in which the server lost a pull request for good, and a case with one file."""
    scene = Scene.of(copied_world(tmp_path), says_nothing, FixedClock())
    server = scene.world.server
    server.git("update-ref", "-d", "refs/pull/7/head")
    server.git("gc", "--quiet", "--prune=now")
    write(scene, "case.json", b"{}")
    scene.said.append(CommandResult(code=0, stdout="Case opened\n", stderr=""))
    return scene


def case_folder(scene: Scene) -> Path:
    return scene.world.home / "BK-2026-0001-practice"


def write(scene: Scene, name: str, content: bytes) -> None:
    file = case_folder(scene) / name
    for folder in reversed(file.relative_to(scene.world.home).parents):
        (scene.world.home / folder).mkdir(mode=0o700, exist_ok=True)
    file.write_bytes(content)
    file.chmod(0o600)


def test_a_quiet_case_passes(scene: Scene) -> None:
    assert failed(proofs.nothing_leaked(scene)) == []


def test_a_value_in_a_file_is_found(scene: Scene) -> None:
    write(scene, "notes/journal.jsonl", f'{{"row": "{PATIENT}"}}'.encode())

    assert len(failed(proofs.nothing_leaked(scene))) == 1


def test_a_value_in_the_private_part_is_nobodys_business(scene: Scene) -> None:
    write(scene, "private/list.txt", PATIENT.encode())

    assert failed(proofs.nothing_leaked(scene)) == []


@pytest.mark.parametrize("transfer", ["base64", "quoted-printable"])
def test_a_value_in_an_encoded_mail_is_found(scene: Scene, transfer: str) -> None:
    mail = EmailMessage()
    row = plant().by_region.content.decode().splitlines()[1]
    mail.set_content(f"one row:\n{row}=\n", cte=transfer)
    write(scene, "message.eml", mail.as_bytes())

    assert len(failed(proofs.nothing_leaked(scene))) == 1


def test_a_value_on_the_screen_or_in_a_report_for_machines_is_found(scene: Scene) -> None:
    scene.said.append(CommandResult(code=1, stdout="", stderr=f"KeyError: {PATIENT}"))
    assert failed(proofs.nothing_leaked(scene)) == ["no value in what 2 commands printed"]

    scene.said.pop()
    scene.for_machines.append(PATIENT.encode())
    assert failed(proofs.nothing_leaked(scene)) == ["no value in what 1 commands printed"]


@pytest.mark.parametrize("length", [7, 12, 40])
def test_an_old_id_outside_the_private_part_is_found_however_short(
    scene: Scene, length: int
) -> None:
    old = plant().single_year.blob[:length]
    write(scene, "private/map.txt", old.encode())
    assert failed(proofs.nothing_leaked(scene)) == []

    write(scene, "checklist.md", f"removed `{old}`".encode())

    assert failed(proofs.nothing_leaked(scene)) == [
        "no id of a removed object outside the case's private part"
    ]


def test_an_id_that_is_still_there_is_no_secret(scene: Scene) -> None:
    write(scene, "checklist.md", scene.world.commits["palette"].encode())

    assert failed(proofs.nothing_leaked(scene)) == []


@pytest.mark.parametrize("place", [".", "private", "case.json", "notifications/message.txt"])
def test_a_case_that_others_can_read_is_found(scene: Scene, place: str) -> None:
    write(scene, "private/mirror.git/config", b"[core]")
    write(scene, "notifications/message.txt", b"Dear all")
    mirrored = case_folder(scene) / "private" / "mirror.git" / "config"
    mirrored.chmod(0o444)  # git's own files are readable, in a folder that nobody else enters
    assert failed(proofs.nothing_leaked(scene)) == []

    opened = case_folder(scene) / place
    opened.chmod(0o755 if opened.is_dir() else 0o644)

    assert failed(proofs.nothing_leaked(scene)) == ["nobody else can read the case folder"]


def test_an_empty_home_proves_nothing(tmp_path: Path) -> None:
    empty = Scene.of(copied_world(tmp_path), says_nothing, FixedClock())

    assert len(failed(proofs.nothing_leaked(empty))) == 4


def test_a_server_that_only_lost_its_refs_still_has_the_data(tmp_path: Path) -> None:
    scene = Scene.of(copied_world(tmp_path), says_nothing, FixedClock())
    for ref in scene.world.refs:
        if ref not in {"refs/heads/palette", "refs/pull/4/head"}:
            scene.world.server.git("update-ref", "-d", ref)

    assert failed(proofs.gone_everywhere(scene)) == [
        "no planted object is left on the server",
        "and no longer serves the commit of the breach",
    ]


def test_an_emptied_server_fails_the_control(tmp_path: Path) -> None:
    scene = Scene.of(copied_world(tmp_path), says_nothing, FixedClock())
    server = scene.world.server
    for ref in scene.world.refs:
        server.git("update-ref", "-d", ref)
    server.git("gc", "--quiet", "--prune=now")

    assert failed(proofs.gone_everywhere(scene)) == [
        "the server serves a harmless commit by id (the control)",
        "the harmless pull request 4 is still there",
    ]


def test_a_branch_moved_back_before_the_breach_is_no_clean_up(tmp_path: Path) -> None:
    world = copied_world(tmp_path)
    scene = Scene.of(world, says_nothing, FixedClock())
    for ref in ("main", "paper-draft", "release-candidates"):
        world.server.git("update-ref", f"refs/heads/{ref}", world.commits["plots"])
    world.server.git("update-ref", "refs/tags/v1.0", world.commits["plots"])

    problems = failed(proofs.branches_clean(scene))

    assert len(problems) == 1
    assert problems[0].startswith("nothing else changed")


def test_mails_are_read_as_their_recipients_see_them(scene: Scene) -> None:
    mails = [EmailMessage(), EmailMessage()]
    for number, (mail, name) in enumerate(zip(mails, "ab", strict=True), start=1):
        mail["To"] = f"{name}@example.org"
        write(scene, f"notifications/N-{number:03}-clone-holder/message.eml", mail.as_bytes())
    both = ("a@example.org", "b@example.org")
    assert failed(proofs.mails_written(scene, "clone-holder", both)) == []

    mails[1]["Cc"] = "c@example.org"
    write(scene, "notifications/N-002-clone-holder/message.eml", mails[1].as_bytes())

    assert failed(proofs.mails_written(scene, "clone-holder", (*both, "c@example.org"))) == [
        "one message of its own for c@example.org",
        "no message shows another recipient",
    ]


def test_a_stale_clone_brings_the_data_back_to_a_copy_alone(tmp_path: Path) -> None:
    scene = Scene.of(copied_world(tmp_path), says_nothing, FixedClock())
    before = scene.world.server.object_ids()

    problems = failed(proofs.stale_clone_brings_it_back(scene))

    assert problems == ["the practice server itself stayed clean"]  # nobody cleaned it in this test
    assert scene.world.server.object_ids() == before
    assert "refs/heads/chen/sensitivity" not in scene.world.server.refs()
