"""Which settings are in force at every command, and why; and what is wrong with a file at any of them."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from breachkit.actions.own_settings import OF_ONE_COMMAND, SETTINGS, Given, Mistake
from breachkit.cli import cases, hosting, sending, settings
from breachkit.model.errors import BreachkitError
from breachkit.model.ids import display
from breachkit.report.settings import DEFAULT, Origin, Setting, Shown


if TYPE_CHECKING:
    from typer._click.core import Command, Context, Parameter


Words = tuple[str, ...]

SECRETS = (*hosting.TOKENS, sending.PASSWORD, "BREACHKIT_ACCEPTANCE_KEY")
"""Variables of which only that they are set is told."""


def shown(context: "Context") -> Shown:
    """Give every setting as it is in force.

    Args:
        context: Of the command that asks; what was typed with it counts first.

    Raises:
        WrongSettingsError: the file is wrong.
    """
    place = settings.place(context.find_root())
    is_there = settings.is_there(place)
    given = settings.load(place.file) if is_there and place.file else []
    file = None if place.file is None else display(os.fsencode(place.file))
    options = tuple(_of_options(given, place.file, _typed(context)))
    return Shown(
        file=file,
        why=place.why,
        is_there=is_there,
        settings=(*_of_program(place, file, is_there=is_there), *options, *_of_playbook(options)),
    )


def mistakes(file: Path) -> tuple[Mistake, ...]:
    """Give everything that is wrong with a file, at whatever command it shows."""
    try:
        given = settings.load(file)
    except settings.WrongSettingsError as cause:
        return cause.mistakes or (Mistake(line=None, key="", problem=cause.problem),)
    found: dict[tuple[int | None, str], Mistake] = {}
    known = dict(commands())
    for each in given:
        if each.table[0] != "defaults" and each.table not in known:
            problem = f"there is no command breachkit {' '.join(each.table)} that takes settings"
            found[each.line, each.key] = Mistake(line=each.line, key=each.key, problem=problem)
    for words, command in known.items():
        try:
            settings.given_to(command, given, words, file)
        except settings.WrongSettingsError as cause:
            found |= {(each.line, each.key): each for each in cause.mistakes}
    return tuple(sorted(found.values(), key=lambda each: each.line or 0))


def commands() -> Iterator[tuple[Words, "Command"]]:
    """Give every command with the words that call it."""
    from typer.main import get_command

    from breachkit.cli.app import program

    yield from _leaves(get_command(program()), ())


def _leaves(command: Any, words: Words) -> Iterator[tuple[Words, "Command"]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield words, command
        return
    for name, each in inner.items():
        yield from _leaves(each, (*words, name))


def _of_program(place: settings.Place, file: str | None, *, is_there: bool) -> Iterator[Setting]:
    why = {"--config": "command line", "--no-config": "command line"}.get(place.why, "default")
    origin = _variable(place.why[1:]) if place.why.startswith("$") else Origin(kind=why)
    missing = "" if is_there or file is None else " (not there)"
    yield Setting(name="config", value=f"{file or 'none'}{missing}", origin=origin)
    home = display(os.fsencode(cases.home()))
    is_named = bool(os.environ.get("BREACHKIT_HOME"))
    yield Setting(
        name="home", value=home, origin=_variable("BREACHKIT_HOME") if is_named else DEFAULT
    )
    for name in SECRETS:
        is_set = bool(os.environ.get(name, "").strip())
        origin = _variable(name) if is_set else DEFAULT
        yield Setting(name=name, value=is_set, origin=origin, is_secret=True)


def _typed(context: "Context") -> dict[str, Setting]:
    """Give what was typed with the command that asks, by the names of options."""
    return {
        name: Setting(name=name, value=_plain(context.params[str(param.name)]), origin=_TYPED)
        for param in context.command.params
        for name in settings.names_of(param)
        if name in SETTINGS and _is_typed(context, str(param.name))
    }


def _is_typed(context: "Context", name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


_TYPED = Origin(kind="command line")


def _of_options(
    given: list[Given], file: Path | None, typed: Mapping[str, Setting]
) -> Iterator[Setting]:
    rows: dict[str, dict[Words, Setting]] = {}
    for words, command in commands():
        own = settings.given_to(command, given, words, file) if file and given else {}
        for param in command.params:
            name = next(iter(settings.names_of(param)), "")
            if name in SETTINGS or (name and param.envvar):
                row = typed.get(name) or _row(name, param, own.get(str(param.name)), file)
                rows.setdefault(name, {})[words] = row
    for name in sorted(rows, key=_rank):
        yield from _together(name, rows[name])


def _rank(name: str) -> tuple[int, str]:
    return (list(SETTINGS).index(name), "") if name in SETTINGS else (len(SETTINGS), name)


def _row(name: str, param: "Parameter", own: Given | None, file: Path | None) -> Setting:
    variable = param.envvar if isinstance(param.envvar, str) else ""
    from_variable = os.environ.get(variable, "") if variable else ""
    if from_variable:
        return Setting(name=name, value=_safe(from_variable), origin=_variable(variable))
    if own is not None and file is not None:
        where = f"{display(os.fsencode(file))}:{own.line}"
        return Setting(name=name, value=_safe(own.value), origin=Origin(kind="file", where=where))
    default = param.default
    return Setting(name=name, value=_plain(default), origin=DEFAULT)


def _together(name: str, rows: Mapping[Words, Setting]) -> Iterator[Setting]:
    """Give one line for all commands, and one for each that has another value."""
    most, _ = Counter(rows.values()).most_common(1)[0]
    if len(rows) > 1 and name not in OF_ONE_COMMAND:
        yield most
    for words, row in rows.items():
        if row != most or len(rows) == 1 or name in OF_ONE_COMMAND:
            yield Setting(name=".".join((*words, name)), value=row.value, origin=row.origin)


def _of_playbook(options: tuple[Setting, ...]) -> Iterator[Setting]:
    from breachkit.workflows.playbooks import (
        DEFAULT_ORGANISATION,
        default_playbook,
        load_settings,
        load_values,
    )

    name = default_playbook()
    own = next((each.origin for each in options if each.name == "playbooks"), DEFAULT)
    origin = DEFAULT if name == DEFAULT_ORGANISATION else own
    yield Setting(name="playbook", value=display(name), origin=origin)
    try:
        origins = load_settings(name).origins
        for key, book in sorted(origins.items()):
            value = load_values(book).get(key)
            shown_value = ", ".join(map(str, value)) if isinstance(value, list) else _plain(value)
            origin = Origin(kind="playbook", where=book)
            yield Setting(name=f"playbook.{key}", value=shown_value, origin=origin)
    except BreachkitError:  # doctor and `playbook check` say what is wrong with it
        return


def _variable(name: str) -> Origin:
    return Origin(kind="environment", where=name)


def _plain(value: Any) -> str | int | bool | None:
    if value is None or isinstance(value, (bool, int)):
        return value
    return display(str(getattr(value, "value", value)))


def _safe(value: Any) -> str | int | bool | None:
    """Give a value without what could be a password: what stands before an @ in an address."""
    if not isinstance(value, str):
        return _plain(value)
    scheme, found, rest = value.rpartition("://")
    if found:
        return display(f"{scheme}://{rest.rpartition('@')[2]}")
    return display(value)
