"""Judges a whole playbook: every file, every line that is wrong, before anybody needs it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

from breachkit.actions.contacts import FILE as CONTACTS
from breachkit.actions.contacts import ContactsProfile, read_profile, warnings_for
from breachkit.actions.notice_kinds import KINDS
from breachkit.actions.playbook import About, Settings, read_about
from breachkit.actions.playbook_assessment import FILE as ASSESSMENT
from breachkit.actions.playbook_assessment import read_assessment
from breachkit.actions.playbook_hosts import FILE as HOSTS
from breachkit.actions.playbook_hosts import read_hosts
from breachkit.actions.playbook_policy import FILE as POLICY
from breachkit.actions.playbook_policy import policy_problems
from breachkit.actions.playbook_reader import Problem, placeholders, suggestion
from breachkit.actions.playbook_text import Located, PlaybookTextError
from breachkit.actions.playbook_toml import read_toml
from breachkit.actions.playbook_views import Checked
from breachkit.actions.playbook_yaml import read_yaml
from breachkit.actions.release_checks_items import RELEASE_CHECKS
from breachkit.actions.request_form import REQUEST
from breachkit.model.errors import ConfigurationError
from breachkit.report import sweep_mail
from breachkit.workflows.checking_notes import ITEMS
from breachkit.workflows.playbook_files import ABOUT, BrokenPlaybookError, Home
from breachkit.workflows.playbook_lists import checklist_problems, place_problems
from breachkit.workflows.playbook_templates import REPORTS, template_problems
from breachkit.workflows.playbooks import (
    holder_of,
    home_in_use,
    lineage,
    load_settings,
    read_once,
)
from breachkit.workflows.request_form import FORM


CHECKLIST, PLACES = "checklist.yaml", "places.toml"
MAILS = (
    *(
        file
        for kind in KINDS
        for file in (kind.template, *((kind.short_template,) if kind.has_short_form else ()))
    ),
    sweep_mail.TEMPLATE,
)
NEEDED = (POLICY, CHECKLIST, PLACES, ASSESSMENT, HOSTS, "README.md", *MAILS, *REPORTS)
"""Files that a playbook has, or takes from one that it extends."""
WANTED_ROLES = ("incident_team", "dpo", "controller")
"""Without somebody of each of these, a message of the response has nobody to go to."""


def check_playbook(name: str, today: date, *, folder: Path | None = None) -> Checked:
    """Judge a playbook, with what it takes from those it extends.

    Args:
        name: Which.
        today: Decides what is stale.
        folder: Playbooks of the caller's own; None for those in use.

    Raises:
        NoSuchPlaybookError: there is none of that name.
    """
    with read_once():
        judge = _Judge(home_in_use(name, folder=folder), folder)
        problems = {problem for file in judge.files for problem in judge.of_file(file)}
        problems |= set(judge.of_the_whole())
        return Checked(
            playbook=name,
            files=judge.files,
            problems=tuple(sorted(problems, key=lambda one: (one.file, one.line or 0, one.key))),
            warnings=tuple(judge.warnings(today)),
        )


class _Judge:
    """Goes through the files of one playbook."""

    def __init__(self, home: Home, folder: Path | None) -> None:
        self.files = home.files()
        self._home = home
        self._folder = folder
        self._about: About | None = None
        self._contacts: ContactsProfile | None = None
        self._readers: Mapping[str, Callable[[Located], list[Problem]]] = {
            ABOUT: self._of_about,
            CONTACTS: self._of_contacts,
            POLICY: policy_problems,
            CHECKLIST: lambda located: checklist_problems(located, home.name, folder),
            PLACES: lambda located: place_problems(located, home.name, folder),
            HOSTS: lambda located: read_hosts(located)[1],
            ASSESSMENT: lambda located: read_assessment(located)[1],
            RELEASE_CHECKS: lambda located: ITEMS.problems(located, home.name, folder),
            REQUEST: lambda located: FORM.problems(located, home.name, folder),
        }

    def of_file(self, name: str) -> Iterator[Problem]:
        """Give everything that is wrong with one file."""
        try:
            text = self._home.read(name)
            if name in self._readers:
                located = read_yaml(text) if name.endswith(".yaml") else read_toml(text)
                yield from self._readers[name](located)
                yield from placeholders(name, located)
            elif name in {*MAILS, *REPORTS}:
                yield from template_problems(name, text)
            elif not name.endswith(".md"):
                known = (*self._readers, *MAILS, *REPORTS)
                yield _about_file(
                    name, f"nothing reads a file of that name{suggestion(name, known)}"
                )
        except (BrokenPlaybookError, PlaybookTextError) as cause:
            yield Problem(file=name, line=cause.line, key="", problem=cause.problem)

    def of_the_whole(self) -> Iterator[Problem]:
        """Give what is missing, however the files themselves are."""
        if self._about is None:
            return  # what it extends is not known
        try:
            line = lineage(self._home.name, folder=self._folder)
        except ConfigurationError as cause:
            at = read_toml(self._home.read(ABOUT)).line(("extends",))
            yield Problem(file=ABOUT, line=at, key="extends", problem=str(cause))
            return
        for file in NEEDED:
            if holder_of(file, self._home.name, folder=self._folder) is None:
                yield _about_file(file, f"is missing in {', '.join(line)}: add it")
        if holder_of(CONTACTS, self._home.name, folder=self._folder) is None:
            yield _about_file(CONTACTS, "is missing: no other organisation's contacts are taken")

    def warnings(self, today: date) -> Iterator[str]:
        """Say what to look at, though the playbook can be used."""
        if self._about is None:
            return
        try:
            settings = load_settings(self._home.name, folder=self._folder)
        except ConfigurationError:
            return  # said as a problem
        yield from _of_dates(self._about, settings, today)
        if self._contacts is not None and not self._about.example:
            yield from warnings_for(self._contacts, today, stale_after=settings.stale_after)
            yield from _of_roles(self._contacts)

    def _of_about(self, located: Located) -> list[Problem]:
        about, problems = read_about(located, name=self._home.name)
        self._about = None if problems else about
        return problems

    def _of_contacts(self, located: Located) -> list[Problem]:
        profile, problems = read_profile(located, name=self._home.name, sha256="")
        self._contacts = None if problems else profile
        return problems


def _about_file(name: str, problem: str) -> Problem:
    return Problem(file=name, line=None, key="", problem=problem)


def _of_dates(about: About, settings: Settings, today: date) -> Iterator[str]:
    age = today - about.reviewed
    if age > settings.review_after:
        yield (
            f"last reviewed on {about.reviewed}, {age.days} days ago: read it against its sources, "
            f"then write the day into {ABOUT}"
        )
    dates = {"as_of": about.as_of, "reviewed": about.reviewed, "last_drilled": about.last_drilled}
    for key, day in dates.items():
        if day is not None and day - today > timedelta(0):
            yield f"{ABOUT}: {key} is {day}, in the future: check the clock and the playbook"


def _of_roles(profile: ContactsProfile) -> Iterator[str]:
    if missing := [role for role in WANTED_ROLES if not profile.with_role(role)]:
        yield f"nobody has the role {', '.join(missing)}: what is meant for them goes to nobody"
    for contact in profile.to_alert():
        if contact.phone is None:
            yield f"{contact.name} has no phone number: mail is not read at night"
        if contact.deputy is None:
            yield f"{contact.name} has no deputy: nobody is named for when they do not answer"
