"""`check`: the gate before a release."""

import enum
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit import __version__
from breachkit.cli import cases, console, options
from breachkit.cli.command import command
from breachkit.cli.scan import acceptance_keys, workers_or_default
from breachkit.report.escape import shell


if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from breachkit.actions.release_checks import CheckResult
    from breachkit.detect.rule import About
    from breachkit.workflows.checking import CheckOptions


class Format(enum.StrEnum):
    """How a check is reported."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    MARKDOWN = "markdown"
    HTML = "html"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(command(check))


def check(
    places: Annotated[
        list[Path],
        typer.Argument(metavar="FOLDER|FILE...", help="What is to be released."),
    ],
    policy: options.PolicyName = "auto",
    against: options.Against = None,
    acceptances: options.Acceptances = None,
    notes: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What people answered, such as release-notes.toml."),
    ] = None,
    answer: Annotated[
        list[str] | None,
        typer.Option(metavar="ITEM=TEXT", help="Settle what needs a person; with --by."),
    ] = None,
    reason: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE=TEXT", help="Why a log has to be released; with --by."),
    ] = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who gives these answers.")] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 8 while an item waits for a person.")
    ] = False,
    format_: Annotated[Format, typer.Option("--format", "-f", help="How to report.")] = Format.TEXT,
    json_: options.Json = False,
    output: options.Output = None,
    workers: Annotated[
        int, typer.Option(min=0, max=64, help="Processes that read files; 0: one a core, 2 to 8.")
    ] = 0,
    no_fail: options.NoFail = False,
) -> int:
    """Check a folder before it is released: every rule, and the checklist.

    The checklist is that of the release request: each item passes, fails or needs a person, who
    answers by name. No git is needed but for --against a repository.

    Changes: nothing.

    Exit codes: 11 to 14 for the worst finding, 12 an item fails without one, 5 something was not read,
    8 with --strict while an item waits for a person, else 0.

    \b
    Examples:
      breachkit check release             is this folder fit to be requested?
      breachkit check release --against last      and beside earlier results
      breachkit check release --notes release-notes.toml --strict
      breachkit check release --answer "minimum-outputs=all in the paper" --by Ada
      breachkit check release --format html --output check.html
    """
    chosen = Format.JSON if json_ else format_
    wanted = _options(policy, against, acceptances, workers)
    wanted = _with_answers(wanted, notes, answer or [], reason or [], by)
    from breachkit.workflows.checking import check_folder

    with console.progress("Reading files") as progress:
        result = check_folder(places, wanted, progress=progress)
    _report(result, chosen, output)
    _follow(result, places)
    return 0 if no_fail or chosen is Format.SARIF else result.exit_code(strict=strict)


def _options(
    policy: str, against: list[str] | None, acceptances: Path | None, workers: int
) -> "CheckOptions":
    """Read everything that a check goes by; a mistake in it costs no check."""
    from breachkit.workflows.acceptance_file import load_acceptances
    from breachkit.workflows.checking import CheckOptions
    from breachkit.workflows.checking_notes import items_for
    from breachkit.workflows.playbooks import choose_policies

    today = cases.clock().now().date()
    keys = acceptance_keys()
    return CheckOptions(
        policies=choose_policies(policy),
        items=items_for(policy),
        today=today,
        book=load_acceptances(acceptances, keys, today) if acceptances else None,
        against=tuple(against or ()),
        workers=workers_or_default(workers),
    )


def is_release(place: str) -> bool:
    """Say whether a place is a folder of plain files, and no repository."""
    from breachkit.workflows.checking_earlier import is_repository

    return Path(place).is_dir() and not is_repository(place)


def check_release(place: str, policy: str, against: "Sequence[str]") -> "CheckResult":
    """Check a folder as the options of another command say, with a bar on a terminal."""
    from breachkit.workflows.checking import check_folder

    wanted = _options(policy, list(against), None, 0)
    with console.progress("Reading files") as progress:
        return check_folder(Path(place), wanted, progress=progress)


def _with_answers(
    wanted: "CheckOptions",
    notes: Path | None,
    answers: list[str],
    reasons: list[str],
    by: str | None,
) -> "CheckOptions":
    import dataclasses

    from breachkit.workflows.checking_notes import answers_given, load_notes

    known = [item.id for item in wanted.items.items]
    said = answers_given(answers, reasons, by, known, wanted.today)
    written = load_notes(notes, known, wanted.today) if notes else ()
    return dataclasses.replace(wanted, answers=(*said, *written))


def _report(result: "CheckResult", chosen: Format, output: Path | None) -> None:
    from breachkit.report.output import write_report

    if chosen is Format.TEXT and output is None:
        from breachkit.report.terminal import make_console

        _print(result, make_console(sys.stdout))
        return
    report = render(result, chosen)
    if output is None:
        console.emit_bytes(report)
    else:
        write_report(output, report)
        console.note(f"Wrote {output}")


def _print(result: "CheckResult", to: "Console") -> None:
    from breachkit.report.check_screen import print_check
    from breachkit.report.terminal import Screen

    print_check(result, Screen(to), _about(), verbose=console.is_verbose())


def render(result: "CheckResult", chosen: Format) -> bytes:
    """Give the report of a check in one of the formats."""
    match chosen:
        case Format.TEXT:
            from breachkit.report.terminal import make_console

            buffer = io.StringIO()
            _print(result, make_console(buffer, width=100))
            return buffer.getvalue().encode()
        case Format.JSON:
            import json

            from breachkit.report import check_json

            written = check_json.to_json(result, tool_version=__version__)
            return (json.dumps(written, indent=2) + "\n").encode("ascii")
        case Format.SARIF:
            from breachkit.report import check_sarif

            return check_sarif.to_bytes(result, _about(), tool_version=__version__)
        case Format.MARKDOWN:
            from breachkit.report import check_markdown

            return check_markdown.to_markdown(result, _about(), tool_version=__version__).encode()
        case Format.HTML:
            from breachkit.report import check_html

            return check_html.to_html(result, _about(), tool_version=__version__).encode()


def _about() -> "tuple[About, ...]":
    from breachkit.detect.registry import ALL_RULES

    return tuple(rule.about for rule in ALL_RULES)


def _follow(result: "CheckResult", places: list[Path]) -> None:
    import os

    from breachkit.report.check_words import next_step

    what, paths, why = next_step(result)
    known = {each.path: os.fsdecode(each.place) for each in result.files}
    about = [known[path] for path in paths if path in known] or list(map(str, places))
    named = " ".join(shell(each) for each in about[:_MOST_NAMED])
    more = " ..." if len(about) > _MOST_NAMED else ""
    console.following(
        f"breachkit {what}" + ("" if what.startswith("explain") else f" {named}{more}"), why
    )


_MOST_NAMED = 24
"""A command with `...` in it cannot be pasted."""
