"""Can the user's own file of defaults be used? A wrong one stops every command that reads it."""

from collections.abc import Iterator

from breachkit.actions.health import Diagnosis, broken, fine
from breachkit.model.ids import display
from breachkit.model.records import dataclass
from breachkit.report.words import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What is known about the file."""

    name: str | None = None
    """None where none is read."""
    mistakes: int = 0
    problem: str = ""
    """Why it cannot be read at all."""
    is_access: bool = False
    """Whether that is a matter of who may write it."""


def judge(file: File) -> Iterator[Diagnosis]:
    """Say whether it can be used."""
    means = "every command that reads it stops; with --no-config it is left out"
    if file.problem:
        yield broken(
            "settings.file",
            display(file.problem),
            means,
            "breachkit config check",
            is_access=file.is_access,
        )
    elif file.name is None:
        yield fine("settings.file", "there is no file of defaults of your own")
    elif file.mistakes:
        says = f"{counted(file.mistakes, 'mistake')} in {display(file.name)}"
        yield broken("settings.file", says, means, "breachkit config check")
    else:
        yield fine("settings.file", f"{display(file.name)} can be used")
