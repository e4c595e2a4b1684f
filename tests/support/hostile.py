"""What a stranger can put into the hands of somebody who answers an incident: repositories, files, names."""

import gzip
import os
import re
from dataclasses import dataclass
from pathlib import Path

from tests.support.gitrepo import History, git


MARKER = "wombat4413"
"""In every file below, never in a name."""
NAME = "x\x1b]0;owned\x07\x1b[2J\x9b31m\nnext\r\u202egnp\u200b.csv"
"""Sets the title of a terminal, clears it, colours it, goes on in another line, and is read backwards."""
NOT_TEXT = b"\xff\xfe\x1b[31m.csv"

_ACTS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def acts(text: str) -> list[str]:
    """Give every character that a terminal or a reader acts on, but line ends, tabs and a first mark of UTF-8."""
    return sorted(set(map(ascii, _ACTS.findall(text.removeprefix("\ufeff").replace("\r\n", "\n")))))


@dataclass(frozen=True)
class Stranger:
    """Files and repositories in a folder, and a tripwire that any program in them would make."""

    folder: Path

    @property
    def tripwire(self) -> Path:
        return self.folder / "tripped"

    @property
    def command(self) -> str:
        return f"touch {self.tripwire}; false"

    def things(self) -> dict[str, str]:
        """Give what can be named where a file, a folder or a repository is meant."""
        touch = f"touch {self.tripwire}"
        return {
            "a file with a telling content": os.fspath(self.file(NAME)),
            "a file whose name is no text": os.fspath(self.file(os.fsdecode(NOT_TEXT))),
            "settings that are none": os.fspath(self.file("own.toml")),
            "an object that is none": os.fspath(self.file("own.json")),
            "a pipe": os.fspath(self.folder / "pipe"),
            "a link to itself": os.fspath(self.folder / "loop"),
            "a link that leads out": os.fspath(self.folder / "out"),
            "a bomb": os.fspath(self.folder / "bomb.csv.gz"),
            "a repository": os.fspath(self.repository),
            "a look-alike": os.fspath(self.folder / "alike"),
            "a name of 5000 letters": "a" * 5000,
            "an option": f"--upload-pack={touch}",
            "a transport": f"ext::sh -c {touch.replace(' ', '% ')}",
            "a host that is an option": f"ssh://-oProxyCommand={touch.replace(' ', '%20')}/x",
        }

    def words(self) -> dict[str, str]:
        """Give what can be typed where a word is meant."""
        raw = os.fsdecode(b"\xff\xfe")
        return {"a word": f"{raw}{NAME}", "a file": os.fspath(self.file(NAME))}

    def file(self, name: str) -> Path:
        return self.folder / name

    @property
    def repository(self) -> Path:
        return self.folder / "repository"


def stranger(folder: Path) -> Stranger:
    """Make all of it in an empty folder."""
    made = Stranger(folder)
    text = (
        f'region,patients\nname = "{MARKER}\n[{MARKER}\n{MARKER},3\n\x1b[31m{MARKER}: *{MARKER}\n'
    )
    for name in (NAME, os.fsdecode(NOT_TEXT), "own.toml"):
        made.file(name).write_text(text)
    made.file("own.json").write_text(
        f'{{"schema": "{MARKER}", "{MARKER}": [{{"id": "{MARKER}"}}]}}'
    )
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to("loop")
    (folder / "secret").mkdir()
    (folder / "secret" / f"{NAME}").write_text(text)
    (folder / "out").symlink_to(folder / "secret")
    zeros = gzip.compress(bytes(1 << 26), 9)
    (folder / "bomb.csv.gz").write_bytes(gzip.compress(zeros))
    _hostile_repository(made)
    (folder / "alike").mkdir()
    (folder / "alike" / ".git").write_text(f"gitdir: {made.repository}/.git\n\x1b[31m")
    (folder / "alike" / "GIT~1").mkdir()
    return made


def _hostile_repository(made: Stranger) -> None:
    history = History()
    rows = f"region,patients\nA {MARKER},3\nB,2\nC,364\n".encode()
    names = [NAME.encode(), NOT_TEXT, b"-rf", b"--upload-pack=x", b"d/.git\xe2\x80\x8c/config"]
    files = {b"released_outputs/" + name: rows + b"%d" % n for n, name in enumerate(names)}
    attributes = b"* filter=evil diff=evil merge=evil\n"
    first = history.commit(
        {**files, b".gitattributes": attributes},
        message=f"\x1b[31m{MARKER}\u202e 3 patients",
        author=b"\x1b]0;owned\x07 \xe2\x80\xae <a\x1b[31m@example.org>",
    )
    history.ref("refs/heads/\u202egnp\u200b".encode(), first)
    history.build(made.repository, bare=False)
    _traps(made)


def _traps(made: Stranger) -> None:
    config = made.repository / ".git" / "config"
    names = (
        *("core.fsmonitor", "core.pager", "core.sshCommand", "core.askPass", "core.editor"),
        *("core.alternateRefsCommand", "core.gitProxy", "diff.external", "diff.evil.textconv"),
        *("diff.evil.command", "filter.evil.clean", "filter.evil.smudge", "filter.evil.process"),
        *("merge.evil.driver", "gpg.program", "uploadpack.packObjectsHook", "sequence.editor"),
    )
    settings = dict.fromkeys(names, made.command)
    shell = dict.fromkeys(("alias.log", "alias.cat-file", "credential.helper"), f"!{made.command}")
    hooks = {"core.hooksPath": str(made.repository / ".git" / "hooks")}
    for key, value in {**settings, **shell, **hooks}.items():
        git(made.repository, "config", "--file", str(config), key, value)
    for name in ("post-checkout", "pre-commit", "pre-push", "reference-transaction", "update"):
        hook = made.repository / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\n{made.command}\n")
        hook.chmod(0o755)
