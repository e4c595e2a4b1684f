"""The people of a practice: they answer when a right message reaches them, and do what it asks for.

In earnest they take hours, days or weeks; here they answer at once. Support and owners of forks do
only what a message asks for; whoever has a clone runs the script that came with it, for real.
"""

import contextlib
import json
import shutil
import tempfile
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from breachkit.actions.clone_check import CloneResult
from breachkit.actions.clone_list import CloneList, NoListError
from breachkit.drill import plaingit, study
from breachkit.drill.hub import networks
from breachkit.drill.hub.state import Hub
from breachkit.drill.inbox import Arrived
from breachkit.drill.plaingit import Repository
from breachkit.drill.practice import Practice
from breachkit.drill.practice_post import Post, parsed
from breachkit.drill.practice_witness import holds
from breachkit.drill.support import act_on_server, act_on_study
from breachkit.drill.world import STUDY_NAME
from breachkit.model.time import Clock, rfc3339
from breachkit.report.clones import result_text
from breachkit.workflows.verify_clone import VERIFIER_FILE, verify_clone


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A message that goes by no mail: into a form, by telephone, or where accounts can be reached."""

    kind: str
    name: str
    """Whom it is for: a person, an account, or the platform's support."""
    subject: str
    text: str
    ids: str
    """What is pasted into the form of support beside the text."""


class People:
    """Everybody who can be written to in a practice.

    Args:
        practice: Where they are.
        hub: The platform; None where there is none.
        clock: For the dates of their answers.
        keep: Writes the platform down after somebody acted on it.
    """

    def __init__(
        self, practice: Practice, hub: Hub | None, clock: Clock, keep: Callable[[], None]
    ) -> None:
        self._practice = practice
        self._hub = hub
        self._keep = keep
        self._clock = clock
        self._post = Post(practice.world)

    def take_mail(self, mail: Arrived) -> None:
        """Keep a mail, and let who got it answer."""
        letter = self._post.take(mail, self._now())
        message = parsed(mail.data)
        for address in letter.recipients:
            answer = self._answer_to_mail(address, message)
            if answer:
                self._say(address, letter.subject, answer)

    def take_once(self, mail: Arrived) -> None:
        """Keep a mail that was sent by another program, unless it was kept before."""
        subject = str(parsed(mail.data)["Subject"] or "")
        if not self._has(mail.recipients[0], subject):
            self.take_mail(mail)

    def take_by_hand(self, handed: Handed) -> None:
        """Let who got a message that no mail carries act, unless they had it before, and keep both.

        What they do is on disk before the message is: whatever is cut short is done once more.
        """
        if self._has(handed.name, handed.subject):
            return
        with contextlib.nullcontext() if self._hub is None else self._hub.lock:
            answer = self._answer_by_hand(handed)
            self._keep()
        self._post.add(
            at=self._now(),
            sender="",
            recipient=handed.name,
            subject=handed.subject,
            text=handed.text,
        )
        self._say(handed.name, handed.subject, answer)

    def _has(self, recipient: str, subject: str) -> bool:
        return any(
            recipient in letter.recipients and letter.subject == subject
            for letter in self._post.letters()
        )

    def _answer_to_mail(self, address: str, message: EmailMessage) -> str:
        script = _verifier_in(message)
        if script is not None:
            return self._answer_of_holder(address, script)
        if any(address in letter.sender for letter in self._post.letters()):
            return ""
        if address.startswith("dpo@"):
            return _AWAY
        return _HEARD if address.startswith("incidents@") else ""

    def _answer_of_holder(self, address: str, script: str) -> str:
        """Let a holder do what the message asks for, with what they have."""
        if address == study.ADA.email:
            return _YOURSELF.format(study=STUDY_NAME)
        if address == study.CHEN.email:
            return self._look_and_delete(script)
        if address == study.BEN.email:
            return self._look_at_an_early_clone(script)
        return _NEVER_CLONED

    def _look_and_delete(self, script: str) -> str:
        clone = self._practice.world / "colleague" / STUDY_NAME
        if not clone.exists():
            return _GONE_ALREADY
        result = _result(clone, script, self._clock)
        shutil.rmtree(clone)
        return _FOUND.format(result=result)

    def _look_at_an_early_clone(self, script: str) -> str:
        """Make a clone as it was before the data came in, and look through it."""
        before, planted = self._practice.before, set(self._practice.facts.planted)
        with tempfile.TemporaryDirectory() as scratch:
            for ref in sorted(before.refs()):
                kind, _, name = ref.removeprefix("refs/").partition("/")
                if kind not in {"heads", "tags"} or planted & _objects(before, ref):
                    continue
                options = ("--bare", "--single-branch", f"--branch={name}")
                clone = plaingit.clone(before.git_dir, Path(scratch) / "early.git", options)
                return _EARLY.format(result=_result(clone.git_dir, script, self._clock))
        return _DELETED

    def _answer_by_hand(self, handed: Handed) -> str:
        if handed.kind == "github-support":
            return self._support(handed)
        if handed.kind == "fork-owner":
            return self._owner_of_forks(handed.name)
        if handed.kind == "clone-holder":
            return self._account(handed.name)
        if handed.kind == "freeze":
            return _STOP_YOURSELF if handed.name == "ada" else _STOPPED
        return _TAKEN

    def _support(self, handed: Handed) -> str:
        if self._hub is None:
            server = Repository(Path(self._practice.target))
            done = act_on_server(server, handed.text, handed.ids)
        else:
            study_there = self._hub.repositories.get(self._practice.facts.study)
            if study_there is None:
                return "We cannot find that repository."
            done = act_on_study(self._hub, study_there, handed.text, handed.ids)
        if done.refused is not None:
            return f"We cannot help yet: {done.refused}."
        refs = "\n".join(f"  {ref}" for ref in done.removed)
        return f"Done: these refs are gone, cached views are cleared, garbage is collected.\n{refs}"

    def _owner_of_forks(self, login: str) -> str:
        """Let the owner of forks delete those that hold the data, whichever network they are in."""
        if self._hub is None:
            return _NO_FORK
        others = (one for one in self._hub.repositories.values() if one.owner.login == login)
        study_itself, facts = self._practice.facts.study, self._practice.facts
        mine = [one for one in others if one.id != study_itself and holds(one, facts)]
        for fork in mine:
            networks.delete_repository(self._hub, fork)
        return _FORK_DELETED if mine else _NO_FORK

    def _account(self, login: str) -> str:
        """Let the person behind an account answer."""
        if login == "ada":
            return _YOURSELF.format(study=STUDY_NAME)
        if login in {"ben", "chen"}:
            return "You have written to my address as well: I answered there."
        return "I was invited, but never looked, and have no copy."

    def _say(self, sender: str, subject: str, text: str) -> None:
        self._post.add(
            at=self._now(), sender=sender, recipient="you", subject=f"Re: {subject}", text=text
        )

    def _now(self) -> str:
        return rfc3339(self._clock.now())


def _verifier_in(message: EmailMessage) -> str | None:
    for part in message.iter_attachments():
        if part.get_filename() == VERIFIER_FILE:
            content = part.get_content()
            return content if isinstance(content, str) else content.decode("ascii", "replace")
    return None


def _result(clone: Path, script: str, clock: Clock) -> str:
    with contextlib.suppress(NoListError):
        wanted = CloneList.from_script(script.replace("\r\n", "\n"))
        result: CloneResult = verify_clone(clone, wanted, clock)
        lines = textwrap.wrap(json.dumps(result.to_json(wanted.seed)), _WIDTH, **_WHOLE_WORDS)
        return "\n".join((result_text(result), "", *lines))
    return "That script does not run: it did not come whole. Please send it again."


def _objects(repository: Repository, ref: str) -> set[str]:
    return set(repository.lines("rev-list", "--objects", "--no-object-names", ref))


def _told(words: str) -> str:
    return textwrap.fill(words, _WIDTH, **_WHOLE_WORDS)


_WIDTH = 72
_WHOLE_WORDS: Any = {"break_long_words": False, "break_on_hyphens": False}

_HEARD = _told(
    "We have your message and are on it. The controller will be told by us. Go on, close the "
    "repository once you have written down what that destroys, and keep us informed."
)
_AWAY = _told(
    "(An automatic answer.) I am out of the office and do not read mail. In urgent cases ring me: "
    "my number is in the profile of contacts."
)
_STOP_YOURSELF = "This one is you. You push nothing but what the plan says."
_STOPPED = "Understood. I push nothing until you say that I may."
_YOURSELF = (
    "This one is you. Your own clone is $DRILL/you/{study}: look through\n"
    "it with `breachkit verify-clone`, and delete it once nothing in it is missed."
)
_GONE_ALREADY = "My only clone is deleted, as I wrote."
_KEPT_NOTHING = _told(
    "What I had not pushed I have copied out by hand: one script, no outputs. Then I deleted the "
    "clone and emptied the bin. It was on one laptop, not backed up, and shared with nobody."
)
_FOUND = f"I ran the script on my clone. It says:\n\n{{result}}\n\n{_KEPT_NOTHING}"
_ONE_CLONE = _told(
    "I have one clone, and made it before the tables were released. Here is what your script says "
    "of it; I keep it, if that is all right:"
)
_EARLY = f"{_ONE_CLONE}\n\n{{result}}"
_DELETED = _told(
    "I had one clone on one laptop, not backed up, shared with nobody. I deleted it and emptied "
    "the bin."
)
_NEVER_CLONED = _told(
    "I only read drafts that were sent to me. I never cloned it, and have no file of it."
)
_FORK_DELETED = "I have deleted my fork. I had no other copy. Check it all the same."
_NO_FORK = "I have no fork of it any more."
_TAKEN = "Thank you, I have your message."
