"""`drill`: the whole response, practised."""

import contextlib
import io
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import completing, console, options, practice
from breachkit.cli.command import command
from breachkit.cli.groups import Group, Room
from breachkit.cli.hosting import TOKENS
from breachkit.model.ids import display
from breachkit.model.time import SystemClock


if TYPE_CHECKING:
    from breachkit.drill.report import CommandResult


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    group = Room(
        cls=Group,
        invoke_without_command=True,
        rich_markup_mode=None,
        subcommand_metavar="[COMMAND] [ARGS]...",
    )
    group.callback()(command(drill))
    practice.register(group)
    app.add_typer(group, name="drill")


def drill(
    context: typer.Context,
    scenario: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Which story; --list shows them.",
            autocompletion=completing.scenarios,
        ),
    ] = "released-table",
    list_: Annotated[
        bool, typer.Option("--list", help="Show the stories, what each teaches, how long it takes.")
    ] = False,
    keep: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Leave the world there, and one to practise in."),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a record of it: .md or .html."),
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Who takes part; may be repeated.")
    ] = None,
    json_: options.Json = False,
) -> int:
    """Practise the whole response on a planted breach: offline, in under two minutes.

    A stand-in for GitHub, forks, people and mail are made on this machine; nothing of your own cases
    is touched. The commands below are for practising it by hand.

    Changes: nothing outside the folder of --keep.

    Exit codes: 7 where a proof does not hold.

    \b
    Examples:
      breachkit drill
      breachkit drill --scenario notebook          another story; --list shows all
      breachkit drill enter ~/breach-practice      do it yourself, by hand
      breachkit drill --record drill.html --by "Ada Hartley"
    """
    from breachkit.drill.certificate import certificate_of
    from breachkit.drill.practice_session import leave
    from breachkit.drill.record import places, require_place, write_record
    from breachkit.drill.session import drill_folder, run_drill
    from breachkit.drill.stories.shelf import story_named
    from breachkit.drill.world import practice_home

    if context.invoked_subcommand is not None:
        return 0
    if list_:
        return _list(as_json=json_)
    story = story_named(scenario)
    if record is not None:
        require_place(record)
    if keep is not None:
        console.tell_of_link(keep)
    clock = SystemClock()
    tell = _silent if json_ else console.emit
    with drill_folder(keep, clock) as folder:
        report = run_drill(
            run=lambda args, environment: _run(args, practice_home(folder), environment),
            tell=tell,
            folder=folder,
            clock=clock,
            story=story,
        )
        for place in places(record, keep):
            write_record(certificate_of(report, story, by or ()), place)
            console.note(f"The record of this drill is in {display(str(place))}.")
        if json_:
            console.emit_json(report.to_json())
        if keep is not None:
            for line in leave(keep, story.name, clock):
                console.note(line)
        elif not json_:
            console.following("breachkit drill enter DIR", "a world in which you do it all by hand")
    return 0 if report.ok else 7


def _list(*, as_json: bool) -> int:
    """Show every story."""
    from breachkit.drill.stories.shelf import shelf_json, shelf_text

    console.show(shelf_json(), shelf_text(), as_json=as_json)
    if not as_json:
        console.following("breachkit drill --scenario NAME", "practise one of them")
    return 0


def _silent(_line: str) -> None:
    """Tell nobody: the report says it all."""


def _run(args: Sequence[str], home: Path, environment: Mapping[str, str]) -> "CommandResult":
    """Run a command of this program as its user would, in this process."""
    from breachkit.cli.app import INTERRUPTED, main
    from breachkit.drill.report import CommandResult

    out, errors = _Captured(), _Captured()
    with (
        _environment(home, environment),
        _nobody_to_ask(),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(errors),
    ):
        code = main(args)
    if code == INTERRUPTED:  # the whole drill is
        raise KeyboardInterrupt
    return CommandResult(code=code, stdout=out.text(), stderr=errors.text())


@contextlib.contextmanager
def _nobody_to_ask() -> Iterator[None]:
    """Let commands of the story find no terminal, whether or not the drill was started at one."""
    before = sys.stdin
    with open(os.devnull, encoding="utf-8") as nothing:  # noqa: PTH123 - a device, no file of anybody's
        sys.stdin = nothing
        try:
            yield
        finally:
            sys.stdin = before


class _Captured(io.TextIOWrapper):
    """A stream that keeps what is written to it, as text or as bytes."""

    def __init__(self) -> None:
        self._kept = io.BytesIO()
        super().__init__(self._kept, encoding="utf-8", errors="backslashreplace", newline="")

    def text(self) -> str:
        """Give everything written so far."""
        self.flush()
        return self._kept.getvalue().decode("utf-8", "replace")


@contextlib.contextmanager
def _environment(home: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Set what a user in the practice world would have set, and put everything back."""
    from breachkit.drill.narrate import OUTPUT_WIDTH

    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("BREACHKIT_") or name in TOKENS]:
        del os.environ[name]  # what is meant for real work must not reach the practice
    own = {"BREACHKIT_HOME": str(home), "BREACHKIT_CONFIG": os.devnull}
    os.environ.update({**environment, **own, "COLUMNS": str(OUTPUT_WIDTH)})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
