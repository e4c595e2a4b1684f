"""`scan` and `explain`."""

import enum
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit import __version__
from breachkit.cli import console, options
from breachkit.cli.command import command


if TYPE_CHECKING:
    from breachkit.detect.rule import About
    from breachkit.model.findings import ScanResult


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
    app.command()(command(explain))


def scan(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET", help="A path (work tree, bare, bundle), a git URL, or owner/name."
        ),
    ],
    policy: options.PolicyName = "auto",
    unreachable: Annotated[
        bool,
        typer.Option("--unreachable", help="Also what no ref reaches: reflog, index, dangling."),
    ] = False,
    format_: Annotated[Format, typer.Option("--format", "-f", help="How to report.")] = Format.TEXT,
    json_: options.Json = False,
    output: options.Output = None,
    workers: Annotated[
        int,
        typer.Option(min=0, max=64, help="Processes that read objects; 0: one a core, at most 8."),
    ] = 0,
    no_fail: Annotated[
        bool, typer.Option("--no-fail", help="Exit with 0 whatever is found.")
    ] = False,
) -> int:
    """Scan a repository's whole history: every ref, every object once.

    A finding says where, never what. What could not be read is listed and forbids "clean".

    \b
    Examples:
      breachkit scan .                                       this repository, all of its history
      breachkit scan https://github.com/owner/name -f sarif -o scan.sarif
      breachkit scan study.bundle --policy 2023-07           judge every file by one policy
    """
    from breachkit.workflows.playbooks import load_policies
    from breachkit.workflows.scan import ScanOptions, scan_target

    chosen = Format.JSON if json_ else format_
    settings = ScanOptions(
        policies=load_policies().choose(policy),
        unreachable=unreachable,
        workers=workers_or_default(workers),
    )
    with console.progress() as progress:
        result = scan_target(target, settings, progress=progress)
    _report(result, chosen, output)
    return 0 if no_fail or chosen is Format.SARIF else result.exit_code


def explain(
    rule: Annotated[
        str | None, typer.Argument(metavar="[RULE]", help="A rule such as CNT-01; none lists all.")
    ] = None,
    json_: options.Json = False,
) -> int:
    """Explain a rule: why it matters, an example, what to do, where it comes from.

    \b
    Examples:
      breachkit explain                 every rule on a line
      breachkit explain CNT-01          one rule in full
      breachkit explain PAT-01 --json
    """
    from breachkit.detect.registry import rule_by_id
    from breachkit.model.errors import UsageError
    from breachkit.report import explain as render

    if rule is None:
        every = sorted(_about(), key=lambda about: about.id)
        console.emit_json(render.rules_json(every)) if json_ else console.emit(
            render.rules_text(every)
        )
        console.following("breachkit explain CNT-01", "one rule in full")
        return 0
    found = rule_by_id(rule)
    if found is None:
        known = ", ".join(each.id for each in _about())
        raise UsageError(f"no rule {rule!r}: choose one of {known}")
    about = found.about
    console.show(render.about_json(about), render.about_text(about), as_json=json_)
    console.following("breachkit scan .", "look for it, and for all others, in a whole history")
    return 0


def workers_or_default(wanted: int) -> int:
    """Give how many processes read objects: as many as wanted, or one a core, at most 8."""
    if wanted:
        return wanted
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        cores = os.cpu_count() or 1
    return min(cores, 8)


def _about() -> "tuple[About, ...]":
    from breachkit.detect.registry import ALL_RULES

    return tuple(rule.about for rule in ALL_RULES)


def _report(result: "ScanResult", chosen: Format, output: Path | None) -> None:
    from breachkit.report.output import write_report

    if chosen is Format.TEXT and output is None:
        from breachkit.report.terminal import make_console, print_scan

        print_scan(result, make_console(sys.stdout), _about())
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
    print_scan(result, make_console(buffer, width=100), _about())
    return buffer.getvalue().encode()
