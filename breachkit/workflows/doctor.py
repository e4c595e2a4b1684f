"""Is everything here that a response needs? Looks, tries what does no harm, and changes nothing.

Each area has a module with what is known about it (`gather`) and what follows (`judge`, which is pure).
What cannot be looked at is said to be so, and never counts as well.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from breachkit.actions.health import Diagnosis
from breachkit.incident.store import CaseStore
from breachkit.model.doing import doing
from breachkit.model.records import dataclass
from breachkit.model.time import Clock
from breachkit.workflows import (
    doctor_cases,
    doctor_clock,
    doctor_encryption,
    doctor_git,
    doctor_github,
    doctor_mail,
    doctor_places,
    doctor_playbooks,
    doctor_program,
    doctor_settings,
    doctor_terminal,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the program was started in, and how it reaches others."""

    store: CaseStore
    clock: Clock
    variables: Iterable[str]
    """Names of the environment's variables; no value is looked at here."""
    zone_named: str | None
    """What TZ says."""
    temporary: Path
    """Where TMPDIR says that temporary files go, else where they do."""
    terminal: doctor_terminal.Terminal
    settings: Callable[[], doctor_settings.File]
    """Reads the user's own file of defaults."""
    github: Callable[[], doctor_github.Github]
    """Asks the platform, or says why it is not asked."""
    mail: Callable[[], doctor_mail.Mail]
    """Reaches the mail server, or says why it is not reached."""


def examine(around: Surroundings) -> tuple[Diagnosis, ...]:
    """Look at everything, area by area, in the order in which a response meets them."""
    return tuple(_examine(around))


def _examine(around: Surroundings) -> Iterator[Diagnosis]:
    home = doctor_places.gather(around.store.home)
    with doing("Reading the cases"):
        cases = doctor_cases.gather(around.store, around.clock)
    with doing("Asking the platform"):
        github = around.github()
    with doing("Reaching the mail server"):
        mail = around.mail()
    yield from doctor_program.judge(doctor_program.gather())
    yield from doctor_settings.judge(around.settings())
    yield from doctor_git.judge(doctor_git.gather(around.variables))
    yield from doctor_places.judge_home(home, _needed(github))
    if home.is_folder:  # else that is said already
        yield from doctor_cases.judge(cases)
    yield from doctor_places.judge_temporary(doctor_places.gather(around.temporary))
    yield from doctor_encryption.judge(doctor_encryption.gather(around.store.home, home.mount))
    now = around.clock.now()
    yield from doctor_playbooks.judge(doctor_playbooks.gather(now.date()))
    yield from doctor_github.judge(github, now)
    yield from doctor_clock.judge(_clocks(around, github, cases))
    yield from doctor_mail.judge(mail)
    yield from doctor_terminal.judge(around.terminal)


_COPIES = 4
"""Mirror, rewritten history, backup and fresh clone."""


def _needed(github: doctor_github.Github) -> int | None:
    """Give how many bytes a response on the repository takes that was asked about, if that is known."""
    size = None if github.rights is None else github.rights.size
    return None if size is None else size * _COPIES


def _clocks(
    around: Surroundings, github: doctor_github.Github, cases: doctor_cases.Cases
) -> doctor_clock.Clocks:
    seen = github.seen
    return doctor_clock.Clocks(
        now=github.asked_at or around.clock.now(),
        platform=None if seen is None else seen.platform_time,
        newest=cases.newest,
        zone=None,
        zone_named=around.zone_named,
    )
