"""What a sweep does about new findings, for `sweep`: mails to the contacts, draft cases in private."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, console, options, sending
from breachkit.model.errors import BreachkitError, ConfigurationError


if TYPE_CHECKING:
    from email.headerregistry import Address

    from breachkit.actions.sending import Postbox
    from breachkit.actions.sweep_due import Owed
    from breachkit.actions.sweeping import Undone
    from breachkit.model.policy import Policies
    from breachkit.smtp.server import Server
    from breachkit.workflows.sweep import SweepResult
    from breachkit.workflows.sweep_telling import Audience


Notify = Annotated[
    bool, typer.Option("--notify", help="Mail what is new to the contacts; see `notify send`.")
]
NotifyFrom = Annotated[
    options.Level, typer.Option(help="With --notify: the least severity that is told.")
]
Contacts = Annotated[
    str | None,
    typer.Option(
        metavar="PROFILE|FILE",
        envvar="BREACHKIT_CONTACTS",
        help="Whom to tell; none is active until chosen, here or by --playbooks.",
    ),
]
OpenCases = Annotated[
    bool,
    typer.Option(
        "--open-cases",
        help="Open a draft case, in private, for each repository with something new.",
    ),
]
CasesFrom = Annotated[
    options.Level, typer.Option(help="With --open-cases: the least severity that opens one.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """How the contacts are told."""

    least: options.Level
    audience: "Audience"
    server: "Server | None" = field(repr=False)
    """None writes files for a person to send."""
    sender: "Address | None"
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What is to be done about new findings."""

    mailing: Mailing | None = None
    cases_from: options.Level | None = None
    """The least severity that opens a draft case; None opens none."""
    contacts: str | None = None
    """Chosen for draft cases; None chooses none."""

    def owed(self) -> "Owed":
        """Give what the sweep has to write down as owed."""
        from breachkit.actions.sweep_due import Purpose

        owed = {}
        if self.mailing is not None:
            owed[Purpose.MAIL] = self.mailing.least.severity
        if self.cases_from is not None:
            owed[Purpose.CASE] = self.cases_from.severity
        return owed


def following(
    mailing: Mailing | None, cases_from: options.Level | None, contacts: str | None
) -> Following:
    """Bring together what is to be done; errors as `mailing`."""
    if contacts is not None:
        from breachkit.workflows.contacts import read_contacts

        read_contacts(contacts)
    return Following(mailing=mailing, cases_from=cases_from, contacts=contacts)


def mailing(
    least: options.Level, contacts: str | None, server: "Server | None", sender: str | None
) -> Mailing:
    """Find out before the sweep who is told and how: a slip in it costs no sweep.

    Raises:
        ConfigurationError: nobody can be told so.
    """
    from breachkit.smtp.letter import sender_from
    from breachkit.workflows.contacts import doubts, read_contacts
    from breachkit.workflows.sweep_telling import audience

    profile, _ = read_contacts(contacts or _chosen_by_playbook())
    if server is not None and sender is None:
        raise ConfigurationError(
            "who sends the mails? add --from NAME <ADDRESS> or set BREACHKIT_SMTP_FROM"
        )
    return Mailing(
        least=least,
        audience=audience(profile),
        server=server,
        sender=sender_from(sender) if sender else None,
        warnings=doubts(profile, cases.clock().now().date()),
    )


def server(
    smtp: str | None, user: str | None, password_file: str | None, ca_file: Path | None
) -> "Server | None":
    """Give the mail server; None where none is named."""
    return sending.mail_server(smtp, user, password_file, ca_file) if smtp else None


def _chosen_by_playbook() -> str:
    """Give the playbook that the user works with: whoever names one has chosen its contacts."""
    from breachkit.workflows.playbooks import (
        DEFAULT_ORGANISATION,
        contacts_profiles,
        default_playbook,
    )

    name = default_playbook()
    if name == DEFAULT_ORGANISATION:
        raise ConfigurationError(
            f"no contacts are chosen: add --contacts with one of {', '.join(contacts_profiles())}, or "
            "with a .toml file of your own"
        )
    return name


def follow(
    wanted: Following, result: "SweepResult", policies: "Policies", folder: Path, *, counts: bool
) -> "SweepResult":
    """Open draft cases and tell the contacts, each as far as it can be done, and say so.

    Args:
        wanted: What is to be done.
        result: Of the sweep.
        policies: What it judged by.
        folder: Of the sweeps.
        counts: Say numbers alone.

    Returns:
        The result, with what could not be done, which the next sweep goes on with.
    """
    from breachkit.actions.sweeping import Undone

    drafts: dict[str, str] = {}
    unopened: int | None = 0
    if wanted.cases_from is not None:
        unopened = _tried(
            "open draft cases",
            lambda: _open(wanted, result, policies, folder, drafts, counts=counts),
            counts=counts,
        )
    mailing = wanted.mailing
    unsent: int | None = 0
    if mailing is not None:
        unsent = _tried(
            "tell the contacts",
            lambda: _tell(mailing, result, folder, drafts, counts=counts),
            counts=counts,
        )
    return _with(result, Undone(letters=unsent, draft_cases=unopened))


def _with(result: "SweepResult", undone: "Undone") -> "SweepResult":
    """Let a result say what could not be done."""
    from breachkit.report import sweep_following as words

    notes = (*result.notes, *words.undone(undone))
    return replace(result, sweep=replace(result.sweep, undone=undone), notes=notes)


def _tried(what: str, do: Callable[[], int], *, counts: bool) -> int | None:
    """Do something, and give how much of it could not be done; None where that is not known."""
    from breachkit.report import sweep_following as words

    try:
        return do()
    except BreachkitError as problem:
        console.note(words.could_not(what, problem, counts_only=counts))
        return None


def _open(
    wanted: Following,
    result: "SweepResult",
    policies: "Policies",
    folder: Path,
    drafts: dict[str, str],
    *,
    counts: bool,
) -> int:
    from breachkit.incident.events import Actor
    from breachkit.incident.store import CaseStore
    from breachkit.report import sweep_following as words
    from breachkit.workflows.sweep_cases import open_drafts

    made = open_drafts(
        result.sweep,
        policies,
        folder=folder,
        cases=CaseStore(cases.home(), cases.clock(), actor=Actor(how="a sweep")),
        clock=cases.clock(),
        contacts=wanted.contacts,
    )
    drafts |= made.by_key
    for line in words.drafts(made, counts_only=counts):
        console.note(line)
    return made.unopened


def _tell(
    mailing: Mailing,
    result: "SweepResult",
    folder: Path,
    drafts: dict[str, str],
    *,
    counts: bool,
) -> int:
    from breachkit.report import sweep_following as words
    from breachkit.workflows.sweep_telling import tell

    with _postbox(mailing.server) as postbox:
        told = tell(
            result.sweep,
            mailing.audience,
            folder=folder,
            clock=cases.clock(),
            postbox=postbox,
            sender=mailing.sender,
            drafts=drafts,
        )
    lines = tuple(words.mails(told, counts_only=counts))
    for line in (*(f"warning: {each}" for each in mailing.warnings if lines), *lines):
        console.note(line)
    return len(told.unsent)


@contextlib.contextmanager
def _postbox(server: "Server | None") -> "Iterator[Postbox | None]":
    if server is None:
        yield None
        return
    from breachkit.smtp.client import SmtpPostbox

    with SmtpPostbox(server) as postbox:
        yield postbox
