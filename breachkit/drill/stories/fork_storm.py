"""A public study with forty forks: what closing it does to them, and how each is found and asked."""

from collections.abc import Iterator
from dataclasses import replace

from breachkit.drill import acts, hosting, proofs
from breachkit.drill.hosting import platform_of
from breachkit.drill.hub import networks
from breachkit.drill.hub.state import Account, Repository
from breachkit.drill.report import Check, CommandResult
from breachkit.drill.setting import Setting
from breachkit.drill.stage import Scene, Step
from breachkit.drill.stories import steps
from breachkit.drill.stories.drafted_study import DRAFTED, plant, write
from breachkit.drill.stories.furnishing import FORKS, furnish_with_forks
from breachkit.drill.stories.story import DAYS_ONLY, Story


LATE = "latecomer"
_SILENT = 3
_NEW_NAME = "kept-for-my-thesis"


_SETTING = Setting(
    planted=plant,
    write=write,
    brought_in="release-1",
    left_off="drafted",
    furnish=furnish_with_forks,
)


def _alive(scene: Scene) -> list[Repository]:
    """Give every fork that is there, oldest first."""
    platform = platform_of(scene)
    others = [one for one in platform.hub.repositories.values() if one is not platform.study]
    return sorted(others, key=lambda one: one.id)


def _snapshot(scene: Scene, _: CommandResult) -> Iterator[Check]:
    names = [fork.full_name for fork in platform_of(scene).forks]
    yield Check(name=f"there are {FORKS} forks", ok=len(names) == FORKS)
    text = hosting.snapshot_text(scene)
    yield Check(name="each of them is written down", ok=all(name in text for name in names))
    yield proofs.server_untouched(scene)


def _closed(scene: Scene, _: CommandResult) -> Iterator[Check]:
    platform = platform_of(scene)
    yield hosting.strangers(scene, see=False)
    yield Check(
        name="the study's own list of forks is empty now",
        ok=not list(platform.hub.forks(platform.study)),
    )
    led = [fork for fork in platform.forks if fork.parent is None]
    cut_off = all(fork.network != platform.study.network for fork in platform.forks)
    yield Check(
        name="all forks are cut off, and the oldest leads the others",
        ok=cut_off and led == [platform.forks[0]],
    )
    seen = hosting.seen_by_strangers(scene, platform.forks)
    yield Check(name=f"and strangers still get all {FORKS} of them", ok=seen == FORKS)


def _fork_a_fork(scene: Scene) -> Iterator[str]:
    """Let somebody fork a fork, which nobody can forbid."""
    hub, parent = platform_of(scene).hub, platform_of(scene).forks[10]
    somebody = Account(id=hub.next_id(), login=LATE, name="Late Comer", email=f"{LATE}@example.org")
    hub.accounts[somebody.id] = somebody
    networks.make_fork(hub, parent, somebody, name=parent.name)
    yield f"{LATE} presses the button on the page of {parent.full_name}."


def _traced(scene: Scene, _: CommandResult) -> Iterator[Check]:
    labels = hosting.labels_in_register(scene)
    names = [fork.full_name for fork in _alive(scene)]
    yield Check(name=f"{len(names)} forks are there, with the late one", ok=len(names) == FORKS + 1)
    listed = all(any(f"fork {name}" in label for label in labels) for name in names)
    yield Check(name="each is in the register, of whatever level", ok=listed)


def _asked(scene: Scene, _: CommandResult) -> Iterator[Check]:
    texts = proofs.texts_of(scene, "fork-owner")
    yield Check(name=f"a message of its own for each of {FORKS + 1}", ok=len(texts) == FORKS + 1)
    file = DRAFTED.rpartition("/")[2]
    telling = any(file in text or scene.detector.finds_in(text) for text in texts)
    yield Check(name="none names a file or holds a value", ok=bool(texts) and not telling)


def _owners_answer(scene: Scene) -> Iterator[str]:
    """Let most owners delete their fork, one rename it, one hide it, and some say nothing."""
    platform, forks = platform_of(scene), _alive(scene)
    *willing, renamed, hidden = forks[:-_SILENT]
    for fork in willing:
        networks.delete_repository(platform.hub, fork)
    renamed.former_names.add(renamed.full_name.lower())
    renamed.name = _NEW_NAME
    hidden.visibility, hidden.parent = "private", None
    yield f"{len(willing)} owners delete their fork."
    yield f"{renamed.owner.login} means well, and only renames it."
    yield f"{hidden.owner.login} makes it private, where nobody can look any more."
    yield f"{_SILENT} say nothing."


def _followed(scene: Scene, _: CommandResult) -> Iterator[Check]:
    labels = hosting.labels_in_register(scene)
    there = sum(label.startswith("fork ") for label in labels)
    yield Check(name="no fork has left the register because it is gone", ok=there == FORKS + 1)
    scene.notes["renamed_fork"] = _renamed(scene)
    yield Check(
        name="the renamed one is followed by its number", ok=bool(scene.notes["renamed_fork"])
    )


def _renamed(scene: Scene) -> str:
    names = [fork.full_name for fork in _alive(scene) if fork.name == _NEW_NAME]
    return hosting.fork_in_register(scene, names[0]) if names else ""


def _forks_hold(scene: Scene, _: CommandResult) -> Iterator[Check]:
    public = [fork for fork in _alive(scene) if fork.visibility == "public"]
    yield Check(name=f"{len(public)} forks are still public", ok=len(public) == _SILENT + 1)
    holding = all(scene.world.planted.blobs & hosting.objects_of(fork) for fork in public)
    yield Check(name="and each of them holds the data", ok=holding)


def _support_takes_the_rest(scene: Scene) -> Iterator[str]:
    """Let the platform's support take down what no owner answers for."""
    platform = platform_of(scene)
    public = [fork for fork in _alive(scene) if fork.visibility == "public"]
    for fork in public:
        networks.delete_repository(platform.hub, fork)
    yield f"Support answers: {len(public)} forks taken down, on your list."


def _answer_for_forks(scene: Scene) -> Iterator[str]:
    yield "for each fork that its owner or the platform's support deleted:"
    yield '$ breachkit copies set ID deleted --note "practice: an answer"'
    hidden = [fork.full_name for fork in _alive(scene)]
    closed, left = hosting.close_forks(scene, but=hidden)
    scene.notes["hidden_fork"] = left[0] if left else ""
    yield f"  {closed} entries closed; left: {', '.join(left)}"


def _one_left(scene: Scene, _: CommandResult) -> Iterator[Check]:
    left = hosting.open_forks(scene)
    yield Check(name="one fork is left: the one that nobody can see", ok=len(left) == 1)


def _accepted(scene: Scene, _: CommandResult) -> Iterator[Check]:
    yield Check(name="no fork is open in the register", ok=not hosting.open_forks(scene))


_BEFORE = (steps.opened(kind="confirmed"), steps.ALERT, steps.SEND)

_CLEAN_UP = (
    steps.SCOPE,
    steps.ENGINEER,
    steps.FREEZE,
    *steps.frozen(3),
    steps.REWRITE_PLAN,
    steps.REWRITE,
    steps.PUSH_PLAN,
    steps.PUSH,
    steps.SUPPORT,
    steps.support_sent(5),
)

_STEPS = (
    Step(
        id="before",
        title="The first minutes",
        words="A case is open and the contacts know. Other scenarios practise it step by step.",
        recap=_BEFORE,
        prove=acts.told,
    ),
    replace(
        steps.SNAPSHOT,
        title="Write down every fork, while there is a list",
        words="Closing the study empties its list of forks for good. So the list is the first thing you "
        "need: with forks of forks, and under whatever name their owners gave them.",
        prove=_snapshot,
    ),
    steps.RESTRICT_PLAN,
    replace(
        steps.RESTRICT,
        title="Close it, and see what that does to forks",
        words="It does nothing to them. They stay public, with everything they hold, in a network of "
        "their own that the oldest of them leads. Closing stops new readers of your repository, no more.",
        prove=_closed,
    ),
    Step(
        id="fork-of-fork",
        title="Ten minutes later, somebody forks a fork",
        words="A public fork can be forked by anybody. It is in no list of yours.",
        act=_fork_a_fork,
    ),
    Step(
        id="watch",
        title="The next look notices",
        words="The forks that the snapshot knows are asked for forks of theirs. Exit code 7, and the "
        "name of the new one.",
        command=("watch",),
        expected=(7,),
    ),
    Step(
        id="clean-up",
        title="Meanwhile, clean your own house",
        words="Scope, rewrite, push, and the request to support. Nobody can ask forty people to delete "
        "what is still on your own server.",
        recap=_CLEAN_UP,
        prove=acts.pushed_past_pulls,
    ),
    Step(
        id="support-acts",
        title="Support removes what no push reaches",
        words="In your repository. Forks that were cut off are not yours to have removed: each has an "
        "owner, who is asked first.",
        act=acts.ask_support,
        prove=acts.gone,
    ),
    Step(
        id="trace",
        title="Follow every fork",
        words="By its number, not by its name, so that renaming or giving it away hides nothing. The "
        "late one is found below the fork it was made from.",
        command=("trace",),
        prove=_traced,
    ),
    Step(
        id="owners",
        title="Ask each owner",
        words="The message asks to delete the fork and says nothing of what happened: whoever owns a "
        "fork is a stranger. Never ask in a public comment: that tells everybody where to look.",
        command=("notify", "render", "forks"),
        prove=_asked,
    ),
    Step(
        id="owners-answer",
        title="Two weeks of answers, in a moment",
        words="Four things happen to forks, and three of them look alike from outside.",
        act=_owners_answer,
    ),
    Step(
        id="trace-again",
        title="Follow them again",
        words="A fork that is not seen may be deleted, private or blocked: that it is not seen proves "
        "nothing, so none leaves the register by itself.",
        command=("trace",),
        prove=_followed,
    ),
    Step(
        id="renamed",
        title="Look at one of them: the renamed one",
        words="All that is known of a copy, and what would close it.",
        command=("copies", "show", "{renamed_fork}"),
    ),
    Step(
        id="verify-server",
        title="Who still gives it away?",
        words="Every fork that is still there is asked by every way, as a stranger would, with a control "
        "each time. Exit code 7 is the right answer.",
        command=("verify", "--server"),
        expected=(7,),
        prove=_forks_hold,
    ),
    Step(
        id="support-forks",
        title="Ask support about those who do not answer",
        words="Your list of them, by name and number, is what support needs. They act on forks of "
        "people who cannot be reached, and they decide.",
        act=_support_takes_the_rest,
    ),
    Step(
        id="close-forks",
        title="Write down how each of them ended",
        words="",
        act=_answer_for_forks,
        prove=_one_left,
    ),
    Step(
        id="accept-hidden",
        title="The one that nobody can see",
        words="Its owner says that it is deleted, or does not say. Somebody with a name and a role "
        "answers for what stays open, and the journal keeps both.",
        command=(
            *("copies", "accept", "{hidden_fork}", "--by", "Rosa Lindqvist", "--role", "DPO"),
            *("--reason", "private now; the owner was asked three times"),
        ),
        prove=_accepted,
    ),
    Step(
        id="verify-server-again",
        title="Does anybody still give it away?",
        words="",
        command=("verify", "--server", "--again"),
        prove=acts.gone,
    ),
    steps.LOG_VERIFY,
    steps.QUIET,
)

FORK_STORM = Story(
    name="fork-storm",
    teaches="Closing a repository does nothing to its forks: write them down first, follow them by "
    "number, ask each owner, and close each by a name.",
    seconds=20,
    opening="It is Wednesday. The study that everybody teaches with has a table with small counts in "
    f"it. It is public, it is popular, and it has {FORKS} forks.",
    ending="No fork that anybody can see holds the data, and somebody answers for the one that nobody "
    "can see.",
    setting=_SETTING,
    steps=_STEPS,
    not_practised=(
        "opening the repository again",
        "clones on people's machines, archives and backups",
        *DAYS_ONLY,
    ),
)
