"""What the documents show: their commands, and what stands below each as printed by it.

A code block in which a line begins with `$ ` shows commands with their output, where `...` stands for lines
left out; in any other block every line that begins with `breachkit` is a command alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


ROOT = Path(__file__).parents[2]
PAGES = (
    ROOT / "README.md",
    ROOT / ".github" / "SECURITY.md",
    *sorted(ROOT.glob("playbooks/**/*.md")),
)
OMISSION = "..."
NOT_RUN = {
    r"python3 -m venv .*": "asks a package registry; `.ci/run` runs it, and a test compares the two",
    r"export BREACHKIT_GITHUB_TOKEN=\.\.\.": "the practice world brings a token of its own",
    r"(PYTHONPATH=\. )?python tests/bench/.*": "takes minutes, and clones that are not there; the files are looked for",
    r"breachkit drill": "the tests of the drill play its stories, and each takes half a minute",
    r"breachkit drill --scenario notebook .*": "the same",
    r"breachkit drill enter \S+": "opens a shell; the line below it runs a command there",
}
"""Commands that no test runs, as patterns, and why."""
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
"""A code block: its language, and what is in it."""


@dataclass(frozen=True)
class Typed:
    """A command as a page shows it."""

    page: str
    line: str
    output: tuple[str, ...] = ()
    """Lines that it has to print, in this order, among others."""

    def __str__(self) -> str:
        return f"{self.page}: {self.line}"


def name_of(page: Path) -> str:
    """Give a page's path within the project."""
    return page.relative_to(ROOT).as_posix()


def is_excused(typed: Typed) -> bool:
    """Say whether a command is among those that no test runs."""
    return any(re.fullmatch(pattern, typed.line) for pattern in NOT_RUN)


def without_comment(line: str) -> str:
    """Take the remark off a command: two blanks or more, and what follows."""
    return re.split(r" {2,}", line.strip())[0]


def commands_of(page: Path) -> Iterator[Typed]:
    """Give the commands of a page's code blocks, in the order of the page."""
    for language, block in BLOCK.findall(page.read_text(encoding="utf-8")):
        if language in ("", "console", "sh"):
            yield from _of_block(name_of(page), block)


def _of_block(page: str, block: str) -> Iterator[Typed]:
    if not re.search(r"^\$ ", block, re.MULTILINE):
        for line in block.splitlines():
            if re.match(r"breachkit |export |mkdir |python3 ", line):
                yield Typed(page, without_comment(line))
        return
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, *lines = part.splitlines()
        yield Typed(page, command, tuple(line for line in lines if line and line != OMISSION))


_VOLATILE = {
    r"BK-\d{4}-\d{4}([ -])[a-z]+-[a-z]+": r"BK\1CODENAME",
    r"BK-\d{4}-\d{4}": "BK",
    r"\bK-\d{3}\b": "K",
    r"\b[0-9a-f]{64}\b": "HASH",
    r"\b\d+ entries": "ENTRIES",
    r"[A-Z][a-z]{2} \d+ [A-Z][a-z]+ \d{4}, \d\d:\d\d \S+?(?= \(|\.)": "MOMENT",
    r"[A-Z][a-z]{2} \d+ [A-Z][a-z]{2} \d\d:\d\d \S+": "MOMENT",
    r"\d{4}-\d\d-\d\d \d\d:\d\d UTC": "MOMENT",
    r"[\d.]+ [kM]?B in [\d.]+ s": "SIZE in TIME",
    r" \(MOMENT\)|71 h 5\d min": "",
    r"\s+": " ",  # where a line breaks depends on how long the names of folders are
}
"""What differs from one run to the next, and what stands for it."""


def plain(text: str) -> str:
    """Take out of a text what differs from one run to the next: names, moments, spans of time."""
    for pattern, name in _VOLATILE.items():
        text = re.sub(pattern, name, text)
    return text.strip()


def missing(wanted: tuple[str, ...], printed: str) -> str | None:
    """Give the first line that was not printed, or not after those before it; None if all were."""
    rest = plain(printed)
    for line in wanted:
        _, found, rest = rest.partition(plain(line))
        if not found:
            return line
    return None
