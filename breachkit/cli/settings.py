"""The user's own defaults: where their file is, and how they reach an option.

A value on the command line comes first, then the environment, then the file, then what the program
does by itself: typer's own order, for the file is its `default_map`. The file is found by the
environment or the user's folder for such files; never in the current folder, which may be a
scanned repository.
"""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from breachkit.model.errors import BreachkitError, ConfigurationError, RefusedError
from breachkit.model.ids import display
from breachkit.model.records import dataclass


if TYPE_CHECKING:
    from typer._click.core import Command, Context, Parameter

    from breachkit.actions.own_settings import Given, Mistake


VARIABLE = "BREACHKIT_CONFIG"
FILE = "config.toml"
_HELP = frozenset({"-h", "--help"})
_ABOUT_THE_FILE = frozenset({("config", "path"), ("config", "init"), ("config", "check")})
_WHATEVER_IT_IS = frozenset({("doctor",)})
"""Commands that work with a wrong file too, and say themselves what is wrong."""


class WrongSettingsError(ConfigurationError):
    """The file of settings cannot be used.

    Attributes:
        file: Which.
        mistakes: What is wrong, in the order of the file.
    """

    def __init__(self, file: Path, mistakes: "tuple[Mistake, ...]", problem: str = "") -> None:
        self.file = file
        self.mistakes = mistakes
        self.problem = problem
        shown = display(os.fsencode(file))
        said = [f"{shown}: {each}" for each in mistakes] or [f"{shown}: {problem}"]
        self._lines = (*said, "correct it, or run this once with `breachkit --no-config ...`")
        super().__init__(said[0])

    @property
    def lines(self) -> tuple[str, ...]:
        """Every mistake, and what to do."""
        return self._lines


class OpenSettingsError(RefusedError):
    """Somebody else may write the file of settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the file is looked for, and why there."""

    file: Path | None
    """None where it is not to be read."""
    why: str
    must_exist: bool
    """Whether somebody named it."""


def place(root: "Context | None" = None) -> Place:
    """Say where the file is.

    Args:
        root: The program's own options; None for none.

    Raises:
        ConfigurationError: the environment names it by a path that depends on the current folder.
    """
    options = _options(root)
    if options.get("no_config"):
        return Place(file=None, why="--no-config", must_exist=False)
    if options.get("config") is not None:
        return Place(file=Path(options["config"]).absolute(), why="--config", must_exist=True)
    named = os.environ.get(VARIABLE)
    if named:
        file = Path(named).expanduser()
        if not file.is_absolute():
            raise ConfigurationError(
                f"{VARIABLE} has to be a whole path: what it means must not depend on the folder "
                "you stand in, which may be anybody's"
            )
        return Place(file=file, why=f"${VARIABLE}", must_exist=True)
    return Place(file=_users_folder() / "breachkit" / FILE, why="yours", must_exist=False)


def _options(root: "Context | None") -> dict[str, Any]:
    """Give the program's own options; a command that another one runs goes by those of that one."""
    from typer._click.globals import _local

    around = [each.find_root() for each in getattr(_local, "stack", ())]
    every = [each.params for each in (root, *reversed(around)) if each is not None]
    return next((each for each in every if each.get("no_config") or each.get("config")), {})


def in_force(name: str, variable: str) -> str | None:
    """Give a setting to a command that has no option for it; None where nobody set it.

    Args:
        name: As in the file's `[defaults]`.
        variable: Of the environment, which comes first.
    """
    given = os.environ.get(variable)
    if given:
        return given
    found = place()
    if found.file is None or not is_there(found):
        return None
    own = (each for each in load(found.file) if (each.table, each.name) == (("defaults",), name))
    return next((str(each.value) for each in own), None)


def _users_folder() -> Path:
    """Give the folder for settings of programs, as platformdirs does; on Linux without loading it."""
    system = sys.platform
    if system == "linux":  # where platformdirs takes longer than the rest of the start
        named = Path(os.environ.get("XDG_CONFIG_HOME", "").strip())
        return named if named.is_absolute() else Path("~/.config").expanduser()
    from platformdirs import user_config_path

    return user_config_path("breachkit", appauthor=False).parent


def defaults(command: "Command", root: "Context", words: tuple[str, ...]) -> dict[str, Any] | None:
    """Give what the file says to a command, by the names of its parameters; None where it says nothing.

    Args:
        command: Which.
        root: The program's own options.
        words: How it is called, such as `("notify", "send")`.

    Raises:
        WrongSettingsError: something in the file is wrong.
        OpenSettingsError: somebody else may write it.
    """
    if words in _ABOUT_THE_FILE:
        return None
    try:
        found = place(root)
        if found.file is None or not is_there(found):
            return None
        given = given_to(command, load(found.file), words, found.file)
    except BreachkitError:
        if words in _WHATEVER_IT_IS:
            return None
        raise
    return {param: each.value for param, each in given.items()}


def wants_help(args: list[str]) -> bool:
    """Say whether help alone is wanted, which needs no file."""
    return not _HELP.isdisjoint(args)


def load(file: Path) -> "list[Given]":
    """Read the file.

    Raises:
        WrongSettingsError: something in it is wrong; all of it is told.
        OpenSettingsError: somebody else may write it.
    """
    from breachkit.actions.own_settings import read_settings
    from breachkit.actions.playbook_text import PlaybookTextError
    from breachkit.actions.playbook_toml import read_toml
    from breachkit.cli.contents import ENTRIES

    try:
        located = read_toml(_text(file))
    except PlaybookTextError as cause:
        raise WrongSettingsError(file, (), str(cause)) from None
    given, mistakes = read_settings(located, tuple(ENTRIES))
    if mistakes:
        raise WrongSettingsError(file, tuple(sorted(mistakes, key=lambda each: each.line or 0)))
    return given


def given_to(
    command: "Command", given: "list[Given]", words: tuple[str, ...], file: Path
) -> "dict[str, Given]":
    """Give what a file says to a command, by the names of its parameters, each value as the option takes it.

    Raises:
        WrongSettingsError: a value is none for its option, or the command does not have one that
            stands under its name.
    """
    from breachkit.actions.own_settings import for_command

    options = {name: param for param in command.params for name in names_of(param)}
    found, mistakes = {}, []
    for name, each in for_command(given, words).items():
        if name in options:
            problem = _unfit(options[name], each)
            found[str(options[name].name)] = each
        else:
            problem = "" if each.table == ("defaults",) else f"{' '.join(words)} has no --{name}"
        if problem:
            mistakes.append(_mistake(each, problem))
    if mistakes:
        raise WrongSettingsError(file, tuple(mistakes))
    return {param: _expanded(each) for param, each in found.items()}


def names_of(param: "Parameter") -> Iterator[str]:
    """Give the names of an option without dashes, as they stand in the file."""
    yield from (name.removeprefix("--") for name in param.opts if name.startswith("--"))


def is_there(found: Place) -> bool:
    """Say whether there is a file to read.

    Raises:
        ConfigurationError: there is none where somebody named one.
    """
    if found.file is None or str(found.file) == os.devnull:
        return False
    if not (found.must_exist or found.file.is_file()):
        return False
    if not found.file.is_file():
        raise ConfigurationError(
            f"there are no settings at {display(os.fsencode(found.file))}, which {found.why} names: "
            "`breachkit config init` writes an example"
        )
    return True


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            status = os.fstat(opened.fileno())
            content = opened.read(_LARGEST + 1)
    except OSError as cause:
        raise WrongSettingsError(file, (), f"cannot be read: {cause.strerror}") from None
    own = not hasattr(os, "getuid") or status.st_uid in {os.getuid(), 0}
    if not own or stat.S_IMODE(status.st_mode) & 0o022:
        shown = display(os.fsencode(file))
        raise OpenSettingsError(
            f"others may write {shown}, and could send your token to another server: "
            f"run `chmod go-w {shown}`, if it is yours"
        )
    if len(content) > _LARGEST:
        raise WrongSettingsError(file, (), "is too large")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise WrongSettingsError(file, (), "is not UTF-8: save it as UTF-8") from None


_LARGEST = 1 << 18


def _unfit(param: "Parameter", given: "Given") -> str:
    """Say why a value is none for an option, without the value: it may stand there by mistake."""
    from typer.exceptions import TyperException

    wanted = {"boolean": bool, "int": int, "int range": int}.get(param.type.name, str)
    is_flag = wanted is int and isinstance(given.value, bool)
    if not isinstance(given.value, wanted) or is_flag:
        kinds = {bool: "true or false", int: "a number", str: "a text in quotes"}
        return f"needs {kinds[wanted]}"
    try:
        value = [given.value] if param.multiple else given.value
        param.type_cast_value(None, value)  # type: ignore[arg-type] # a context is for messages alone
    except TyperException:
        choices = getattr(param.type, "choices", None)
        return f"needs one of {', '.join(choices)}" if choices else f"does not fit{_range(param)}"
    return ""


def _range(param: "Parameter") -> str:
    """Say which numbers an option takes; empty where that is not laid down."""
    least, most = (getattr(param.type, name, None) for name in ("min", "max"))
    if least is None:
        return ""
    return f": it takes {least} and more" if most is None else f": it takes {least} to {most}"


def _mistake(given: "Given", problem: str) -> "Mistake":
    from breachkit.actions.own_settings import Mistake

    return Mistake(line=given.line, key=given.key, problem=problem)


def _expanded(given: "Given") -> "Given":
    """Give a setting with the user's own folder in the place of `~`."""
    from dataclasses import replace

    from breachkit.actions.own_settings import PATHS

    if given.name not in PATHS:
        return given
    return replace(given, value=str(Path(given.value).expanduser()))
