"""A whole drill, from an empty folder to its report, and the folder's end."""

import contextlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from breachkit.drill.narrate import Narrator
from breachkit.drill.report import CommandResult, DrillReport, Tell
from breachkit.drill.stage import Scene, play
from breachkit.drill.stories.shelf import DEFAULT, story_named
from breachkit.drill.stories.story import Story
from breachkit.drill.world import hosted_world
from breachkit.incident.places import UnsafePlaceError, refuse_repository
from breachkit.model.errors import RefusedError
from breachkit.model.ids import display
from breachkit.model.time import Clock, rfc3339


MARKER = "breachkit-drill.json"
"""A folder that holds this file was made by the drill, so the drill may empty it."""

DRILLED = "drilled"


class NotADrillFolderError(RefusedError):
    """The folder holds something that the drill did not make, or is no place for a case."""


RunIn = Callable[[Sequence[str], Mapping[str, str]], CommandResult]
"""Runs a breachkit command with these environment variables, and `$BREACHKIT_HOME`."""


def run_drill(
    *, run: RunIn, tell: Tell, folder: Path, clock: Clock, story: Story | None = None
) -> DrillReport:
    """Build a practice world and run the real response on it, from the first look to the proofs.

    Args:
        run: Runs a breachkit command with `$BREACHKIT_HOME` set to `world.practice_home(folder)`,
            and with the variables of the practice world.
        tell: Takes the narration, line by line.
        folder: An empty folder, absolute; see `drill_folder`.
        clock: For the case's dates and the times of the steps.
        story: Which one; that of the released table unless given.
    """
    told = story or story_named(DEFAULT)
    narrator = Narrator(tell, folder, len(told.steps), opening=told.opening, ending=told.ending)
    with hosted_world(folder, clock, told.setting) as world:
        scene = Scene.of(world, lambda args: run(args, world.environment), clock)
        return replace(play(scene, told.steps, narrator), scenario=told.name)


@contextlib.contextmanager
def drill_folder(keep: Path | None, clock: Clock) -> Iterator[Path]:
    """Give the folder for a drill's world.

    Without `keep` it is a temporary folder that is removed at the end, whatever happens. With it,
    it is `drilled` inside the folder to keep, which a later drill may use again.

    Raises:
        NotADrillFolderError: `keep` exists, is not empty, and was not made by a drill; or it is
            inside a git repository, where no case may be.
    """
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="breachkit-drill-") as temporary:
            yield Path(temporary).resolve()
        return
    folder = own_folder(keep, clock) / DRILLED
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    yield folder


def own_folder(keep: Path, clock: Clock) -> Path:
    """Make a folder one of the drill's own, and give its absolute path; what is in it stays.

    Raises:
        NotADrillFolderError: as `drill_folder` does.
    """
    folder = keep.resolve()
    try:
        refuse_repository(folder)
    except UnsafePlaceError:
        raise NotADrillFolderError(
            f"{display(str(folder))} is inside a git repository, where the practice could be "
            "committed: name a folder outside any repository"
        ) from None
    if folder.exists() and not is_ours(folder) and (not folder.is_dir() or any(folder.iterdir())):
        raise NotADrillFolderError(
            f"{display(str(folder))} is not empty and was not made by a drill: "
            "name a new folder, or one that `breachkit drill --keep` made"
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = json.dumps({"schema": "breachkit.drill-folder/1", "made": rfc3339(clock.now())})
    (folder / MARKER).write_text(f"{text}\n", encoding="utf-8")
    return folder


def is_ours(folder: Path) -> bool:
    """Say whether the drill made a folder, so that it may empty what it put there."""
    marker = folder / MARKER
    return marker.is_file() and not marker.is_symlink()
