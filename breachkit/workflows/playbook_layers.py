"""A file that playbooks lay over one another: what one says replaces what those it extends say."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from breachkit.actions.playbook_reader import Problem
from breachkit.actions.playbook_text import Located, PlaybookTextError, PlaybookValueError
from breachkit.actions.playbook_toml import plain_toml
from breachkit.model.errors import ConfigurationError
from breachkit.model.records import dataclass
from breachkit.workflows.playbooks import (
    BrokenPlaybookError,
    NoSuchPlaybookError,
    default_playbook,
    home_in_use,
    lineage,
)


T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layered(Generic[T]):
    """One such file, a TOML: how it is called, and how one is read on top of another."""

    file: str
    read: Callable[[Mapping[str, Any], T | None], T]
    """Takes the file and what it is laid on; raises `PlaybookValueError`."""

    def load(self, playbook: str | None = None, *, folder: Path | None = None) -> T:
        """Read the file of a playbook, on top of those that it extends.

        Args:
            playbook: Its name; None for the one in use.
            folder: With playbooks of somebody's own.

        Raises:
            NoSuchPlaybookError: there is no such playbook, or none of them has such a file.
            BrokenPlaybookError: something in one is missing or wrong; the message says where.
        """
        line = lineage(default_playbook() if playbook is None else playbook, folder=folder)
        found: T | None = None
        for each in reversed(line):
            home = home_in_use(each, folder=folder)
            if home.has(self.file):
                found = self._on_top(home.read(self.file), found, f"{each}/{self.file}")
        if found is None:
            raise NoSuchPlaybookError(
                f"the playbook of {line[0]} has no {self.file}: add that file, or say "
                f'extends = "generic" in it'
            )
        return found

    def _on_top(self, text: str, base: T | None, shown: str) -> T:
        try:
            return self.read(plain_toml(text), base)
        except PlaybookTextError as cause:
            where = shown if cause.line is None else f"{shown}:{cause.line}"
            raise BrokenPlaybookError(where, f"{cause.problem}; correct it") from None
        except PlaybookValueError as cause:
            raise BrokenPlaybookError(shown, f"{cause}") from None

    def problems(self, located: Located, playbook: str, folder: Path | None) -> list[Problem]:
        """Give the first thing that is wrong with such a file, on top of what its playbook extends."""
        try:
            parents = lineage(playbook, folder=folder)[1:]
            base = self.load(parents[0], folder=folder) if parents else None
        except NoSuchPlaybookError:
            base = None
        except ConfigurationError as cause:
            said = f"what it extends is wrong: {cause}"
            return [Problem(file=self.file, line=None, key="", problem=said)]
        try:
            self.read(located.value, base)
        except PlaybookValueError as cause:
            line = located.line(cause.place)
            return [Problem(file=self.file, line=line, key="", problem=str(cause))]
        return []
