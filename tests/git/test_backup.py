"""A backup opens with its key, with no other, and leaves no plain byte behind."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest

from breachkit.git.backup import (
    Backup,
    BackupError,
    check_backup,
    make_backup,
    make_key,
    restore_backup,
)
from breachkit.model.errors import ConfigurationError, IncompleteError, RefusedError
from tests.support.gitrepo import History, git, refs
from tests.support.rewriting import BAD


NOW = datetime(2024, 5, 1, 9, 30, tzinfo=UTC)


class Stopped:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOW


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    history = History()
    commit = history.commit({b"out/a.csv": BAD, b"big": bytes(range(256)) * 4000})
    history.commit({b"x": b"x"}, ref=b"refs/pull/1/head", parents=[commit])
    history.tag("v1", commit)
    history.ref(b"refs/odd/blob", f"{{{commit}}}:out/a.csv")
    return history.build(tmp_path / "mirror.git")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "keys" / "backup.key"
    make_key(file)
    return file


def backed_up(mirror: Path, key: Path, file: Path, *, recipients=None) -> Backup:
    file.parent.mkdir(exist_ok=True)
    to = recipients or [make_key(key)]
    return make_backup(mirror, file, to, key=key, clock=Stopped(), kept_for=timedelta(days=14))


def test_a_backup_gives_back_every_ref(mirror: Path, key: Path, tmp_path: Path):
    backup = backed_up(mirror, key, tmp_path / "b" / "backup.age")

    restore_backup(backup.path, key, tmp_path / "restored.bundle")

    git(tmp_path, "clone", "-q", "--mirror", "restored.bundle", "restored.git")
    assert refs(tmp_path / "restored.git") == refs(mirror)


def test_a_backup_says_when_it_is_to_be_destroyed(mirror: Path, key: Path, tmp_path: Path):
    backup = backed_up(mirror, key, tmp_path / "b" / "backup.age")

    assert backup.made_at == NOW
    assert backup.destroy_by == NOW + timedelta(days=14)
    assert Backup.from_json(json.loads(json.dumps(backup.to_json()))) == backup


def test_nothing_of_the_bundle_is_on_the_disk_in_clear(mirror: Path, key: Path, tmp_path: Path):
    folder = tmp_path / "b"
    backup = backed_up(mirror, key, folder / "backup.age")

    assert [file.name for file in folder.iterdir()] == ["backup.age"]
    content = backup.path.read_bytes()
    assert content.startswith(b"age-encryption.org/v1")
    assert b"git bundle" not in content
    assert b"refs/heads/main" not in content
    assert backup.path.stat().st_mode & 0o777 == 0o600


def test_another_key_does_not_open_it(mirror: Path, key: Path, tmp_path: Path):
    backup = backed_up(mirror, key, tmp_path / "b" / "backup.age")
    other = tmp_path / "other" / "key"
    make_key(other)

    with pytest.raises(BackupError, match="key"):
        restore_backup(backup.path, other, tmp_path / "restored.bundle")
    assert not list(tmp_path.glob("restored*"))


def test_a_second_recipient_opens_it_alone(mirror: Path, key: Path, tmp_path: Path):
    second = tmp_path / "second" / "key"
    both = [make_key(key), make_key(second)]
    backup = backed_up(mirror, key, tmp_path / "b" / "backup.age", recipients=both)

    check_backup(backup, second)


@pytest.mark.parametrize("damage", ["cut", "flipped", "swapped"])
def test_a_damaged_backup_is_noticed(mirror: Path, key: Path, tmp_path: Path, damage):
    backup = backed_up(mirror, key, tmp_path / "b" / "backup.age")
    content = bytearray(backup.path.read_bytes())
    match damage:
        case "cut":
            content = content[:-100]
        case "flipped":
            content[-200] ^= 1
        case _:
            recipient = pyrage.x25519.Recipient.from_str(backup.recipients[0])
            content = bytearray(pyrage.encrypt(b"another bundle", [recipient]))
    backup.path.write_bytes(content)

    with pytest.raises(BackupError):
        check_backup(backup, key)


def test_a_damaged_backup_leaves_no_half_bundle(mirror: Path, key: Path, tmp_path: Path):
    backup = backed_up(mirror, key, tmp_path / "b" / "backup.age")
    backup.path.write_bytes(backup.path.read_bytes()[:-100])

    with pytest.raises(BackupError):
        restore_backup(backup.path, key, tmp_path / "restored.bundle")
    assert not list(tmp_path.glob("restored*"))


def test_the_key_is_never_beside_the_backup(mirror: Path, key: Path):
    with pytest.raises(RefusedError, match="beside"):
        backed_up(mirror, key, key.parent / "backup.age")
    assert [file.name for file in key.parent.iterdir()] == [key.name]


def test_a_backup_nobody_here_could_open_is_not_made(mirror: Path, key: Path, tmp_path: Path):
    other = str(pyrage.x25519.Identity.generate().to_public())

    with pytest.raises(RefusedError, match="could not be opened"):
        backed_up(mirror, key, tmp_path / "b" / "backup.age", recipients=[other])
    assert list((tmp_path / "b").iterdir()) == []


def test_a_recipient_that_is_no_key_is_said_so(mirror: Path, key: Path, tmp_path: Path):
    with pytest.raises(ConfigurationError, match="public key"):
        backed_up(mirror, key, tmp_path / "b" / "x.age", recipients=[make_key(key), "age1nonsense"])


def test_a_full_disk_is_said_and_leaves_nothing(mirror: Path, key: Path, tmp_path: Path):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = _ignore_file_size_signal()
    (tmp_path / "b").mkdir()
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
        with pytest.raises(IncompleteError):
            backed_up(mirror, key, tmp_path / "b" / "backup.age")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        _ignore_file_size_signal(old)
    assert list((tmp_path / "b").iterdir()) == []


def _ignore_file_size_signal(handler=None):
    """Writing beyond the limit then fails as on a full disk, instead of killing the process."""
    import signal

    return signal.signal(signal.SIGXFSZ, signal.SIG_IGN if handler is None else handler)


def test_an_empty_mirror_is_not_backed_up(key: Path, tmp_path: Path):
    empty = History().build(tmp_path / "empty.git")

    with pytest.raises(ConfigurationError, match="no refs"):
        backed_up(empty, key, tmp_path / "b" / "backup.age")
    assert list((tmp_path / "b").iterdir()) == []


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path: Path):
    file = tmp_path / "keys" / "backup.key"

    public = make_key(file)

    assert make_key(file) == public
    assert public.startswith("age1")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_a_key_that_others_may_read_is_not_used(key: Path):
    key.chmod(0o644)

    with pytest.raises(RefusedError, match="chmod"):
        make_key(key)


@pytest.mark.parametrize("content", ["", "nonsense", "AGE-SECRET-KEY-1QQQ", "a\nb\n"])
def test_a_file_that_is_no_key_is_said_so_without_its_content(tmp_path: Path, content):
    file = tmp_path / "key"
    file.write_text(content)
    file.chmod(0o600)

    with pytest.raises(ConfigurationError) as caught:
        make_key(file)
    assert not content or content not in str(caught.value)


def test_what_is_not_there_is_said_so(mirror: Path, key: Path, tmp_path: Path):
    backup = backed_up(mirror, key, tmp_path / "b" / "backup.age")
    backup.path.unlink()

    with pytest.raises(ConfigurationError):
        check_backup(backup, key)
    with pytest.raises(ConfigurationError):
        check_backup(backup, tmp_path / "nothing.key")


def test_a_backup_that_holds_something_else_than_was_read_is_not_kept(
    mirror: Path, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def forgetful(reader, writer, recipients):
        data = reader.read(-1)
        writer.write(pyrage.encrypt(data[:-1], recipients))

    monkeypatch.setattr(pyrage, "encrypt_io", forgetful)
    with pytest.raises(BackupError):
        backed_up(mirror, key, tmp_path / "b" / "backup.age")
    assert list((tmp_path / "b").iterdir()) == []
