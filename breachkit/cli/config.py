"""`config`: the user's own defaults, and what is in force and why."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import console, options, settings
from breachkit.cli.command import command, group
from breachkit.model.errors import ConfigurationError, RefusedError, UsageError
from breachkit.model.ids import display


if TYPE_CHECKING:
    from typer._click.core import Context


HELP = """
Which settings are in force and why, and defaults of your own.

A value on the command line comes first, then the environment, then your file.

Changes: nothing; `init` writes a file.

\b
Examples:
  breachkit config show --origin
  breachkit config init
  breachkit config check
"""


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    config = group(HELP)
    config.command("show")(command(config_show))
    config.command("path")(command(config_path))
    config.command("init")(command(config_init))
    config.command("check")(command(config_check))
    app.add_typer(config, name="config")


def config_show(
    ctx: typer.Context,
    origin: Annotated[
        bool, typer.Option("--origin", help="Also say where each value comes from.")
    ] = False,
    json_: options.Json = False,
) -> int:
    """Show every setting that is in force, and where it is from.

    The command line comes first, then the environment, then your file, then the playbook and what
    the program does by itself. Of a secret only that it is set is told.

    Changes: nothing.

    \b
    Examples:
      breachkit config show
      breachkit config show --origin     which file, line or variable it is from
      breachkit config show --json
    """
    from breachkit.cli import settings_shown
    from breachkit.report import settings as report

    shown = settings_shown.shown(ctx)
    console.show(
        report.to_json(shown), "\n".join(report.lines(shown, origin=origin)), as_json=json_
    )
    if shown.is_there:
        console.following("breachkit config check", "is everything in the file of use")
    else:
        console.following("breachkit config init", "write an example to your file")
    return 0


def config_path(ctx: typer.Context, json_: options.Json = False) -> int:
    """Say where your file is looked for.

    That is $BREACHKIT_CONFIG, else your own folder for settings; never the folder you stand in,
    which may be somebody else's repository.

    Changes: nothing.

    \b
    Examples:
      breachkit config path
      breachkit config path -q       for an editor: "$EDITOR" "$(...)"
      breachkit config path --json
    """
    found = settings.place(_root(ctx))
    path = None if found.file is None else display(os.fsencode(found.file))
    exists = found.file is not None and found.file.is_file()
    data = {"schema": "breachkit.config-path/1", "path": path, "why": found.why, "exists": exists}
    if json_:
        console.emit_json(data)
    else:
        console.emit(path or f"none is read: {found.why}")
    if not exists:
        console.following("breachkit config init", "there is none yet: write an example")
    return 0


def config_init(ctx: typer.Context, json_: options.Json = False) -> int:
    """Write an example of such a file, if there is none.

    Every line in it is a comment, so that it changes nothing. `breachkit --config FILE config init`
    writes it elsewhere.

    Changes: writes your file; one that is there is left as it is.

    \b
    Examples:
      breachkit config init
      breachkit config init -q
      breachkit config init --json
    """
    from breachkit.actions.settings_example import example
    from breachkit.report.output import write_report

    file = _file(ctx)
    if os.path.lexists(file):
        raise RefusedError(
            f"{display(os.fsencode(file))} is there already, and is left as it is: change it with "
            "an editor, or move it away"
        )
    shown = display(os.fsencode(file))
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as cause:
        raise ConfigurationError(
            f"the folder of {shown} cannot be made: {cause.strerror}; name another file with "
            "`breachkit --config FILE config init`"
        ) from cause
    write_report(file, example().encode())
    data = {"schema": "breachkit.done/1", "id": shown, "is": "written"}
    console.show(data, f"Wrote {shown}; every line in it is a comment.", as_json=json_)
    console.following("breachkit config show --origin", "what is in force now")
    return 0


def config_check(ctx: typer.Context, json_: options.Json = False) -> int:
    """Say what is wrong with your file, line by line.

    Every command is asked whether it takes what the file gives it. Exits with 3 where something is
    wrong, or where there is no file.

    Changes: nothing.

    \b
    Examples:
      breachkit config check
      breachkit config check --json
      breachkit config check -q || echo "somebody has to look at it"
    """
    from breachkit.cli import settings_shown

    file = _file(ctx)
    shown = display(os.fsencode(file))
    if not file.is_file():
        raise ConfigurationError(f"there is no {shown}: `breachkit config init` writes an example")
    mistakes = settings_shown.mistakes(file)
    data = {
        "schema": "breachkit.config-check/1",
        "path": shown,
        "problems": [
            {"line": each.line, "key": display(each.key), "problem": each.problem}
            for each in mistakes
        ],
    }
    text = "\n".join(f"{shown}: {each}" for each in mistakes) or f"{shown}: nothing is wrong."
    console.show(data, text, as_json=json_)
    if mistakes:
        console.following("breachkit config check", "again, once that is corrected")
        return ConfigurationError.exit_code
    console.following("breachkit config show --origin", "what is in force")
    return 0


def _root(ctx: typer.Context) -> "Context":
    return ctx.find_root()


def _file(ctx: typer.Context) -> Path:
    found = settings.place(_root(ctx))
    if found.file is None:
        raise UsageError("leave out --no-config: it is about the file")
    return found.file
