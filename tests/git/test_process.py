"""git is started without a shell, without questions and without anybody's settings."""

import os
import signal
import subprocess
import tempfile
import threading
import time
import warnings
from pathlib import Path
from typing import Any

import pytest

from breachkit.git.process import (
    GitCommandError,
    GitTimeoutError,
    environment,
    git_version,
    mask_credentials,
    run_git,
    stream_git,
)
from breachkit.model.errors import ConfigurationError
from tests.support.gitrepo import History, git, oid


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    history = History()
    history.commit({b"a": b"a" * 3_000_000, b"b": b"b"})
    return history.build(tmp_path / "r.git")


def put_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    git_version.cache_clear()


@pytest.fixture(autouse=True)
def _forget_version():
    yield
    git_version.cache_clear()


def test_a_command_gives_back_what_it_wrote(repository: Path) -> None:
    answer = run_git(["cat-file", "blob", "HEAD:b"], git_dir=repository)

    assert (answer.stdout, answer.stderr, answer.code) == (b"b", b"", 0)


def test_a_command_is_fed_from_bytes_and_from_a_file(repository: Path) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(b"HEAD:b\n")
        file.seek(0)
        for stdin in (b"HEAD:b\n", file):
            answer = run_git(["cat-file", "--batch"], git_dir=repository, stdin=stdin)
            assert answer.stdout.endswith(b" blob 1\nb\n")


def test_arguments_are_never_taken_apart(repository: Path) -> None:
    answer = run_git(["rev-parse", "--sq-quote", b"$(id) ;'\xff"], git_dir=repository)

    assert answer.stdout == b" '$(id) ;'\\''\xff'\n"


def test_a_failure_names_the_command_and_hides_ids_credentials_and_control_characters(
    repository: Path,
) -> None:
    with pytest.raises(GitCommandError) as caught:
        run_git(["cat-file", "blob", "1" * 40], git_dir=repository)
    assert caught.value.subcommand == "cat-file"
    assert caught.value.code == 128
    assert "git cat-file failed (exit status 128)" in str(caught.value)
    assert "1" * 40 not in str(caught.value)

    error = GitCommandError("push", 1, b"fatal: https://ada:secret@example.org/x\x1b[31m\n")
    assert "secret" not in str(error)
    assert "secret" not in error.stderr
    assert "\x1b" not in str(error)
    assert error.exit_code == 1


def test_a_failure_can_be_asked_for_instead_of_raised(repository: Path) -> None:
    answer = run_git(["rev-parse", "--verify", "-q", "nothing"], git_dir=repository, check=False)

    assert answer.code == 1


def test_a_killed_command_says_by_which_signal() -> None:
    assert "killed by signal 9" in str(GitCommandError("log", -signal.SIGKILL, b""))


def test_no_git_at_all_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git_version.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ConfigurationError, match="install git"):
        run_git(["version"])


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo git version 2.35.9", "git 2.35.9 is too old: install git 2.36 or newer"),
        ("echo nonsense", "does not say its version"),
        ("exit 3", "does not say its version"),
    ],
)
def test_an_old_or_broken_git_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, message: str
) -> None:
    put_on_path(tmp_path, monkeypatch, script)

    with pytest.raises(ConfigurationError, match=message):
        run_git(["version"])


def test_a_command_that_takes_too_long_is_killed_with_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = tmp_path / "pid"
    put_on_path(
        tmp_path,
        monkeypatch,
        f'[ "$1" = version ] && echo git version 2.40.0 && exit\nsleep 60 & echo $! > {pid}\nwait',
    )

    started = time.monotonic()
    with pytest.raises(GitTimeoutError, match=r"longer than 0\.3 s"):
        run_git(["log"], timeout_s=0.3)
    assert not is_running(int(pid.read_text()))
    assert time.monotonic() - started < 30


def is_running(pid: int) -> bool:
    for _ in range(50):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return False
        if state == "Z":
            return False
        time.sleep(0.02)
    return True


def test_only_a_short_list_of_variables_reaches_git(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "GIT_DIR",
        "GIT_TRACE",
        "GIT_EXTERNAL_DIFF",
        "LD_PRELOAD",
        "EDITOR",
        "SECRET_TOKEN",
    ):
        monkeypatch.setenv(name, "x")
    for name in ("HOME", "SSH_AUTH_SOCK", "https_proxy", "GIT_SSH_COMMAND"):
        monkeypatch.setenv(name, "x")

    local, network = environment(), environment(network=True)

    for name in (
        "GIT_DIR",
        "GIT_TRACE",
        "GIT_EXTERNAL_DIFF",
        "LD_PRELOAD",
        "EDITOR",
        "SECRET_TOKEN",
    ):
        assert name not in local
        assert name not in network
    for name in ("HOME", "SSH_AUTH_SOCK", "https_proxy", "GIT_SSH_COMMAND"):
        assert name not in local
        assert name in network
    assert local["GIT_ALLOW_PROTOCOL"] == ""
    assert "ext" not in network["GIT_ALLOW_PROTOCOL"].split(":")


def test_a_local_command_may_use_no_transport(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(GitCommandError, match="not allowed"):
        run_git(["clone", "-q", f"file://{repository}", str(tmp_path / "copy")])


def test_the_users_own_settings_serve_the_network_and_nothing_else(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".gitconfig").write_text("[user]\n\tname = From Home\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    ask = ["config", "user.name"]

    assert run_git(ask, git_dir=repository, check=False).stdout == b""
    assert run_git(ask, git_dir=repository, network=True).stdout == b"From Home\n"


def test_hooks_do_not_run_on_what_we_write(tmp_path: Path, repository: Path) -> None:
    marker = tmp_path / "executed"
    hook = repository / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
    hook.chmod(0o755)
    git(repository, "update-ref", "refs/heads/control", oid(repository))
    assert marker.exists(), "the hook does nothing: the test would prove nothing"
    marker.unlink()

    run_git(["update-ref", "refs/heads/new", oid(repository)], git_dir=repository)

    assert not marker.exists()


def test_a_stream_is_read_while_it_runs_and_checked_at_the_end(repository: Path) -> None:
    with stream_git(["cat-file", "blob", "HEAD:a"], git_dir=repository) as stream:
        assert len(stream.stdout.read()) == 3_000_000
    assert stream.code == 0

    with (
        pytest.raises(GitCommandError, match="rev-parse"),
        stream_git(["rev-parse", "--verify", "nope"], git_dir=repository) as stream,
    ):
        stream.stdout.read()


def test_what_a_stream_is_fed_and_says_cannot_block_it(repository: Path) -> None:
    feed = b"nothing-of-that-name\n" * 20_000 + b"HEAD:b\n"  # both far beyond a pipe

    with stream_git(["cat-file", "--batch-check"], git_dir=repository, stdin=feed) as stream:
        assert stream.stdout.read().count(b"missing") == 20_000


def test_leaving_a_stream_early_kills_it_without_complaint(repository: Path) -> None:
    feed = b"HEAD:a\n" * 1000  # 3 GB

    with stream_git(["cat-file", "--batch"], git_dir=repository, stdin=feed) as stream:
        stream.stdout.read(10)

    assert stream.code == -signal.SIGKILL


def test_an_exception_inside_a_stream_kills_it_and_goes_on(repository: Path) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        stream_git(["cat-file", "--batch"], git_dir=repository, stdin=b"HEAD:a\n" * 1000),
    ):
        raise KeyboardInterrupt


def test_a_stream_that_wants_too_much_memory_fails(tmp_path: Path) -> None:
    history = History()
    history.commit({b"d%d/f%d" % (number % 200, number): b"" for number in range(20_000)})
    path = history.build(tmp_path / "r.git")
    assert b"d0/f0" in _listed(path, memory_bytes=1 << 30)
    with pytest.raises(GitCommandError, match=r"[Oo]ut of memory"):
        _listed(path, memory_bytes=4 << 20)


def _listed(path: Path, memory_bytes: int) -> bytes:
    """Give a listing that is begun once the limit is there, however late that is on a busy machine."""
    reading, writing = os.pipe()
    listing = ["log", "--raw", "--root", "--stdin"]
    with (
        os.fdopen(reading, "rb") as asked,
        os.fdopen(writing, "wb") as asking,
        stream_git(listing, git_dir=path, stdin=asked, memory_bytes=memory_bytes) as stream,
    ):
        asking.write(b"HEAD\n")
        asking.close()
        return stream.stdout.read()


def test_no_descriptor_stays_open(repository: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))

    for _ in range(5):
        run_git(["rev-parse", "HEAD"], git_dir=repository, stdin=b"")
        with stream_git(["rev-parse", "HEAD"], git_dir=repository, stdin=b"x") as stream:
            stream.stdout.read()
        with stream_git(["cat-file", "--batch"], git_dir=repository, stdin=b"HEAD:a\n" * 9):
            pass

    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_credentials_are_masked_in_any_text() -> None:
    text = "a https://ada:pw@h/x b ssh://tok@h c"

    assert mask_credentials(text) == "a https://h/x b ssh://h c"


def test_no_worker_is_forked_while_git_is_being_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would keep the pipe open that git writes to, and whoever reads that would wait for the worker."""
    started, told = threading.Event(), threading.Event()
    popen = subprocess.Popen

    def slow(*args: Any, **options: Any) -> Any:
        started.set()
        time.sleep(0.3)
        told.set()
        return popen(*args, **options)

    git_version()
    monkeypatch.setattr("breachkit.git.process.subprocess.Popen", slow)
    running = threading.Thread(target=run_git, args=(["version"],))
    running.start()
    assert started.wait(10)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # Python 3.12: of forking beside threads
        child = os.fork()
    if not child:
        os._exit(0 if told.is_set() else 1)
    running.join()

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    monkeypatch.undo()
    assert run_git(["version"]).stdout
