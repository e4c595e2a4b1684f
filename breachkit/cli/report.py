"""`report`: what happened, for those who were there, the data protection officer, or everybody."""

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, console, options
from breachkit.cli.command import command
from breachkit.model.errors import UsageError


if TYPE_CHECKING:
    from breachkit.workflows.report import Report


class Reader(enum.StrEnum):
    """Who reads it."""

    INTERNAL = "internal"
    DPO = "dpo"
    PUBLIC = "public"
    REVIEW = "review"


class Form(enum.StrEnum):
    """What it is written as."""

    HTML = "html"
    MD = "md"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("report")(command(report_))


def report_(
    audience: Annotated[
        Reader,
        typer.Option(help="Who reads it; review is a form for the look back at the incident."),
    ] = Reader.INTERNAL,
    format_: Annotated[
        Form | None,
        typer.Option(
            "--format", "-f", help="What it is written as; default: as the file is called, else md."
        ),
    ] = None,
    output: options.Output = None,
    exact_dates: Annotated[
        bool,
        typer.Option("--exact-dates", help="Give days in the public summary, not just months."),
    ] = False,
    case: options.Case = None,
    json_: options.Json = False,
) -> int:
    """Write what happened, what was done and what was proven.

    For one audience: the team (internal), the data protection officer (dpo), everybody (public), or
    the look back at the incident (review, a form to fill in). The public summary is written only if
    the strictest lint lets it pass.

    Changes: nothing but the file of --output.

    \b
    Examples:
      breachkit report --output report.html
      breachkit report --audience dpo --format html --output dpo.html
      breachkit report --audience public --output summary.md
    """
    from breachkit.workflows.report import Audience, report

    found = cases.find(case)
    form = Form.JSON if json_ else format_ or _form(output, audience)
    made = report(found, Audience(audience.value), cases.clock(), exact_dates=exact_dates)
    console.put(_text(made, form), output)
    for gap in made.gaps:
        console.note(f"! {gap}")
    cases.follow(found)
    return 0


def _form(output: Path | None, audience: Reader) -> Form:
    """Choose by the name of the file; a form to fill in is always Markdown."""
    suffixes = {".html": Form.HTML, ".htm": Form.HTML, ".json": Form.JSON}
    named = suffixes.get(output.suffix.lower(), Form.MD) if output else Form.MD
    return Form.MD if audience is Reader.REVIEW else named


def _text(made: "Report", form: Form) -> str:
    import json

    from breachkit.report.incident_html import to_html
    from breachkit.report.incident_json import to_json
    from breachkit.report.incident_markdown import to_markdown

    if made.document is None:
        if form is not Form.MD:
            raise UsageError(
                "the form of the review is Markdown, to be filled in: leave --format out"
            )
        return made.text
    if form is Form.HTML:
        return to_html(made.document)
    if form is Form.MD:
        return to_markdown(made.document)
    return json.dumps(to_json(made.document, made.facts), indent=2, ensure_ascii=True) + "\n"
