"""Everything was taken out and proven; then somebody pushes from a clone of before."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from breachkit.drill import acts, proofs, scans
from breachkit.drill.guarding import push_is_refused
from breachkit.drill.history import TABLE, write_history
from breachkit.drill.plaingit import Repository, clone
from breachkit.drill.planted import plant
from breachkit.drill.report import Check, CommandResult
from breachkit.drill.setting import Setting
from breachkit.drill.stage import Scene, Step
from breachkit.drill.stories import steps
from breachkit.drill.stories.story import DAYS_ONLY, Story


BRANCH = "chen/sensitivity"
WORK = "analysis/sensitivity.py"

_SETTING = Setting(
    planted=plant,
    write=write_history,
    brought_in="release-1",
    left_off="second",
    stashed=lambda: {TABLE: plant().for_paper.content},
)


def _be_the_administrator(scene: Scene) -> Iterator[str]:
    """Remove what no push reaches, as whoever runs a server of git can."""
    server = scene.world.server
    hidden = sorted(ref for ref in proofs.refs_with_the_data(scene.world) if "/pull/" in ref)
    there = server.refs()
    yield "$ cd $DRILL/server/study-practice.git"
    for ref in hidden:
        if ref in there:
            yield f"$ git update-ref -d {ref}"
            server.git("update-ref", "-d", ref)
    yield "$ git gc --prune=now"
    server.git("gc", "--quiet", "--prune=now")


def _push_the_old(_: Scene) -> Iterator[str]:
    yield "$ git push origin chen/sensitivity        (in Chen's clone, no force)"


def _came_back(scene: Scene, _: CommandResult) -> Iterator[Check]:
    world = scene.world
    colleague = Repository(world.colleague / ".git")
    accepted = colleague.accepts("push", "--quiet", "origin", BRANCH)
    yield Check(name="the server took the push: it is an ordinary new branch", ok=accepted)
    back = world.server.object_ids() & world.planted.blobs
    yield Check(name="and the data are back on the server", ok=bool(back))


def _clean_again(scene: Scene, _: CommandResult) -> Iterator[Check]:
    """After the second push: the branch is there with its work, and without the data."""
    world = scene.world
    with tempfile.TemporaryDirectory() as scratch:
        fresh = clone(world.server.git_dir, Path(scratch) / "fresh")
        held = fresh.object_ids() & world.planted.blobs
        work = fresh.lines("ls-tree", "--name-only", f"origin/{BRANCH}", WORK)
    yield Check(name="a fresh clone holds no planted object", ok=not held)
    yield Check(name="Chen's work is in it, on its branch", ok=work == (WORK,))


def _nothing_left(scene: Scene, _: CommandResult) -> Iterator[Check]:
    held = scene.world.server.object_ids() & scene.world.planted.blobs
    yield Check(name="no planted object is left on the server", ok=not held)


def _try_again(_: Scene) -> Iterator[str]:
    yield "$ git push origin chen/sensitivity:second-try     (in Chen's clone, still the old one)"


def _refused(scene: Scene, _: CommandResult) -> Iterator[Check]:
    world = scene.world
    yield from push_is_refused(world.colleague, world.server, BRANCH)
    yield from _nothing_left(scene, _)


def _clone_anew(scene: Scene) -> Iterator[str]:
    """Let the colleague throw the old clone away and take a new one."""
    world = scene.world
    yield "$ rm -rf $DRILL/colleague/study-practice"
    yield f"$ git clone {world.target} $DRILL/colleague/study-practice"
    shutil.rmtree(world.colleague)
    clone(world.server.git_dir, world.colleague, (f"--branch={BRANCH}",))


def _new_clone_is_good(scene: Scene, _: CommandResult) -> Iterator[Check]:
    world = scene.world
    held = scans.planted_in_clone(scene, world.colleague)
    yield Check(name="plain git finds no planted object in it either", ok=not held)
    yield Check(name="Chen's work is in it", ok=(world.colleague / WORK).is_file())


_BEFORE = (
    steps.opened(TABLE, kind="confirmed"),
    steps.ALERT,
    steps.SEND,
    steps.SCOPE,
    steps.ENGINEER,
    steps.FREEZE_ALL,
    steps.frozen_all(3),
    steps.REWRITE_PLAN,
    steps.REWRITE,
    steps.PUSH_PLAN,
    steps.PUSH,
)

_STEPS = (
    Step(
        id="before",
        title="What went before",
        words="Small counts had been released. Three weeks ago you did all of this, on a server of your "
        "institute: no platform, just git in a folder. Other scenarios practise it step by step.",
        recap=_BEFORE,
        prove=acts.pushed_past_pulls,
    ),
    Step(
        id="administrator",
        title="On a server of your own, you are the support",
        words="What no push reaches, whoever runs the server removes: hidden refs, and objects that no "
        "ref names.",
        act=_be_the_administrator,
        prove=acts.gone,
    ),
    replace(steps.VERIFY, title="Proven: it is gone"),
    Step(
        id="watch",
        title="Keep looking, every hour",
        words="For cron. Exit code 0: nothing came back.",
        command=("watch",),
    ),
    Step(
        id="stale-push",
        title="Three weeks later, Chen is back from leave",
        words="Chen read none of the messages, has a branch nearly done, and pushes it. Git sees nothing "
        "wrong: the branch is new, so no force is needed. All its old history comes along.",
        act=_push_the_old,
        prove=_came_back,
    ),
    Step(
        id="noticed",
        title="The next look notices",
        words="Exit code 7, and the name of the branch. Whoever reads the mails of cron reads this one.",
        command=("watch",),
        expected=(7,),
    ),
    Step(
        id="recurrence",
        title="Go on in the case that you have",
        words="It is the same incident, so it is no new case. What was reached before stands in the "
        "journal; what no longer holds, from the scope on, has to be reached again.",
        command=("open", "{server}", "--recurrence", "a branch that Chen pushed today"),
    ),
    Step(
        id="scope-again",
        title="Find everything, once more",
        words="A second round has to be asked for, so that nobody begins one by mistake. Never just "
        "delete the branch: its work would be lost, and its objects would stay.",
        command=("scope", "--again"),
    ),
    replace(
        steps.FREEZE_ALL,
        id="freeze-again",
        title="Ask everybody to stop, once more",
        words="What was asked three weeks ago counts no longer: the rewrite waits for a new message. "
        "Ring Chen first.",
        command=("notify", "render", "freeze", "--again"),
    ),
    replace(steps.frozen_all(4), id="frozen-again", title="Reach all of them", words=""),
    replace(
        steps.REWRITE_PLAN,
        id="rewrite-plan-again",
        title="Plan the second rewrite",
        words="Only what came back is made again: refs that are clean stay as they are.",
        prove=None,
    ),
    replace(steps.REWRITE, id="rewrite-again", title="Rewrite", words="", prove=None),
    replace(steps.PUSH_PLAN, id="push-plan-again", prove=None),
    replace(
        steps.PUSH,
        id="push-again",
        words="Chen's commits are pushed back to Chen's branch: same author, same dates, same work.",
        prove=_clean_again,
    ),
    replace(
        steps.VERIFY,
        id="verify-not-yet",
        title="Is it gone? Not yet",
        words="The branch is clean, but the server still has the old objects. Code 7 is right.",
        expected=(7,),
        prove=None,
    ),
    Step(
        id="administrator-again",
        title="So collect its garbage again",
        words="",
        act=_be_the_administrator,
        prove=_nothing_left,
    ),
    replace(
        steps.VERIFY, id="verify-again", title="Is it gone now?", words="", prove=_nothing_left
    ),
    Step(
        id="guard",
        title="Close the door this time",
        words="A hook on the server refuses every push that brings one of the old objects, whoever "
        "pushes, and says whom to ask. It needs git and sh alone.",
        command=(
            *("guard", "install", "{server}"),
            *("--contact", "incidents@example.org, +44 20 7946 0000"),
        ),
    ),
    Step(
        id="refused",
        title="Chen tries once more",
        words="Under another name, because the first one was odd yesterday.",
        act=_try_again,
        prove=_refused,
    ),
    Step(
        id="verify-clone",
        title="Look at that clone",
        words="Chen runs one command, and so learns what the old clone still holds: more than the branch.",
        command=("verify-clone", "{colleague}"),
        expected=(7,),
    ),
    replace(
        steps.VERIFY,
        id="new-clone",
        title="Throw the old clone away, and clone anew",
        words="Pulling would only mix both histories. A new clone has Chen's work, and nothing else.",
        act=_clone_anew,
        command=("verify-clone", "{colleague}"),
        prove=_new_clone_is_good,
    ),
    Step(
        id="watch-on",
        title="And keep looking",
        words="The guard stops what it knows by its id. What is typed in again, or exported anew, it "
        "does not know: the nightly scan does.",
        command=("watch",),
    ),
    Step(
        id="history",
        title="Both times stand in the journal",
        words="",
        command=("status",),
    ),
    steps.LOG_VERIFY,
    steps.QUIET,
)

STALE_CLONE = Story(
    name="stale-clone",
    teaches="One push from an old clone brings everything back: watch notices, the same case goes on, "
    "and a guard refuses the next one.",
    seconds=10,
    opening="It is Monday. Three weeks ago you took a table out of the history, proved it, and told "
    "everybody. All but one have answered.",
    ending="What came back is gone again, the colleague's work is kept, and the server refuses old "
    "history from now on.",
    setting=_SETTING,
    steps=_STEPS,
    not_practised=(
        "closing the repository, and opening it again",
        "tracing copies: here the one that mattered was the one nobody traced",
        *DAYS_ONLY,
    ),
)
