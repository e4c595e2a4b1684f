"""A desk in the drill's world, at which the commands of the documents are typed as they stand there.

Documents name things that nobody has: `owner/name`, `mail.example.org`, `~/study`. Here each of those names
stands for a thing of the practice world; nothing else of a command is changed.
"""

import contextlib
import io
import os
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from breachkit.cli.app import main
from tests.support.command_line import Ran


@dataclass
class Desk:
    """Somebody who types commands in a folder, with a home for cases and settings of their own."""

    folder: Path
    home: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """What a word of the documents stands for here; `after:word` only after that word."""
    shown: dict[str, str] = field(default_factory=dict)
    """What is written here, and what the documents write for it."""
    exported: dict[str, str] = field(default_factory=dict)

    def types(self, line: str) -> Ran:
        """Type a command of a document, and give what came of it."""
        program, *words = self.words(line)
        if program == "export":
            name, _, value = words[0].partition("=")
            places = {"$PWD": str(self.folder), "$HOME": str(self.home.parent)}
            for here, place in places.items():
                value = value.replace(here, place)
            self.exported[name] = value
            return Ran(0, "", "")
        if program == "mkdir":
            (self.folder / words[-1]).mkdir(parents=True)
            return Ran(0, "", "")
        assert program == "breachkit", line
        ran = self.run(words)
        return Ran(ran.code, self._as_documented(ran.out), self._as_documented(ran.err))

    def words(self, line: str) -> list[str]:
        """Give the words of a command with the names of this world in them."""
        for here, documented in self.shown.items():
            line = line.replace(documented, here)
        words = [self._expanded(word) for word in shlex.split(line)]
        return [
            self.names.get(f"{before}:{word}", self.names.get(word, word))
            for before, many in zip(["", *[w[-1] for w in words]], words, strict=False)
            for word in many
        ]

    def _expanded(self, word: str) -> list[str]:
        """Do what a shell does with `*.csv`."""
        found = sorted(self.folder.glob(word)) if word.endswith("/*.csv") else []
        return [str(each.relative_to(self.folder)) for each in found] or [word]

    def _as_documented(self, text: str) -> str:
        for here, documented in self.shown.items():
            text = text.replace(here, documented)
        return text

    def run(self, words: Sequence[str]) -> Ran:
        """Run a command in this process, in the folder and with the settings of this desk."""
        out, err = _Stream(), _Stream()
        with self._seated(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(list(words))
        return Ran(code, out.text(), err.text())

    @contextlib.contextmanager
    def _seated(self) -> Iterator[None]:
        before, place = dict(os.environ), Path.cwd()
        for name in [
            name for name in os.environ if name.startswith(("BREACHKIT_", "GH_", "GITHUB_"))
        ]:
            del os.environ[name]
        user = self.home.parent  # whose own settings are not those of whoever runs the tests
        programs = f"{Path(sys.executable).parent}{os.pathsep}{before['PATH']}"
        own = {
            "HOME": str(user),
            "PATH": programs,
            "XDG_CONFIG_HOME": str(user / "settings"),
            "COLUMNS": "80",
        }
        home = {"BREACHKIT_HOME": str(self.home)}
        os.environ.update({**own, **home, **self.settings, **self.exported})
        os.chdir(self.folder)
        try:
            yield
        finally:
            os.chdir(place)
            os.environ.clear()
            os.environ.update(before)


class _Stream(io.TextIOWrapper):
    """Keeps what is written to it."""

    def __init__(self) -> None:
        self._kept = io.BytesIO()
        super().__init__(self._kept, encoding="utf-8", errors="backslashreplace", newline="")

    def text(self) -> str:
        """Give everything written so far."""
        self.flush()
        return self._kept.getvalue().decode("utf-8", "replace")
