"""Begins, goes on with, and resets a practice, and says to a person what it is about."""

import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path

from breachkit.drill.folder import (
    DRILLED,
    PRACTICE,
    NotADrillFolderError,
    is_ours,
    own_folder,
    require_no_link,
)
from breachkit.drill.practice import (
    ENVIRONMENT,
    FACTS,
    NoPracticeError,
    Practice,
    build_practice,
    open_practice,
)
from breachkit.drill.stories.shelf import DEFAULT, story_named
from breachkit.drill.world import STUDY_NAME
from breachkit.incident.lock import operation
from breachkit.incident.store import CaseStore
from breachkit.model.errors import RefusedError
from breachkit.model.ids import display
from breachkit.model.time import Clock, SystemClock


WIDTH = 78


_PRACTICE = (
    "You are Ada Hartley, the engineer on call. Everything here is practice: invented people and "
    "data, and servers on this machine alone. The commands are the real ones, and so are their "
    "consequences in here. People answer at once who take days in earnest."
)


class OtherPracticeError(RefusedError):
    """A folder has a practice of another story."""


def begin(keep: Path, scenario: str | None, clock: Clock) -> Practice:
    """Give the practice in a folder; where there is none, it is built.

    Args:
        keep: A new or empty folder, or one that the drill made.
        scenario: Which story; None for that of the practice there, or the first one.
        clock: For what is built.

    Raises:
        NotADrillFolderError, NoPlaceError, PlaceNotAllowedError: as `session.drill_folder` does.
        OtherPracticeError: there is a practice of another story.
    """
    folder = keep.resolve()
    require_no_link(folder / PRACTICE)
    if is_ours(folder) and (folder / PRACTICE / FACTS).exists():
        found = open_practice(folder)
        if scenario not in {None, found.facts.scenario}:
            raise OtherPracticeError(
                f"{display(str(folder))} has a practice of {found.facts.scenario}: name another "
                f"folder, or give it up: `{_command('reset', folder)} --scenario {scenario}`"
            )
        return found
    story = story_named(scenario or DEFAULT)
    return _build(own_folder(folder, clock), story.name, clock)


def reset(keep: Path, scenario: str | None, clock: Clock) -> Practice:
    """Put a practice back as it was at the start; records beside it stay.

    Args:
        keep: A folder that the drill made.
        scenario: Which story from now on; None for the same.
        clock: For what is built.

    Raises:
        NotADrillFolderError: the drill did not make it.
        CaseBusyError: the practice is being served.
    """
    folder = drill_made(keep)
    story = story_named(scenario or _scenario_of(folder))
    return _build(folder, story.name, clock)


def leave(keep: Path, scenario: str, clock: Clock) -> Iterator[str]:
    """Leave a world to practise in beside a drill that was narrated, and say how to go on.

    A practice that is there stays as it is.
    """
    folder = keep.resolve()
    yield f"The drill's own case, mails and checklist are in {folder / DRILLED / 'home'}."
    if (folder / PRACTICE / FACTS).exists():
        yield f"The practice in {folder / PRACTICE} stays as it is:"
        yield f"  {_command('enter', folder)}    goes on with it"
        yield f"  {_command('reset', folder)}    builds it anew"
        return
    _build(folder, scenario, clock)
    yield "Beside it is the same world as it was before anybody acted. Now do it yourself:"
    yield f"  {_command('enter', folder)}"


def drill_made(keep: Path) -> Path:
    """Give the absolute path of a folder that the drill made.

    Raises:
        NotADrillFolderError: it did not.
    """
    folder = keep.resolve()
    if not is_ours(folder):
        raise NotADrillFolderError(
            f"{display(str(folder))} was not made by a drill, so nothing in it is touched"
        )
    return folder


def welcome(practice: Practice) -> Iterator[str]:
    """Tell whoever enters what happened, what they have, and what there is to type."""
    if has_case(practice):
        yield f"You are back in the practice {practice.facts.scenario}: all is as you left it."
        yield ""
    else:
        for words in (story_named(practice.facts.scenario).opening, _PRACTICE):
            yield from textwrap.wrap(words, WIDTH, break_on_hyphens=False)
            yield ""
    yield from _PLACES.format(study=STUDY_NAME, name=practice.facts.name).splitlines()
    if practice.facts.is_hosted:
        yield "  $ARCHIVES                     public archives, for `breachkit trace --allow`"
    yield ""
    yield from _COMMANDS.splitlines()
    yield ""
    yield from textwrap.wrap(_BY_HAND, WIDTH, break_on_hyphens=False)
    yield "Whoever would rather be led through it all:"
    first = "" if has_case(practice) else ' "$STUDY" --contacts $DRILL/contacts.toml'
    yield f"  breachkit respond{first}"
    yield "Another terminal takes part in the practice with:"
    yield from (f"  {line}" for line in how_to_join(practice))
    yield ""


def first_command(practice: Practice) -> str:
    """Give what to type first."""
    if not has_case(practice):
        return 'breachkit scan "$STUDY"'
    cases = CaseStore(practice.home, SystemClock()).list()
    return "breachkit next" if any(one.is_open for one in cases) else "breachkit drill check"


def has_case(practice: Practice) -> bool:
    """Say whether somebody has opened a case in a practice."""
    return any(practice.home.glob("BK-*"))


_BY_HAND = (
    "Nobody can telephone here, or paste into a form: what you mark as sent is taken to be "
    "handed over, and whoever it is for acts on it at once."
)
_PLACES = """\
  $STUDY                        the study on its server
  {name:<28}  its name, as --confirm wants it
  $DRILL/contacts.toml          whom to tell: `breachkit open --contacts`
  $DRILL/you/{study}     your own clone; a colleague's is beside it"""
_COMMANDS = """\
  breachkit next                at any time: what to do now
  breachkit drill inbox         what arrived, and what people answered
  breachkit drill answers       what is asked for weeks, answered at once
  breachkit drill check         how far you are, and what is open"""


def how_to_join(practice: Practice) -> Iterator[str]:
    """Say how another terminal takes part in a practice that is being served."""
    yield f". {shlex.quote(str(practice.world / ENVIRONMENT))}"


def _scenario_of(folder: Path) -> str:
    try:
        return open_practice(folder).facts.scenario
    except NoPracticeError:
        return DEFAULT


def _build(folder: Path, scenario: str, clock: Clock) -> Practice:
    what = f"the practice in {display(str(folder))}"
    with operation(folder, what, "building the practice", clock):
        return build_practice(folder, scenario, story_named(scenario).setting, clock)


def _command(verb: str, folder: Path) -> str:
    return f"breachkit drill {verb} {shlex.quote(str(folder))}"
