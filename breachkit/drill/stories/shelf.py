"""All stories by name."""

import textwrap
from collections.abc import Mapping
from typing import Any

from breachkit.drill.stories.fork_storm import FORK_STORM
from breachkit.drill.stories.log import LOG_STORY
from breachkit.drill.stories.notebook import NOTEBOOK_STORY
from breachkit.drill.stories.private_repo import PRIVATE_REPO
from breachkit.drill.stories.released_table import RELEASED_TABLE
from breachkit.drill.stories.stale_clone import STALE_CLONE
from breachkit.drill.stories.story import Story
from breachkit.model.errors import UsageError
from breachkit.model.ids import display
from breachkit.model.meant import nearest


STORIES: Mapping[str, Story] = {
    story.name: story
    for story in (RELEASED_TABLE, NOTEBOOK_STORY, LOG_STORY, FORK_STORM, STALE_CLONE, PRIVATE_REPO)
}

DEFAULT = RELEASED_TABLE.name


def story_named(name: str) -> Story:
    """Find a story by its name.

    Raises:
        UsageError: there is none; the message names the one that was probably meant, or all.
    """
    if name in STORIES:
        return STORIES[name]
    likely = nearest(name, STORIES, near=_NEAR)
    told = f"did you mean {likely}?" if likely else f"there are {', '.join(STORIES)};"
    raise UsageError(
        f"there is no scenario {display(name)}: {told} `breachkit drill --list` says what each teaches"
    )


_NEAR = 0.6


def shelf_text() -> str:
    """Say of every story what it teaches and how long it takes, in at most 78 columns."""
    lines = []
    for story in STORIES.values():
        lines.append(f"{story.name}  (about {story.seconds} s)")
        lines += textwrap.wrap(story.teaches, 74, initial_indent="  ", subsequent_indent="  ")
    return "\n".join(lines)


def shelf_json() -> dict[str, Any]:
    """Give the object that `breachkit drill --list --json` prints."""
    return {
        "schema": "breachkit.drill-stories/1",
        "stories": [
            {
                "name": story.name,
                "teaches": story.teaches,
                "seconds": story.seconds,
                "steps": len(story.steps),
            }
            for story in STORIES.values()
        ],
    }
