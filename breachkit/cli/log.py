"""`log`: the case's journal, shown, checked, anchored and exported."""

import enum
import json
from pathlib import Path
from typing import Annotated

import typer

from breachkit.cli import cases, console, options
from breachkit.cli.command import command, group


class Form(enum.StrEnum):
    """What an export is for."""

    TIMESKETCH = "timesketch"
    JSONL = "jsonl"
    CACAO = "cacao"


HELP = """
The case's journal: every step, who and when, chained by hashes.

Changes: nothing; `stamp` writes into the case.

\b
Examples:
  breachkit log show
  breachkit log verify
  breachkit log export --output timeline.jsonl
"""

log = group(HELP)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(log, name="log")


@log.command("show")
@command
def log_show(
    case: options.Case = None,
    last: Annotated[
        int | None, typer.Option(min=1, help="Show only so many of the newest entries.")
    ] = None,
    json_: options.Json = False,
) -> int:
    """Show the journal, oldest first.

    Changes: nothing.

    \b
    Examples:
      breachkit log show
      breachkit log show --last 5
      breachkit log show --json > journal.json
    """
    from breachkit.report import case_log
    from breachkit.workflows.log import show_log

    entries = show_log(cases.find(case), last)
    if json_:
        console.emit_json(case_log.log_to_json(entries))
    else:
        console.say("\n".join(case_log.log_lines(entries)))
        console.following("breachkit log verify", "checks that nothing was changed")
    return 0


@log.command("verify")
@command
def log_verify(
    case: options.Case = None,
    anchor: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HASH",
            help="The hash from a mail's footer: finds cuts as well; may be repeated.",
        ),
    ] = None,
    anchor_file: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE|FOLDER", help="Mails about the case (.eml, .txt): their anchors are used."
        ),
    ] = None,
    json_: options.Json = False,
) -> int:
    """Check that nobody edited, inserted, deleted or moved an entry.

    A journal cut off at its end, or written anew, is found only with an anchor, which is the hash of
    an entry that somebody else keeps: every mail carries one in its last lines.

    Changes: nothing.

    Exit codes: 7 where the journal does not hold.

    \b
    Examples:
      breachkit log verify
      breachkit log verify --anchor 3f5a0c...
      breachkit log verify --anchor-file ~/mails-about-the-case --json
    """
    from breachkit.report import case_log
    from breachkit.workflows.log import verify_log

    report = verify_log(cases.find(case), anchor or [], anchor_file or [])
    if json_:
        console.emit_json(case_log.verdict_to_json(report))
    else:
        console.say("\n".join(case_log.verdict_lines(report)))
        console.following("breachkit next" if not report.exit_code else "breachkit log show")
    return report.exit_code


@log.command("anchor")
@command
def log_anchor(case: options.Case = None, json_: options.Json = False) -> int:
    """Print the hash that vouches for the whole journal, to keep elsewhere.

    Keep it where nobody who can write to the case folder can change it: on paper, with another
    person. Every message carries one at its end, and who has earlier ones is said.

    Changes: nothing.

    \b
    Examples:
      breachkit log anchor
      breachkit log anchor --case sapphire-otter
      breachkit log anchor --json
    """
    from breachkit.report import case_log
    from breachkit.workflows.log import anchors_of

    found = anchors_of(cases.find(case))
    console.show(
        case_log.anchors_to_json(found), "\n".join(case_log.anchor_lines(found)), as_json=json_
    )
    console.following(f"breachkit log verify --anchor {found.head[:16]}", "at any later time")
    return 0


@log.command("export")
@command
def log_export(
    case: options.Case = None,
    format_: Annotated[
        Form,
        typer.Option(
            "--format", "-f", help="A timeline, lines for any program, or the playbook (CACAO 2.0)."
        ),
    ] = Form.TIMESKETCH,
    output: options.Output = None,
    public: Annotated[
        bool,
        typer.Option("--public", help="Without names, and without words that people chose."),
    ] = False,
    json_: options.Json = False,
) -> int:
    """Write the journal for other programs, without ids and addresses.

    Neither object ids nor hashes of content are in it. What people wrote is in it where it passes the
    lint of outgoing messages: without --public it is for the response alone (TLP:AMBER+STRICT).

    Changes: nothing but the file of --output.

    \b
    Examples:
      breachkit log export --output timeline.jsonl
      breachkit log export --format jsonl --public > public.jsonl
      breachkit log export --format cacao --output playbook.json
    """
    from breachkit.workflows.log_export import as_object, export_log

    text = export_log(cases.find(case), format_.value, public=public)
    if json_:
        console.put(json.dumps(as_object(text, format_.value), ensure_ascii=False), output)
    else:
        console.put(text, output)
    console.following("breachkit log anchor", "vouches for what was exported")
    return 0


@log.command("stamp")
@command
def log_stamp(
    answer: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The answer that the authority gave; it is checked, then kept."
        ),
    ] = None,
    ca: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The authority's certificates in PEM, its root included."
        ),
    ] = None,
    tsa: Annotated[
        str | None, typer.Option(metavar="URL", help="Ask this authority, over the network.")
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="The authority's host: your consent that it is asked."),
    ] = None,
    case: options.Case = None,
    json_: options.Json = False,
) -> int:
    """Have the journal stamped by an authority with a clock of its own.

    That is a time stamp as of RFC 3161. Without options a request is written to a file, for you to
    send. Only a digest of the journal's last entry is in it. The answer is checked before it is kept.
    Needs breachkit[stamp].

    Changes: files of the case; with --tsa the authority that --allow names is asked.

    \b
    Examples:
      breachkit log stamp
      breachkit log stamp --answer T-001.tsr --ca tsa.pem
      breachkit log stamp --tsa https://tsa.example.org/ --allow tsa.example.org \\
        --ca tsa.pem
    """
    from breachkit.cli import stamping

    return stamping.run(cases.find(case), answer, ca, tsa, allow or [], as_json=json_)
