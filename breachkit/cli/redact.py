"""`redact`: take out of tables what may not be released, and what would tell it."""

import enum
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit import __version__
from breachkit.cli import cases, completing, console, options
from breachkit.cli.command import command
from breachkit.model.errors import IncompleteError, RefusedError, UsageError
from breachkit.report.escape import shell


if TYPE_CHECKING:
    from breachkit.actions.redacted import Redaction
    from breachkit.model.policy import Policy
    from breachkit.workflows.redact import Origin, Planned, Wanted, Writing
    from breachkit.workflows.redact_wanted import Said


class EngineName(enum.StrEnum):
    """Who may choose the complementary cells."""

    AUTO = "auto"
    HIGHS = "highs"
    TAU_ARGUS = "tau-argus"
    HEURISTIC = "heuristic"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(command(redact))


def redact(
    file: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE]...", help="Tables; with --case, findings or paths."),
    ] = None,
    write: Annotated[
        bool,
        typer.Option(
            "--write", help="Write over the files; what was in them is kept, see --restore."
        ),
    ] = False,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE|DIR", help="Write a redacted copy here."),
    ] = None,
    round_: Annotated[
        str | None,
        typer.Option("--round", metavar="5|10|midpoint6|policy", help="Round all counts, too."),
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="This column counts people; may be repeated.")
    ] = None,
    keep: Annotated[
        list[str] | None, typer.Option(help="Leave this column as it is; may be repeated.")
    ] = None,
    whole_table: Annotated[
        bool,
        typer.Option("--whole-table", help="Take a table out whole where it would lose too much."),
    ] = False,
    engine: Annotated[
        EngineName, typer.Option(help="What chooses the further cells that have to go.")
    ] = EngineName.AUTO,
    skip_unreadable: Annotated[
        bool,
        typer.Option(
            "--skip-unreadable", help="Write although some files cannot be read, and are left out."
        ),
    ] = False,
    case: Annotated[
        str | None,
        typer.Option(
            "--case",
            metavar="ID|DIR",
            help="Redact for the rewrite of this case.",
            autocompletion=completing.cases,
        ),
    ] = None,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why; kept with the originals.")
    ] = None,
    restore: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="Put the originals of RD-0001 back.",
            autocompletion=completing.redactions,
        ),
    ] = None,
    forget: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="Delete the originals of RD-0001 for good.",
            autocompletion=completing.redactions,
        ),
    ] = None,
    list_: Annotated[
        bool, typer.Option("--list", help="Show the redactions whose originals are kept.")
    ] = False,
    policy: options.PolicyName = "auto",
    json_: options.Json = False,
) -> int:
    """Redact tables of counts: small counts, and whatever tells them.

    Small counts go, then further cells until no total or other table of the same call gives one back,
    and statistics of them. Without --write or --output this is a preview that shows no value. All
    files of one call are protected together, and written all or none. Then every rule looks at the
    outcome; what it still finds is told.

    Changes: nothing without --write (in place; the originals are kept) or --output (a copy).

    Exit codes: 6 where writing was refused; 11 to 14 for the worst that is still found in the outcome;
    5 where a file could not be read.

    \b
    Examples:
      breachkit redact release/*.csv                    what would go, and why
      breachkit redact release/*.csv --write --round 5  in place; the old are kept
      breachkit redact table2.xlsx -o table2-redacted.xlsx --column deaths
      breachkit redact F-0003 --case BK-2026-0001 --write  for rewrite --replace
      breachkit redact --restore RD-0001                 take it back
    """
    given = [("FILE", file), ("--restore", restore), ("--forget", forget), ("--list", list_)]
    if sum(bool(value) for _, value in given) != 1:
        raise UsageError(f"say one of {', '.join(name for name, _ in given)}")
    if not file:
        return _keep(restore, forget, json_=json_)
    from breachkit.workflows.redact_wanted import Said

    said = Said(
        rounding=round_,
        columns=tuple(column or ()),
        keep=tuple(keep or ()),
        whole_table=whole_table,
        engine=engine.value,
        policy=policy,
    )
    writing = _writing(output, reason, write=write, skip=skip_unreadable)
    if case is not None:
        if policy != "auto":
            raise UsageError("--case has a policy of its own: leave --policy out")
        return _for_case(case, file, said, writing, as_json=json_)
    return _redact_files(file, said, writing, as_json=json_)


def _redact_files(
    named: Sequence[str],
    said: "Said",
    writing: "Writing | None",
    *,
    as_json: bool,
) -> int:
    from breachkit.report.redaction import next_step
    from breachkit.workflows import redact as workflow
    from breachkit.workflows.redact_files import NotTaken, Taken, take_all

    _tell_unfinished(writing)
    wanted = _wanted(said, _newest(said.policy))
    found = take_all([Path(each) for each in named])
    taken = [one for one in found if isinstance(one, Taken)]
    not_taken = [one for one in found if isinstance(one, NotTaken)]
    if not taken:
        for one in not_taken[1:]:
            console.note(str(one.error))
        raise not_taken[0].error
    planned = workflow.plan(
        workflow.sources_of(taken), wanted, left_out=workflow.left_out_of(not_taken)
    )
    done = _carried_out(planned, workflow.origins_of(taken), writing)
    return _show(done, next_step(done, said.words), as_json=as_json)


def _for_case(
    selector: str,
    named: Sequence[str],
    said: "Said",
    writing: "Writing | None",
    *,
    as_json: bool,
) -> int:
    from breachkit.incident.commands import as_typed
    from breachkit.workflows import redact as workflow
    from breachkit.workflows import redact_case
    from breachkit.workflows.case_files import telling_names

    case = cases.find(selector)
    _tell_unfinished(writing)
    files = redact_case.bad_files(case, named)
    wanted = _wanted(said, redact_case.strictest(files))
    planned = workflow.plan([file.source for file in files], wanted, telling=telling_names(case))
    done = _carried_out(planned, redact_case.origins_of(files), writing)
    if writing is not None and not done.refusal:
        command_line = redact_case.rewrite_command(case, files, done)
        following = (command_line, "plan the rewrite that puts this in its place")
    else:
        words = " ".join(shell(file.what) for file in files)
        following = (
            as_typed(f"breachkit redact {words} --case {case.incident.id}{said.words} --write"),
            "keep the redacted version in the case, for the rewrite",
        )
    return _show(done, following, as_json=as_json)


def _wanted(said: "Said", policy: "Policy") -> "Wanted":
    from breachkit.workflows.redact import Wanted
    from breachkit.workflows.redact_wanted import options_of, protect_by

    return Wanted(policy=policy, options=options_of(said, policy), protect=protect_by(said.engine))


def _writing(
    output: str | None, reason: str | None, *, write: bool, skip: bool
) -> "Writing | None":
    """Say how to write; None where nothing is to be written."""
    if not (write or output is not None):
        return None
    from breachkit.workflows.redact import Writing

    if output is not None:
        console.tell_of_link(Path(output))
    return Writing(
        home=cases.home(),
        clock=cases.clock(),
        output=output,
        replaces=write,
        reason=reason,
        skip_unreadable=skip,
    )


def _carried_out(
    planned: "Planned", origins: "Sequence[Origin]", writing: "Writing | None"
) -> "Redaction":
    from breachkit.workflows.redact import carry_out

    return planned.redaction if writing is None else carry_out(planned, origins, writing)


def _newest(name: str) -> "Policy":
    from breachkit.workflows.playbooks import choose_policies

    return choose_policies(name).at(None)


def _tell_unfinished(writing: "Writing | None") -> None:
    """Finish what an earlier call was ended in; where nothing is to be written, say that it was."""
    from breachkit.workflows import redact_write

    if writing is not None:
        _finish_earlier()
        return
    for name in redact_write.unfinished(cases.home()):
        console.note(
            f"warning: {name} was ended while it was written: run its command again with --write, "
            f"or take it back with breachkit redact --restore {name}"
        )


def _finish_earlier() -> None:
    """Finish what an earlier call was ended in, and say so."""
    from breachkit.workflows import redact_write

    for one in redact_write.recover(cases.home()):
        console.note(f"finished {one.id}, in which an earlier command was ended")
        for path in one.left:
            console.note(f"warning: {path} was changed meanwhile: {one.id} left it as it is")


def _show(done: "Redaction", following: tuple[str, str], *, as_json: bool) -> int:
    from breachkit.detect.registry import ALL_RULES
    from breachkit.incident.commands import as_typed
    from breachkit.report import redaction as report
    from breachkit.report import redaction_json
    from breachkit.report.terminal import Screen, make_console

    if as_json:
        command, why = following
        step = {"command": as_typed(command), "why": why}
        data = redaction_json.to_json(done, tool_version=__version__, following=step)
        console.emit_json(data)
    else:
        screen = Screen(make_console(sys.stdout))
        about = [rule.about for rule in ALL_RULES]
        report.print_redaction(done, screen, about, verbose=console.is_verbose())
        sys.stdout.flush()
    if done.refusal:
        raise RefusedError(done.refusal)
    console.following(*following)
    return done.exit_code


def _keep(restore: str | None, forget: str | None, *, json_: bool) -> int:
    """Put originals back, delete them, or show what there is."""
    from breachkit.report import redaction_kept as report
    from breachkit.workflows import redact_kept, redact_write

    if restore or forget:
        _finish_earlier()
    if restore:
        done = redact_write.restore(cases.home(), restore)
        data = report.restored_to_json(done.id, done.back, done.left)
        console.show(data, report.restored_text(done.id, done.back, done.left), as_json=json_)
        console.following("breachkit redact FILE", "what has to be taken out of it, and why")
        return IncompleteError.exit_code if done.left else 0
    if forget:
        number = redact_write.forget(cases.home(), forget)
        data = report.forgotten_to_json(forget, number)
        console.show(data, report.forgotten_text(forget, number), as_json=json_)
        console.following("breachkit redact --list", "what is still kept")
        return 0
    kept = [
        report.KeptView(
            id=one.id,
            at=one.at,
            reason=one.reason,
            paths=tuple(each.path for each in one.files),
        )
        for one in redact_kept.records(cases.home())
    ]
    console.show(report.list_to_json(kept), report.list_text(kept), as_json=json_)
    console.following("breachkit redact --restore ID", "put the originals of one back")
    return 0
