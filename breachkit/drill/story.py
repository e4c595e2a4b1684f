"""The drill's story as data: what a person does, in which order, and what must be true after it.

The order is that of a real response: tell first, find everything, plan, act, prove, ask the
platform for what no push can reach, prove again, trace the copies. Source: the engineers' runbook
`opensafely-core/sysadmin`, docs/github_redaction_failure.md.
"""

from collections.abc import Iterable, Iterator

from breachkit.drill import proofs
from breachkit.drill.history import TABLE
from breachkit.drill.plaingit import clone
from breachkit.drill.recover import PREFIX, recover
from breachkit.drill.report import Check, CommandResult
from breachkit.drill.stage import Scene, Step
from breachkit.drill.support import act_on_request
from breachkit.drill.world import STUDY_NAME


_FRESH = "fresh"
_CHECKLIST = "checklist.md"


def _recover(scene: Scene) -> Iterator[str]:
    """Show the value; everything that holds data carries the prefix."""
    for recovery in recover(scene.world):
        yield f"$ git ls-tree --name-only main {recovery.path}"
        yield "  (nothing: the newest commit looks clean)"
        yield f"$ {recovery.found_by}"
        yield from (f"  {subject}" for subject in recovery.subjects)
        yield f"$ {recovery.shown_by}"
        yield from (f"{PREFIX}{row}" for row in recovery.rows.reveal())


def _recovered(scene: Scene, _: CommandResult) -> Iterator[Check]:
    for recovery in recover(scene.world):
        yield Check(name=f"main's newest commit lacks {recovery.path}", ok=not recovery.in_main)
        yield Check(name="and the whole file came back from its history", ok=recovery.complete)


def _scanned(scene: Scene, _: CommandResult) -> Iterable[Check]:
    return proofs.scan_finds_everything(scene)


def _alerted(scene: Scene, _: CommandResult) -> Iterable[Check]:
    addresses = ("incidents@example.org", "dpo@example.org")
    return proofs.mails_written(scene, "internal-alert", addresses)


def _untouched(scene: Scene, _: CommandResult) -> Iterator[Check]:
    yield proofs.server_untouched(scene)


def _rewritten(scene: Scene, _: CommandResult) -> Iterator[Check]:
    yield proofs.server_untouched(scene)
    yield from proofs.backup_can_be_opened(scene)


def _pushed(scene: Scene, _: CommandResult) -> Iterator[Check]:
    yield from proofs.branches_clean(scene)
    yield from proofs.pulls_remain(scene)


def _still_there(scene: Scene, _: CommandResult) -> Iterable[Check]:
    return proofs.pulls_remain(scene)


def _requested(scene: Scene, _: CommandResult) -> Iterable[Check]:
    return proofs.request_names_the_right_pulls(scene)


def _ask_support(scene: Scene) -> Iterator[str]:
    request = proofs.written_text(scene, "github-support")
    ids = proofs.ids_for_support(scene)
    answer = act_on_request(scene.world.server, request, ids)
    if answer.refused is not None:
        yield f"Support answers: we cannot help yet, {answer.refused}."
        return
    yield f"Support answers: {len(answer.removed)} pull requests removed, garbage collected:"
    yield from (f"  {ref}" for ref in answer.removed)


def _gone(scene: Scene, _: CommandResult) -> Iterable[Check]:
    return proofs.gone_everywhere(scene)


def _asked_holders(scene: Scene, _: CommandResult) -> Iterable[Check]:
    return proofs.mails_written(scene, "clone-holder", proofs.HOLDERS)


def _traced(scene: Scene, _: CommandResult) -> Iterable[Check]:
    return proofs.copies_registered(scene)


def _handed_over(scene: Scene, _: CommandResult) -> Iterable[Check]:
    return proofs.checklist_handed_over(scene, _CHECKLIST)


def _tamper(scene: Scene, _: CommandResult) -> Iterable[Check]:
    return proofs.tampering_is_found_out(scene)


def _clone_again(scene: Scene) -> Iterator[str]:
    yield f"$ git clone $DRILL/server/{STUDY_NAME}.git $DRILL/{_FRESH}"
    clone(scene.world.server.git_dir, scene.world.folder / _FRESH)


def _cloned_clean(scene: Scene, _: CommandResult) -> Iterable[Check]:
    return proofs.fresh_clone_scans_clean(scene, scene.world.folder / _FRESH)


def _push_from_stale_clone(_: Scene) -> Iterator[str]:
    yield "$ git push origin chen/sensitivity        (in the colleague's clone, no force)"


def _back_again(scene: Scene, _: CommandResult) -> Iterable[Check]:
    return proofs.stale_clone_brings_it_back(scene)


def _quiet(scene: Scene, _: CommandResult) -> Iterable[Check]:
    return proofs.nothing_leaked(scene)


STORY: tuple[Step, ...] = (
    Step(
        id="revert-is-not-enough",
        title="Why a revert is not enough",
        words="One table was reverted, one extract was deleted in a commit. Anybody who can read "
        "the repository gets both back with two commands. This step alone shows practice values.",
        act=_recover,
        prove=_recovered,
    ),
    Step(
        id="scan",
        title="Look at the whole history",
        words="You do not know yet how much there is. The scan reads every object of every ref and "
        "says where something is, never what.",
        command=("scan", "{server}"),
        expected=(13, 14),
        prove=_scanned,
    ),
    Step(
        id="open",
        title="Open a case",
        words="Suspicion is enough. From now on everything is journalled and the clock of 72 hours "
        "is visible.",
        command=(
            *("open", "{server}", "--kind", "suspected", "--path", TABLE),
            *("--found-by", "Ben Okafor", "--contacts", "{contacts}"),
        ),
        prove=_untouched,
    ),
    Step(
        id="alert",
        title="Tell the named contacts, before anything else",
        words="They must hear at once, also while little is known. The message says what is known "
        "and what is not; each contact gets their own.",
        command=("notify", "render", "alert"),
        prove=_alerted,
    ),
    Step(
        id="sent-1",
        title="Send it, and say so",
        words="You send it with your own mail program; the journal records when.",
        command=("notify", "mark-sent", "N-001", "--by", "Ada Hartley"),
    ),
    Step(
        id="sent-2",
        title="And to the second contact",
        words="",
        command=("notify", "mark-sent", "N-002", "--by", "Ada Hartley"),
    ),
    Step(
        id="scope",
        title="Find everything that holds the data",
        words="The same content under other names, on other branches, in tags, in pull requests. "
        "What is found becomes the list of what must go.",
        command=("scope",),
        prove=_untouched,
    ),
    Step(
        id="rewrite-plan",
        title="Plan the rewrite",
        words="Nothing is changed yet: read what goes, what stays and what every ref becomes.",
        command=("rewrite",),
        prove=_untouched,
    ),
    Step(
        id="rewrite",
        title="Rewrite a private mirror",
        words="An encrypted backup first, then git-filter-repo on a mirror, then the proof. The "
        "server still knows nothing of it.",
        command=("rewrite", "--execute", "--confirm", STUDY_NAME),
        prove=_rewritten,
    ),
    Step(
        id="push-refused",
        title="A slip of the hand",
        words="Whoever forgets to type the name changes nothing.",
        command=("push", "--execute"),
        expected=(6,),
        prove=_untouched,
    ),
    Step(
        id="push-plan",
        title="Plan the push",
        words="Which refs move, which are left alone, and which the server will not let anybody touch.",
        command=("push",),
        prove=_untouched,
    ),
    Step(
        id="push",
        title="Push",
        words="Each ref moves only if it is still what it was when you looked. The refs of pull "
        "requests are the server's own; they stay, and are reported.",
        command=("push", "--execute", "--confirm", STUDY_NAME),
        prove=_pushed,
    ),
    Step(
        id="verify-not-yet",
        title="Is it gone? Not yet",
        words="Branches and tags are clean, but the pull requests still lead to the data and the "
        "server still gives out objects to whoever knows an id. Exit code 7 is the right answer.",
        command=("verify",),
        expected=(7,),
        prove=_still_there,
    ),
    Step(
        id="support",
        title="Ask the platform's support",
        words="Only the platform can remove pull requests and collect its garbage.",
        command=("notify", "render", "support"),
        prove=_requested,
    ),
    Step(
        id="support-sent",
        title="Paste it into the platform's form, and say so",
        words="With the ids from the case's private part, which go nowhere else.",
        command=("notify", "mark-sent", "N-003", "--by", "Ada Hartley"),
    ),
    Step(
        id="support-acts",
        title="A day later, support acts",
        words="In this drill the drill itself plays the platform, and does only what the request asks for.",
        act=_ask_support,
        prove=_gone,
    ),
    Step(
        id="verify",
        title="Is it gone now?",
        words="The same question to the mirror, to a fresh clone and to the server, each with a "
        "control that must answer.",
        command=("verify",),
        prove=_gone,
    ),
    Step(
        id="trace",
        title="Who has a copy?",
        words="Everybody whose work is in the history since the exposure probably has a clone. "
        "Nobody can list who else cloned it, and the register says so.",
        command=("trace",),
        prove=_traced,
    ),
    Step(
        id="holders",
        title="Ask each of them",
        words="One message each, without a path, a value or an id in it.",
        command=("notify", "render", "holders"),
        prove=_asked_holders,
    ),
    Step(
        id="checklist",
        title="What is left to do?",
        words="Each contact and each copy is a line with an owner, a date and its evidence.",
        command=("checklist", "show"),
    ),
    Step(
        id="checklist-export",
        title="Hand the list over",
        words="For those who do not use breachkit.",
        command=(
            "checklist",
            "export",
            "--format",
            "md",
            "--output",
            f"{{handed_over}}/{_CHECKLIST}",
        ),
        prove=_handed_over,
    ),
    Step(
        id="status",
        title="Where do we stand?",
        words="",
        command=("status",),
    ),
    Step(
        id="log-verify",
        title="Can the journal be trusted?",
        words="Each entry carries the hash of the one before: a changed or missing line would show.",
        command=("log", "verify"),
        prove=_tamper,
    ),
    Step(
        id="scan-again",
        title="Scan a fresh clone",
        words="What anybody gets who clones the study from now on.",
        act=_clone_again,
        command=("scan", f"{{folder}}/{_FRESH}"),
        prove=_cloned_clean,
    ),
    Step(
        id="stale-clone",
        title="How it comes back",
        words="A colleague's clone from before is still out there. Pushing an ordinary new branch "
        "from it brings everything back: shown here on a copy of the server. That is why every "
        "holder is asked, why nobody may merge old work, and why the scan should run every night.",
        act=_push_from_stale_clone,
        prove=_back_again,
    ),
    Step(
        id="quiet",
        title="Did anything slip out?",
        words="Every line printed and every file written so far, searched for the practice values.",
        prove=_quiet,
    ),
)
