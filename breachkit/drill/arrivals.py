"""What the drill looks up in its inbox: that what arrived is what was checked, and nothing else."""

import email
import email.policy
import json
from collections.abc import Iterable, Iterator
from email.message import EmailMessage
from pathlib import Path

from breachkit.drill.inbox import Arrived, Inbox
from breachkit.drill.report import Check
from breachkit.drill.stage import Scene


_DRAFT = b"X-Unsent: 1\r\n"


def nothing_left(scene: Scene) -> Iterator[Check]:
    """Check that looking at messages sends none."""
    inbox = _inbox(scene)
    yield Check(name="nothing has arrived anywhere yet", ok=not inbox.arrived)


def arrived_as_checked(scene: Scene, kind: str, addresses: Iterable[str]) -> Iterator[Check]:
    """Compare what arrived with the files of a kind of message, byte by byte."""
    files = sorted(scene.world.home.rglob(f"*-{kind}/message.eml"))
    written = {_recipient(file.read_bytes()): file for file in files}
    for address in addresses:
        got = _inbox(scene).of(address)
        alone = len(got) == 1 and got[0].recipients == (address,)
        yield Check(name=f"{address} got one message, addressed to nobody else", ok=alone)
        same = alone and address in written and _is_same(got[0], written[address])
        yield Check(name="byte for byte the one that was checked, and over TLS", ok=same)
    yield Check(name="nobody else got any", ok=_nobody_else(scene, written))
    yield from _password_stands_nowhere(scene)


def carries_the_verifier(scene: Scene, addresses: Iterable[str]) -> Iterator[Check]:
    """Check that each holder of a clone has the script, whole."""
    script = min(scene.world.home.glob("*/private/verifier.txt")).read_bytes()
    for address in addresses:
        messages = [_parsed(each.data) for each in _inbox(scene).of(address)]
        attached = [part for message in messages for part in message.iter_attachments()]
        bodies = [part.get_content() for part in attached]
        texts = [body.encode() if isinstance(body, str) else body for body in bodies]
        whole = [text.replace(b"\r\n", b"\n") for text in texts] == [script]
        yield Check(name=f"{address} has the script that checks a clone", ok=whole)


def _inbox(scene: Scene) -> Inbox:
    if scene.world.inbox is None:
        raise LookupError("this practice world has no mail server")
    return scene.world.inbox


def _parsed(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=email.policy.default)


def _recipient(data: bytes) -> str:
    (address,) = _parsed(data)["To"].addresses
    return str(address.addr_spec)


def _is_same(message: Arrived, file: Path) -> bool:
    """Compare with the file, which says that it is a draft and may leave open who sends it."""
    _, _, headers = message.data.partition(b"From: ")
    without_sender = headers.partition(b"\r\n")[2]
    expected = file.read_bytes().replace(_DRAFT, b"", 1)
    return message.encrypted and expected in {message.data, without_sender}


def _nobody_else(scene: Scene, written: Iterable[str]) -> bool:
    """Say whether all that arrived was meant for somebody whom a message of the case names."""
    known = {*written}
    for file in scene.world.home.rglob("*/message.eml"):
        known.add(_recipient(file.read_bytes()))
    return all(set(each.recipients) <= known for each in _inbox(scene).arrived)


def _password_stands_nowhere(scene: Scene) -> Iterator[Check]:
    secret = _inbox(scene).password.reveal()
    printed = json.dumps([(one.stdout, one.stderr) for one in scene.said])
    files = (file for file in scene.world.home.rglob("*") if file.is_file())
    kept = any(secret.encode() in file.read_bytes() for file in files)
    yield Check(name="the mailbox's password stands nowhere", ok=not kept and secret not in printed)
