"""`drill enter`, `serve`, `reset`: a practice begins, goes on, and begins again."""

import contextlib
import os
import shlex
import shutil
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import completing, console, options
from breachkit.cli.command import command
from breachkit.cli.hosting import TOKENS
from breachkit.cli.practising import DRILL, Inside, answers, check, inbox, named
from breachkit.model.errors import RefusedError, UsageError
from breachkit.model.ids import display
from breachkit.model.time import SystemClock


if TYPE_CHECKING:
    from breachkit.drill.practice import Practice


Place = Annotated[
    Path, typer.Argument(metavar="DIR", help="A new folder, or one that `drill --keep` made.")
]
Scenario = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Which story; `drill --list` shows them.",
        autocompletion=completing.scenarios,
    ),
]


def register(group: typer.Typer) -> None:
    """Add the commands to those of the drill."""
    for name, function in (
        ("enter", enter),
        ("serve", serve),
        ("check", check),
        ("inbox", inbox),
        ("answers", answers),
        ("reset", reset),
    ):
        group.command(name)(command(function))


def enter(
    folder: Place,
    program: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- COMMAND]...", help="What to run there instead of your shell."),
    ] = None,
    scenario: Scenario = None,
    json_: options.Json = False,
) -> int:
    """Practise by hand: your shell, in a world with a breach.

    The world has the stand-in for GitHub, forks, collaborators, archives and a mail server, all on
    this machine. Nothing is lost when you leave, or when the machine stops: enter the folder again.

    Changes: the practice in DIR alone.

    \b
    Examples:
      breachkit drill enter ~/breach-practice
      breachkit drill enter ~/other --scenario notebook
      breachkit drill enter ~/breach-practice -- sh exercise.sh
    """
    from breachkit.drill import practice_session
    from breachkit.drill.practice_serving import serving

    if os.environ.get(DRILL):
        raise RefusedError(
            "this shell is in a practice already: leave it with `exit` before you enter one"
        )
    if not program and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise RefusedError(
            "there is no terminal for a shell: `breachkit drill serve DIR` serves the practice, and "
            "`breachkit drill enter DIR -- COMMAND` runs one command in it"
        )
    clock = SystemClock()
    console.tell_of_link(folder)
    practice = practice_session.begin(folder, scenario, clock)
    with serving(practice, clock):
        if json_:
            console.emit_json(_as_json(practice))
        if program:
            return _attend(practice, program, {})
        for line in practice_session.welcome(practice):
            console.emit(line)
        console.following(practice_session.first_command(practice), "`exit` leaves the practice")
        code = _open_shell(practice)
    console.note(f"You left the practice. Everything is kept in {display(str(practice.folder))}.")
    console.following(f"breachkit drill enter {_quoted(practice.folder)}", "goes on with it")
    return 0 if code >= 0 else 1


def serve(folder: Place, scenario: Scenario = None, json_: options.Json = False) -> int:
    """Serve a practice until Ctrl-C, for another terminal.

    Changes: the practice in DIR alone.

    \b
    Examples:
      breachkit drill serve ~/breach-practice
      breachkit drill serve ~/other --scenario notebook
      breachkit drill serve ~/breach-practice --json
    """
    from breachkit.drill import practice_session
    from breachkit.drill.practice import exports
    from breachkit.drill.practice_serving import serving

    clock = SystemClock()
    console.tell_of_link(folder)
    practice = practice_session.begin(folder, scenario, clock)
    with serving(practice, clock):
        if json_:
            console.emit_json(_as_json(practice))
        else:
            console.emit(exports(practice.environment))
            console.note("Serving. Type this in another terminal, which sets all of the above:")
            for line in practice_session.how_to_join(practice):
                console.note(f"  {line}")
            console.note("Ctrl-C ends it here; everything is kept.")
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
    console.note(f"Everything is kept in {display(str(practice.folder))}.")
    return 0


def reset(
    folder: Inside = None,
    scenario: Scenario = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask: what was practised there is given up.")
    ] = False,
    json_: options.Json = False,
) -> int:
    """Put a practice back as it was at the start.

    Records of earlier drills in the folder stay.

    Changes: the practice in DIR, whose world and case are gone.

    \b
    Examples:
      breachkit drill reset ~/breach-practice
      breachkit drill reset ~/breach-practice --yes
      breachkit drill reset ~/breach-practice --scenario notebook --yes
    """
    from breachkit.drill import practice_session

    place = practice_session.drill_made(named(folder))
    console.tell_of_link(named(folder))
    if not yes:
        _ask(place)
    practice = practice_session.reset(place, scenario, SystemClock())
    text = f"The practice in {display(str(place))} is as it was at the start."
    console.show({**_as_json(practice), "reset": True}, text, as_json=json_)
    console.following(f"breachkit drill enter {_quoted(place)}")
    return 0


def _ask(place: Path) -> None:
    """Let a person at a terminal agree.

    Raises:
        RefusedError: nobody can be asked, or they do not agree.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise RefusedError(
            f"this gives up what was practised in {display(str(place))}: add --yes if you mean it"
        )
    sys.stderr.write(f"Give up what was practised in {display(str(place))}? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise RefusedError("nothing was changed: the practice is as you left it")


def _as_json(practice: "Practice") -> dict[str, object]:
    return {
        "schema": "breachkit.drill-practice/1",
        "folder": str(practice.folder),
        "scenario": practice.facts.scenario,
        "study": practice.target,
        "environment": dict(practice.environment),
    }


def _open_shell(practice: "Practice") -> int:
    from breachkit.drill.practice_shell import start_shell

    start = start_shell(practice, os.environ.get("SHELL") or "/bin/sh", _tools(), os.environ)
    return _attend(practice, start.command, start.environment)


def _attend(practice: "Practice", program: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a program in a practice, and give its exit status."""
    from breachkit.git.attended import attend

    tools = _tools()
    path = os.environ.get("PATH", os.defpath)
    own = {} if tools is None else {"PATH": f"{tools}{os.pathsep}{path}"}
    kept = {name: value for name, value in os.environ.items() if not _is_for_real_work(name)}
    everything = {**kept, **own, **practice.environment, **environment}
    try:
        return attend(program, environment=everything, folder=practice.world)
    except OSError as cause:
        raise UsageError(f"{display(program[0])} cannot be started: {cause.strerror}") from None


def _is_for_real_work(name: str) -> bool:
    """Say whether a variable must not reach a practice."""
    return name.startswith("BREACHKIT_") or name in TOKENS


def _tools() -> Path | None:
    """Give the folder of this program where a shell would not find it by its name."""
    here = Path(sys.argv[0]).resolve().parent
    found = shutil.which("breachkit")
    if found is not None and Path(found).resolve().parent == here:
        return None
    beside = Path(sys.executable).parent
    return next((one for one in (here, beside) if (one / "breachkit").is_file()), None)


def _quoted(folder: Path) -> str:
    return shlex.quote(str(folder))
