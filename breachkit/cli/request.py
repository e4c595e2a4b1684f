"""`request`: the release request, filled in as far as the folder tells."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit import __version__
from breachkit.cli import cases, checked, console, options
from breachkit.cli.command import command


if TYPE_CHECKING:
    from collections.abc import Sequence

    from breachkit.actions.request import Form, Request


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(command(request))


def request(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="What is to be released.")],
    by: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who asks for the release.")
    ] = None,
    answer: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID=TEXT",
            help="What the form or the check asks about the whole request; may be repeated.",
        ),
    ] = None,
    policy: options.PolicyName = "auto",
    against: options.Against = None,
    acceptances: checked.Acceptances = None,
    notes: checked.Notes = None,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="Exit with 6 where the check does not pass, with 8 while a question is open.",
        ),
    ] = False,
    json_: options.Json = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write it here: .md, or .docx for Word."
        ),
    ] = None,
) -> int:
    """Fill in the release request from a folder, open questions marked.

    Similar files are put together under a pattern that captures exactly them. What no file tells is
    left open, never guessed. The folder is checked as by `breachkit check`, and what that says is in
    the form; numbers of people are given only as printed, and only above the threshold.

    Changes: nothing but the file of --output.

    Exit codes: 0 when the form was written, whatever the check says. With --strict 6 where the check
    does not pass, else 8 where a question is open.

    \b
    Examples:
      breachkit request release                  as Markdown, with what is open
      breachkit request release --by "Ada Hartley" -o request.docx
      breachkit request release_2026_03 --against release --strict -o form.md
    """
    from breachkit.report.request_file import require_form_file

    if output is not None:
        require_form_file(output, folder)
    filled = _filled(folder, by, answer or [], policy, against or [], acceptances, notes)
    _give(filled, output, by or "", as_json=json_)
    _follow(filled, folder)
    return filled.exit_code(strict=strict)


def _filled(
    folder: Path,
    by: str | None,
    answers: "Sequence[str]",
    policy: str,
    against: "Sequence[str]",
    acceptances: Path | None,
    notes: Path | None,
) -> "Request":
    from breachkit.cli.scan import workers_or_default
    from breachkit.workflows.playbooks import choose_policies
    from breachkit.workflows.request import Requesting, fill_request
    from breachkit.workflows.request_form import form_for

    form = form_for(policy)
    given, settled = _answers(answers, form)
    if by is not None:
        given.setdefault("researcher", by)
    word = checked.Word(by=by, answers=settled, notes=notes)
    how = Requesting(
        form=form,
        check=checked.checker(policy, word, acceptances, against),
        policy=choose_policies(policy).at(None),
        day=cases.clock().now().date(),
        given=given,
        against=against,
        home=cases.home(),
        workers=workers_or_default(0),
    )
    with console.progress("Reading files") as progress:
        return fill_request(folder, how, progress=progress)


def _answers(answers: "Sequence[str]", form: "Form") -> tuple[dict[str, str], list[str]]:
    """Part what answers the form from what settles an item of the check, which judges it itself."""
    asked = {each.id for each in form.header}
    given: dict[str, str] = {}
    settled: list[str] = []
    for each in answers:
        name, _, text = each.partition("=")
        if name in asked and text.strip():
            given[name] = text.strip()
        else:
            settled.append(each)
    return given, settled


def _give(filled: "Request", output: Path | None, by: str, *, as_json: bool) -> None:
    from breachkit.report.request_markdown import to_markdown

    if output is not None:
        from breachkit.report.output import write_report
        from breachkit.report.request_file import form_bytes

        write_report(output, form_bytes(filled, output, tool_version=__version__, author=by))
        console.note(f"Wrote {output}")
    if as_json:
        from breachkit.report.request_json import to_json

        console.emit_json(to_json(filled, tool_version=__version__))
    elif output is None:
        console.emit(to_markdown(filled, tool_version=__version__))


def _follow(filled: "Request", folder: Path) -> None:
    from breachkit.report import check_words, words
    from breachkit.report.escape import shell

    console.note(check_words.verdict(filled.check))
    console.note(
        f"{words.counted(filled.open, 'question')} open in {words.counted(len(filled.sections), 'section')}"
    )
    if not filled.check.passes:
        why = "what stands against the release; then fill in the request again"
        console.following(f"breachkit check {shell(str(folder))}", why)
        return
    why = "when the open questions are answered, and checkers have approved it"
    console.following(f"breachkit release {shell(str(folder))} --to REPO --by NAME", why)
