"""The one place that starts git, with nothing of the caller's or the repository's own taste in it.

Every call gets an argument list and never a shell, an environment from a short allow-list, and
configuration on its command line that switches off whatever git could be talked into running.

Two kinds of call differ in what they may touch:

* A local call (the default) reads no configuration of the user or the system, and may use no
  transport at all.
* A network call (`network=True`) does read the configuration of the user and the system, because
  credential helpers, proxies and certificates live there. It belongs to the person who runs
  breachkit, as the scanned repository does not. Hooks stay off, `ext::` stays forbidden and
  nothing can ask a question: there is no terminal to ask on.
"""

import contextlib
import functools
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, BinaryIO, cast

from breachkit.git.isolation import (
    ALWAYS_KEPT,
    ALWAYS_SET,
    CONFIGURATION,
    KEPT_FOR_NETWORK,
    SET_FOR_LOCAL,
    SET_FOR_NETWORK,
)
from breachkit.git.telling import follow
from breachkit.model.doing import Step
from breachkit.model.errors import BreachkitError, ConfigurationError, IncompleteError
from breachkit.model.ids import display
from breachkit.model.records import dataclass, field


logger = logging.getLogger(__name__)

OLDEST_GIT = (2, 36)
"""`clone` and `log` behave as needed from here on."""

PIPE_BYTES = 1 << 20
"""Size of pipes and buffers: fewer switches between git and Python."""

_CREDENTIALS = re.compile(r"(?<=://)[^/\s]*@")
"""Up to the last `@` before a path, as git reads it: a password may hold one."""
_FULL = (
    *(b"No space left on device", b"Disk quota exceeded", b"Out of diskspace"),
    b"failed to write new configuration file",
)
"""What git says of a full disk."""

_HEX_ID = re.compile(r"\b[0-9a-f]{7,64}\b")


class GitCommandError(BreachkitError):
    """A git command failed.

    Attributes:
        subcommand: Such as `clone`.
        code: Exit status; negative for a signal.
        stderr: What git said, with the credentials of URLs masked; for adapters to classify, not to
            show: the message of this error is the part that may be shown.
    """

    def __init__(self, subcommand: str, code: int, stderr: bytes) -> None:
        self.subcommand = subcommand
        self.code = code
        self.stderr = mask_credentials(stderr.decode("utf-8", "replace"))
        super().__init__(
            f"git {subcommand} failed ({_describe_code(code)}): {_showable(self.stderr)}; "
            "see to what git reports and run the command again"
        )


class DiskFullError(IncompleteError):
    """git could not write: the disk, or the user's share of it, is full."""


class GitTimeoutError(IncompleteError):
    """A git command did not end in the time it was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """What a git command gave back."""

    stdout: bytes = field(repr=False)
    stderr: bytes = field(repr=False)
    code: int


@dataclass(slots=True, kw_only=True)
class Stream:
    """A running git command whose output is read as it comes."""

    stdout: BinaryIO
    subcommand: str
    code: int | None = None
    """Exit status, once the context was left; also with `check=False`."""
    stderr: str = ""
    """What git said on stderr, credentials masked, once the context was left."""


def mask_credentials(text: str) -> str:
    """Take user names, passwords and tokens out of every URL in a text."""
    return _CREDENTIALS.sub("", text)


def run_git(
    args: Sequence[str | bytes],
    *,
    git_dir: Path | None = None,
    stdin: bytes | IO[bytes] | None = None,
    network: bool = False,
    check: bool = True,
    extra_env: Mapping[str, str] | None = None,
    timeout_s: float | None = None,
    step: Step | None = None,
) -> Completed:
    """Run a git command to its end and give back everything it wrote.

    The command runs in `git_dir`, or in `/` where there is none: paths in `args` are absolute.

    Args:
        args: The subcommand and its arguments.
        git_dir: The repository to work in.
        stdin: Bytes to feed it, or an open file with a descriptor; nothing by default.
        network: Use transports and the user's own git configuration; see the module.
        check: Raise on a non-zero exit status.
        extra_env: Environment variables set on top of the allow-list.
        timeout_s: Kill the command after this many seconds.
        step: Is told of the progress that the command says; without `stdin` and `timeout_s`.

    Raises:
        GitCommandError: the exit status was not 0, and `check` is on.
        DiskFullError: it said that the disk is full, and `check` is on.
        GitTimeoutError: it took longer than `timeout_s`.
        ConfigurationError: git is not installed, or is older than `OLDEST_GIT`.
    """
    feed = stdin if isinstance(stdin, bytes) else None
    source: int | IO[bytes] = subprocess.DEVNULL
    if feed is not None:
        source = subprocess.PIPE
    elif stdin is not None:
        source = cast("IO[bytes]", stdin)
    process = _start(
        args,
        git_dir=git_dir,
        stdin=source,
        stderr=subprocess.PIPE,
        env=environment(network=network, extra=extra_env),
    )
    with _killed_on_exception(process):
        try:
            if step is None:
                stdout, stderr = process.communicate(feed, timeout=timeout_s)
            else:
                stdout, stderr = follow(process.stdout, process.stderr, step)
                process.wait()
        except subprocess.TimeoutExpired:
            message = f"git {_subcommand(args)} took longer than {timeout_s:g} s; run it again"
            raise GitTimeoutError(message) from None
    if check and process.returncode:
        raise failure(_subcommand(args), process.returncode, stderr)
    return Completed(stdout=stdout, stderr=stderr, code=process.returncode)


def be_local(folder: Path, errors: IO[bytes], extra_env: Mapping[str, str]) -> None:
    """Make this process, and whatever git it starts by itself, what a local git call is.

    It gets that environment and a session of its own, works in `folder`, and says nothing but to
    the file for errors. For a child that was forked to run a library.

    Args:
        folder: A repository.
        errors: An open file.
        extra_env: Environment variables set on top of the allow-list.
    """
    os.environ.clear()
    os.environ.update(environment(extra=extra_env))
    os.chdir(folder)
    os.setsid()
    with Path(os.devnull).open("r+b") as nowhere:
        for number, stream in enumerate((nowhere, nowhere, errors)):
            os.dup2(stream.fileno(), number)


def failure(subcommand: str, code: int, stderr: bytes) -> BreachkitError:
    """Give the error for a command that failed: that the disk is full, or what it said."""
    own = [line for line in stderr.splitlines() if not line.startswith(b"remote:")]
    if any(sign in line for sign in _FULL for line in own):
        return DiskFullError(
            f"git {subcommand}: the disk is full; make room and run the command again"
        )
    return GitCommandError(subcommand, code, stderr)


@contextlib.contextmanager
def stream_git(
    args: Sequence[str | bytes],
    *,
    git_dir: Path,
    stdin: bytes | IO[bytes] | None = None,
    check: bool = True,
    memory_bytes: int | None = None,
    cpu_s: int | None = None,
) -> Iterator[Stream]:
    """Run a local git command and read its output while it runs.

    What it reads comes from a file and what it says on stderr goes to one, so neither side can
    wait for the other for ever. Leaving the context early, or by an exception, kills it; leaving
    after the last byte waits for it.

    Args:
        args: The subcommand and its arguments.
        git_dir: The repository to work in.
        stdin: Bytes to feed it, or an open file with a descriptor; nothing by default.
        check: Raise on a non-zero exit status.
        memory_bytes: Let it allocate this much; it fails where it wants more. Only Linux can.
        cpu_s: Let it take so much of the processor's time, and no more. Only Linux can.

    Raises:
        GitCommandError: on leaving: all output was read, the exit status was not 0, and `check`
            is on.
    """
    with contextlib.ExitStack() as stack:
        errors = stack.enter_context(tempfile.TemporaryFile())
        source: int | IO[bytes] = subprocess.DEVNULL if stdin is None else cast("IO[bytes]", stdin)
        if isinstance(stdin, bytes):
            source = stack.enter_context(tempfile.TemporaryFile())
            source.write(stdin)
            source.seek(0)
        process = _start(args, git_dir=git_dir, stdin=source, stderr=errors, env=environment())
        stdout = cast("BinaryIO", process.stdout)
        stack.enter_context(stdout)
        _enlarge_pipe(stdout)
        _limit(process.pid, memory_bytes, cpu_s)
        stream = Stream(stdout=stdout, subcommand=_subcommand(args))
        with _killed_on_exception(process):
            yield stream
            ended = not stdout.read(1)
            if not ended:
                _kill(process)
            process.wait()
        errors.seek(0)
        said = errors.read()
        stream.code, stream.stderr = (
            process.returncode,
            mask_credentials(said.decode(errors="replace")),
        )
        if check and ended and process.returncode:
            raise failure(stream.subcommand, process.returncode, said)


def environment(*, network: bool = False, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give the whole environment a git command runs in; the module says why it differs."""
    kept = (*ALWAYS_KEPT, *KEPT_FOR_NETWORK) if network else ALWAYS_KEPT
    chosen = {name: os.environ[name] for name in kept if name in os.environ}
    fixed = SET_FOR_NETWORK if network else SET_FOR_LOCAL
    return {**chosen, **ALWAYS_SET, **fixed, **(extra or {})}


@functools.cache
def git_version() -> tuple[int, ...]:
    """Give the version of the git in use, such as `(2, 39, 5)`.

    Raises:
        ConfigurationError: git is not installed, does not run, or is older than `OLDEST_GIT`.
    """
    program = _program()
    answer = subprocess.run(
        [program, "version"], env=environment(), capture_output=True, check=False
    )
    numbers = re.search(rb"(\d+)\.(\d+)(?:\.(\d+))?", answer.stdout)
    if answer.returncode or numbers is None:
        raise ConfigurationError(f"{program} does not say its version: install git again")
    version = tuple(int(number) for number in numbers.groups(b"0"))
    if version < OLDEST_GIT:
        have, need = ".".join(map(str, version)), ".".join(map(str, OLDEST_GIT))
        raise ConfigurationError(f"git {have} is too old: install git {need} or newer")
    return version


def _program() -> str:
    program = shutil.which("git", path=os.environ.get("PATH"))
    if program is None:
        raise ConfigurationError("git is not on the PATH: install git 2.36 or newer")
    return program


def _start(
    args: Sequence[str | bytes],
    *,
    git_dir: Path | None,
    stdin: int | IO[bytes],
    stderr: int | IO[bytes],
    env: Mapping[str, str],
) -> "subprocess.Popen[bytes]":
    git_version()
    command: list[str | bytes] = [_program(), "--no-pager", "--literal-pathspecs"]
    for setting in CONFIGURATION:
        command += ["-c", setting]
    if git_dir is not None:
        command.append(f"--git-dir={git_dir}")
    logger.debug("git %s", _subcommand(args))
    with _STARTING:
        return subprocess.Popen(
            [*command, *args],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            bufsize=PIPE_BYTES,
            env=env,
            cwd=git_dir or "/",
            start_new_session=True,  # no terminal: neither git nor ssh can ask a question
        )


_STARTING = threading.Lock()
"""Taken while git is started, and while this process is forked: a worker that is forked by another thread in
between would keep the end of the pipe that git writes to, and whoever reads it would wait for that worker, too."""
os.register_at_fork(
    before=_STARTING.acquire, after_in_parent=_STARTING.release, after_in_child=_STARTING.release
)


@contextlib.contextmanager
def _killed_on_exception(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    try:
        yield
    except BaseException:
        _kill(process)
        process.wait()
        raise
    finally:
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill the command and what it started, such as ssh: they are a session of their own."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _limit(pid: int, memory_bytes: int | None, cpu_s: int | None) -> None:
    if sys.platform == "linux":
        import resource

        with contextlib.suppress(OSError):  # it may have ended already
            if memory_bytes is not None:
                resource.prlimit(pid, resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
            if cpu_s is not None:
                resource.prlimit(pid, resource.RLIMIT_CPU, (cpu_s, cpu_s))


def _enlarge_pipe(pipe: BinaryIO) -> None:
    try:
        import fcntl
    except ImportError:
        return
    operation = getattr(fcntl, "F_SETPIPE_SZ", None)  # Linux only
    if operation is not None:
        with contextlib.suppress(OSError):  # the user's quota of pipe pages may be used up
            fcntl.fcntl(pipe.fileno(), operation, PIPE_BYTES)


def _subcommand(args: Sequence[str | bytes]) -> str:
    """Name the subcommand: the first argument that is no option of git itself."""
    words = [os.fsdecode(arg) for arg in args]
    while words and words[0].startswith("-"):
        words = words[2:] if words[0] in {"-c", "-C"} else words[1:]
    return words[0] if words else ""


def _describe_code(code: int) -> str:
    return f"exit status {code}" if code >= 0 else f"killed by signal {-code}"


def _showable(stderr: str) -> str:
    """Cut what git said to its last lines, escaped, without object ids."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    tail = "; ".join(display(_HEX_ID.sub("<id>", line)) for line in lines[-4:])
    return (tail[:600] or "no message").rstrip(".")
