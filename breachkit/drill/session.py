"""A whole drill, from an empty folder to its report, and the folder's end."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from breachkit.drill.folder import DRILLED, emptied, own_folder
from breachkit.drill.narrate import Narrator
from breachkit.drill.report import CommandResult, DrillReport, Tell
from breachkit.drill.stage import Scene, play
from breachkit.drill.stories.shelf import DEFAULT, story_named
from breachkit.drill.stories.story import Story
from breachkit.drill.world import hosted_world
from breachkit.model.time import Clock


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
        NotADrillFolderError, NoPlaceError, PlaceNotAllowedError: as `folder.own_folder` and
            `folder.emptied` do.
    """
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="breachkit-drill-") as temporary:
            yield Path(temporary).resolve()
        return
    yield emptied(own_folder(keep, clock) / DRILLED)
