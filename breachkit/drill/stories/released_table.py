"""The whole response, after released tables: each step from the first look to access given back.

The order is that of a real response: tell first, find everything, plan, act, prove, ask the
platform for what no push can reach, prove again, trace the copies. Source: the engineers' runbook
`opensafely-core/sysadmin`, docs/github_redaction_failure.md.
"""

from dataclasses import replace

from breachkit.drill import acts, setting
from breachkit.drill.history import TABLE
from breachkit.drill.stage import Step
from breachkit.drill.stories import steps
from breachkit.drill.stories.story import Story


_STEPS: tuple[Step, ...] = (
    Step(
        id="revert-is-not-enough",
        title="Why a revert is not enough",
        words="One table was reverted, one extract was deleted in a commit. Anybody who can read "
        "the repository gets both back with two commands. This step alone shows practice values.",
        act=acts.show_recovery,
        prove=acts.recovered,
    ),
    replace(steps.SCAN, prove=acts.scanned_tables),
    steps.opened(TABLE),
    steps.ALERT,
    Step(
        id="look",
        title="Look before it leaves",
        words="A mail cannot be taken back, so you see first what would go to whom. Without a terminal "
        "nobody can be asked: the command ends with code 6 and says what to add.",
        command=("notify", "send", "--all-waiting"),
        expected=(6,),
        prove=acts.only_looked,
    ),
    steps.SEND,
    Step(
        id="answered",
        title="One of them answers",
        words="",
        command=("notify", "ack", "N-001", "--by", "Ada Hartley"),
    ),
    Step(
        id="call",
        title="The other does not: ring",
        words="After half an hour without an answer a mail was not enough. Whom to ring in which order, "
        "what to say, and what not, because nobody knows who listens.",
        command=("notify", "chase", "N-002"),
    ),
    steps.SNAPSHOT,
    steps.RESTRICT_PLAN,
    steps.RESTRICT,
    steps.SCOPE,
    steps.ENGINEER,
    steps.FREEZE,
    *steps.frozen(3),
    steps.REWRITE_PLAN,
    steps.REWRITE,
    Step(
        id="push-refused",
        title="A slip of the hand",
        words="Whoever forgets to type the name changes nothing.",
        command=("push", "--execute"),
        expected=(6,),
        prove=acts.untouched,
    ),
    steps.PUSH_PLAN,
    steps.PUSH,
    steps.VERIFY_NOT_YET,
    Step(
        id="old-ids",
        title="Why nobody may quote an old id",
        words="Redacting a few small counts leaves few possibilities. Whoever knows an old id, or its "
        "first letters from a log, tries them all. This step shows practice values again.",
        act=acts.show_guess,
        prove=acts.guessed,
    ),
    steps.SUPPORT,
    steps.support_sent(5),
    steps.SUPPORT_ACTS,
    Step(
        id="fork-not-yet",
        title="Ask the platform by every way it has, and the fork",
        words="API, web pages, raw files, git by id, with your account and as a stranger, each way with a "
        "control that must answer. The fork was cut off when the study was closed, and is still public "
        "with all it had; the snapshot knows it by its number, so it is asked too.",
        command=("verify", "--server"),
        expected=(7,),
        prove=acts.fork_holds,
    ),
    Step(
        id="fork-goes",
        title="Its owner deletes it",
        words="Nobody but the owner, or the platform's support, can.",
        act=acts.ask_fork_owner,
    ),
    steps.VERIFY,
    steps.TRACE,
    steps.HOLDERS,
    steps.HOLDERS_SENT,
    steps.HOLDERS_ANSWER,
    steps.VERIFY_SERVER,
    steps.CHECKLIST,
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
            f"{{handed_over}}/{acts.CHECKLIST}",
        ),
        prove=acts.handed_over,
    ),
    steps.STATUS,
    steps.LOG_VERIFY,
    steps.RESTORE_PLAN,
    steps.RESTORE,
    steps.SCAN_AGAIN,
    Step(
        id="stale-clone",
        title="How it comes back",
        words="A colleague's clone from before is still out there. Pushing an ordinary new branch "
        "from it brings everything back: shown here on a copy of the server. That is why every "
        "holder is asked, why nobody may merge old work, and why the scan should run every night.",
        act=acts.push_from_stale_clone,
        prove=acts.back_again,
    ),
    steps.QUIET,
)

RELEASED_TABLE = Story(
    name="released-table",
    teaches="A revert fixes nothing: the whole response, from the first look to access given back.",
    seconds=31,
    opening="It is five on a Friday. Somebody writes: a released table of our study shows small "
    "numbers of patients, but we reverted it, so all is well, isn't it?",
    ending="The data are gone from the server and every proof was made again with plain git. What no "
    "program can do remains: ask each holder of a clone, and keep looking.",
    setting=setting.RELEASED_TABLE,
    steps=_STEPS,
)
