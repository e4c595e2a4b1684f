"""What somebody may have meant whose call cannot be understood: said, and never done by itself."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from typer.exceptions import TyperException

from breachkit.cli.contents import ENTRIES
from breachkit.model.ids import display
from breachkit.model.meant import nearest
from breachkit.report.escape import shell


if TYPE_CHECKING:
    from typer._click.core import Command, Parameter


_OUT = "Data are taken out of a history by `breachkit rewrite`, in a case: `breachkit open TARGET` begins one."
_BEGIN = "A case is begun by `breachkit open TARGET`, and a playbook by `breachkit playbook new`."
_LIST = "`breachkit status --all` lists every case, and `breachkit --help` every command."
_ONE = "`breachkit status` shows where a case stands."
_LOOK = "A repository is looked through by `breachkit scan TARGET`, plain files by `breachkit check FOLDER`."
_AGAIN = (
    "Whatever was ended goes on where it was: run it again; `breachkit next` names what is due."
)
_BACK = "What `breachkit restrict` closed, `breachkit restore` gives back; a pushed history stays."
_REVERT = (
    "A revert leaves the data in the history, one `git show` away: `breachkit rewrite` takes "
    "them out of it."
)
_MAIL = "Messages are written by `breachkit notify render`, and sent by `breachkit notify send`."
_COPIES = "Who has a copy is found by `breachkit trace`, and kept in `breachkit copies list`."
_JOURNAL = "The journal is shown by `breachkit log show`."
_HELP = "Help is an option: `breachkit --help`, or `breachkit COMMAND --help`."

ELSEWHERE: Mapping[str, str] = {
    **dict.fromkeys(("clean", "purge", "remove", "delete", "rm", "bfg", "filter-repo"), _OUT),
    **dict.fromkeys(("revert", "reset", "checkout"), _REVERT),
    **dict.fromkeys(("undo", "rollback", "unrestrict", "back"), _BACK),
    **dict.fromkeys(("resume", "continue", "retry", "go"), _AGAIN),
    **dict.fromkeys(("init", "start", "new", "create", "begin"), _BEGIN),
    **dict.fromkeys(("list", "ls", "cases", "commands"), _LIST),
    **dict.fromkeys(("show", "info", "where"), _ONE),
    **dict.fromkeys(("detect", "audit", "git", "dir", "filesystem", "protect"), _LOOK),
    **dict.fromkeys(("mail", "email", "send"), _MAIL),
    **dict.fromkeys(("clones", "forks"), _COPIES),
    **dict.fromkeys(("journal", "history", "events"), _JOURNAL),
    "help": _HELP,
    "version": "The version is told by `breachkit --version`.",
    "todo": "What is to do is in `breachkit checklist show`.",
    "completion": "Completion is put in place by `breachkit --install-completion`.",
}
"""Commands that other tools have, and what does the same here."""

_PLANS = "without --execute it only shows the plan, so leave this out"
_TYPED = "nothing is changed without --execute, and what cannot be undone needs --confirm NAME, typed in full"
_HABITS = {
    **dict.fromkeys(("--dry-run", "--pretend", "--plan", "--check-only"), _PLANS),
    **dict.fromkeys(("--yes", "-y", "--force", "-f", "--apply", "--no-dry-run"), _TYPED),
}
"""Options that other tools have, at commands that plan."""

_DASHES = "\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}\N{NON-BREAKING HYPHEN}"
_QUOTES = (
    "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}\N{DOUBLE LOW-9 QUOTATION MARK}"
)
_A_CASE = re.compile(r"BK-\d{4}-\d+.*", re.IGNORECASE)


def improve(error: TyperException, words: Sequence[str]) -> None:
    """Let an error about a call also say what may be meant, where something is like it.

    Args:
        error: What typer says is wrong.
        words: The call, without the program's name.
    """
    found = next((said for hint in _HINTS if (said := hint(error, words))), None)
    if found is None:
        return
    known: Any = error
    known.message = f"{known.message.rstrip('.')}. {found}" if known.message else found
    if hasattr(known, "possibilities"):
        known.possibilities = None  # they would be said twice


def _typographic(_error: Any, words: Sequence[str]) -> str | None:
    """Say where a program for text made other signs of hyphens and quotes."""
    for word in words:
        if word.startswith(tuple(_DASHES)):
            plain = display(word.lstrip(_DASHES + "-"))
            return f"A long dash, as text programs make it, begins no option: type --{plain}"
        if word.startswith(tuple(_QUOTES)):
            return 'Curly quotes do not hold words together: type plain ones, "like these"'
    return None


def _before_the_command(error: Any, words: Sequence[str]) -> str | None:
    """Say where an option belongs that stands before the command."""
    option = getattr(error, "option_name", None)
    place = next((place for place, word in enumerate(words) if word in ENTRIES), 0)
    if option is None or not place or not _is_program(error):
        return None
    command = _command(words[place])
    if option not in _options(command):
        return None
    before, own = words[:place], _options(error.ctx.command)
    if set(before) & set(own):
        return f"It belongs behind the command: breachkit {words[place]} {option} ..."
    moved = " ".join(map(shell, ["breachkit", *words[place:], *before]))
    return f"Options come behind the command: {moved}"


def _another_option(error: Any, _words: Sequence[str]) -> str | None:
    option, context = getattr(error, "option_name", None), getattr(error, "ctx", None)
    if option is None or context is None or "No such option" not in error.message:
        return None
    known = _options(context.command)
    if option in _HABITS and "--execute" in known:
        return f"`{context.command_path}`: {_HABITS[option]}"
    if _is_program(error) and option.strip("-") in ENTRIES:
        return f"A command has no hyphens before it: `breachkit {option.strip('-')}`"
    found = nearest(option, [each for each in known if each.startswith("--")], near=0.6)
    return f"Did you mean {found}?" if found else None


def _another_command(error: Any, words: Sequence[str]) -> str | None:
    said = re.match(r"No such command '(.*)'", getattr(error, "message", ""), re.DOTALL)
    if said is None or error.ctx is None:
        return None
    word = said[1]
    if word == "help" and words[1:2] and words[1] in ENTRIES:
        return f"Help is an option: `breachkit {words[1]} --help`"
    if _is_program(error):
        return _of_program(word)
    group = error.ctx.command
    found = nearest(word, group.commands, near=0.6)
    if found is not None:
        return f"Did you mean `{error.ctx.command_path} {found}`?"
    return f"It stands alone: `breachkit {word}`" if word in ENTRIES else None


def _of_program(word: str) -> str | None:
    """Say which command of the program, or of a group, may be meant."""
    if word in ELSEWHERE:
        return ELSEWHERE[word]
    whole = " ".join(re.split(r"[ .:_-]+", word.strip()))
    paths = dict(_paths())
    if whole in paths:
        return f"Did you mean `breachkit {paths[whole]}`?"
    found = nearest(word, [*ENTRIES, *ELSEWHERE], near=0.6)
    if found is None:
        inner = {path.rpartition(" ")[2]: path for path in paths.values() if " " in path}
        near = nearest(word, inner, near=0.8)
        return f"Did you mean `breachkit {inner[near]}`?" if near else None
    return ELSEWHERE.get(found) or f"Did you mean `breachkit {found}`?"


def _paths() -> Iterator[tuple[str, str]]:
    """Give every command with those of its group, as words and as they are typed."""
    for name in ENTRIES:
        yield name.replace("-", " "), name
        for inner in getattr(_command(name), "commands", ()):
            yield f"{name} {inner}".replace("-", " "), f"{name} {inner}"


def _another_choice(error: Any, _words: Sequence[str]) -> str | None:
    said = re.match(r"'(.*)' is not one of ", getattr(error, "message", ""))
    choices = getattr(getattr(getattr(error, "param", None), "type", None), "choices", None)
    if said is None or choices is None:
        return None
    found = nearest(said[1], map(str, choices), near=0.6)
    return f"Did you mean {found}?" if found else None


def _missing(error: Any, _words: Sequence[str]) -> str | None:
    """Say of what is missing what it is."""
    param: Parameter | None = getattr(error, "param", None)
    if type(error).__name__ != "MissingParameter" or param is None:
        return None
    told = getattr(param, "help", None)
    return str(told) if told else None


def _too_many(error: Any, words: Sequence[str]) -> str | None:
    said = re.match(r"Got unexpected extra argument\S* \((.*)\)", getattr(error, "message", ""))
    if said is None or error.ctx is None:
        return None
    extra = said[1].split(" ")[0]
    path = error.ctx.command_path.split(" ")[1:]
    if f"{'-'.join(path)}-{extra}" in ENTRIES:
        return f"Did you mean `breachkit {'-'.join(path)}-{extra}`?"
    if _A_CASE.fullmatch(extra) and "--case" in _options(error.ctx.command):
        return f"A case is named by an option: --case {display(extra)}"
    place = words.index(extra) if extra in words else 0
    option = words[place - 2] if place >= 2 else ""
    if option.startswith("-") and option in _options(error.ctx.command):
        both = display(f"{words[place - 1]} {extra}")
        return f'Quotes hold words together: {option} "{both}"'
    return None


_HINTS: Sequence[Callable[[Any, Sequence[str]], str | None]] = (
    _typographic,
    _before_the_command,
    _another_option,
    _another_command,
    _another_choice,
    _missing,
    _too_many,
)


def _is_program(error: Any) -> bool:
    context = getattr(error, "ctx", None)
    return context is not None and context.parent is None


def _command(name: str) -> "Command":
    from breachkit.cli.groups import load

    return load(ENTRIES[name].room)[name]


def _options(command: "Command") -> list[str]:
    return [name for param in command.params for name in (*param.opts, *param.secondary_opts)]
