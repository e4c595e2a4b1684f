"""`drill check`, `inbox`, `answers`: what one types while one practises by hand."""

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import console, options
from breachkit.model.errors import RefusedError, UsageError
from breachkit.model.ids import display
from breachkit.model.time import SystemClock


if TYPE_CHECKING:
    from breachkit.drill.practice import Practice


DRILL = "BREACHKIT_DRILL"
"""Names the folder of the practice that a shell is in."""

Inside = Annotated[
    Path | None,
    typer.Argument(
        metavar="[DIR]", envvar=DRILL, help="The practice's folder; needed only outside of it."
    ),
]
Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[DIR] [NUMBER]...", help="The folder, outside of it; and which messages."
    ),
]


def check(
    folder: Inside = None,
    hints: Annotated[bool, typer.Option("--hints", help="A hint for each that is open.")] = False,
    record: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a record of it: .md or .html.")
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Who takes part; may be repeated.")
    ] = None,
    json_: options.Json = False,
) -> int:
    """Score a practice: done, open, missed, and mistakes.

    Looks at the world itself, while it is served or not. Exits with 8 while something is open.

    Changes: nothing.

    \b
    Examples:
      breachkit drill check
      breachkit drill check --hints
      breachkit drill check ~/practice --record drill.html --by "Ada Hartley"
    """
    from breachkit.drill.practice_score import (
        certificate_of_practice,
        score,
        score_json,
        score_text,
    )
    from breachkit.drill.record import require_place, write_record

    practice = _practice(folder)
    if record is not None:
        require_place(record)
    found = score(practice, SystemClock())
    console.show(score_json(found), score_text(found, hints=hints), as_json=json_)
    if record is not None:
        write_record(certificate_of_practice(found, by or ()), record)
        console.note(f"The record of this practice is in {display(str(record))}.")
    if found.open:
        console.following(
            *(
                ("breachkit next",)
                if hints
                else ("breachkit drill check --hints", "a hint for each")
            )
        )
    else:
        console.following(f"breachkit drill reset {shlex.quote(str(practice.folder))}", "once more")
    return found.exit_code


def inbox(words: Words = None, json_: options.Json = False) -> int:
    """Show the mails of a practice, and what people answered.

    With its number, one message in full.

    Changes: nothing.

    \b
    Examples:
      breachkit drill inbox
      breachkit drill inbox 4
      breachkit drill inbox 7 > reply.txt
    """
    from breachkit.drill import practice_post

    folder, numbers = _split(words)
    letters = practice_post.Post(_practice(folder).world).letters()
    chosen = [one for one in letters if str(one.number) in numbers]
    if len(chosen) < len(set(numbers)):
        raise UsageError("there is no such message: `breachkit drill inbox` shows all")
    listed = chosen or letters
    full = "\n\n".join(map(practice_post.shown, chosen))
    console.show(
        practice_post.to_json(listed), full or practice_post.listing(letters), as_json=json_
    )
    if not chosen and letters:
        console.following("breachkit drill inbox NUMBER", "shows one in full")
    return 0


def answers(folder: Inside = None, json_: options.Json = False) -> int:
    """Answer what is asked for weeks, as commands to run.

    For each place of the register that a practice is not about, a command that closes it. Copies of
    holders and owners of forks are left to you.

    Changes: nothing; the commands do.

    \b
    Examples:
      breachkit drill answers
      breachkit drill answers > answers.sh
      breachkit drill answers ~/breach-practice --json
    """
    from breachkit.drill import practice_answers
    from breachkit.drill.practice_look import case_of
    from breachkit.workflows.playbooks import playbook_of
    from breachkit.workflows.trace import load_places, load_register

    case = case_of(_practice(folder), SystemClock())
    register = () if case is None else load_register(case)
    if case is None or not register:
        raise RefusedError("nobody has looked for copies yet: `breachkit trace` does")
    data = {
        "schema": "breachkit.drill-answers/1",
        "commands": [["breachkit", *words] for _, words in practice_answers.answers(register)],
        "left": [one.id for one in practice_answers.left_to_you(register)],
    }
    places = {one.code: one.label for one in load_places(playbook_of(case.incident.profile))}
    lines = practice_answers.script(register, case.incident.id, places)
    console.show(data, "\n".join(lines), as_json=json_)
    console.following("breachkit copies list", "what is open then")
    return 0


def _split(words: Sequence[str] | None) -> tuple[Path | None, list[str]]:
    """Tell a folder from the numbers of messages."""
    numbers = [word for word in words or () if word.isdecimal()]
    places = [word for word in words or () if not word.isdecimal()]
    if len(places) > 1:
        raise UsageError(f"{display(places[1])} is no number of a message")
    return (Path(places[0]) if places else None), numbers


def named(folder: Path | None) -> Path:
    """Give the folder that was named, here or by the practice one is in.

    Raises:
        UsageError: none was.
    """
    found = folder or os.environ.get(DRILL)
    if not found:
        raise UsageError("name the practice's folder: the one that was given to `drill enter`")
    return Path(found)


def _practice(folder: Path | None) -> "Practice":
    from breachkit.drill.practice import open_practice

    return open_practice(named(folder).resolve())
