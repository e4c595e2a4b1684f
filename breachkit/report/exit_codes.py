"""What an exit code means: what happened, what was and was not done, and what to do now."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from breachkit.model.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitCode:
    """What one exit code means."""

    code: int
    title: str
    means: str
    example: str
    """A command that ends so, and why."""
    remedy: str


_FOUND = (
    "The worst finding is {0}. Every finding that counts is listed with its place; with --no-fail and "
    "for SARIF the code is 0 all the same."
)
_FOUND_EXAMPLE = "`breachkit scan .` where the worst that was found is {0}."
_FOUND_REMEDY = (
    "`breachkit explain RULE` says what each means. If it was published, `breachkit open TARGET` begins "
    "the response; if not, `breachkit redact FILE` writes a copy that may be."
)


def _found(code: int, severity: str) -> ExitCode:
    return ExitCode(
        code=code,
        title=f"the worst finding is {severity}",
        means=_FOUND.format(severity),
        example=_FOUND_EXAMPLE.format(severity),
        remedy=_FOUND_REMEDY,
    )


_EVERY = (
    ExitCode(
        code=0,
        title="done, or nothing found",
        means="The command did what it was asked. For a scan or a check: nothing that counts was "
        "found, and everything that it was about was examined.",
        example="`breachkit scan .` on a repository without findings.",
        remedy="Nothing; the last line names the next command.",
    ),
    ExitCode(
        code=1,
        title="unexpected error",
        means="The program has a mistake. Its message is not shown, because it could quote data. What "
        "was journalled before stands.",
        example="Any command, when it meets what nobody thought of.",
        remedy="Report the two lines that it printed, without any file. `breachkit next` says how the "
        "case goes on; `breachkit doctor` whether the surroundings are to blame.",
    ),
    ExitCode(
        code=2,
        title="wrong call",
        means="The command line makes no sense as it stands. Nothing was done.",
        example="`breachkit scan --formt json`: there is no such option.",
        remedy="`breachkit COMMAND --help` shows examples of each command.",
    ),
    ExitCode(
        code=3,
        title="nothing to work on, or bad configuration",
        means="What was named is not there, or a playbook, a profile, a file of settings or the "
        "installation is wrong. Nothing was done.",
        example="`breachkit status` while no case is open.",
        remedy="The message says what is missing. `breachkit doctor` looks at everything else.",
    ),
    ExitCode(
        code=4,
        title="not logged in, or not allowed",
        means="A server, or this machine, does not let this account do it. What was done before that "
        "stands, and is in the journal.",
        example="`breachkit restrict` with a token whose account does not administer the repository.",
        remedy="`breachkit doctor --target owner/name` says which permission is missing. Where you "
        "cannot get it, the command printed whom to ask for what.",
    ),
    ExitCode(
        code=5,
        title="incomplete: run it again",
        means="Part of it was not done or not examined: the network, a limit, a full disk, a file "
        "that cannot be read. What was not examined is never called clean.",
        example="`breachkit verify --server` while the platform does not answer.",
        remedy="Run the same command again: it goes on where it stopped.",
    ),
    ExitCode(
        code=6,
        title="refused, or not confirmed",
        means="A guard stopped the command before it changed anything, or a confirmation is missing.",
        example="`breachkit push --execute` without --confirm and the target's name in full.",
        remedy="The message names the flag to add, or what has to be done first. "
        "`breachkit next` names that too.",
    ),
    ExitCode(
        code=7,
        title="still there, or a proof does not hold",
        means="Data were found where they should be gone, or a journal, a backup or another proof is "
        "not what it was. Nothing is called clean.",
        example="`breachkit verify` while a pull request on the server still holds the data.",
        remedy="Read which place it names. For a server: `breachkit push`, then its support, "
        "`breachkit notify render support`. For a journal: `breachkit log verify`, and decide by people.",
    ),
    ExitCode(
        code=8,
        title="overdue or unfinished",
        means="With --strict: something is late, still open, or wants looking at. Without it the "
        "code would be 0.",
        example="`breachkit checklist show --strict` in cron, once an item is late.",
        remedy="`breachkit next` names the first thing to do.",
    ),
    _found(11, "low"),
    _found(12, "medium"),
    _found(13, "high"),
    _found(14, "critical"),
    ExitCode(
        code=130,
        title="interrupted",
        means="Somebody pressed Ctrl-C, or the machine told the program to end. What was done so far "
        "is kept; nothing is half written.",
        example="Ctrl-C while `breachkit scope` reads a history.",
        remedy="Run the same command again: it goes on where it was.",
    ),
)

EXIT_CODES: Mapping[int, ExitCode] = {each.code: each for each in _EVERY}
"""By its number, every code that a command ends with."""


def exit_code_text(found: ExitCode, *, width: int = 80) -> str:
    """Explain an exit code for a terminal, wrapped at `width` columns."""
    return "\n".join(_lines(found, width)) + "\n"


def exit_code_json(found: ExitCode) -> dict[str, Any]:
    """Explain an exit code as `breachkit.exit/1`."""
    return {
        "schema": "breachkit.exit/1",
        "code": found.code,
        "title": found.title,
        "means": found.means,
        "example": found.example,
        "remedy": found.remedy,
    }


def _lines(found: ExitCode, width: int) -> Iterator[str]:
    yield f"exit code {found.code}: {found.title}"
    for title, text in (
        ("What it means", found.means),
        ("Example", found.example),
        ("What to do", found.remedy),
    ):
        yield ""
        yield title
        yield textwrap.fill(
            text,
            width,
            initial_indent="  ",
            subsequent_indent="  ",
            break_on_hyphens=False,
            break_long_words=False,
        )
