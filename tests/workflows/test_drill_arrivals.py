"""The drill notices a mail that is not the one that was checked, or that somebody else got."""

from dataclasses import replace
from pathlib import Path

import pytest

from breachkit.drill.arrivals import arrived_as_checked, carries_the_verifier, nothing_left
from breachkit.drill.inbox import Arrived, Inbox
from breachkit.drill.report import CommandResult
from breachkit.drill.stage import NO_COMMAND, Scene
from breachkit.model.sensitive import Sensitive
from tests.support.drill import FixedClock, copied_world


JO, KIM = "jo@example.org", "kim@example.org"
SCRIPT = "#!/bin/sh\necho clean\n"
HEAD = "From: Ada <ada@example.org>\r\nSubject: practice\r\nTo: {}\r\n"


def mail(recipient: str) -> bytes:
    lines = "X-Unsent: 1\r\n\r\n.dots\r\n"
    return (HEAD.format(recipient) + lines).encode()


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """A world whose case has a message for Jo, which has arrived as it was written."""
    world = copied_world(tmp_path)
    folder = world.home / "BK-2026-0001-x" / "notifications" / "N-001-internal-alert"
    folder.mkdir(parents=True)
    (folder / "message.eml").write_bytes(mail(JO))
    inbox = Inbox(
        address="127.0.0.1:25", password=Sensitive("a secret of the drill"), ca_file=tmp_path
    )
    inbox.arrived.append(arrived(JO))
    world = replace(world, inbox=inbox)
    return Scene.of(world, lambda _args: NO_COMMAND, FixedClock())


def arrived(recipient: str, **changes: object) -> Arrived:
    data = mail(recipient).replace(b"X-Unsent: 1\r\n", b"")
    return replace(
        Arrived(recipients=(recipient,), data=data, encrypted=True),
        **changes,  # type: ignore[arg-type] # each test knows which field it changes
    )


def failed(scene: Scene) -> list[str]:
    return [
        check.name for check in arrived_as_checked(scene, "internal-alert", [JO]) if not check.ok
    ]


def inbox_of(scene: Scene) -> list[Arrived]:
    assert scene.world.inbox is not None
    return scene.world.inbox.arrived


def test_what_arrived_as_it_was_checked_is_proved(scene: Scene) -> None:
    assert failed(scene) == []


def test_a_sender_that_was_put_in_on_the_way_out_is_no_change(scene: Scene) -> None:
    (file,) = scene.world.home.rglob("message.eml")
    file.write_bytes(file.read_bytes().replace(b"From: Ada <ada@example.org>\r\n", b""))
    assert failed(scene) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"data": mail(JO)}, "byte for byte"),
        ({"data": mail(JO).replace(b".dots", b"dots")}, "byte for byte"),
        ({"encrypted": False}, "byte for byte"),
        ({"recipients": (JO, KIM)}, "addressed to nobody else"),
    ],
    ids=["draft", "dots", "in the open", "two recipients"],
)
def test_a_mail_that_differs_is_noticed(
    scene: Scene, changes: dict[str, object], said: str
) -> None:
    inbox_of(scene)[:] = [arrived(JO, **changes)]
    assert any(said in name for name in failed(scene))


def test_a_mail_that_came_twice_or_not_at_all_is_noticed(scene: Scene) -> None:
    inbox_of(scene).append(arrived(JO))
    assert any("one message" in name for name in failed(scene))
    inbox_of(scene).clear()
    assert any("one message" in name for name in failed(scene))


def test_a_mail_to_somebody_whom_no_message_names_is_noticed(scene: Scene) -> None:
    inbox_of(scene).append(arrived(KIM))
    assert failed(scene) == ["nobody else got any"]


def test_a_password_in_the_case_or_on_the_screen_is_noticed(scene: Scene) -> None:
    said = CommandResult(code=0, stdout="", stderr="bad login: a secret of the drill")
    scene.said.append(said)
    assert failed(scene) == ["the mailbox's password stands nowhere"]
    scene.said.clear()
    (scene.world.home / "log").write_text("a secret of the drill")
    assert failed(scene) == ["the mailbox's password stands nowhere"]


def test_anything_that_left_while_somebody_only_looked_is_noticed(scene: Scene) -> None:
    assert not next(iter(nothing_left(scene))).ok
    inbox_of(scene).clear()
    assert next(iter(nothing_left(scene))).ok


@pytest.mark.parametrize(("attached", "ok"), [(SCRIPT, True), (SCRIPT[:-1], False), (None, False)])
def test_a_script_that_is_missing_or_cut_is_noticed(
    scene: Scene, attached: str | None, ok: bool
) -> None:
    from email.message import EmailMessage
    from email.policy import SMTP

    private = scene.world.home / "BK-2026-0001-x" / "private"
    private.mkdir()
    (private / "verifier.txt").write_text(SCRIPT)
    message = EmailMessage(policy=SMTP)
    message["To"] = JO
    message.set_content("Hello\n")
    if attached is not None:
        message.add_attachment(attached.encode(), "text", "plain", filename="verifier.txt")
    inbox_of(scene)[:] = [arrived(JO, data=message.as_bytes())]
    (check,) = carries_the_verifier(scene, [JO])
    assert check.ok is ok
