"""Which case a guided response is about: the one that is open, or one that is opened now."""

from collections.abc import Sequence

from breachkit.incident.case import CaseSummary, Incident
from breachkit.incident.commands import line_of
from breachkit.incident.opening import plain_target, same_repository
from breachkit.incident.store import CaseStore
from breachkit.model.ids import display
from breachkit.report import respond as screen
from breachkit.report.respond_words import step_words
from breachkit.workflows.playbooks import contacts_profiles
from breachkit.workflows.respond_sitting import LEFT_ALONE
from breachkit.workflows.respond_talk import Talk


def cases_on(store: CaseStore, target: str) -> tuple[CaseSummary, ...]:
    """Give the cases on a repository, oldest first."""
    named = display(plain_target(target))
    return tuple(
        each
        for each in store.list()
        if each.damaged is None and same_repository(each.target, named)
    )


def is_on(incident: Incident, target: str) -> bool:
    """Say whether a case is about a repository, as far as its name shows."""
    return same_repository(incident.shown_target, display(plain_target(target)))


def open_on(store: CaseStore, target: str | None) -> tuple[CaseSummary, ...]:
    """Give the open cases on a repository; for None all of them, drafts only where there are no others."""
    if target is not None:
        return tuple(each for each in cases_on(store, target) if each.is_open)
    waiting = tuple(each for each in store.list() if each.is_open and each.damaged is None)
    return tuple(each for each in waiting if not each.is_draft) or waiting


def choose_case(talk: Talk, waiting: Sequence[CaseSummary]) -> CaseSummary | None:
    """Ask which of several open cases is meant."""
    options = [f"{each.id} ({each.codename}), {each.kind}: {each.target}" for each in waiting]
    chosen = talk.choice("More than one case is open. Which?", options)
    return None if chosen is None else waiting[chosen]


def opening(
    talk: Talk, target: str, contacts: str | None, earlier: Sequence[CaseSummary]
) -> tuple[str, ...] | None:
    """Ask what is known, and give the command that opens a case; None where the person leaves it.

    Args:
        talk: With whom.
        target: The repository.
        contacts: Whom to tell, where that was said.
        earlier: Cases on the same repository that are closed.
    """
    talk.say("", f"No case is open on {display(target)}.")
    if earlier and (again := _again(talk, target, earlier)):
        return again
    talk.show(screen.explained(step_words(("open",))))
    if not talk.yes("Open one? A suspicion is enough."):
        talk.say(LEFT_ALONE)
        return None
    return _meant(talk, ("open", target, *_what_is_known(talk), *_contacts(talk, contacts)))


def _again(talk: Talk, target: str, earlier: Sequence[CaseSummary]) -> tuple[str, ...] | None:
    """Ask whether the data of a closed case came back: then that case goes on."""
    names = ", ".join(f"{each.id} ({each.codename})" for each in earlier)
    where = talk.text(f"{names} is closed. If its data came back: where were they seen?")
    return _meant(talk, ("open", target, "--recurrence", where)) if where else None


def _meant(talk: Talk, command: tuple[str, ...]) -> tuple[str, ...] | None:
    talk.show([(), (f"  $ {line_of(command)}",)])
    if talk.yes("Is this meant?"):
        return command
    talk.say(LEFT_ALONE)
    return None


def _what_is_known(talk: Talk) -> tuple[str, ...]:
    path = talk.text("Which file is it about, if somebody named one? Its path in the repository.")
    found_by = talk.text("Who found it?")
    return (
        *(("--path", path) if path else ()),
        *(("--found-by", found_by) if found_by else ()),
    )


def _contacts(talk: Talk, given: str | None) -> tuple[str, ...]:
    if given is not None:
        return ("--contacts", given)
    return choose_contacts(talk, " None of them: it is asked again later.") or ()


def choose_contacts(talk: Talk, otherwise: str = "") -> tuple[str, ...] | None:
    """Ask whose contacts are to be told, and give the option that says so; None where that is left.

    Args:
        talk: With whom.
        otherwise: What comes of leaving it.
    """
    names = contacts_profiles()
    title = f"Whose contacts are to be told?{otherwise}"
    chosen = talk.choice(title, [*names, "those of a file of my own"])
    if chosen is None:
        return None
    if chosen < len(names):
        return ("--contacts", names[chosen])
    file = talk.text("Where is the file? Its name ends in .toml.")
    return ("--contacts", file) if file else None
