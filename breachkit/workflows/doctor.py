"""Is everything here that a response needs? Looks, tries what does no harm, and changes nothing.

Each area has a module with what is known about it (`gather`) and what follows (`judge`, which is pure).
What cannot be looked at is said to be so, and never counts as well.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from breachkit.actions.health import Diagnosis
from breachkit.incident.store import CaseStore
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
    yield from doctor_program.judge(doctor_program.gather())
    yield from doctor_settings.judge(around.settings())
    yield from doctor_git.judge(doctor_git.gather(around.variables))
    home = doctor_places.gather(around.store.home)
    cases = doctor_cases.gather(around.store, around.clock)
    yield from doctor_places.judge_home(home)
    yield from doctor_cases.judge(cases)
    yield from doctor_places.judge_temporary(_temporary())
    yield from doctor_encryption.judge(doctor_encryption.gather(around.store.home, home.mount))
    now = around.clock.now()
    yield from doctor_playbooks.judge(doctor_playbooks.gather(now.date()))
    github = around.github()
    yield from doctor_github.judge(github, around.clock.now())
    yield from doctor_clock.judge(_clocks(around, github, cases))
    yield from doctor_mail.judge(around.mail())
    yield from doctor_terminal.judge(around.terminal)


def _temporary() -> doctor_places.Place:
    try:
        return doctor_places.gather(Path(tempfile.gettempdir()))
    except FileNotFoundError as cause:  # none of the places for temporary files can be written to
        return doctor_places.Place(
            path=Path("TMPDIR"), exists=True, writable=False, problem=cause.strerror or ""
        )


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
