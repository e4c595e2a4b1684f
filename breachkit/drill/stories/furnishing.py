"""What hangs on the studies of the stories, where it is not one of everything."""

from datetime import timedelta

from breachkit.drill import study
from breachkit.drill.hub import furnish
from breachkit.drill.hub.state import Repository
from breachkit.drill.platform import Site


def furnish_plainly(site: Site) -> None:
    """Let the study have one outsider who can push, and a protected branch."""
    chen = site.world.person("chen", name=study.CHEN.name, email=study.CHEN.email)
    site.study.collaborators[chen.id] = "write"
    furnish.protect(site.study, "main")


FORKS = 40
"""How many forks the stormy study has, of all levels."""


def furnish_with_forks(site: Site) -> None:
    """Let the study have one outsider who can push, and forks in three levels.

    Of ten forks seven are of the study, two of those, and one of these; one goes by another name.
    """
    furnish_plainly(site)
    levels: list[list[Repository]] = [[site.study], [], [], []]
    began = site.study.created_at
    for number in range(FORKS):
        level = {7: 2, 8: 2, 9: 3}.get(number % 10, 1)
        parents = levels[level - 1]
        made = site.world.fork(
            parents[number % len(parents)],
            site.world.person(f"reader-{number + 1:02}"),
            name="tables-for-teaching" if number == _RENAMED else None,
            created_at=began + timedelta(days=number),
        )
        levels[level].append(made)


_RENAMED = 3


def furnish_privately(site: Site) -> None:
    """Let only members of the organisation have anything to do with the study."""
    chen = site.world.person("chen", name=study.CHEN.name, email=study.CHEN.email)
    site.study.owner.members[chen.id] = "member"
    site.study.collaborators[chen.id] = "write"
    furnish.protect(site.study, "main")
