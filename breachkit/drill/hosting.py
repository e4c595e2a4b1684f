"""What the drill looks up for itself on the platform: as a stranger, and behind its walls."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator

from breachkit.actions.copies import Copy, from_json, open_copies
from breachkit.drill.hub.state import Repository as Hosted
from breachkit.drill.plaingit import Repository
from breachkit.drill.platform import Platform, settings
from breachkit.drill.report import Check
from breachkit.drill.stage import Scene


_TIMEOUT_S = 10.0


def platform_of(scene: Scene) -> Platform:
    """Give what hosts the study.

    Raises:
        LookupError: the world has none.
    """
    if scene.world.platform is None:
        raise LookupError("no platform")
    return scene.world.platform


def strangers(scene: Scene, *, see: bool) -> Check:
    """Check whether somebody without a token gets the study's page and its refs, or neither."""
    url = platform_of(scene).url
    answered = [
        _answers(url.removesuffix(".git")),
        _answers(f"{url}/info/refs?service=git-upload-pack"),
    ]
    name = "a stranger still sees it" if see else "a stranger gets neither its page nor its refs"
    return Check(name=name, ok=answered == [see, see])


def snapshot_text(scene: Scene) -> str:
    """Give all that the case's snapshots wrote down."""
    files = [file for file in scene.world.home.rglob("*.json*") if "snapshot" in str(file)]
    return "\n".join(file.read_text("utf-8", "replace") for file in files)


def seen_by_strangers(scene: Scene, repositories: Iterable[Hosted]) -> int:
    """Count the repositories whose refs somebody without a token gets."""
    server = platform_of(scene).server
    urls = (
        f"{server.git_url(one.full_name)}/info/refs?service=git-upload-pack" for one in repositories
    )
    return sum(map(_answers, urls))


def objects_of(hosted: Hosted) -> frozenset[str]:
    """Give the id of every object that a repository of the platform holds."""
    return Repository(hosted.git_dir).object_ids()


def snapshot_names_the_fork(scene: Scene) -> Iterator[Check]:
    """Look for the fork, and for who watches, in what was written down."""
    platform, text = platform_of(scene), snapshot_text(scene)
    yield Check(name="the fork is written down", ok=platform.fork.full_name in text)
    yield Check(name="and the key of the deployment", ok="publisher" in text)


def closed(scene: Scene) -> Iterator[Check]:
    """Check that the study is closed, and what that did to the fork."""
    platform = platform_of(scene)
    hosted = platform.study
    yield strangers(scene, see=False)
    yield Check(
        name="it is private, and its site is down",
        ok=hosted.visibility == "private" and hosted.pages is None,
    )
    waiting = not hosted.invitations
    yield Check(
        name="the invitation is withdrawn and no outsider has access",
        ok=waiting and not hosted.collaborators,
    )
    yield Check(
        name="it sends nothing to its webhook",
        ok=not any(hook["active"] for hook in hosted.hooks.values()),
    )
    cut_off = platform.fork.network != hosted.network and platform.fork.visibility == "public"
    yield Check(name="the fork is cut off, and still public", ok=cut_off)


def protected_as_before(scene: Scene) -> Check:
    """Check that the protections and rulesets are what they were."""
    platform = platform_of(scene)
    before, now = json.loads(platform.before), json.loads(settings(platform.study))
    same = all(before[part] == now[part] for part in ("protections", "rulesets"))
    return Check(name="the protections are exactly as they were", ok=same)


def fork_holds_the_data(scene: Scene) -> Iterator[Check]:
    """Check that the fork has what the study no longer has."""
    planted, fork = scene.world.planted.blobs, Repository(platform_of(scene).fork.git_dir)
    yield Check(name="the fork indeed holds the data", ok=planted <= fork.object_ids())
    held = scene.world.server.object_ids() & planted
    yield Check(name="and the study does not", ok=not held)


def answer_every_question(scene: Scene) -> int:
    """Close every entry of the register as if its holder had answered, and give how many."""
    entries = _open_copies(scene)
    for entry in entries:
        note, who = ("--note", "practice: an answer"), ("--by", "Ada Hartley")
        applies = entry.applies == "yes"
        what = ("set", entry.id, "deleted") if applies else ("na", entry.id)
        scene.run(["copies", *what, *note, *who])
    return len(entries)


def labels_in_register(scene: Scene) -> tuple[str, ...]:
    """Give what the register calls each entry."""
    return tuple(entry.label for entry in _register(scene))


def fork_in_register(scene: Scene, full_name: str) -> str:
    """Give the id of the entry that says of a fork that it has this name now; empty where none does."""
    entries = (one.id for one in _register(scene) if full_name in one.signal)
    return next(entries, "")


def open_forks(scene: Scene) -> tuple[Copy, ...]:
    """Give the forks in the register that nothing has closed."""
    return tuple(entry for entry in _open_copies(scene) if entry.label.startswith("fork "))


def close_forks(scene: Scene, *, but: Iterable[str]) -> tuple[int, tuple[str, ...]]:
    """Close every fork in the register as deleted, and give how many and the ids of those left.

    Args:
        scene: Where.
        but: Full names of forks that are still there.
    """
    kept = {*but}
    left = [one for one in open_forks(scene) if any(f"fork {name}" in one.label for name in kept)]
    closed = [one for one in open_forks(scene) if one not in left]
    for one in closed:
        note, who = ("--note", "practice: an answer"), ("--by", "Ada Hartley")
        scene.run(["copies", "set", one.id, "deleted", *note, *who])
    return len(closed), tuple(one.id for one in left)


def no_copy_is_open(scene: Scene) -> Check:
    """Check that the register has nothing open."""
    return Check(name="nothing in the register is open", ok=not _open_copies(scene))


def _open_copies(scene: Scene) -> tuple[Copy, ...]:
    return open_copies(_register(scene))


def _register(scene: Scene) -> tuple[Copy, ...]:
    return from_json(json.loads(scene.run(["copies", "list", "--json"]).stdout))


def opened_again(scene: Scene) -> Iterator[Check]:
    """Check that the study is as it was before anybody acted, and is clean for strangers."""
    platform = platform_of(scene)
    yield strangers(scene, see=True)
    before, now = json.loads(platform.before), json.loads(settings(platform.study))
    for part in before:
        yield Check(name=f"as before: {part}", ok=before[part] == now[part])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:  # noqa: S310 (it is our own, on 127.0.0.1)
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return False
