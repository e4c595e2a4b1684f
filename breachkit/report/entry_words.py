"""What each kind of journal entry says, in a sentence for people and without what must not leave.

Digests, object ids and addresses are left out. Free text, which a person typed or a server
answered, stands in a sentence only where the lint of outgoing messages lets it pass.
"""

import re
from collections.abc import Mapping
from string import Formatter

from breachkit.incident.detail import JSON, MASK
from breachkit.incident.events import Event
from breachkit.model.ids import display
from breachkit.report.lint import Licence, problems


WITHHELD = "(withheld: it could disclose something)"
MOST_CHARACTERS = 2_000
"""Of what somebody typed or a server answered: more is not looked into, and so not shown."""
NOT_SAID = "not said"
NOT_PUBLIC = "(not public)"

_SENTENCES: Mapping[str, str] = {
    "case.opened": "The case was opened as {case_kind}; found by {found_by}",
    "case.amended": "Corrected: {field} is {value}; reason: {reason}",
    "case.stood_down": "Stood down as a false alarm by {decider}: {reason}",
    "case.closed": "The case was closed by {decider}: {reason}",
    "case.recurred": "The data came back: {where}",
    "fact.recorded": "What people know: {field} is {value}",
    "contacts.chosen": "The contacts were chosen: {profile}, as of {as_of}",
    "snapshot.recorded": "What closing destroys was recorded: snapshot {snapshot}, complete: {complete}",
    "containment.recorded": "Containment was reported: {how}; reason: {reason}",
    "restrict.planned": "A plan to restrict access was shown",
    "restrict.intent": "Restricting access begins: round {round}, {steps} steps",
    "restrict.sending": "Restricting, round {round}, step {step} begins: {what}",
    "restrict.sent": "Restricting, round {round}, step {step}: {what}: {result}",
    "restrict.done": "Access is restricted and was read back",
    "restrict.failed": "Restricting access stopped: {reason}",
    "restore.planned": "A plan to give access back was shown",
    "restore.intent": "Giving access back begins: round {round}, {steps} steps",
    "restore.sending": "Giving back, round {round}, step {step} begins: {what}",
    "restore.sent": "Giving back, round {round}, step {step}: {what}: {result}",
    "restore.done": "Access is as it was before; {invited} invited again, {differs} differ",
    "restore.failed": "Giving access back stopped: {reason}",
    "watch.recorded": "It was looked whether access is still restricted: {ok}; {drifted} changed",
    "scope.recorded": "The bad set is known: {blobs} versions of {paths} files, {commits} commits, {refs} refs; complete: {complete}",
    "assessment.recorded": "Assessed by {decider}: {reason}",
    "rewrite.planned": "A plan to rewrite the history was shown",
    "rewrite.intent": "Rewriting a private mirror begins",
    "backup.made": "An encrypted backup was made, to be destroyed by {destroy_by}",
    "backup.destroyed": "The backup was destroyed",
    "rewrite.done": "The mirror is rewritten: {commits} commits, {refs} refs",
    "rewrite.failed": "The rewrite stopped: {reason}",
    "proof.recorded": "The rewritten mirror was compared with the old one; proven: {ok}",
    "push.planned": "A plan to replace the server's history was shown: {refs} refs",
    "push.intent": "Replacing the server's history begins: {refs} refs",
    "push.done": "The server has the rewritten history",
    "push.failed": "The push stopped: {reason}; {moved} refs had moved",
    "lift.intent": "Lifting protections for the push begins: round {round}, {steps} steps",
    "lift.sending": "Lifting, round {round}, step {step} begins: {what}",
    "lift.sent": "Lifting, round {round}, step {step}: {what}: {result}",
    "unlift.sending": "Putting back, round {round}, step {step} begins: {what}",
    "unlift.sent": "Putting back, round {round}, step {step}: {what}: {result}",
    "lift.done": "All protections that were lifted are back; {differs} differ",
    "lift.failed": "Protections were put back by hand: {reason}",
    "verify.recorded": "A fresh clone of the server was searched; clean: {ok}",
    "verify.server": "The platform was asked by every way: {outcome}; {served} served, {gone} gone, {unknown} unknown",
    "notify.rendered": "Message {number} ({message}) for {audience} was written",
    "notify.sending": "Message {number} is being handed to a mail server",
    "notify.refused": "Message {number} was not taken: {code}",
    "notify.unsure": "Message {number} was handed over and no answer came",
    "notify.sent": "Message {number} ({message}) for {audience} went out, {how}",
    "notify.acknowledged": "Message {number} ({message}) was answered",
    "notify.called": "Somebody rang about message {number}: {outcome}",
    "support.requested": "The platform's support was asked to remove what cannot be pushed over",
    "support.answered": "The platform's support answered",
    "trace.recorded": "Copies were looked for: {copies} in the register, {new} new",
    "copies.recorded": "The register of copies changed: {open} of {copies} open",
    "checklist.ticked": "Checklist: {item} is done; {evidence}",
    "checklist.na": "Checklist: {item} does not apply; {reason}",
    "checklist.reopened": "Checklist: {item} is open again; {reason}",
    "guard.installed": "A guard was put into a repository, against {listed} things on the list",
    "sweep.recorded": "A sweep found something new: {new} findings, the worst {worst}",
    "evidence.recorded": "Evidence was collected: {note}",
    "evidence.custody": "Evidence {number} was handed over by {by} to {to}: {reason}",
    "stamp.requested": "A time stamp was asked for, of {entry} and all before it: {stamp}",
    "stamp.recorded": "Time stamp {stamp}: {authority} saw {entry} and all before it at {stamped_at}",
    "decision": "Decided by {decider} about {about}: {decision}; reason: {reason}",
    "override": "A guard of {action} was set aside: {guards}; reason: {reason}",
    "journal.recovered": "An entry that a crash cut short was set aside: {bytes} bytes",
    "clock.backwards": "The machine's clock stands {seconds} seconds before the entry above; the order is by number",
}

_FIXED = frozenset(
    {
        *("action", "as_of", "audience", "case_kind", "code", "complete", "destroy_by", "field"),
        *("guards", "item", "message", "milestone", "number", "ok", "outcome", "result", "round"),
        *("server_gone", "stage", "state", "step", "steps", "worst"),
        *("entry", "stamp", "stamped_at"),
    }
)
"""Keys whose texts breachkit chose from lists of its own; a person or a server chose all others."""

_ALSO: Mapping[str, str] = {"decision": "answer", "note": "what"}
"""Where a sentence's word is not there, the detail may call it so."""

_DIGEST = re.compile(r"[0-9a-fA-F]{32,}")
_SECRET_KEY = re.compile(
    r"(?:sha256|hmac|digest|email|nonce|target_b64|message_id|files_key)\b", re.IGNORECASE
)


def sentence(event: Event, *, public: bool = False) -> str:
    """Say in one line what an entry says.

    Args:
        event: The entry.
        public: Leave out everything that a person or a server chose the words of.
    """
    kind = event.known_kind
    pattern = _SENTENCES.get(kind) if kind else None
    if pattern is None:
        return _unknown(event.kind)
    parts = []
    for words, key, _, _ in Formatter().parse(pattern):
        parts.append(words)
        if key:
            parts.append(_said(event, key, public=public))
    return "".join(parts)


def safe_detail(event: Event) -> dict[str, JSON]:
    """Give what an entry's detail says without digests, ids and addresses.

    Text that the lint objects to is replaced by a word that says so.
    """
    return {
        display(key): _safe(value, key)
        for key, value in event.detail.items()
        if not _SECRET_KEY.search(key)
    }


def _unknown(kind: str) -> str:
    family, _, stage = kind.partition(".")
    words = " ".join(filter(None, (family, stage))).replace("_", " ")
    return f"An entry of the kind `{display(words)}`"


def _said(event: Event, key: str, *, public: bool) -> str:
    value = event.detail.get(key)
    if value is None:
        value = event.detail.get(_ALSO.get(key, key))
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return str(value)
        case str() | list() if public and key not in _FIXED:
            return NOT_PUBLIC
        case str() | list():
            texts = [value] if isinstance(value, str) else value
            return ", ".join(_text(str(each), key) for each in texts) or "none"
        case _:
            return NOT_SAID


def _safe(value: JSON, key: str) -> JSON:
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return _text(value, key)
    if isinstance(value, Mapping):
        return {
            display(name): _safe(each, name)
            for name, each in value.items()
            if not _SECRET_KEY.search(name)
        }
    return [_safe(each, key) for each in value]


_ANY_PATH = Licence(paths="full", tlp=None)


def _text(text: str, key: str) -> str:
    shown = display(text)
    if key in _OUR_OWN:
        return WITHHELD if _DIGEST.search(shown) else shown
    if (
        len(shown) > MOST_CHARACTERS
        or MASK in shown
        or _DIGEST.search(shown)
        or problems(shown, _ANY_PATH)
    ):
        return WITHHELD
    return shown


_OUR_OWN = _FIXED | frozenset(
    {
        *("aware_at", "at", "case", "codename", "discovered_at", "file", "opened_at", "policy"),
        *("profile", "source", "supersedes", "target", "verified_on", "what", "how", "kind"),
    }
)
"""Keys whose texts the lint, made for mails, would take for something else: times, names of files."""
