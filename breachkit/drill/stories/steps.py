"""Steps that several stories share, in the order of a response; a story can give one words of its own."""

from dataclasses import replace

from breachkit.drill import acts
from breachkit.drill.stage import Step


def opened(path: str = "", *, kind: str = "suspected") -> Step:
    """Give the step that opens a case: suspected, confirmed or a near miss; about a file, or not yet."""
    return Step(
        id="open",
        title="Open a case",
        words="Suspicion is enough. From now on everything is journalled and the clock of 72 hours "
        "is visible.",
        command=(
            *("open", "{server}", "--kind", kind, *(("--path", path) if path else ())),
            *("--found-by", "Ben Okafor", "--contacts", "{contacts}"),
        ),
        prove=acts.untouched,
    )


def frozen(first: int) -> tuple[Step, Step]:
    """Give the steps in which both who can push are reached; `first` is their first message's number."""
    return (
        Step(
            id="frozen-1",
            title="Reach the first, and say so",
            words="The platform gives no addresses of accounts: ring, or write where you work together.",
            command=("notify", "mark-sent", f"N-{first:03}", "--by", "Ada Hartley"),
        ),
        Step(
            id="frozen-2",
            title="And the other",
            words="",
            command=("notify", "mark-sent", f"N-{first + 1:03}", "--by", "Ada Hartley"),
        ),
    )


def frozen_all(number: int) -> Step:
    """Give the step in which everybody who can push was reached at once."""
    return Step(
        id="frozen",
        title="Reach all of them, and say so",
        words="Where you work together, or by phone. Nobody was asked yet who they are: `snapshot` "
        "would list them, and write one message for each.",
        command=("notify", "mark-sent", f"N-{number:03}", "--by", "Ada Hartley"),
    )


def support_sent(number: int) -> Step:
    """Give the step in which the request to the platform's support is handed over."""
    return Step(
        id="support-sent",
        title="Paste it into the platform's form, and say so",
        words="With the ids from the case's private part, which go nowhere else.",
        command=("notify", "mark-sent", f"N-{number:03}", "--by", "Ada Hartley"),
    )


SCAN = Step(
    id="scan",
    title="Look at the whole history",
    words="You do not know yet how much there is. The scan reads every object of every ref and "
    "says where something is, never what.",
    command=("scan", "{server}"),
    expected=(13, 14),
    prove=acts.scanned,
)

ALERT = Step(
    id="alert",
    title="Tell the named contacts, before anything else",
    words="They must hear at once, also while little is known. The message says what is known "
    "and what is not; each contact gets their own.",
    command=("notify", "render", "alert"),
    prove=acts.alerted,
)

SEND = Step(
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
)

SNAPSHOT = Step(
    id="snapshot",
    title="Write down what closing it will destroy",
    words="A private repository loses its stars and watchers, and its public forks are cut off "
    "from it: after that no list shows them. So it is written down first, with everything that "
    "has to be put back.",
    command=("snapshot",),
    prove=acts.recorded,
)

RESTRICT_PLAN = Step(
    id="restrict-plan",
    title="Plan the closing",
    words="Who loses access, what is switched off, in which order, and what cannot be undone.",
    command=("restrict",),
    prove=acts.planned_closing,
)

RESTRICT = Step(
    id="restrict",
    title="Close it",
    words="Each change is journalled before it is sent and read back after it; its way back is on "
    "disk before. Then it is looked at as a stranger would.",
    command=("restrict", "--execute", "--confirm", "{name}"),
    prove=acts.closed,
)

SCOPE = Step(
    id="scope",
    title="Find everything that holds the data",
    words="The same content under other names, on other branches, in tags, in pull requests. "
    "What is found becomes the list of what must go.",
    command=("scope",),
    prove=acts.untouched,
)

ENGINEER = Step(
    id="engineer",
    title="Name who does the clean-up",
    words="One person, by name: two people who rewrite at once make two different histories.",
    command=("amend", "engineer", "Ada Hartley"),
)

FREEZE = Step(
    id="freeze",
    title="Ask everybody who can push to stop",
    words="Whoever pushes from now on pushes the old history. The plan can be made meanwhile; the "
    "rewrite itself waits for these messages.",
    command=("notify", "render", "freeze"),
    prove=acts.asked_to_stop,
)

FREEZE_ALL = replace(FREEZE, prove=acts.asked_all_to_stop)

REWRITE_PLAN = Step(
    id="rewrite-plan",
    title="Plan the rewrite",
    words="Nothing is changed yet: read what goes, what stays and what every ref becomes.",
    command=("rewrite",),
    prove=acts.untouched,
)

REWRITE = Step(
    id="rewrite",
    title="Rewrite a private mirror",
    words="An encrypted backup first, then git-filter-repo on a mirror, then the proof. The "
    "server still knows nothing of it.",
    command=("rewrite", "--execute", "--confirm", "{name}"),
    prove=acts.rewritten,
)

PUSH_PLAN = Step(
    id="push-plan",
    title="Plan the push",
    words="Which refs move, which are left alone, and which the server will not let anybody touch.",
    command=("push",),
    prove=acts.untouched,
)

PUSH = Step(
    id="push",
    title="Push",
    words="The branch is protected: the protection is saved, lifted for this push alone, and put "
    "back. Each ref moves only if it is still what it was when you looked. The refs of pull "
    "requests are the server's own; they stay, and are reported.",
    command=("push", "--execute", "--confirm", "{name}"),
    prove=acts.pushed,
)

VERIFY_NOT_YET = Step(
    id="verify-not-yet",
    title="Is it gone? Not yet",
    words="Branches and tags are clean, but the pull requests still lead to the data and the "
    "server still gives out objects to whoever knows an id. Exit code 7 is the right answer.",
    command=("verify",),
    expected=(7,),
    prove=acts.still_there,
)

SUPPORT = Step(
    id="support",
    title="Ask the platform's support",
    words="Only the platform can remove pull requests and collect its garbage.",
    command=("notify", "render", "support"),
    prove=acts.requested,
)

SUPPORT_ACTS = Step(
    id="support-acts",
    title="A day later, support acts",
    words="In this drill the drill itself plays the platform, and does only what the request asks for.",
    act=acts.ask_support,
    prove=acts.gone,
)

VERIFY = Step(
    id="verify",
    title="Is it gone now?",
    words="The same question to the mirror, to a fresh clone and to the server, each with a "
    "control that must answer.",
    command=("verify",),
    prove=acts.gone,
)

TRACE = Step(
    id="trace",
    title="Who has a copy?",
    words="Everybody whose work is in the history since the exposure probably has a clone; the "
    "platform knows of forks, keys, hooks and visitors; public archives are asked because you "
    "allow it. Nobody can list who else cloned it, and the register says so.",
    command=("trace", "--allow", "{archives}"),
    prove=acts.traced,
)

HOLDERS = Step(
    id="holders",
    title="Ask each of them",
    words="One message each, without a path, a value or an id in it.",
    command=("notify", "render", "holders"),
    prove=acts.asked_holders,
)

HOLDERS_SENT = Step(
    id="holders-sent",
    title="And send them, each with the script that checks a clone",
    words="",
    command=(
        *("notify", "send", "--all-waiting", "--execute"),
        *("--confirm", "{case}", "--by", "Ada Hartley"),
    ),
    prove=acts.holders_told,
)

HOLDERS_ANSWER = Step(
    id="holders-answer",
    title="Weeks of answers, in a moment",
    words="Each copy is closed by a proof, by its holder's word or by the decision of somebody who "
    "is named; each place that does not apply has a reason. Until then the study stays closed.",
    act=acts.answer_all,
    prove=acts.all_answered,
)

VERIFY_SERVER = Step(
    id="verify-server",
    title="And by every other way?",
    words="",
    command=("verify", "--server", "--again"),
    prove=acts.gone,
)

CHECKLIST = Step(
    id="checklist",
    title="What is left to do?",
    words="Each contact and each copy is a line with an owner, a date and its evidence.",
    command=("checklist", "show"),
)

STATUS = Step(
    id="status",
    title="Where do we stand?",
    words="",
    command=("status",),
)

LOG_VERIFY = Step(
    id="log-verify",
    title="Can the journal be trusted?",
    words="Each entry carries the hash of the one before: a changed or missing line would show.",
    command=("log", "verify"),
    prove=acts.tamper,
)

RESTORE_PLAN = Step(
    id="restore-plan",
    title="Plan the way back",
    words="Only now that it is gone. What cannot be put back is listed.",
    command=("restore",),
)

RESTORE = Step(
    id="restore",
    title="Open it again",
    words="The exact roles, keys and switches that were written down; what is lost is said.",
    command=("restore", "--execute", "--confirm", "{name}"),
    prove=acts.opened,
)

SCAN_AGAIN = Step(
    id="scan-again",
    title="Scan a fresh clone",
    words="What anybody gets who clones the study from now on.",
    act=acts.clone_again,
    command=("scan", f"{{folder}}/{acts.FRESH}"),
    prove=acts.cloned_clean,
)

QUIET = Step(
    id="quiet",
    title="Did anything slip out?",
    words="Every line printed and every file written so far, searched for the practice values.",
    prove=acts.quiet,
)
