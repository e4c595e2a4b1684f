"""The whole response, after released tables: each step from the first look to access given back.

The order is that of a real response: tell first, find everything, plan, act, prove, ask the
platform for what no push can reach, prove again, trace the copies. Source: the engineers' runbook
`opensafely-core/sysadmin`, docs/github_redaction_failure.md.
"""

from breachkit.drill import acts, setting
from breachkit.drill.history import TABLE
from breachkit.drill.stage import Step
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
    Step(
        id="scan",
        title="Look at the whole history",
        words="You do not know yet how much there is. The scan reads every object of every ref and "
        "says where something is, never what.",
        command=("scan", "{server}"),
        expected=(13, 14),
        prove=acts.scanned_tables,
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
        prove=acts.untouched,
    ),
    Step(
        id="alert",
        title="Tell the named contacts, before anything else",
        words="They must hear at once, also while little is known. The message says what is known "
        "and what is not; each contact gets their own.",
        command=("notify", "render", "alert"),
        prove=acts.alerted,
    ),
    Step(
        id="look",
        title="Look before it leaves",
        words="A mail cannot be taken back, so you see first what would go to whom. Without a terminal "
        "nobody can be asked: the command ends with code 6 and says what to add.",
        command=("notify", "send", "--all-waiting"),
        expected=(6,),
        prove=acts.only_looked,
    ),
    Step(
        id="send",
        title="Send it",
        words="Over TLS, after a login, to a mail server of this drill's own; you can as well send the "
        "files with your own mail program and say so with mark-sent. The journal has each recipient, "
        "the server's answer and the time.",
        command=(
            *("notify", "send", "--all-waiting", "--execute"),
            *("--confirm", "{case}", "--by", "Ada Hartley"),
        ),
        prove=acts.told,
    ),
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
    Step(
        id="snapshot",
        title="Write down what closing it will destroy",
        words="A private repository loses its stars and watchers, and its public forks are cut off "
        "from it: after that no list shows them. So it is written down first, with everything that "
        "has to be put back.",
        command=("snapshot",),
        prove=acts.recorded,
    ),
    Step(
        id="restrict-plan",
        title="Plan the closing",
        words="Who loses access, what is switched off, in which order, and what cannot be undone.",
        command=("restrict",),
        prove=acts.planned_closing,
    ),
    Step(
        id="restrict",
        title="Close it",
        words="Each change is journalled before it is sent and read back after it; its way back is on "
        "disk before. Then it is looked at as a stranger would.",
        command=("restrict", "--execute", "--confirm", "{name}"),
        prove=acts.closed,
    ),
    Step(
        id="scope",
        title="Find everything that holds the data",
        words="The same content under other names, on other branches, in tags, in pull requests. "
        "What is found becomes the list of what must go.",
        command=("scope",),
        prove=acts.untouched,
    ),
    Step(
        id="engineer",
        title="Name who does the clean-up",
        words="One person, by name: two people who rewrite at once make two different histories.",
        command=("amend", "engineer", "Ada Hartley"),
    ),
    Step(
        id="freeze",
        title="Ask everybody who can push to stop",
        words="Whoever pushes from now on pushes the old history. The plan can be made meanwhile; the "
        "rewrite itself waits for these messages.",
        command=("notify", "render", "freeze"),
        prove=acts.asked_to_stop,
    ),
    Step(
        id="frozen-1",
        title="Reach the first, and say so",
        words="The platform gives no addresses of accounts: ring, or write where you work together.",
        command=("notify", "mark-sent", "N-003", "--by", "Ada Hartley"),
    ),
    Step(
        id="frozen-2",
        title="And the other",
        words="",
        command=("notify", "mark-sent", "N-004", "--by", "Ada Hartley"),
    ),
    Step(
        id="rewrite-plan",
        title="Plan the rewrite",
        words="Nothing is changed yet: read what goes, what stays and what every ref becomes.",
        command=("rewrite",),
        prove=acts.untouched,
    ),
    Step(
        id="rewrite",
        title="Rewrite a private mirror",
        words="An encrypted backup first, then git-filter-repo on a mirror, then the proof. The "
        "server still knows nothing of it.",
        command=("rewrite", "--execute", "--confirm", "{name}"),
        prove=acts.rewritten,
    ),
    Step(
        id="push-refused",
        title="A slip of the hand",
        words="Whoever forgets to type the name changes nothing.",
        command=("push", "--execute"),
        expected=(6,),
        prove=acts.untouched,
    ),
    Step(
        id="push-plan",
        title="Plan the push",
        words="Which refs move, which are left alone, and which the server will not let anybody touch.",
        command=("push",),
        prove=acts.untouched,
    ),
    Step(
        id="push",
        title="Push",
        words="The branch is protected: the protection is saved, lifted for this push alone, and put "
        "back. Each ref moves only if it is still what it was when you looked. The refs of pull "
        "requests are the server's own; they stay, and are reported.",
        command=("push", "--execute", "--confirm", "{name}"),
        prove=acts.pushed,
    ),
    Step(
        id="verify-not-yet",
        title="Is it gone? Not yet",
        words="Branches and tags are clean, but the pull requests still lead to the data and the "
        "server still gives out objects to whoever knows an id. Exit code 7 is the right answer.",
        command=("verify",),
        expected=(7,),
        prove=acts.still_there,
    ),
    Step(
        id="old-ids",
        title="Why nobody may quote an old id",
        words="Redacting a few small counts leaves few possibilities. Whoever knows an old id, or its "
        "first letters from a log, tries them all. This step shows practice values again.",
        act=acts.show_guess,
        prove=acts.guessed,
    ),
    Step(
        id="support",
        title="Ask the platform's support",
        words="Only the platform can remove pull requests and collect its garbage.",
        command=("notify", "render", "support"),
        prove=acts.requested,
    ),
    Step(
        id="support-sent",
        title="Paste it into the platform's form, and say so",
        words="With the ids from the case's private part, which go nowhere else.",
        command=("notify", "mark-sent", "N-005", "--by", "Ada Hartley"),
    ),
    Step(
        id="support-acts",
        title="A day later, support acts",
        words="In this drill the drill itself plays the platform, and does only what the request asks for.",
        act=acts.ask_support,
        prove=acts.gone,
    ),
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
    Step(
        id="verify",
        title="Is it gone now?",
        words="The same question to the mirror, to a fresh clone and to the server, each with a "
        "control that must answer.",
        command=("verify",),
        prove=acts.gone,
    ),
    Step(
        id="trace",
        title="Who has a copy?",
        words="Everybody whose work is in the history since the exposure probably has a clone; the "
        "platform knows of forks, keys, hooks and visitors; public archives are asked because you "
        "allow it. Nobody can list who else cloned it, and the register says so.",
        command=("trace", "--allow", "{archives}"),
        prove=acts.traced,
    ),
    Step(
        id="holders",
        title="Ask each of them",
        words="One message each, without a path, a value or an id in it.",
        command=("notify", "render", "holders"),
        prove=acts.asked_holders,
    ),
    Step(
        id="holders-sent",
        title="And send them, each with the script that checks a clone",
        words="",
        command=(
            *("notify", "send", "--all-waiting", "--execute"),
            *("--confirm", "{case}", "--by", "Ada Hartley"),
        ),
        prove=acts.holders_told,
    ),
    Step(
        id="holders-answer",
        title="Weeks of answers, in a moment",
        words="Each copy is closed by a proof, by its holder's word or by the decision of somebody who "
        "is named; each place that does not apply has a reason. Until then the study stays closed.",
        act=acts.answer_all,
        prove=acts.all_answered,
    ),
    Step(
        id="verify-server",
        title="And by every other way?",
        words="",
        command=("verify", "--server", "--again"),
        prove=acts.gone,
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
            f"{{handed_over}}/{acts.CHECKLIST}",
        ),
        prove=acts.handed_over,
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
        prove=acts.tamper,
    ),
    Step(
        id="restore-plan",
        title="Plan the way back",
        words="Only now that it is gone. What cannot be put back is listed.",
        command=("restore",),
    ),
    Step(
        id="restore",
        title="Open it again",
        words="The exact roles, keys and switches that were written down; what is lost is said.",
        command=("restore", "--execute", "--confirm", "{name}"),
        prove=acts.opened,
    ),
    Step(
        id="scan-again",
        title="Scan a fresh clone",
        words="What anybody gets who clones the study from now on.",
        act=acts.clone_again,
        command=("scan", f"{{folder}}/{acts.FRESH}"),
        prove=acts.cloned_clean,
    ),
    Step(
        id="stale-clone",
        title="How it comes back",
        words="A colleague's clone from before is still out there. Pushing an ordinary new branch "
        "from it brings everything back: shown here on a copy of the server. That is why every "
        "holder is asked, why nobody may merge old work, and why the scan should run every night.",
        act=acts.push_from_stale_clone,
        prove=acts.back_again,
    ),
    Step(
        id="quiet",
        title="Did anything slip out?",
        words="Every line printed and every file written so far, searched for the practice values.",
        prove=acts.quiet,
    ),
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
