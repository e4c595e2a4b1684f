"""The sorts of message there are: whom each is for, what it may show, and when it may be written."""

from dataclasses import dataclass
from typing import Literal

from breachkit.actions.mailfacts import PathPolicy
from breachkit.model.errors import ConfigurationError, UsageError
from breachkit.model.meant import meant


TlpLabel = Literal["TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR"]

TLP_LABELS: tuple[TlpLabel, ...] = (
    "TLP:RED",
    "TLP:AMBER+STRICT",
    "TLP:AMBER",
    "TLP:GREEN",
    "TLP:CLEAR",
)
"""Source: FIRST, Traffic Light Protocol 2.0. Capitals, no spaces, never translated."""

To = Literal[
    "alert", "engineer", "writers", "holders", "forks", "platform", "archives", "dpo", "told", "everybody", "asked", "record"
]  # fmt: skip
"""Who gets a message: see `AUDIENCES`."""

AUDIENCES: dict[To, str] = {
    "alert": "named-contacts",
    "engineer": "engineer",
    "writers": "writers",
    "holders": "clone-holders",
    "forks": "fork-owners",
    "platform": "platform-support",
    "archives": "archives",
    "dpo": "data-protection-officer",
    "told": "alerted-contacts",
    "everybody": "everybody-told",
    "asked": "who-has-not-answered",
    "record": "record",
}
"""How the journal names them."""

_WRITTEN_TO_NOBODY: frozenset[To] = frozenset({"platform", "archives", "record"})
_NARROW = frozenset({"TLP:RED", "TLP:AMBER+STRICT"})
_PERMISSIVE: tuple[PathPolicy, ...] = ("full", "basename", "opaque")
_STRICT: tuple[PathPolicy, ...] = ("opaque",)


class UnknownNoticeError(UsageError):
    """No message of that kind or number."""


class NobodyToTellError(ConfigurationError):
    """A message has no recipient."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeKind:
    """One sort of message."""

    name: str
    alias: str
    to: To
    outside: bool
    """Whether it may reach people outside the response, who get no path at all."""
    readers: str
    """Whom it is for, in words."""
    tlp: TlpLabel = "TLP:AMBER+STRICT"
    has_short_form: bool = False
    """Whether there is a text short enough for a `mailto:` address."""
    has_markdown: bool = False
    """Whether it is a document as well, which people go on working with."""
    asks: bool = False
    """Whether its reader is asked for an answer by a day."""
    repeats: bool = False
    """Whether there is a next one after each that was sent."""

    @property
    def template(self) -> str:
        """Its file in a playbook."""
        return f"mail/{self.name}.txt.j2"

    @property
    def short_template(self) -> str:
        """The file of its short form."""
        return f"mail/{self.name}-short.txt.j2"

    @property
    def audience(self) -> str:
        """Whom the journal says it is for."""
        return AUDIENCES[self.to]

    @property
    def path_policies(self) -> tuple[PathPolicy, ...]:
        """How paths may be shown, the most telling first; the next is used where the lint objects."""
        return _STRICT if self.outside else _PERMISSIVE

    @property
    def as_mail(self) -> bool:
        """Whether it is a mail; else a text for a form or a file, with no address."""
        return self.to not in _WRITTEN_TO_NOBODY

    @property
    def may_name_repository(self) -> bool:
        """Whether its label keeps it among those who need to know; else it names no study."""
        return self.tlp in _NARROW

    @property
    def may_attach(self) -> bool:
        """Whether the script for clone holders may go with it; nothing else ever goes with a mail."""
        return self.to == "holders"


KINDS = (
    NoticeKind(
        name="internal-alert",
        alias="alert",
        to="alert",
        outside=False,
        readers="the named contacts, first of all",
        has_short_form=True,
        asks=True,
    ),
    NoticeKind(
        name="engineer-liaison",
        alias="engineer",
        to="engineer",
        outside=False,
        readers="the engineer who does the clean-up",
        asks=True,
    ),
    NoticeKind(
        name="freeze",
        alias="freeze",
        to="writers",
        outside=True,
        readers="everybody who can push, before the rewrite",
        asks=True,
    ),
    NoticeKind(
        name="clone-holder",
        alias="holders",
        to="holders",
        outside=True,
        readers="everybody who has a copy, with the script that checks it",
        asks=True,
    ),
    NoticeKind(
        name="fork-owner",
        alias="forks",
        to="forks",
        outside=True,
        readers="owners of forks; says nothing of what happened",
        asks=True,
    ),
    NoticeKind(
        name="github-support",
        alias="support",
        to="platform",
        outside=True,
        readers="the platform's support: a text for its form",
    ),
    NoticeKind(
        name="archive-takedown",
        alias="archives",
        to="archives",
        outside=True,
        readers="each archive that has a copy: a text for its form",
        asks=True,
    ),
    NoticeKind(
        name="dpo-factual",
        alias="dpo",
        to="dpo",
        outside=False,
        readers="the data protection officer and the controller, in the order of the ICO's form",
        has_markdown=True,
    ),
    NoticeKind(
        name="update",
        alias="update",
        to="told",
        outside=False,
        readers="the contacts who were alerted; needs --next-update",
        repeats=True,
    ),
    NoticeKind(
        name="reminder",
        alias="reminder",
        to="asked",
        outside=True,
        readers="who was asked and has not answered, from a day before the day due",
        asks=True,
    ),
    NoticeKind(
        name="escalation",
        alias="escalation",
        to="told",
        outside=False,
        readers="the contacts who were alerted: who has not answered by the day due",
        repeats=True,
    ),
    NoticeKind(
        name="all-clear",
        alias="all-clear",
        to="everybody",
        outside=True,
        readers="everybody who was told, once the data are gone and every copy is accounted for",
    ),
    NoticeKind(
        name="stand-down",
        alias="stand-down",
        to="everybody",
        outside=True,
        readers="everybody who was told, where it was a false alarm",
    ),
    NoticeKind(
        name="near-miss",
        alias="near-miss",
        to="record",
        outside=False,
        readers="the record of near misses",
        has_markdown=True,
    ),
    NoticeKind(
        name="public-summary",
        alias="public",
        to="record",
        outside=True,
        readers="anybody: names no study, no person, no number",
        tlp="TLP:CLEAR",
        has_markdown=True,
    ),
)


def kind_named(name: str) -> NoticeKind:
    """Find a kind of message by its name or alias.

    Raises:
        UnknownNoticeError: there is none; the message lists those there are.
    """
    for kind in KINDS:
        if name in {kind.name, kind.alias}:
            return kind
    known = ", ".join(
        kind.alias if kind.alias == kind.name else f"{kind.alias} ({kind.name})" for kind in KINDS
    )
    names = {name for kind in KINDS for name in (kind.name, kind.alias)}
    raise UnknownNoticeError(
        f"no message of that kind: choose from {known}, or all.{meant(name, names)}"
    )
