"""What each step of a response is called, what it does, and what of it nobody can take back.

For somebody who has never done it: no word here needs another page to be understood.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWords:
    """A step in plain words."""

    title: str
    does: str
    lasts: str
    """What can't be undone; says so where everything can."""


_ONLY_FILES = "Nothing (only the case folder is written)."
_SENT = "What was sent cannot be taken back; until then these are only files."
_NOTED = "The entry stays in the journal; a later one can correct it."

STEPS: Mapping[tuple[str, ...], StepWords] = {
    ("open",): StepWords(
        title="Open a case",
        does="From now on everything is journalled, and the clock of 72 hours is visible. Nobody is "
        "told anything yet, and the repository is not touched.",
        lasts="Nothing: a false alarm is stood down later, and the record says so.",
    ),
    ("notify", "render", "alert"): StepWords(
        title="Write to the named contacts",
        does="Each contact gets a message of their own, as a file: what is known, what is not, what "
        "you need from them. You read it before it leaves. Tell them also by phone.",
        lasts=_SENT,
    ),
    ("notify", "render", "freeze"): StepWords(
        title="Ask everybody who can push to stop",
        does="Whoever pushes from now on pushes the old history back. Each gets a message that tells "
        "nothing of the data.",
        lasts=_SENT,
    ),
    ("notify", "render", "dpo"): StepWords(
        title="Give the data protection officer the facts",
        does="A message in the order of the ICO's form: what is known, what is not. They decide "
        "whether it is reported; breachkit does not.",
        lasts=_SENT,
    ),
    ("notify", "render", "support"): StepWords(
        title="Ask whoever runs the server for what only they can do",
        does="Refs of pull requests, cached pages and old objects: nobody can push over those. For "
        "GitHub the text goes into its support's form, with the ids from the case's private part.",
        lasts="GitHub's support deletes those pull requests for good once you ask.",
    ),
    ("notify", "render", "forks"): StepWords(
        title="Write to the owners of forks",
        does="Each is asked to delete their fork, and told nothing of what happened. Never write to them "
        "in public.",
        lasts=_SENT,
    ),
    ("notify", "render", "holders"): StepWords(
        title="Write to everybody who has a copy",
        does="Each gets one message and one small script that proves their clone clean.",
        lasts=_SENT,
    ),
    ("notify", "render", "all-clear"): StepWords(
        title="Tell everybody who was alerted how it ended",
        does="One message each: what was removed, how it was proven, what is left.",
        lasts=_SENT,
    ),
    ("notify", "render", "stand-down"): StepWords(
        title="Tell everybody that it was a false alarm",
        does="Whoever was alerted hears that nothing is left to do.",
        lasts=_SENT,
    ),
    ("notify", "render"): StepWords(
        title="Write messages",
        does="They are written as files, each checked so that no value leaves.",
        lasts=_SENT,
    ),
    ("notify", "mark-sent"): StepWords(
        title="Send what is written",
        does="You read each message, then send it, here or with your own mail program, and say so.",
        lasts=_SENT,
    ),
    ("notify", "list"): StepWords(
        title="Send what is written",
        does="Messages are written and not marked as sent.",
        lasts=_SENT,
    ),
    ("notify", "chase"): StepWords(
        title="Ring who has not answered",
        does="Whom to ring, in which order, what to say, and what not.",
        lasts="A call; what you say about it is journalled.",
    ),
    ("snapshot",): StepWords(
        title="Write down what closing the repository destroys",
        does="Forks, stars, watchers, who has which role, keys, hooks, protections. It only reads.",
        lasts=_ONLY_FILES,
    ),
    ("restrict",): StepWords(
        title="Close the repository",
        does="It becomes private; outsiders, invitations, keys, hooks, Actions and Pages are shut. "
        "Each change has its way back on disk before it is sent, and is read back after it.",
        lasts="Stars and watchers of a public repository are lost, and its public forks are cut off "
        "from it and stay public. The plan lists what else does not come back as it was; "
        "`breachkit restore` puts the rest back.",
    ),
    ("scope",): StepWords(
        title="Find everything that holds the data",
        does="The whole history is mirrored and searched: every commit, ref, path, rename and copy.",
        lasts=_ONLY_FILES,
    ),
    ("amend", "engineer"): StepWords(
        title="Name who does the clean-up",
        does="One person: two who rewrite at once make two different histories.",
        lasts=_NOTED,
    ),
    ("amend",): StepWords(
        title="Say what is known now", does="It is written down, with the reason.", lasts=_NOTED
    ),
    ("rewrite",): StepWords(
        title="Take the data out of a private copy of the history",
        does="An encrypted backup first, then the rewrite of a private mirror, then the proof that the "
        "data are out and that nothing else changed. The server still knows nothing of it.",
        lasts="Nothing: the server is not touched, and the mirror can be rewritten again.",
    ),
    ("approve",): StepWords(
        title="Have a second person approve it",
        does="Somebody else reads what is about to happen and says yes or no, by name.",
        lasts=_NOTED,
    ),
    ("push",): StepWords(
        title="Replace the server's history",
        does="Protections are lifted for this push alone and put back; each ref moves only if it is "
        "still what it was when you looked.",
        lasts="The server's old history is gone from its branches and tags. Ids of commits change, "
        "signatures are lost, and every clone is out of date. The old history is left in the case's "
        "private mirror and the encrypted backup.",
    ),
    ("verify", "--server"): StepWords(
        title="Ask the platform by every way it has",
        does="API, web pages, raw files, archives, git by id, every fork; with your account and as a "
        "stranger, each beside a control that has to answer. It only reads.",
        lasts=_ONLY_FILES,
    ),
    ("verify",): StepWords(
        title="Is it gone?",
        does="The rewritten mirror, a fresh clone and the server are searched, each beside a control "
        "that has to answer. It only reads.",
        lasts=_ONLY_FILES,
    ),
    ("trace",): StepWords(
        title="Find who and what else has a copy",
        does="Forks, people, keys, Actions, archives: each place where a copy may be becomes a line of "
        "the register. No person is asked yet.",
        lasts=_ONLY_FILES,
    ),
    ("copies",): StepWords(
        title="Account for every copy",
        does="Each is proven clean, deleted by its holder's word, accepted by somebody with a name, or "
        "does not apply. Until then nothing may be reopened or closed.",
        lasts=_NOTED,
    ),
    ("restore",): StepWords(
        title="Give access back as it was",
        does="Visibility, roles, keys, hooks and switches as they were written down; what cannot be "
        "put back is listed first.",
        lasts="Whoever reads the repository from then on has read it. People who were shut out have "
        "to accept an invitation.",
    ),
    ("decide", "list"): StepWords(
        title="Write down what people decide",
        does="Questions that only people can answer, such as whether it is reported to the ICO. Each "
        "answer has a name and a reason.",
        lasts=_NOTED,
    ),
    ("decide", "retention"): StepWords(
        title="Settle what becomes of the backup and the mirror",
        does="The encrypted backup, and the mirror of the old history, still hold the data: they are "
        "destroyed, or kept until a day for a reason.",
        lasts="What is destroyed is gone. Until you delete it yourself it is there.",
    ),
    ("decide", "stays-closed"): StepWords(
        title="Say whether the repository is open again",
        does="Somebody gave access back by hand, or somebody decided that it stays closed.",
        lasts=_NOTED,
    ),
    ("decide", "review"): StepWords(
        title="Set a day for looking back on it",
        does="What went well, what did not, what changes.",
        lasts=_NOTED,
    ),
    ("decide",): StepWords(
        title="Write down what somebody decides",
        does="With a name and a reason.",
        lasts=_NOTED,
    ),
    ("checklist", "tick"): StepWords(
        title="Say that something was done by hand",
        does="It is ticked in the checklist, with what shows it.",
        lasts=_NOTED,
    ),
    ("checklist",): StepWords(
        title="See what is left on the checklist",
        does="Each item has an owner, a date and its evidence.",
        lasts=_ONLY_FILES,
    ),
    ("verifier",): StepWords(
        title="Keep what late clones are compared with, sealed",
        does="The script for clone holders, encrypted, beside the private part that is to be destroyed. "
        "Its key is kept elsewhere, by whoever answers for clones that turn up late.",
        lasts="Nothing: it is one more file. Whoever loses the key has lost it.",
    ),
    ("close",): StepWords(
        title="Close the case",
        does="Everything is done that the response promised. The record is sealed with a conclusion "
        "and a name.",
        lasts="A closed case is a record; if the data come back, `breachkit open --recurrence` goes on in it.",
    ),
    ("log",): StepWords(
        title="Check that the journal holds",
        does="Each entry carries the hash of the one before: a changed line would show.",
        lasts=_ONLY_FILES,
    ),
    ("scan",): StepWords(
        title="Look at what was found",
        does="The whole history is read, and it is said where something is, never what.",
        lasts=_ONLY_FILES,
    ),
}
"""By the first words of a command; the longest that fits counts."""

_UNKNOWN = StepWords(title="Go on", does="", lasts=_NOTED)


def step_words(words: Sequence[str]) -> StepWords:
    """Give the words for a command.

    Args:
        words: Of the command, without the program's name.
    """
    for length in range(min(len(words), 3), 0, -1):
        if found := STEPS.get(tuple(words[:length])):
            return found
    return _UNKNOWN


MEANINGS: Mapping[int, str] = {
    1: "Something went wrong that should not have. The lines above say where; the step can be tried again.",
    2: "It was not understood as it was typed. Nothing was done.",
    3: "Something that it needs is not there. Nothing was done; the lines above say what is missing.",
    4: "This account, or this machine, may not do it. Somebody else has to.",
    5: "It was not finished. What was done so far is kept; the same step goes on from there.",
    6: "It was refused by a guard. The lines above say what is missing.",
    7: "The proof does not hold: the data are still somewhere, or something else is not as it must be.",
    8: "Something is overdue.",
}
"""What the exit code of a command says to whoever was led to it."""

_STILL_THERE = (
    "The data are still somewhere. Until the platform's support or the owner of a fork has acted, that "
    "is the usual answer; the lines above say where, and the next step who removes it."
)


def meaning(words: Sequence[str], code: int) -> str:
    """Say what an exit code of a command means; empty where there is nothing to say.

    Args:
        words: Of the command, without the program's name.
        code: How it ended.
    """
    return _STILL_THERE if code == 7 and words[0] == "verify" else MEANINGS.get(code, "")


PLANNED = frozenset({"restrict", "rewrite", "push", "restore"})
"""First words of the commands that show a plan, and act only with `--execute`."""
