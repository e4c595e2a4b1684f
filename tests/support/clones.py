"""A server, its rewritten history, and the list that clones are looked through for."""

import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from breachkit.actions.clone_check import CloneResult, believe, collect_hits
from breachkit.actions.clone_list import CloneList, make_entries
from breachkit.actions.edits import Edits, Replacement
from breachkit.git.clone_check import look_through
from breachkit.git.clone_list import removed_objects
from breachkit.git.rawobjects import all_objects
from breachkit.model.ids import GitPath, ObjectId
from breachkit.report.verifier_script import verifier_script
from tests.support.gitrepo import ENVIRONMENT, History, blob_oid, git
from tests.support.rewriting import rewrite_server


BAD = b"practice,n\na,3\nb,4\n"
REDACTED = b"practice,n\na,[REDACTED]\nb,[REDACTED]\n"
OUTPUT = b"released_outputs/table.csv"

SHELLS = {
    name: path
    for name, path in (("dash", "dash"), ("bash", "bash"), ("busybox", "busybox"))
    if shutil.which(path)
}


@dataclass(frozen=True)
class World:
    """Everything that a test of clones needs."""

    server: Path
    rewritten: Path
    wanted: CloneList
    script: Path
    bad: str
    """Id of the bad blob."""

    def clone(self, folder: Path, *options: str, transport: str = "") -> Path:
        """Clone the server as a colleague did, in the usual way or over `file://`."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        url = f"{transport}{self.server}"
        git(folder.parent, "clone", "-q", *options, url, str(folder))
        git(folder, "config", "user.name", "Ada")
        git(folder, "config", "user.email", "ada@example.org")
        return folder

    def copied_to(self, folder: Path) -> "World":
        """Copy what a test changes."""
        return replace(self, server=shutil.copytree(self.server, folder / self.server.name))

    def clean_up(self) -> None:
        """Replace the server's history, and let it forget the old one."""
        target = "+refs/*:refs/*"
        git(self.server, "fetch", "-q", "--prune", str(self.rewritten), target)
        git(self.server, "reflog", "expire", "--expire=now", "--all")
        git(self.server, "gc", "-q", "--prune=now")

    def is_contaminated(self) -> bool:
        """Whether the server has the bad blob in some ref's history."""
        listed = git(self.server, "rev-list", "--objects", "--all", "--no-object-names")
        return self.bad in listed.decode().split()


def world(folder: Path, history: History | None = None) -> World:
    """Build a server with a bad table in its history, and what the response made of it.

    By default the table is redacted at the tip. The rewrite puts the redacted table in its place.
    """
    server = (history or breached()).build(folder / "server.git")
    (folder / "case").mkdir()
    one, by = blob_oid(server, BAD), blob_oid(server, REDACTED)
    put = Replacement(path=GitPath(OUTPUT), blob=ObjectId(one), by=ObjectId(by))
    made = rewrite_server(
        server, [one], folder / "case", Edits(replacements=(put,)), {by: REDACTED}
    )
    stays = frozenset(all_objects(made.target))
    gone = removed_objects(made.mirror.path, stays)
    entries = make_entries([(ObjectId(one), BAD)], gone, stays)
    wanted = CloneList(entries=entries, token="ghjkm" * 6, round=1, seed="vwxyz" * 6)
    script = folder / "verifier.sh"
    script.write_bytes(verifier_script(wanted))
    return World(server, made.target, wanted, script, one)


def breached(*, redacted_at_tip: bool = True) -> History:
    """Six commits, of which the third brings the table and the fifth redacts it, or does not."""
    history = History()
    history.commit({b"README.md": b"# A study\n", b"code.py": b"a = 1\n"})
    history.commit({b"code.py": b"a = 2\n"}, message="Work")
    first = history.commit({OUTPUT: BAD}, message="Add results")
    history.commit({b"code.py": b"a = 3\n"}, message="Work more")
    fifth = {OUTPUT: REDACTED} if redacted_at_tip else {b"code.py": b"a = 4\n"}
    history.commit(fifth, message="Redact results" if redacted_at_tip else "Work on")
    history.commit({b"notes.md": b"later\n"}, message="Take notes")
    history.ref(b"refs/tags/light", first)
    history.tag("heavy", first)
    return history


def run_verifier(
    script: Path | str, *args: str | Path, shell: str = "dash", cwd: Path | None = None, bins: Path
) -> "subprocess.CompletedProcess[str]":
    """Run the script with one shell, which is also what it finds as `sh`.

    Args:
        script: The verifier.
        args: Its arguments.
        shell: One of `SHELLS`.
        cwd: Where.
        bins: A folder for a link named `sh`.
    """
    here = bins / shell
    if not here.exists():
        here.mkdir(parents=True)
        (here / "sh").symlink_to(shutil.which(SHELLS[shell]) or "")
    env = {**ENVIRONMENT, "PATH": f"{here}:{os.environ['PATH']}", "TMPDIR": str(bins)}
    ran = subprocess.run(["sh", script, *args], env=env, capture_output=True, check=False, cwd=cwd)
    out, err = ran.stdout.decode(errors="surrogateescape"), ran.stderr.decode(errors="replace")
    return subprocess.CompletedProcess(ran.args, ran.returncode, out, err)


def result_in(output: str, wanted: CloneList) -> CloneResult:
    """Take the result out of what the script said, and check its seal."""
    return believe(output.split("HOW TO CLEAN", maxsplit=1)[0], [wanted])


def looked(place: Path, wanted: CloneList, scratch: Path) -> CloneResult:
    """Look through a copy as `verify-clone` does."""
    found = look_through(place, wanted, scratch=scratch)
    return CloneResult(
        case=wanted.token,
        round=wanted.round,
        by="verifier",
        stores=found.stores,
        objects=found.objects,
        files=found.files,
        version="0",
        at=datetime(2026, 3, 6, tzinfo=UTC),
        copy="g",
        git="2",
        hits=collect_hits(found.found),
        unread=tuple(sorted(found.unread)),
    )


def commands_in(advice: str) -> list[str]:
    """Give the command lines of an advice; one with a line end in a name goes over several."""
    found: list[str] = []
    is_open = False
    for line in advice.split("HOW TO CLEAN THIS COPY", 1)[1].split("\n"):
        if is_open:
            found[-1] += f"\n{line}"
        elif re.match(r" {4}\S", line):
            found.append(line[4:])
        else:
            continue
        try:
            shlex.split(found[-1])
            is_open = False
        except ValueError:
            is_open = True
    return found


def follow(advice: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Do what an advice says, line by line, until one fails."""
    lines = "\n".join(commands_in(advice)).encode(errors="surrogateescape")
    env = {**ENVIRONMENT, "GIT_EDITOR": "false", "GIT_CONFIG_COUNT": "1"}
    env |= {"GIT_CONFIG_KEY_0": "protocol.file.allow", "GIT_CONFIG_VALUE_0": "always"}
    ran = subprocess.run(
        ["sh", "-e"], input=lines, env=env, cwd=cwd, capture_output=True, check=False
    )
    said = ran.stderr.decode(errors="replace")
    return subprocess.CompletedProcess(ran.args, ran.returncode, ran.stdout.decode(), said)
