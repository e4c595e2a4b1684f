"""A response walked through in thought: every step from where a case stands to its end, and nothing done.

Each step is taken to bring about what it usually does, as entries that a copy of the case in memory
takes in; then `next_action` is asked again, which knows nothing of that. So the walk is what the real
response says at each place, and it reads no file, asks nobody and writes nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from breachkit.actions.contacts import ContactsProfile
from breachkit.incident.assessing import still_open
from breachkit.incident.case import Incident, OpenRequest
from breachkit.incident.commands import Command, command_on
from breachkit.incident.events import VERSION, Actor, Event, EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.incident.matters import MATTERS
from breachkit.incident.projection import replay
from breachkit.model.time import Clock, rfc3339
from breachkit.report.case_status import NextAction
from breachkit.report.respond import WalkStep
from breachkit.report.respond_words import PLANNED
from breachkit.workflows.contacts import current_contacts
from breachkit.workflows.next_action import name_to_type, next_action
from breachkit.workflows.notify import list_notices
from breachkit.workflows.purging import is_on_platform
from breachkit.workflows.respond_people import BY_HAND
from breachkit.workflows.standing import what_next


_MOST = 80
"""More steps than any response has: a walk that is longer goes round in a circle."""

Expected = tuple[str, Mapping[str, object]]
"""An entry that a step is taken to write: its kind, and what it says."""


class GoesRoundError(RuntimeError):
    """A walk came to no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a step is taken to do."""

    commands: tuple[str, ...]
    entries: tuple[Expected, ...]
    assumes: tuple[str, ...] = ()
    by_hand: bool = False


def walk(case: CaseFolder, clock: Clock, *, can_ask: bool) -> tuple[WalkStep, ...]:
    """Give every step from where a case stands to its end.

    Args:
        case: Which; it is read and not written.
        clock: Dates the entries that steps are taken to write, and tells what is urgent.
        can_ask: Whether there is a token for the platform.

    Raises:
        GoesRoundError: the steps come to no end.
    """
    readers = _readers(current_contacts(case))
    numbers = [notice.number for notice in list_notices(case)]
    walker = _Walker(
        case.incident, clock, readers, can_ask=can_ask, messages=max(numbers, default=0)
    )
    return tuple(walker.steps(what_next(case, clock)))


def walk_of(
    incident: Incident, clock: Clock, *, can_ask: bool, profile: ContactsProfile | None = None
) -> tuple[WalkStep, ...]:
    """Give every step of a case that is only imagined; whom it tells, and the rest as `walk`."""
    walker = _Walker(incident, clock, _readers(profile), can_ask=can_ask, messages=0)
    return tuple(walker.steps(next_action(incident)))


def _readers(profile: ContactsProfile | None) -> tuple[str, ...]:
    """Give the names of those who are to be alerted."""
    named = tuple(each.name for each in profile.to_alert()) if profile else ()
    return named or ("each named contact",)


def imagined(request: OpenRequest, clock: Clock, *, contacts: str | None) -> Incident:
    """Give the case as it would stand if it was opened now."""
    now = rfc3339(clock.now())
    detail = {
        "case": f"BK-{clock.now().year}-NNNN",
        "codename": "not-opened",
        "case_kind": request.kind,
        "target": request.target,
        "paths": list(request.paths),
        "opened_at": now,
        "aware_assumed": True,
        "hosted": request.is_hosted,
    }
    incident = replay([_event(1, clock, EventKind.CASE_OPENED, detail)])
    if contacts is None:
        return incident
    chosen = _event(2, clock, EventKind.CONTACTS_CHOSEN, {"profile": contacts})
    return replay([chosen], incident)


def _event(seq: int, clock: Clock, kind: str, detail: Mapping[str, object]) -> Event:
    """Give an entry that stands in no journal, so that it is chained to none."""
    return Event(
        v=VERSION,
        seq=seq,
        id=f"ev-{seq:04d}",
        prev="",
        ts=rfc3339(clock.now()),
        actor=Actor(),
        kind=kind,
        refs=(),
        detail=dict(detail),  # type: ignore[arg-type] # values of JSON alone, by the table below
        hash="",
    )


@dataclass(slots=True)
class _Walker:
    """Walks on a copy of a case in memory."""

    incident: Incident
    clock: Clock
    readers: tuple[str, ...]
    can_ask: bool = field(kw_only=True)
    messages: int
    """How many are written."""

    def steps(self, action: NextAction) -> Iterator[WalkStep]:
        for _ in range(_MOST):
            taken = self._taken(action)
            yield WalkStep(
                words=action.typed.words,
                why=action.why,
                commands=taken.commands,
                assumes=taken.assumes,
                by_hand=taken.by_hand,
            )
            if not self.incident.is_open and action.typed.words[:2] == ("log", "verify"):
                return
            for kind, detail in taken.entries:
                self._happens(kind, detail)
            action = next_action(self.incident)
        raise GoesRoundError("the steps come to no end")

    def _happens(self, kind: str, detail: Mapping[str, object]) -> None:
        event = _event(self.incident.entries + 1, self.clock, kind, detail)
        self.incident = replay([event], self.incident)

    def _taken(self, action: NextAction) -> Taken:
        words = action.typed.words
        if words[0] in PLANNED and not self._needs_somebody(words):
            return self._planned(words[0])
        if self._needs_somebody(words):
            return self._by_hand(words)
        for length in range(min(3, len(words)), 0, -1):
            if taken := _TAKEN.get(words[:length]):
                return taken(self, action.typed)
        return Taken(commands=(action.command,), entries=())

    # --- steps that change something --------------------------------------------------------------

    def _needs_somebody(self, words: Sequence[str]) -> bool:
        """Say whether this account cannot do it: it needs the platform, and there is no token."""
        asks = words[0] in BY_HAND and (words[0] != "verify" or "--server" in words)
        begun = bool(self.incident.open_intents)  # what was begun with a token is ended with one
        return asks and is_on_platform(self.incident) and not (self.can_ask or begun)

    def _by_hand(self, words: Sequence[str]) -> Taken:
        way = BY_HAND[words[0]]
        kinds = {
            "snapshot": _CLOSED_BY_HAND,
            "restrict": _CLOSED_BY_HAND,
            "verify": (("checklist.ticked", {"item": "D16", "milestone": "server_purged"}),),
            "restore": (("checklist.ticked", {"item": "F04", "milestone": "restored"}),),
        }
        said = tuple(self.on_case(each) for each in way.done)
        asked = f"there is no token, so somebody who may is asked to {way.what}"
        return Taken(commands=said, entries=kinds[words[0]], assumes=(asked,), by_hand=True)

    def _planned(self, verb: str) -> Taken:
        plan = self.on_case(f"breachkit {verb} --case {{case}}")
        name = name_to_type(self.incident) or "NAME"
        act = Command(
            template=f"breachkit {verb} --case {{case}} --execute --confirm {{name}}",
            known={"case": self.incident.id, "name": name},
        ).shown
        return Taken(commands=(plan, act), entries=_CHANGES[verb])

    def command(self, template: str) -> Command:
        return command_on(self.incident.id, template)

    def on_case(self, template: str) -> str:
        return self.command(template).shown

    # --- messages ---------------------------------------------------------------------------------

    def numbers(self, count: int) -> list[str]:
        first, self.messages = self.messages + 1, self.messages + count
        return [f"N-{number:03d}" for number in range(first, first + count)]

    def written(self, command: Command, message: str, names: Sequence[str]) -> Taken:
        """Take messages to be written, sent, and marked as sent."""
        numbers = self.numbers(len(names))
        pairs = list(zip(numbers, names, strict=True))
        render = [("notify.rendered", _message(n, message, name)) for n, name in pairs]
        sent = [("notify.sent", _message(n, message, name)) for n, name in pairs]
        marks = (self.on_case(f"breachkit notify mark-sent {n} --case {{case}}") for n in numbers)
        return Taken(
            commands=(command.shown, *marks),
            entries=(*render, *sent),
            assumes=("each message is read, then sent, with `breachkit notify send` or by hand",),
        )


def _message(number: str, message: str, name: str) -> dict[str, object]:
    return {"number": number, "message": message, "name": name}


_CLOSED_BY_HAND: tuple[Expected, ...] = (
    ("decision", {"about": "containment", "answer": "closed by hand", "decider": "-"}),
    ("decision", {"about": "collaborators", "answer": "decided by hand", "decider": "-"}),
)

_CHANGES: Mapping[str, tuple[Expected, ...]] = {
    "restrict": (("restrict.planned", {}), ("restrict.intent", {}), ("restrict.done", {})),
    "rewrite": (
        *(("rewrite.planned", {}), ("rewrite.intent", {}), ("backup.made", {})),
        *(("rewrite.done", {}), ("proof.recorded", {"ok": True})),
    ),
    "push": (
        *(("push.planned", {}), ("push.intent", {}), ("push.done", {})),
        ("lift.done", {}),
    ),
    "restore": (("restore.planned", {}), ("restore.intent", {}), ("restore.done", {})),
}
"""What each change is taken to write once it is carried out."""


def _alert(walker: _Walker, command: Command) -> Taken:
    return walker.written(command, "internal-alert", walker.readers)


def _to(message: str) -> Callable[[_Walker, Command], Taken]:
    return lambda walker, command: walker.written(command, message, ("each reader",))


def _to_who_was_told(message: str) -> Callable[[_Walker, Command], Taken]:
    def taken(walker: _Walker, command: Command) -> Taken:
        names = sorted(walker.incident.told - walker.incident.told_the_end)
        return walker.written(command, message, names or ["each reader"])

    return taken


def _mark_sent(walker: _Walker, _command: Command) -> Taken:
    numbers = walker.incident.alerts_waiting
    entries = tuple(
        ("notify.sent", _message(n, "internal-alert", f"reader of {n}")) for n in numbers
    )
    marks = (walker.on_case(f"breachkit notify mark-sent {n} --case {{case}}") for n in numbers)
    return Taken(commands=tuple(marks), entries=entries)


def _one(*entries: Expected, assumes: Sequence[str] = ()) -> Callable[[_Walker, Command], Taken]:
    """Give a step that is one command, and what it is taken to write."""
    return lambda _walker, command: Taken(
        commands=(command.shown,), entries=entries, assumes=tuple(assumes)
    )


def _verify(walker: _Walker, command: Command) -> Taken:
    """Take the server to keep what only its support removes, until the support was asked."""
    asked = any("support" in name for name in walker.incident.messages_sent)
    hidden = 0 if asked else 1
    assumed = (
        "the support has done its part"
        if asked
        else "the server keeps data under refs that nobody can push to, such as those of pull requests"
    )
    entry = ("verify.recorded", {"ok": True, "hidden_refs": hidden})
    return Taken(commands=(command.shown,), entries=(entry,), assumes=(assumed,))


def _verify_server(walker: _Walker, command: Command) -> Taken:
    asked = any("support" in name for name in walker.incident.messages_sent)
    entry = ("verify.server", {"ok": asked, "served": 0 if asked else 1})
    assumed = (
        "the support has done its part" if asked else "the platform still gives something away"
    )
    return Taken(commands=(command.shown,), entries=(entry,), assumes=(assumed,))


def _copies(walker: _Walker, command: Command) -> Taken:
    answers = (
        "breachkit copies set COPY deleted --note TEXT --by NAME --case {case}",
        "breachkit copies na COPY --note TEXT --by NAME --case {case}",
        'breachkit copies accept COPY --by NAME --role ROLE --reason "..." --case {case}',
    )
    return Taken(
        commands=(
            command.shown,
            walker.on_case("breachkit notify render holders --case {case}"),
            *map(walker.on_case, answers),
        ),
        entries=(("copies.recorded", {"open": 0, "high_open": 0}),),
        assumes=("every holder has answered, and each copy is closed in one of these ways",),
    )


def _decide_list(walker: _Walker, command: Command) -> Taken:
    """Take each question to be answered with the first of its answers, which leads through the most."""
    entries: list[Expected] = []
    commands = [command.shown]
    if "dpo-factual" not in walker.incident.messages_sent and not walker.incident.answer(
        "controller"
    ):
        told = walker.written(
            walker.command("breachkit notify render dpo --case {case}"),
            "dpo-factual",
            ["the officer"],
        )
        entries += told.entries
        commands += told.commands
    for about in dict.fromkeys((*still_open(walker.incident), "ico-told")):
        answer = MATTERS[about].answers[0]
        entries.append(("decision", {"about": about, "answer": answer, "decider": "-"}))
        template = f'breachkit decide {about} --answer ANSWER --by {{by}} --reason "{{reason}}" --case {{case}}'
        commands.append(walker.on_case(template))
    assumed = "people answer each question; which answers they give, nobody knows before"
    return Taken(commands=tuple(commands), entries=tuple(entries), assumes=(assumed,))


def _decision(about: str, answer: str) -> Callable[[_Walker, Command], Taken]:
    return _one(("decision", {"about": about, "answer": answer, "decider": "-"}))


def _approval(walker: _Walker, command: Command) -> Taken:
    about = f"approve-{command.words[1]}"
    return _decision(about, "approved")(walker, command)


_TAKEN: Mapping[tuple[str, ...], Callable[[_Walker, Command], Taken]] = {
    ("amend", "kind"): _one(
        ("case.amended", {"field": "kind", "value": "confirmed"}),
        assumes=("somebody has looked, and it is a breach",),
    ),
    ("amend", "engineer"): _one(("fact.recorded", {"field": "engineer", "value": "-"})),
    ("notify", "render", "alert"): _alert,
    ("notify", "render", "freeze"): _to("freeze"),
    ("notify", "render", "dpo"): _to("dpo-factual"),
    ("notify", "render", "forks"): _to("fork-owner"),
    ("notify", "render", "support"): _to("github-support"),
    ("notify", "render", "all-clear"): _to_who_was_told("all-clear"),
    ("notify", "render", "stand-down"): _to_who_was_told("stand-down"),
    ("notify", "render", "update"): _to_who_was_told("update"),
    ("notify", "mark-sent"): _mark_sent,
    ("snapshot",): _one(("snapshot.recorded", {"snapshot": 1})),
    ("scope",): _one(
        ("scope.recorded", {"blobs": 1, "commits": 1, "complete": True}),
        assumes=("something is found that has to go",),
    ),
    ("verify",): _verify,
    ("verify", "--server"): _verify_server,
    ("trace",): _one(
        ("trace.recorded", {"places": 1}),
        ("copies.recorded", {"open": 1, "high_open": 1}),
        assumes=("there are copies",),
    ),
    ("copies", "list"): _copies,
    ("decide", "list"): _decide_list,
    ("decide", "retention"): _decision("retention", "destroyed"),
    ("decide", "review"): _decision("review", "2999-12-31"),
    ("decide", "stays-closed"): _decision("stays-closed", "private"),
    ("approve",): _approval,
    ("close",): _one(("case.closed", {"reason": "-", "decider": "-"})),
}
"""By the first words of a command: the lines it stands for, and what it is taken to write."""
