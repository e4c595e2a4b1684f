"""`scan`: is this repository's whole history safe?"""

import contextlib
import enum
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit import __version__
from breachkit.cli import cases, completing, console, options
from breachkit.cli.command import command


if TYPE_CHECKING:
    from breachkit.detect.rule import About
    from breachkit.model.findings import ScanResult
    from breachkit.workflows.acceptance_file import Keys


class Format(enum.StrEnum):
    """How a scan is reported."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    SARIF = "sarif"
    MARKDOWN = "markdown"
    CSV = "csv"


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(command(scan))


def scan(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET", help="A path (work tree, bare, bundle), a git URL, or owner/name."
        ),
    ],
    policy: options.PolicyName = "auto",
    unreachable: options.Unreachable = False,
    since: options.Since = None,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            help="Report only this rule's findings, and count the rest; repeatable.",
            autocompletion=completing.rules,
        ),
    ] = None,
    min_severity: Annotated[
        options.Level | None,
        typer.Option(help="Report only findings as bad as this, and count the rest."),
    ] = None,
    acceptances: options.Acceptances = None,
    baseline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="An earlier scan's JSON: what it has does not count."),
    ] = None,
    format_: Annotated[Format, typer.Option("--format", "-f", help="How to report.")] = Format.TEXT,
    json_: options.Json = False,
    output: options.Output = None,
    workers: Annotated[
        int,
        typer.Option(min=0, max=64, help="Processes that read objects; 0: one a core, 2 to 8."),
    ] = 0,
    no_fail: options.NoFail = False,
) -> int:
    """Scan a repository's whole history: every ref, every object once.

    A finding says where, never what. What could not be read is listed and forbids "clean", and so
    does what was accepted, is known from a baseline or was not asked for.

    Changes: nothing; a repository elsewhere is fetched into a temporary folder.

    Exit codes: 11 to 14 for the worst finding; 5 where nothing was found and something was not read.

    \b
    Examples:
      breachkit scan .                         this repository, all of its history
      breachkit scan owner/name -f sarif -o scan.sarif
      breachkit scan study.bundle --policy 2023-07    all by one policy
      breachkit scan . --acceptances accepted.toml --baseline last.json
      breachkit scan . --since 2026-01-01 --min-severity high --rule CNT-01
    """
    weigh = _weighing(rule, min_severity, acceptances, baseline)  # a mistake in it costs no scan
    chosen = Format.JSON if json_ else format_
    result = weigh(run_scan(target, policy, unreachable=unreachable, since=since, workers=workers))
    _report(result, chosen, output)
    return 0 if no_fail or chosen is Format.SARIF else result.exit_code


def run_scan(
    target: str, policy: str, *, unreachable: bool, since: str | None, workers: int = 0
) -> "ScanResult":
    """Scan as the options of a command say, with a bar on a terminal."""
    from breachkit.workflows.playbooks import choose_policies
    from breachkit.workflows.scan import ScanOptions, scan_target

    settings = ScanOptions(
        policies=choose_policies(policy),
        unreachable=unreachable,
        since=since,
        workers=workers_or_default(workers),
    )
    with _token_for_git(target), console.progress() as progress:
        return scan_target(target, settings, progress=progress)


def _token_for_git(target: str) -> "contextlib.AbstractContextManager[None]":
    """Let git show the token where it is asked for a repository elsewhere."""
    if Path(target).exists():
        return contextlib.nullcontext()
    from breachkit.cli import hosting

    return hosting.git_shows_token()


def _weighing(
    rules: Sequence[str] | None,
    min_severity: options.Level | None,
    acceptances: Path | None,
    baseline: Path | None,
) -> "Callable[[ScanResult], ScanResult]":
    """Read what a scan is to be weighed by, and give what does so; nothing costs nothing."""
    if not (rules or min_severity or acceptances or baseline):
        return lambda result: result
    from breachkit.actions.weighing import Wanted
    from breachkit.workflows import acceptance_file, weighing

    today = cases.clock().now().date()
    keys = acceptance_keys()
    wanted = Wanted(
        rules=tuple(_known_rule(each) for each in dict.fromkeys(rules or ())),
        min_severity=min_severity.severity if min_severity else None,
    )
    book = acceptance_file.load_acceptances(acceptances, keys, today) if acceptances else None
    earlier = weighing.load_baseline(baseline) if baseline else None
    return partial(weighing.weigh, wanted=wanted, book=book, baseline=earlier, today=today)


def acceptance_keys() -> "Keys":
    """Say where the key of acceptances is looked for."""
    from breachkit.workflows.acceptance_file import KEY_VARIABLE, Keys

    return Keys(home=cases.home(), variable=os.environ.get(KEY_VARIABLE))


def _known_rule(name: str) -> str:
    from breachkit.detect.registry import rule_by_id

    found = rule_by_id(name)
    if found is None:
        raise _no_rule(name)
    return found.about.id


def _no_rule(name: str) -> Exception:
    from breachkit.model.errors import UsageError
    from breachkit.model.meant import meant

    known = [each.id for each in _about()]
    return UsageError(f"no rule {name!r}: choose one of {', '.join(known)}.{meant(name, known)}")


def workers_or_default(wanted: int) -> int:
    """Give how many processes read objects: as many as wanted, or one a core, 2 to 8."""
    if wanted:
        return wanted
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        cores = os.cpu_count() or 1
    return max(2, min(cores, 8))  # what ends the process that reads a file must not end the scan


def _about() -> "tuple[About, ...]":
    from breachkit.detect.registry import ALL_RULES

    return tuple(rule.about for rule in ALL_RULES)


def _report(result: "ScanResult", chosen: Format, output: Path | None) -> None:
    from breachkit.report.output import write_report

    if chosen is Format.TEXT and output is None:
        from breachkit.report.terminal import make_console, print_scan

        print_scan(result, make_console(sys.stdout), _about(), verbose=console.is_verbose())
        return
    report = render(result, chosen)
    if output is None:
        console.emit_bytes(report)
    else:
        write_report(output, report)
        console.note(f"Wrote {output}")


def render(result: "ScanResult", chosen: Format) -> bytes:
    """Give a scan's report in one of the formats."""
    match chosen:
        case Format.TEXT:
            return _text(result)
        case Format.JSON:
            from breachkit.report import json_v1

            return json_v1.to_bytes(result, tool_version=__version__)
        case Format.JSONL:
            from breachkit.report import jsonl

            lines = jsonl.lines(result, tool_version=__version__)
            return "".join(f"{line}\n" for line in lines).encode()
        case Format.SARIF:
            from breachkit.report import sarif

            return sarif.to_bytes(result, _about(), tool_version=__version__)
        case Format.MARKDOWN:
            from breachkit.report import scan_markdown

            return scan_markdown.to_markdown(result, _about(), tool_version=__version__).encode()
        case Format.CSV:
            from breachkit.report import scan_csv

            return scan_csv.to_csv(result)


def _text(result: "ScanResult") -> bytes:
    import io

    from breachkit.report.terminal import make_console, print_scan

    buffer = io.StringIO()
    wide = make_console(buffer, width=100)
    print_scan(result, wide, _about(), verbose=console.is_verbose())
    return buffer.getvalue().encode()
