"""The manual: a page for the program and for each command, made of the texts that `--help` shows."""

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from typer.main import get_command

from breachkit.cli.contents import ENTRIES, SECTIONS
from breachkit.cli.groups import summary
from breachkit.report.exit_codes import EXIT_CODES
from breachkit.report.man import Page, Part


if TYPE_CHECKING:
    from typer._click.core import Command, Context


PROGRAM = ("breachkit",)

_CASE = ("--case", "BREACHKIT_HOME", "The folder that holds every case.")
_TOKEN = "A token for GitHub, the first that is set of these and of GITHUB_TOKEN and GH_TOKEN."  # noqa: S105 - words
_BESIDE: Sequence[tuple[str, str, str]] = (
    _CASE,
    ("--github-api", "BREACHKIT_GITHUB_TOKEN", _TOKEN),
    (
        "--smtp",
        "BREACHKIT_SMTP_PASSWORD",
        "The password for the mail server, where there is no file.",
    ),
    ("--acceptances", "BREACHKIT_ACCEPTANCE_KEY", "The key of the file of acceptances, in CI."),
    (
        "--counts",
        "BREACHKIT_GUARD_IDS",
        "A file with the list of a guard, for `guard check` in CI.",
    ),
)
"""Variables that no option names: with the option whose commands read them."""

_EVERYWHERE = (
    ("BREACHKIT_CONFIG", "The file with your own defaults; see `breachkit config`."),
    ("NO_COLOR", "Where it is set to anything, no colours are used."),
)

_CASE_FILES = (
    ("$BREACHKIT_HOME/BK-2026-0001-CODENAME/", "A case; `breachkit status` says where it is."),
    ("events.jsonl", "In a case: its journal, each entry with the hash of the one before."),
    ("private/", "In a case: what must not leave this machine; it still holds the data."),
)
_CONFIG_FILE = ("breachkit/config.toml", "In the user's folder for settings: your own defaults.")


@functools.cache
def paths() -> tuple[tuple[str, ...], ...]:
    """Give every command, the program first, as words: `("breachkit", "notify", "send")`."""
    return tuple(words for words, _ in _tree())


def page_of(words: Sequence[str]) -> Page | None:
    """Give the page of one command, as words; None where there is no such command."""
    return next((_page(path, each) for path, each in _tree() if path == tuple(words)), None)


def pages() -> Iterator[Page]:
    """Give every page."""
    return (_page(path, command) for path, command in _tree())


def _tree() -> Iterator[tuple[tuple[str, ...], "Command"]]:
    from breachkit.cli.app import program

    yield from _below(PROGRAM, get_command(program()))


def _below(path: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], "Command"]]:
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _below((*path, name), inner)


def _page(path: tuple[str, ...], command: "Command") -> Page:
    context = _context(path, command)
    described, examples, codes = _told(command)
    parts = (
        Part(title="Description", text=described),
        *_commands(path, command),
        Part(title="Options", rows=_options(context, command)),
        Part(title="Examples", text=examples),
        Part(title="Exit status", text=codes, rows=_codes()),
        Part(title="Environment", rows=_variables(command)),
        Part(title="Files", rows=_files(command)),
        Part(title="See also", text=", ".join(_see_also(path, command))),
    )
    return Page(
        command=" ".join(path),
        line=_line(path, command),
        usage=" ".join(command.collect_usage_pieces(context)),
        parts=[part for part in parts if part.text or part.rows],
    )


def _context(path: tuple[str, ...], command: "Command") -> "Context":
    """Give what typer needs to describe a command: nothing is parsed, and nothing run."""
    return command.context_class(
        command,
        info_name=" ".join(path),
        help_option_names=["-h", "--help"],
        resilient_parsing=True,
    )


def _line(path: tuple[str, ...], command: "Command") -> str:
    if path == PROGRAM:
        return "find insufficiently redacted outputs in git histories, and take them out"
    line = ENTRIES[path[1]].line if len(path) == 2 else summary(command)
    return line[:1].lower() + line[1:]


def _told(command: "Command") -> tuple[str, str, str]:
    """Part a help into what describes the command, its examples, and its own exit codes."""
    described, examples, codes = [], "", ""
    for block in re.split(r"\n{2,}", (command.help or "").strip("\n")):
        bare = block.removeprefix("\b").lstrip("\n")
        if bare.startswith("Examples:"):
            examples = "\b" + re.sub("(?m)^  ", "", bare.partition("\n")[2])
        elif bare.startswith("Exit codes:"):
            codes = " ".join(bare.removeprefix("Exit codes:").split())
        else:
            described.append(block)
    return "\n\n".join(described), examples, codes[:1].upper() + codes[1:]


def _commands(path: tuple[str, ...], command: Any) -> Iterator[Part]:
    if path == PROGRAM:
        for section in SECTIONS:
            yield Part(
                title=section.title, rows=[(entry.name, entry.line) for entry in section.entries]
            )
    elif hasattr(command, "commands"):
        yield Part(
            title="Commands",
            rows=[(name, summary(inner)) for name, inner in command.commands.items()],
        )


def _options(context: "Context", command: "Command") -> list[tuple[str, str]]:
    records = [param.get_help_record(context) for param in command.get_params(context)]
    return [(term, " ".join(meaning.split())) for term, meaning in filter(None, records)]


def _names(command: "Command") -> set[str]:
    return {name for param in command.params for name in param.opts}


def _codes() -> list[tuple[str, str]]:
    """Give every exit code with its meaning; `breachkit explain exit 7` says what to do."""
    return [
        (str(each.code), each.title[:1].upper() + each.title[1:]) for each in EXIT_CODES.values()
    ]


def _variables(command: "Command") -> list[tuple[str, str]]:
    """Give the variables that a command reads, sorted."""
    names, found = _names(command), dict(_EVERYWHERE)
    for param in command.params:
        if isinstance(param.envvar, str):
            found[param.envvar] = f"As {param.opts[0]}, where that is not given."
    found |= {variable: meaning for option, variable, meaning in _BESIDE if option in names}
    if not command.params or hasattr(command, "commands"):
        found |= {variable: meaning for _, variable, meaning in _BESIDE}
    return sorted(found.items())


def _files(command: "Command") -> list[tuple[str, str]]:
    has_case = "--case" in _names(command) or hasattr(command, "commands")
    return [*(_CASE_FILES if has_case else ()), _CONFIG_FILE]


def _see_also(path: tuple[str, ...], command: Any) -> list[str]:
    """Name the pages of commands that the help names, of those around it and of those within."""
    known = {" ".join(each) for each in paths()}
    named = re.findall(r"`(?:breachkit )?([a-z][a-z-]*(?: [a-z][a-z-]*)?)", command.help or "")
    within: Mapping[str, Any] = getattr(command, "commands", {})
    wanted = [
        *(" ".join(path[:length]) for length in range(1, len(path))),
        *(" ".join((*path, name)) for name in within),
        *(f"breachkit {each}" for each in named),
        *(f"breachkit {each.split()[0]}" for each in named),
    ]
    own = " ".join(path)
    found = [each for each in dict.fromkeys(wanted) if each in known and each != own]
    return [*(f"{each.replace(' ', '-')}(1)" for each in found), "git(1)"]
