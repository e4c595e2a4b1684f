"""Does encryption work, can the backups still be opened, and does the machine itself encrypt what it keeps?"""

import os
from collections.abc import Iterator
from pathlib import Path

from breachkit.actions.health import Diagnosis, broken, doubtful, fine, not_tried
from breachkit.git.backup import round_trip, usable_key
from breachkit.model.errors import BreachkitError, RefusedError
from breachkit.model.ids import display
from breachkit.model.records import dataclass
from breachkit.report.escape import shell
from breachkit.report.words import counted
from breachkit.workflows.doctor_mounts import Mount, is_encrypted, swaps_encrypted
from breachkit.workflows.late_clones import SEAL_KEY


_IN_ITSELF = frozenset({"ecryptfs", "fuse.gocryptfs", "fuse.encfs", "fuse.cryfs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A secret key that opens a case's backup."""

    file: Path
    problem: str = ""
    """Why it cannot be used; empty where it can."""
    is_open: bool = False
    """Whether others may read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """What is known about encryption here."""

    works: bool
    """Whether something encrypted for a new key was given back by that key, and by no other."""
    keys: tuple[Key, ...]
    disk: bool | None
    """Whether the disk of cases is encrypted; None where that cannot be told."""
    swap: bool | None
    seals: tuple[Path, ...] = ()
    """Keys of sealed verifiers that still lie where the cases are."""


def gather(home: Path, mount: Mount | None) -> Encryption:
    """Try encryption in memory, and the keys that are there.

    Args:
        home: Where cases live, with their keys in `keys`.
        mount: What `home` lies on.
    """
    files = sorted((home / "keys").glob("*.agekey"))
    return Encryption(
        works=round_trip(),
        keys=tuple(_key(file) for file in files if not file.name.endswith(SEAL_KEY)),
        seals=tuple(file for file in files if file.name.endswith(SEAL_KEY)),
        disk=_disk(mount),
        swap=swaps_encrypted(),
    )


def judge(encryption: Encryption) -> Iterator[Diagnosis]:
    """Say whether backups can be made and opened, and what is readable beside them."""
    if encryption.works:
        yield fine("encryption.age", "what is encrypted comes back, and for its own key alone")
    else:
        yield broken(
            "encryption.age",
            "what was encrypted does not come back (pyrage)",
            "no backup can be made, and without one nothing is rewritten",
            "python -m pip install --force-reinstall pyrage",
        )
    yield from _keys(encryption)
    for file in encryption.seals:
        case = display(os.fsencode(file.name.removesuffix(SEAL_KEY)))
        yield doubtful(
            "encryption.seal",
            f"the key of {case}'s sealed verifier lies on this machine, too",
            f"sealed list and key together confirm guesses: move {display(os.fsencode(file))} to whoever "
            "answers for late clones",
        )
    yield _at_rest("disk", encryption.disk)
    yield _at_rest("swap", encryption.swap)


def _key(file: Path) -> Key:
    try:
        usable_key(file)
    except RefusedError as cause:
        return Key(file=file, problem=str(cause), is_open=True)
    except BreachkitError as cause:
        return Key(file=file, problem=str(cause))
    return Key(file=file)


def _disk(mount: Mount | None) -> bool | None:
    if mount is None:
        return None
    return True if mount.kind in _IN_ITSELF else is_encrypted(mount.device)


def _keys(encryption: Encryption) -> Iterator[Diagnosis]:
    for key in encryption.keys:
        if not key.problem:
            continue
        name = display(os.fsencode(key.file.stem))
        yield broken(
            "encryption.key",
            f"the key of {name}'s backup cannot be used: {display(key.problem)}",
            "the way back from a rewrite is closed",
            *([f"chmod 600 {shell(os.fsencode(key.file))}"] if key.is_open else []),
            is_access=key.is_open,
        )
    if encryption.keys and not any(key.problem for key in encryption.keys):
        yield fine(
            "encryption.key", f"{counted(len(encryption.keys), 'key')} of backups can be used"
        )


_WHAT: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "disk": (
        "the disk that cases are on",
        "the private part of a case holds the data unencrypted: who takes the disk can read them",
        (),
    ),
    "swap": (
        "the swap space",
        "data that were in memory may stay readable on the disk",
        ("sudo swapoff -a   # for the time of the response",),
    ),
}


def _at_rest(what: str, state: bool | None) -> Diagnosis:  # noqa: FBT001 - one of three states
    name, means, repairs = _WHAT[what]
    if state is None:
        return not_tried(f"encryption.{what}", f"it cannot be told whether {name} is encrypted")
    if state:
        return fine(f"encryption.{what}", f"{name} is encrypted, or there is none")
    return doubtful(f"encryption.{what}", f"{name} does not look encrypted", means, *repairs)
