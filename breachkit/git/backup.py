"""An encrypted backup of a mirror, of which no unencrypted byte touches the disk.

The backup is a git bundle with every ref, encrypted with age (X25519) while git writes it. It
holds what the refs reach and nothing else: objects that no ref reaches are not in it. It is a copy
of the data like any other: it is to be destroyed on its day, by destroying the key.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Self, cast

import pyrage

from breachkit.actions.wire import require_schema
from breachkit.git.mirror import local_refs
from breachkit.git.process import stream_git
from breachkit.model.doing import Step, doing
from breachkit.model.errors import (
    BreachkitError,
    ConfigurationError,
    IncompleteError,
    RefusedError,
    VerificationError,
)
from breachkit.model.time import Clock, parse_rfc3339, rfc3339


SCHEMA = "breachkit.backup/1"

KEPT_FOR = timedelta(days=30)
"""How long a backup is kept unless the caller says otherwise."""


class BackupError(VerificationError):
    """A backup does not open, or does not give back what went into it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What is known about a backup."""

    path: Path
    sha256: str
    """Of the bundle before it was encrypted."""
    size: int
    """Of the bundle before it was encrypted, in bytes."""
    recipients: tuple[str, ...]
    """The age public keys it is encrypted to."""
    made_at: datetime
    destroy_by: datetime

    def to_json(self) -> dict[str, Any]:
        """Write it as JSON values."""
        return {
            "schema": SCHEMA,
            "path": str(self.path),
            "sha256": self.sha256,
            "size": self.size,
            "recipients": list(self.recipients),
            "made_at": rfc3339(self.made_at),
            "destroy_by": rfc3339(self.destroy_by),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote.

        Raises:
            ConfigurationError: it is something else.
        """
        require_schema(data, SCHEMA)
        return cls(
            path=Path(data["path"]),
            sha256=data["sha256"],
            size=data["size"],
            recipients=tuple(data["recipients"]),
            made_at=parse_rfc3339(data["made_at"]),
            destroy_by=parse_rfc3339(data["destroy_by"]),
        )


def make_key(file: Path) -> str:
    """Make a new secret key, or find the one that is there, and give its public part.

    Args:
        file: Where the secret is kept, readable by its owner alone. Not where backups are.

    Raises:
        RefusedError: others may read the key file that is there.
        ConfigurationError: the file is no age key.
    """
    if file.exists():
        return usable_key(file)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    identity = pyrage.x25519.Identity.generate()
    partial = file.with_name(file.name + ".partial")
    with _new_file(partial) as opened:
        opened.write(f"{identity}\n".encode())
    partial.replace(file)
    _sync_folder(file.parent)
    return str(identity.to_public())


def round_trip() -> bool:
    """Say whether what is encrypted to a new key comes back, and by that key alone. Nothing is written."""
    identity, other = (pyrage.x25519.Identity.generate() for _ in range(2))
    content = b"breachkit"
    encrypted = pyrage.encrypt(content, [identity.to_public()])
    try:
        pyrage.decrypt(encrypted, [other])
    except pyrage.DecryptError:
        return content not in encrypted and pyrage.decrypt(encrypted, [identity]) == content
    return False


def usable_key(file: Path) -> str:
    """Give the public part of a secret key that is there; errors as `make_key`."""
    return str(secret_of(file).to_public())


def make_backup(
    mirror: Path,
    file: Path,
    recipients: Sequence[str],
    *,
    key: Path,
    clock: Clock,
    kept_for: timedelta = KEPT_FOR,
) -> Backup:
    """Write a backup and prove that it opens.

    Args:
        mirror: The repository.
        file: Where the backup is to be; it appears only once it is whole and proven.
        recipients: age public keys (`age1...`); the key's own has to be among them.
        key: File of the secret key that the proof opens the backup with.
        clock: Tells when it was made.
        kept_for: After this long it is to be destroyed.

    Raises:
        RefusedError: the secret key lies in the folder of the backup, or is not a recipient's.
        ConfigurationError: a recipient is no age public key, or the mirror is empty.
        IncompleteError: the disk is full, or the file could not be written.
        BackupError: it does not open, or gives back something else.
        GitCommandError: the mirror is damaged.
    """
    identity = secret_of(key)
    if key.resolve().parent == file.resolve().parent:
        raise RefusedError("the key would lie beside the backup it opens: keep it elsewhere")
    if str(identity.to_public()) not in recipients:
        raise RefusedError("the backup could not be opened with that key: add its public part")
    known = [recipient_of(text, _no_recipient()) for text in recipients]
    partial = file.with_name(file.name + ".partial")
    try:
        with _new_file(partial) as opened:
            written = _encrypt_bundle(mirror, opened, known)
        if _digest(partial, identity) != written:
            raise BackupError("the backup does not give back what went into it: make it again")
        partial.replace(file)
        _sync_folder(file.parent)
    finally:
        partial.unlink(missing_ok=True)
    now = clock.now()
    return Backup(
        path=file,
        sha256=written[0],
        size=written[1],
        recipients=tuple(recipients),
        made_at=now,
        destroy_by=now + kept_for,
    )


def check_backup(backup: Backup, key: Path) -> None:
    """Open a backup and compare it with what was recorded, writing nothing.

    Raises:
        BackupError: it does not open, or is not what was recorded.
        ConfigurationError: the backup or the key is not there.
    """
    if _digest(backup.path, secret_of(key)) != (backup.sha256, backup.size):
        raise BackupError("the backup is not the one that was recorded: do not rely on it")


def restore_backup(backup: Path, key: Path, bundle: Path) -> None:
    """Decrypt a backup into a git bundle, from which `git clone --mirror` makes the repository.

    Args:
        backup: The encrypted file.
        key: File of the secret key.
        bundle: Where the bundle is to be. It is unencrypted: delete it when done.

    Raises:
        BackupError: the backup is damaged, or for another key.
        IncompleteError: the disk is full.
        ConfigurationError: the backup or the key is not there.
    """
    identity = secret_of(key)
    partial = bundle.with_name(bundle.name + ".partial")
    try:
        with _new_file(partial) as opened:
            _decrypt(backup, opened, identity)
        partial.replace(bundle)
    finally:
        partial.unlink(missing_ok=True)


_MB = 1_000_000


class _Hashing:
    """Counts and hashes what passes; stands where a file is read from or written to."""

    def __init__(
        self, step: Step, source: BinaryIO | None = None, total: int | None = None
    ) -> None:
        self._step, self._source, self._total = step, source, total
        self._hash = hashlib.sha256()
        self._size = 0

    def read(self, size: int = -1) -> bytes:
        """Read from the source."""
        data = self._source.read(size) if self._source else b""
        self.write(data)
        return data

    def write(self, data: bytes) -> int:
        """Take note of some bytes."""
        self._hash.update(data)
        self._size += len(data)
        self._step.tell(self._size // _MB, self._total and self._total // _MB, note="MB")
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def result(self) -> tuple[str, int]:
        """Give the SHA-256 and the number of bytes."""
        return self._hash.hexdigest(), self._size


def _encrypt_bundle(mirror: Path, opened: BinaryIO, recipients: Sequence[Any]) -> tuple[str, int]:
    command = ["bundle", "create", "--quiet", "-", "--all"]
    if not local_refs(mirror):
        raise ConfigurationError("the mirror has no refs, so there is nothing to back up")
    with (
        doing("Making an encrypted backup") as step,
        stream_git(command, git_dir=mirror) as stream,
    ):
        source = _Hashing(step, stream.stdout)
        try:
            pyrage.encrypt_io(source, opened, recipients)
        except pyrage.EncryptError as cause:
            raise _write_error(cause) from None
    return source.result()


def _digest(file: Path, identity: Any) -> tuple[str, int]:
    """Decrypt a file in a stream and give SHA-256 and length of what is in it."""
    with doing("Opening the backup again") as step:
        sink = _Hashing(step, total=file.stat().st_size if file.exists() else None)
        _decrypt(file, sink, identity)
    return sink.result()


def _decrypt(file: Path, sink: "BinaryIO | _Hashing", identity: Any) -> None:
    try:
        with file.open("rb") as opened:
            pyrage.decrypt_io(opened, sink, [identity])
    except FileNotFoundError:
        raise ConfigurationError(f"{file} is not there: name the backup's place") from None
    except pyrage.DecryptError:
        raise BackupError(
            f"{file} does not open with this key: use the key it was made for"
        ) from None
    except OSError as cause:
        if cause.errno is not None:
            raise _write_error(cause) from None
        raise BackupError(f"{file} is damaged: use another copy of the backup") from None


def _write_error(cause: Exception) -> BreachkitError:
    """Say why writing failed. pyrage puts the text of the system's error into its own."""
    known = {28: "the disk is full", 122: "the disk quota is used up", 5: "the disk has errors"}
    for number, what in known.items():
        if f"Errno {number}]" in str(cause) or getattr(cause, "errno", None) == number:
            return IncompleteError(f"{what}: make room and run the command again")
    return IncompleteError("the backup could not be written: check the disk and run it again")


def recipient_of(text: str, refusal: BreachkitError) -> Any:
    """Give the public key that a text is, or raise the refusal."""
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise refusal from None


def _no_recipient() -> BreachkitError:
    return ConfigurationError(
        "one of --backup-recipient is no age public key (age1...), so there is no backup and nothing "
        "was rewritten: correct it, and run the command again"
    )


def secret_of(file: Path) -> Any:
    """Give the secret key in a file; errors as `make_key`."""
    try:
        mode = file.stat().st_mode
        lines = file.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(f"{file} is no readable age key: make one first") from None
    if mode & 0o077:
        raise RefusedError(
            f"others may read the key: run `chmod 600 {file}`, then the command again"
        )
    secrets = [line for line in lines if line and not line.startswith("#")]
    try:
        (secret,) = secrets
        return pyrage.x25519.Identity.from_str(secret)
    except (ValueError, pyrage.IdentityError):
        raise ConfigurationError(
            f"{file} holds no age key, or more than one: put back the key that was made, or move this file "
            "away, and the next rewrite makes a new key with a new backup"
        ) from None


@contextlib.contextmanager
def _new_file(file: Path) -> Iterator[BinaryIO]:
    """Open a file that its owner alone can read; it is on the disk when this is left."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        file.unlink(missing_ok=True)  # an interrupted run's, whoever may read it
        with os.fdopen(os.open(file, flags, 0o600), "wb") as opened:
            yield cast("BinaryIO", opened)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as cause:
        raise _write_error(cause) from None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
