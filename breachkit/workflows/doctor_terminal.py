"""Can this terminal show what a response says, and can this system name the files it meets?"""

from collections.abc import Iterator

from breachkit.actions.health import Diagnosis, doubtful, fine, not_tried
from breachkit.model.ids import display
from breachkit.model.records import dataclass


NARROWEST = 80
"""Columns that screens are designed for."""
_SET = "export LC_ALL=C.UTF-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """What results are written to."""

    encoding: str
    """Of standard output."""
    file_names: str
    """Encoding of file names."""
    is_terminal: bool
    columns: int
    kind: str
    """What TERM says."""


def judge(terminal: Terminal) -> Iterator[Diagnosis]:
    """Say whether text arrives as it is meant."""
    yield _encoding(terminal)
    if not terminal.is_terminal:
        yield not_tried("terminal.size", "standard output is no terminal")
    elif terminal.kind in {"", "dumb"}:
        yield doubtful(
            "terminal.size",
            f"the terminal says of itself that it can do nothing (TERM={display(terminal.kind)})",
            "everything is shown without colours and without progress",
            "export TERM=xterm-256color",
        )
    elif terminal.columns < NARROWEST:
        yield doubtful(
            "terminal.size",
            f"the terminal is {terminal.columns} columns wide",
            f"tables are made for {NARROWEST} and are broken in lines: make the window wider",
        )
    else:
        yield fine("terminal.size", f"{terminal.columns} columns")


def _encoding(terminal: Terminal) -> Diagnosis:
    wrong = [
        what
        for what, name in (("output", terminal.encoding), ("file names", terminal.file_names))
        if name.lower().replace("-", "").replace("_", "") not in {"utf8", "utf8sig"}
    ]
    if wrong:
        return doubtful(
            "terminal.encoding",
            f"{' and '.join(wrong)} are not in UTF-8 ({display(terminal.encoding)})",
            "names of files and people are shown as question marks or signs with a backslash",
            _SET,
        )
    return fine("terminal.encoding", "UTF-8")
