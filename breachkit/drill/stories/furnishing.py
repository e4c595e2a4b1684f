"""What hangs on the studies of the stories, where it is not one of everything."""

from breachkit.drill import study
from breachkit.drill.hub import furnish
from breachkit.drill.platform import Site


def furnish_plainly(site: Site) -> None:
    """Let the study have one outsider who can push, and a protected branch."""
    chen = site.world.person("chen", name=study.CHEN.name, email=study.CHEN.email)
    site.study.collaborators[chen.id] = "write"
    furnish.protect(site.study, "main")
