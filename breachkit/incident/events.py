"""Journal entries: their kinds, their form on disk, and the chain that ties them together.

An entry is one line of RFC 8785 canonical JSON. Its `hash` is the SHA-256 of that JSON without the
`hash` key; its `prev` is the hash of the entry before it. Kinds are only ever added. An entry of
a later version of the format keeps this rule, so an older breachkit can still check the chain
and show the entry, though it does not know what it means.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from breachkit.incident.detail import JSON
from breachkit.model.time import parse_rfc3339


VERSION = 1
"""The version of the entries that this breachkit writes."""

NO_PREVIOUS = "0" * 64
"""What `prev` holds in the first entry."""


class EventKind(enum.StrEnum):
    """Everything that can be written into a journal, each with what its detail says.

    What is done to a repository has two entries: `intent` before acting, and `done` or `failed`
    after it. An intent without either says that the process was killed in between.
    """

    CASE_OPENED = "case.opened"
    """First entry of every journal: what was known, and a random `nonce` that makes it unique."""
    CASE_AMENDED = "case.amended"
    """A correction: `field`, `value`, `reason`; `supersedes` names the entry it corrects."""
    CASE_STOOD_DOWN = "case.stood_down"
    """A false alarm: `reason`, `decider`."""
    CASE_CLOSED = "case.closed"
    """The work is done: `reason`, `decider`."""
    CASE_RECURRED = "case.recurred"
    """The data came back: `where` they were seen."""
    SWEEP_RECORDED = "sweep.recorded"
    """A sweep found something new in the repository: when (`found_at`), how many findings are `new`, the
    `worst` severity, numbers by rule in `rules`, and by what the sweep knows the `repository` again
    once it has another name. Where the case is a draft, it stays one."""
    FACT_RECORDED = "fact.recorded"
    """What people know and no program can find out: `field`, `value`. The latest entry about a
    field holds; `supersedes` names the one before it, and `reason` may say why it was wrong."""
    CONTACTS_CHOSEN = "contacts.chosen"
    """The contacts in force: `profile`, its `as_of` date and `sha256`."""
    SNAPSHOT_RECORDED = "snapshot.recorded"
    """What containment would destroy was written down: counts, `snapshot` (its number), `fast`,
    `complete`, `file`, `sha256`."""
    CONTAINMENT_RECORDED = "containment.recorded"
    """Access is restricted, or a person said why not: `how`, `reason`."""
    RESTRICT_PLANNED = "restrict.planned"
    """What would be closed was shown: counts."""
    RESTRICT_INTENT = "restrict.intent"
    """About to restrict access: `plan_hmac_sha256`, `round`, number of `steps`."""
    RESTRICT_SENDING = "restrict.sending"
    """About to send one change: `round`, `step` (counted from 1), `what`."""
    RESTRICT_SENT = "restrict.sent"
    """What became of it: `round`, `step`, `what`, `result`."""
    RESTRICT_DONE = "restrict.done"
    """Access was restricted and read back."""
    RESTRICT_FAILED = "restrict.failed"
    """Restricting access stopped: `reason`."""
    RESTORE_PLANNED = "restore.planned"
    """What would be given back was shown: counts."""
    RESTORE_INTENT = "restore.intent"
    """About to give access back: `plan_hmac_sha256`, `round`, number of `steps`."""
    RESTORE_SENDING = "restore.sending"
    """About to send one change: `round`, `step` (counted from 1), `what`."""
    RESTORE_SENT = "restore.sent"
    """What became of it: `round`, `step`, `what`, `result`."""
    RESTORE_DONE = "restore.done"
    """Access is as it was before, but for what is `invited` or `differs`: numbers."""
    RESTORE_FAILED = "restore.failed"
    """Giving access back stopped: `reason`."""
    WATCH_RECORDED = "watch.recorded"
    """It was looked whether access is still restricted: `ok`, numbers of what `drifted` and of what
    could not be told."""
    SCOPE_RECORDED = "scope.recorded"
    """The bad set is known: numbers of `blobs`, `paths`, `commits`, `refs`; `complete`; `no_files`
    where words or names alone have to go."""
    ASSESSMENT_RECORDED = "assessment.recorded"
    """What the controller or the data protection officer judged: `decider`, `reason`."""
    REWRITE_PLANNED = "rewrite.planned"
    """A plan was written: counts, `file`, `plan_hmac_sha256` (keyed: a plan holds object ids, and a
    plain digest of it would confirm a guess)."""
    REWRITE_INTENT = "rewrite.intent"
    """About to rewrite the history of a fresh mirror: `plan_hmac_sha256`."""
    BACKUP_MADE = "backup.made"
    """The encrypted backup: `file`, `bytes`, `sha256`, `destroy_by`."""
    BACKUP_DESTROYED = "backup.destroyed"
    """The backup is gone: `file`."""
    REWRITE_DONE = "rewrite.done"
    """The mirror is rewritten: counts."""
    REWRITE_FAILED = "rewrite.failed"
    """The rewrite stopped: `reason`."""
    PROOF_RECORDED = "proof.recorded"
    """The rewritten mirror was compared with the old one: `ok`, counts."""
    PUSH_PLANNED = "push.planned"
    """What every ref on the server would become: counts, `plan_hmac_sha256`."""
    PUSH_INTENT = "push.intent"
    """About to push the rewritten refs: counts, `plan_hmac_sha256`."""
    PUSH_DONE = "push.done"
    """The server has the rewritten refs: counts; `hidden_refs` it refused to take."""
    PUSH_FAILED = "push.failed"
    """The push stopped: `reason`, and how many refs had `moved` on the server."""
    LIFT_INTENT = "lift.intent"
    """About to lift what stands in the way of a push: `round`, number of `steps`,
    `plan_hmac_sha256` of the rewrite. What comes until `lift.done` finds it lifted."""
    LIFT_SENDING = "lift.sending"
    """About to lift one rule: `round`, `step` (counted from 1), `what`."""
    LIFT_SENT = "lift.sent"
    """What became of it: `round`, `step`, `what`, `result`."""
    UNLIFT_SENDING = "unlift.sending"
    """About to put one rule back: `round`, `step` (that of its lifting), `what`."""
    UNLIFT_SENT = "unlift.sent"
    """What became of it: `round`, `step`, `what`, `result`."""
    LIFT_DONE = "lift.done"
    """All that was lifted is back: `round`, number of `steps`, and how many rules `differs`."""
    LIFT_FAILED = "lift.failed"
    """breachkit could not put all of it back, and a person says that it is: `round`, `reason`."""
    VERIFY_RECORDED = "verify.recorded"
    """A fresh clone of the server was searched: `ok`; whether a branch or tag `held` the data. What
    the server still has beside it: number of `hidden_refs`, of objects `served_by_id`, and whether
    it is known to be `server_gone`."""
    VERIFY_SERVER = "verify.server"
    """The platform was asked by every way: `outcome`, `ok`, numbers of answers `served`, `gone`,
    `unknown`, `closed`, of questions `left`, and of `hidden` repositories nobody accounts for."""
    NOTIFY_RENDERED = "notify.rendered"
    """A message was written: `number`, `message` (its template), `audience`, `file`, `sha256`."""
    NOTIFY_SENDING = "notify.sending"
    """About to hand a message to a server: `number`, `message_id`, `sha256`, `server`. Where nothing
    about the message follows, it may have arrived or not."""
    NOTIFY_REFUSED = "notify.refused"
    """A server did not take it, or it never got there: `number`, `code`, `reply`, `stage`; `later`
    says whether it may be taken as it is another time."""
    NOTIFY_UNSURE = "notify.unsure"
    """It was handed over and no answer came: `number`, `reply`. It may have arrived or not."""
    NOTIFY_SENT = "notify.sent"
    """A message went out: `number`, `message`, `audience`, `how`."""
    NOTIFY_ACKNOWLEDGED = "notify.acknowledged"
    """Somebody answered: `number`."""
    NOTIFY_CALLED = "notify.called"
    """Somebody rang about a message: `number`, `outcome`, `by`."""
    SUPPORT_REQUESTED = "support.requested"
    """The platform's support was asked to remove what cannot be pushed over."""
    SUPPORT_ANSWERED = "support.answered"
    """What the support said it did."""
    TRACE_RECORDED = "trace.recorded"
    """Places where copies may be were looked for: counts."""
    COPIES_RECORDED = "copies.recorded"
    """The register of copies changed: numbers of `copies` and of those still `open`."""
    CHECKLIST_TICKED = "checklist.ticked"
    """An item is done: `item`, `evidence`; the `milestone` that the item stands for, if any."""
    CHECKLIST_NA = "checklist.na"
    """An item does not apply: `item`, `reason`."""
    CHECKLIST_REOPENED = "checklist.reopened"
    """An item is to do again, whatever was said of it: `item`, `reason`; the `milestone` that it
    stands for no longer holds."""
    GUARD_INSTALLED = "guard.installed"
    """Hooks or a check refuse what is on the case's list: `hooks`, number of files `listed`."""
    EVIDENCE_RECORDED = "evidence.recorded"
    """Something was collected: `file`, `bytes`, `collected_at`, `collector`, `tool`, `command`, `note`."""
    EVIDENCE_CUSTODY = "evidence.custody"
    """Something that was collected was handed over: `evidence`, `to`, `by`, `at`, `reason`."""
    STAMP_REQUESTED = "stamp.requested"
    """A time stamp was asked for: `stamp`, `head`, `entry`, `nonce`, `file`."""
    STAMP_RECORDED = "stamp.recorded"
    """An authority says when it saw a head: `stamp`, `head`, `entry`, `stamped_at`, `serial`,
    `authority`, `policy`, `files`."""
    DECISION = "decision"
    """A person decided: `about`, `decision`, `decider`, `reason`."""
    OVERRIDE = "override"
    """A guard was set aside: `action`, `guards`, `reason`."""
    JOURNAL_RECOVERED = "journal.recovered"
    """An entry cut short by a crash was set aside: `file`, `bytes`."""
    CLOCK_BACKWARDS = "clock.backwards"
    """The machine's clock stands `seconds` before the entry above: go by `seq`, not by time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who did something, and how that is known. A name is never made up."""

    name: str | None = None
    how: str = "not given"
    """Where the name comes from: `option`, `git config`, `operating system`, ..."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An entry before it has a place in the chain."""

    kind: str
    detail: Mapping[str, object]
    refs: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One journal entry."""

    v: int
    seq: int
    """Counted from 1; also the number of its line."""
    id: str
    """`ev-0001`, for other entries to refer to."""
    prev: str
    ts: str
    """RFC 3339, as written."""
    actor: Actor
    kind: str
    """An `EventKind`, or a word that only a later version knows."""
    refs: tuple[str, ...]
    """Ids of findings (F-), copies (K-), messages (N-) and entries (ev-) it is about."""
    detail: Mapping[str, JSON]
    hash: str

    @property
    def at(self) -> datetime:
        """The moment by the machine's clock, in UTC.

        Raises:
            ValueError: a later version of the format writes time in another way.
        """
        return parse_rfc3339(self.ts)

    @property
    def known_kind(self) -> EventKind | None:
        """The kind, or None where only a later version knows it."""
        return KINDS.get(self.kind) if self.v == VERSION else None

    def text(self, key: str) -> str | None:
        """Give the text under `key`, or None where there is none."""
        value = self.detail.get(key)
        return value if isinstance(value, str) else None

    def number(self, key: str) -> int | None:
        """Give the whole number under `key`, or None where there is none."""
        value = self.detail.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def flag(self, key: str) -> bool | None:
        """Give the truth value under `key`, or None where there is none."""
        value = self.detail.get(key)
        return value if isinstance(value, bool) else None

    def names(self, key: str) -> tuple[str, ...]:
        """Give the texts in the list under `key`; empty where there is no list."""
        value = self.detail.get(key)
        if isinstance(value, str) or not isinstance(value, Sequence):
            return ()
        return tuple(item for item in value if isinstance(item, str))


KINDS: Mapping[str, EventKind] = {kind.value: kind for kind in EventKind}
