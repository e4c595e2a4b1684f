"""`notify render`: the messages as files, each checked before it is written."""

import shlex
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, completing, console, options
from breachkit.cli.command import command
from breachkit.model.errors import RefusedError, UsageError


if TYPE_CHECKING:
    from breachkit.actions.mailfacts import MailFacts
    from breachkit.actions.notify import NoticeKind
    from breachkit.incident.folder import CaseFolder
    from breachkit.report.mail import Sender
    from breachkit.workflows.details import Details
    from breachkit.workflows.notify import RenderResult, Waiver


Moment = Annotated[
    str | None, typer.Option(metavar="TIME", help="A moment, such as 2026-03-06T17:05Z.")
]

_KINDS_HELP = """\
alert, engineer, freeze, holders, forks, support, archives, dpo, update, reminder, escalation, all-clear,
stand-down, near-miss, public, or all: every one that is due and has a reader. None: the alert."""


def register(group: typer.Typer) -> None:
    """Add the command to its group."""
    group.command("render")(command(notify_render))


def notify_render(
    kinds: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KIND]...", help=_KINDS_HELP, autocompletion=completing.kinds),
    ] = None,
    case: options.Case = None,
    contacts: Annotated[
        str | None,
        typer.Option(
            metavar="PROFILE|FILE",
            help="Whom to tell, such as opensafely-2026.",
            autocompletion=completing.playbooks,
        ),
    ] = None,
    sender: Annotated[
        str | None, typer.Option("--from", metavar='"NAME <ADDRESS>"', help="Who sends them.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Also to those who were told.")] = False,
    mailto: Annotated[
        bool, typer.Option("--mailto", help="Also print the short alert as addresses to click on.")
    ] = False,
    waive: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE",
            help="Set a rule of the check of messages aside, with --override; none about values.",
        ),
    ] = None,
    override: options.Override = None,
    by: options.By = None,
    visibility: Annotated[
        str | None, typer.Option(help="What the repository is now: public, private, ...")
    ] = None,
    public_since: Moment = None,
    shared_with: Annotated[str | None, typer.Option(help="With whom files were shared.")] = None,
    phone: Annotated[
        str | None, typer.Option(help="A number under which you can be reached.")
    ] = None,
    decider: Annotated[str | None, typer.Option(help="Who decides.")] = None,
    keeper: Annotated[
        str | None, typer.Option(help="Who handles the case and keeps its folder.")
    ] = None,
    forks: Annotated[
        str | None, typer.Option(help="What is known of forks, for the platform's support.")
    ] = None,
    lfs: Annotated[
        bool | None, typer.Option("--lfs/--no-lfs", help="Whether removed files were in Git LFS.")
    ] = None,
    engineer: Annotated[str | None, typer.Option(help="Who does the technical work.")] = None,
    reply_by: Moment = None,
    next_update: Moment = None,
    say: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=TEXT",
            help="Anything else that a message asks for; an unknown FIELD lists them all.",
        ),
    ] = None,
    json_: options.Json = False,
) -> int:
    """Write messages into the case folder; nothing is sent.

    Each recipient gets a message alone, as .eml (opens as a draft) and .txt. What only people know is
    kept with the case once it is given; until then a message says "not yet known". A message that
    could disclose something is not written.

    \b
    Kinds, and who reads them:
      alert       the named contacts, first of all
      engineer    the engineer who does the clean-up
      freeze      everybody who can push, before the rewrite
      holders     everybody who has a copy, with the script that checks it
      forks       owners of forks; says nothing of what happened
      support     the platform's support: a text for its form
      archives    each archive that has a copy: a text for its form
      dpo         the data protection officer, in the order of the ICO's form
      update      the contacts who were alerted; needs --next-update
      reminder    who was asked and has not answered
      escalation  the contacts: who has not answered by the day due
      all-clear   everybody who was told, once it is over
      stand-down  everybody who was told, where it was a false alarm
      near-miss   the record of near misses
      public      anybody: names no study, no person, no number

    Changes: files of the case; nothing on the server.

    \b
    Examples:
      breachkit notify render alert --contacts opensafely-2026
      breachkit notify render holders --from "Jo Engineer <jo@example.org>"
      breachkit notify render update --next-update 2026-03-07T12:00Z
      breachkit notify render alert --phone "+44 20 7946 0000" --mailto
    """
    from breachkit.report import notices
    from breachkit.workflows import notify as workflow
    from breachkit.workflows.details import Details, remember
    from breachkit.workflows.scope import findings_of

    found = cases.find(case)
    details = Details(
        visibility=visibility,
        public_since=_moment(public_since, "--public-since"),
        shared_with=shared_with,
        phone=phone,
        decider=decider,
        keeper=keeper,
        forks=forks,
        lfs_orphans=lfs,
        engineer=engineer,
        reply_by=_moment(reply_by, "--reply-by"),
        next_update_at=_moment(next_update, "--next-update"),
        **_said(say),
    )
    waiver = _waiver(waive, override, by)
    with found.telling():
        if contacts:
            workflow.choose_contacts(found, contacts, cases.clock())
        findings = findings_of(found)
        known = remember(found, details)
        facts = workflow.gather_facts(found, cases.clock(), known, findings)
        result = workflow.render_notices(
            found,
            _chosen(kinds, found, facts),
            facts,
            bad=findings.bad,
            sender=_sender(sender),
            again=again,
            waiver=waiver,
        )
        _register(found, shared_with or "")
    for warning in result.warnings:
        console.note(f"warning: {warning}")
    if json_:
        console.emit_json(notices.rendered_to_json(result.written, found.path, result.already_sent))
        return 0
    lines = notices.mailto_lines(result.written) if mailto else ()
    said = lines or notices.rendered_lines(result.written, found.path, result.already_sent)
    console.say("\n".join(said))
    _advise(found, result, facts, known)
    return 0


def _register(case: "CaseFolder", shared_with: str) -> None:
    """Put copies that were named into the register; the messages are written whether it takes them or not."""
    from breachkit.actions.copies import BrokenRegisterError
    from breachkit.incident.lock import CaseBusyError
    from breachkit.workflows.amending import register_shared

    try:
        for copy in register_shared(case, shared_with):
            console.note(f"in the register of copies: {copy.id}")
    except (BrokenRegisterError, CaseBusyError) as problem:
        console.note(f"not in the register of copies yet: {problem}")
        console.note(f"then: breachkit amend shared-with {shlex.quote(shared_with)}")


def _chosen(
    kinds: list[str] | None, case: "CaseFolder", facts: "MailFacts"
) -> tuple["NoticeKind", ...]:
    from breachkit.actions.notify import kind_named
    from breachkit.workflows.notify import kinds_due

    if kinds and "all" in kinds:
        due, left = kinds_due(case, facts)
        for why in left:
            console.note(f"not written: {why}")
        return due
    return tuple(kind_named(name) for name in dict.fromkeys(kinds or ["alert"]))


def _advise(
    case: "CaseFolder", result: "RenderResult", facts: "MailFacts", known: "Details"
) -> None:
    """Say what a person has to do with what was written."""
    for line in result.phone:
        console.note(f"by phone: {line}")
    written = {each.notice.kind.to for each in result.written}
    if "platform" in written:
        _about_the_form(case, known)
    if "archives" in written and facts.pushed_at is None:
        console.note("warning: archives look at what is there now: send these once it is pushed")
    if "alert" in written and (missing := _not_said(known)):
        console.note("only you can say, if you know; give them and render again:")
        console.note(f"  {' '.join(missing)}")
    _about_addresses(result)
    if result.written:
        first = result.written[0].notice
        how = "sent it" if first.kind.as_mail else "handed it over"
        console.following(f"breachkit notify mark-sent {first.id}", f"once you have {how}")
    else:
        cases.follow(case)


def _about_addresses(result: "RenderResult") -> None:
    notices = [each.notice for each in result.written]
    by_hand = [each.id for each in notices if each.kind.as_mail and each.recipient.email is None]
    if by_hand:
        console.note(
            f"no address is known for {', '.join(by_hand[:6])}{' and more' if len(by_hand) > 6 else ''}: "
            "reach them another way, never by a public comment"
        )
    if any(each.rendered.attachment for each in result.written):
        console.note(
            "verifier.txt goes with messages to holders alone: it holds old ids, so their .eml files "
            "lie in the case's private part"
        )
    if any(each.kind.name == "public-summary" for each in notices):
        console.note("publish it only once that is decided: breachkit decide public-summary")


def _not_said(known: "Details") -> list[str]:
    asked = ("visibility", "public_since", "shared_with", "phone", "decider", "keeper", "engineer")
    return [f"--{name.replace('_', '-')}" for name in asked if getattr(known, name) is None]


def _about_the_form(case: "CaseFolder", known: "Details") -> None:
    from breachkit.incident.case import Milestone
    from breachkit.workflows.notify import SUPPORT_IDS_FILE

    if not case.incident.has(Milestone.PUSHED):
        console.note("warning: nothing is pushed yet: send this only once `breachkit push` is done")
    if case.has_file(f"private/{SUPPORT_IDS_FILE}"):
        console.note(
            "paste the marked part of message.txt into the form that it names, and with it"
        )
        console.note(f"the ids of commits in private/{SUPPORT_IDS_FILE}, which go nowhere else")
    options = (("--forks", known.forks), ("--lfs or --no-lfs", known.lfs_orphans))
    if missing := [option for option, value in options if value is None]:
        console.note(f"only you can say: {', '.join(missing)}; give them and render again")


def _said(given: list[str] | None) -> dict[str, str]:
    """Read what the authority's form asks, and what is learned, each as `FIELD=TEXT`."""
    from breachkit.actions.mailfacts import PEOPLE_RANGES
    from breachkit.workflows.details import FORM

    said = {}
    for each in given or ():
        name, _, text = (part.strip() for part in each.partition("="))
        if name not in FORM or not text:
            raise UsageError(f"--say: write FIELD=TEXT, with one of {', '.join(FORM)}")
        if name.endswith("_range") and text not in PEOPLE_RANGES:
            raise UsageError(
                f"--say {name}: never a number, but one of: {'; '.join(PEOPLE_RANGES)}"
            )
        said[name] = text
    return said


def _waiver(rules: list[str] | None, reason: str | None, by: str | None) -> "Waiver | None":
    from breachkit.workflows.notify import Waiver

    if not rules and reason is None:
        return None
    if not rules or reason is None or not reason.strip():
        raise RefusedError(
            "a rule is set aside only by its name and with a reason: --waive path --override REASON"
        )
    return Waiver(rules=tuple(rules), reason=reason.strip(), decider=cases.who(by))


def _moment(text: str | None, option: str) -> datetime | None:
    from breachkit.incident.opening import parse_moment

    return None if text is None else parse_moment(text, option)


def _sender(text: str | None) -> "Sender | None":
    if text is None:
        return None
    from breachkit.report.mail import Sender
    from breachkit.smtp.letter import sender_from

    address = sender_from(text)
    return Sender(name=address.display_name, email=address.addr_spec)
