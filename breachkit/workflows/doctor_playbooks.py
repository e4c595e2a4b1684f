"""Can the playbook in use be relied on: does it read, and are its contacts and dates fresh?"""

from collections.abc import Iterator
from datetime import date

from breachkit.actions.health import Diagnosis, broken, doubtful, fine
from breachkit.model.errors import BreachkitError
from breachkit.model.ids import display
from breachkit.model.records import dataclass
from breachkit.report.words import counted
from breachkit.workflows.playbook_check import check_playbook
from breachkit.workflows.playbooks import default_playbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """What is known about a playbook."""

    name: str
    problem: str = ""
    """Why it cannot be looked at."""
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def gather(today: date) -> Playbook:
    """Judge the playbook that is used until a case or an option names another."""
    name = default_playbook()
    try:
        checked = check_playbook(name, today)
    except (BreachkitError, OSError) as cause:
        return Playbook(name=name, problem=str(cause))
    return Playbook(
        name=name, problems=tuple(map(str, checked.problems)), warnings=checked.warnings
    )


def judge(playbook: Playbook) -> Iterator[Diagnosis]:
    """Say whether it can be relied on."""
    name = display(playbook.name)
    if playbook.problem or playbook.problems:
        said = playbook.problem or f"{counted(len(playbook.problems), 'mistake')} in it"
        yield broken(
            "playbook.reads",
            f"the playbook {name} cannot be used: {display(said)}",
            "contacts, checklist, texts and thresholds come from it",
            f"breachkit playbook check {name}",
        )
        return
    if playbook.warnings:
        yield doubtful(
            "playbook.fresh",
            f"{counted(len(playbook.warnings), 'doubt')} about the playbook {name}",
            "; ".join(map(display, playbook.warnings)),
            f"breachkit playbook check {name}",
        )
    else:
        yield fine("playbook.fresh", f"{name} reads well, and its contacts were checked lately")
