"""A private study is about to go public: what a near miss is, what is none, and a case to its end."""

import shutil
from collections.abc import Iterator
from dataclasses import replace

from breachkit.drill import acts, hosting, proofs
from breachkit.drill.hosting import platform_of
from breachkit.drill.hub import networks
from breachkit.drill.report import Check, CommandResult
from breachkit.drill.setting import Setting
from breachkit.drill.stage import Scene, Step
from breachkit.drill.stories import steps
from breachkit.drill.stories.drafted_study import plant, redacted, write
from breachkit.drill.stories.furnishing import furnish_privately
from breachkit.drill.stories.story import DAYS_ONLY, Story


DRAFT = "next-release"
_TABLE = "table_admissions.csv"
_SETTING = Setting(
    planted=plant,
    write=write,
    brought_in="release-1",
    left_off="drafted",
    furnish=furnish_privately,
    visibility="private",
)


def _lay_out(scene: Scene) -> Iterator[str]:
    """Put the table, as it was exported once more, into the folder for the next release."""
    folder = scene.world.folder / DRAFT
    folder.mkdir()
    (folder / _TABLE).write_bytes(plant().files[0].content)
    yield f"Chen put {_TABLE} into $DRILL/{DRAFT}, exported again for the next release."


def _caught(scene: Scene, _: CommandResult) -> Iterator[Check]:
    yield Check(name="the folder is in no repository", ok=not _in_git(scene))


def _in_git(scene: Scene) -> bool:
    folder = scene.world.folder / DRAFT
    return any((each / ".git").exists() for each in (folder, *folder.parents))


def _replaced(scene: Scene, _: CommandResult) -> Iterator[Check]:
    content = (scene.world.folder / DRAFT / _TABLE).read_bytes()
    yield Check(name="no small count is left in it", ok=not scene.detector.finds_in(content))


def _closed_early(scene: Scene, _: CommandResult) -> Iterator[Check]:
    yield proofs.server_untouched(scene)
    kinds = proofs.kinds_in_journal(scene)
    never = not kinds & {"rewrite.done", "push.done", "decision.recorded"}
    yield Check(name="nothing was rewritten, and nobody had to decide about the ICO", ok=never)


def _opened_again(scene: Scene, _: CommandResult) -> Iterator[Check]:
    scene.notes["case"] = f"BK-{scene.clock.now():%Y}-0002"
    yield proofs.server_untouched(scene)


def _nobody_outside(scene: Scene, _: CommandResult) -> Iterator[Check]:
    platform = platform_of(scene)
    study = platform.study
    yield hosting.strangers(scene, see=False)
    inside = set(study.owner.members)
    yield Check(name="it has no fork", ok=not platform.forks)
    yield Check(
        name="everybody who has a role in it is a member of the organisation",
        ok={*study.collaborators} <= inside and not study.invitations,
    )


def _still_open(_: Scene, outcome: CommandResult) -> Iterator[Check]:
    said = f"{outcome.stdout}{outcome.stderr}"
    asked = all(word in said for word in ("fresh clone", "ICO"))
    yield Check(name="it asks for what a breach asks for", ok=asked)


def _ended(scene: Scene, _: CommandResult) -> Iterator[Check]:
    yield from proofs.gone_everywhere(scene)
    kinds = proofs.kinds_in_journal(scene, number=2)
    yield Check(name="the journal ends with the closing", ok="case.closed" in kinds)


def _go_public(scene: Scene) -> Iterator[str]:
    """Open the study, and clone it as anybody can from now on."""
    platform = platform_of(scene)
    networks.set_visibility(platform.hub, platform.study, "public")
    yield "(on the platform's page: Settings, Change visibility, Make public)"
    yield from acts.clone_again(scene)


def _public_and_clean(scene: Scene, outcome: CommandResult) -> Iterator[Check]:
    yield replace(hosting.strangers(scene, see=True), name="a stranger sees it from now on")
    yield from acts.cloned_clean(scene, outcome)
    fresh = scene.world.folder / acts.FRESH
    there = (fresh / "released_outputs/output" / _TABLE).read_bytes() == redacted()
    yield Check(name="the redacted table is in its place", ok=there)


def _destroy_backup(scene: Scene) -> Iterator[str]:
    """Delete the encrypted backup and its key, as the rewrite said how long they may stay, and the mirror."""
    home = scene.world.home
    for file in (*home.glob("BK-*/private/backup.age"), *home.glob("keys/*.agekey")):
        yield f"$ rm {file}"
        file.unlink()
    for mirror in home.glob("BK-*/private/mirror.git"):
        yield f"$ rm -r {mirror}"
        shutil.rmtree(mirror)


def _destroyed(scene: Scene, _: CommandResult) -> Iterator[Check]:
    kinds = ("*.age", "*.agekey", "mirror.git")
    left = [each for kind in kinds for each in scene.world.home.rglob(kind)]
    yield Check(name="neither the backup nor its key nor the mirror is left", ok=not left)


def _decided(about: str, answer: str, reason: str) -> Step:
    return Step(
        id=f"decide-{about}",
        title="",
        words="",
        command=(
            *("decide", about, "--answer", answer, "--by", "Rosa Lindqvist"),
            *("--role", "dpo", "--reason", reason),
        ),
    )


_SENT = replace(steps.SEND, prove=None)
_DPO = Step(id="dpo", title="", words="", command=("notify", "render", "dpo"))

_CLEAN_UP = (
    steps.ENGINEER,
    steps.FREEZE,
    *steps.frozen(5),
    steps.REWRITE_PLAN,
    steps.REWRITE,
    steps.PUSH_PLAN,
    steps.PUSH,
    steps.SUPPORT,
    steps.support_sent(7),
)

_ASSESSED = (
    _decided("living", "yes", "patients of practices in England"),
    _decided("high-risk", "no", "counts without names, seen by colleagues alone"),
    _decided("ico-report", "no", "no risk is likely; recorded under Article 33(5)"),
)

_LAST = (
    Step(id="all-clear", title="", words="", command=("notify", "render", "all-clear")),
    _SENT,
    _decided("stays-closed", "private", "until Monday, when it becomes public as planned"),
    _decided("retention", "destroyed", "backup and key deleted, seen by two"),
    _decided("review", "{soon}", "with the whole team"),
)


_STEPS = (
    Step(
        id="draft",
        title="Friday: the folder for the next release",
        words="Before anything goes into a repository it is checked where it lies.",
        act=_lay_out,
        command=("check", f"{{folder}}/{DRAFT}"),
        expected=(13,),
        prove=_caught,
    ),
    Step(
        id="near-miss",
        title="A near miss: nothing has left the machine",
        words="It is a case all the same: organisations learn from near misses. Its kind makes the way "
        "short.",
        command=(
            *("open", f"{{folder}}/{DRAFT}", "--kind", "near-miss"),
            *("--found-by", "Ben Okafor", "--contacts", "{contacts}"),
        ),
    ),
    steps.ALERT,
    steps.SEND,
    Step(
        id="record",
        title="And write it down for the record of near misses",
        words="How it was caught is worth more than who slipped.",
        command=("notify", "render", "near-miss"),
    ),
    Step(
        id="redact",
        title="Put it right where it lies",
        words="There is no history to rewrite: the file is redacted, with whatever would give a count "
        "back, and rounded as the rules of today ask.",
        command=("redact", f"{{folder}}/{DRAFT}/{_TABLE}", "--write", "--round", "policy"),
        prove=_replaced,
    ),
    Step(
        id="forget",
        title="And let go of what was written over",
        words="The original was kept, for you alone, in case the redaction had to be taken back. It has "
        "not, so it goes.",
        command=("redact", "--forget", "RD-0001"),
    ),
    Step(
        id="last-word",
        title="Tell those who were alerted how it ended",
        words="No all-clear, for there is nothing that had to be cleared. The last update says so, and "
        "when the record of near misses is read again.",
        command=("notify", "render", "update", "--next-update", "{later}T09:00Z"),
    ),
    replace(steps.SEND, id="last-word-sent", title="And send it", words="", prove=None),
    Step(
        id="close-near-miss",
        title="Close it",
        words="No rewrite, no register of copies, no decision about the ICO: a near miss needs none of "
        "it. From the first look to here it took minutes.",
        command=(
            *("close", "--reason", "caught before it left the machine"),
            *("--decided-by", "Rosa Lindqvist"),
        ),
        prove=_closed_early,
    ),
    replace(
        steps.SCAN,
        title="On Monday the study goes public: scan all of it",
        words="Today's files are clean. But whoever clones a public repository gets every day it ever "
        "had, also those on which it was private.",
        expected=(13,),
    ),
    replace(
        steps.opened(kind="near-miss"),
        id="open-again",
        title="Another near miss?",
        words="The study was always private, so it looks like one. Open it as one, and see.",
        command=(
            *("open", "{server}", "--kind", "near-miss"),
            *("--found-by", "Ben Okafor", "--contacts", "{contacts}"),
        ),
        prove=_opened_again,
    ),
    Step(
        id="alert-again",
        title="Tell the contacts",
        words="As before: they hear first, whatever it turns out to be.",
        recap=(steps.ALERT, steps.SEND),
    ),
    replace(
        steps.SNAPSHOT,
        title="Who could see it?",
        words="This is the question that decides how bad it is. No fork, no outsider, no invitation, no "
        "key: the snapshot is the evidence for it.",
        prove=_nobody_outside,
    ),
    steps.SCOPE,
    Step(
        id="close-refused",
        title="It is no near miss",
        words="The data were on a server and in clones of members, so closing asks for what a breach asks "
        "for, whatever the case is called. Code 6, and the list of what is lacking.",
        command=(*("close", "--reason", "always private", "--decided-by", "Rosa Lindqvist"),),
        expected=(6,),
        prove=_still_open,
    ),
    Step(
        id="kind",
        title="Call it what it is",
        words="Corrected, not overwritten: the journal has both, and why.",
        command=("amend", "kind", "confirmed", "--reason", "the data were on a server"),
    ),
    Step(
        id="dpo",
        title="Tell the data protection officer what is known",
        words="In the order of the ICO's form, so that nothing has to be asked twice.",
        recap=(_DPO, _SENT),
    ),
    Step(
        id="clean-up",
        title="Clean the repository",
        words="Private or public, the way is the same: stop, rewrite, prove, push, ask support.",
        recap=_CLEAN_UP,
        prove=acts.pushed_past_pulls,
    ),
    steps.SUPPORT_ACTS,
    steps.VERIFY,
    Step(
        id="trace",
        title="Who has a clone?",
        words="Colleagues, all of them, and that makes it a short list; but each of their clones would "
        "push the old history into what is public on Monday.",
        command=("trace",),
    ),
    replace(
        steps.HOLDERS_ANSWER,
        words="Each copy is closed by a proof, by its holder's word or by the decision of somebody who "
        "is named; each place that does not apply has a reason.",
    ),
    Step(
        id="risk",
        title="No panic, but an answer in writing",
        words="The clock of 72 hours is no order to report. It is the time in which somebody who may "
        "decides, with reasons. breachkit keeps the answers and gives none.",
        command=_decided("risk", "no", "nobody outside ever had access: see the snapshot").command,
    ),
    Step(
        id="assessed",
        title="And the other questions",
        words="",
        recap=_ASSESSED,
    ),
    Step(
        id="backup",
        title="Destroy the backup, and the mirror with the data",
        words="All is proven and nobody will go back. As long as they are there the data are "
        "there, and nobody can say that they are destroyed.",
        act=_destroy_backup,
        prove=_destroyed,
    ),
    Step(
        id="last",
        title="Leave nothing open",
        words="The all-clear to everybody who was alerted, the backup, access, a day for looking back.",
        recap=_LAST,
    ),
    Step(
        id="close",
        title="Close the case",
        words="The same command as before. This time nothing is lacking.",
        command=(
            *("close", "--reason", "taken out before the study became public"),
            *("--decided-by", "Rosa Lindqvist"),
        ),
        prove=_ended,
    ),
    Step(
        id="public",
        title="Monday: the study goes public",
        words="Whoever clones it from now on gets every day it ever had. They may.",
        act=_go_public,
        command=("scan", f"{{folder}}/{acts.FRESH}"),
        prove=_public_and_clean,
    ),
    replace(steps.LOG_VERIFY, command=("log", "verify", "--case", "{case}"), prove=None),
    steps.QUIET,
)

PRIVATE_REPO = Story(
    name="private-repo",
    teaches="Scan before a private study goes public: what is a near miss and what is not, and a case "
    "from its opening to its end without panic.",
    seconds=10,
    opening="It is Friday morning. On Monday the study's repository becomes public, as all of them do "
    "in the end. It was always private, so nothing can have happened?",
    ending="The study is public, strangers find nothing in its history, and both cases are closed with "
    "their reasons.",
    setting=_SETTING,
    steps=_STEPS,
    not_practised=("closing a public repository", *DAYS_ONLY),
)
