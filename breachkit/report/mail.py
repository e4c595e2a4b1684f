"""From facts and a template to the bytes of a message, with nothing in it that must not leave.

Templates belong to playbooks. A template says where facts go; facts are never read as templates.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from breachkit.actions.mailfacts import PEOPLE_RANGES, MailFacts, PathPolicy
from breachkit.actions.notify import Notice, message_id
from breachkit.report.escape import mail_header
from breachkit.report.lint import (
    Licence,
    LintError,
    LintRule,
    check,
    check_attachments,
)
from breachkit.report.mail_context import Shown, addresses_held, context, month, plain, title_of
from breachkit.report.mail_file import Attachment, Letterhead, Sender, mail_bytes, mailto
from breachkit.report.mail_markdown import as_markdown
from breachkit.report.mail_template import NOT_KNOWN, TemplateRefusedError, fill, links_in
from breachkit.report.mail_wrapping import own_lines, wrapped


__all__ = [
    "NAMELESS",
    "NOT_KNOWN",
    "VERIFIER",
    "Attachment",
    "Beside",
    "Rendered",
    "Sender",
    "TemplateRefusedError",
    "render",
]

NAMELESS = "colleague"
"""Stands for a name that cannot be shown."""
VERIFIER = "verifier.txt"
"""What the script for clone holders is called: mail programs stop a script by the end of its name."""

_CASE_FILES = ("private/support-ids.txt",)
_CASE_TOKENS = 2  # the first tokens of a licence are the case's own names
_SHORT_LENGTHS = (80, 40, 20, 10)
"""Characters of a fact in the short form: as many as still fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a message is written with, beside its facts and its template."""

    sender: Sender | None = None
    """None leaves it to the mail program."""
    short: str | None = None
    """Template of the short form."""
    attachment: Attachment | None = None
    """The script for clone holders, for them alone."""
    answers: str | None = None
    """Id of the first message to the same address."""
    waived: frozenset[LintRule] = frozenset()
    """Rules of the lint that a named person set aside for a reason; never one about values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One message, ready to be written."""

    subject: str
    text: str
    r"""With `\n` at the end of lines."""
    eml: bytes | None
    """With CRLF; None for a text that is pasted into a form or has no address."""
    paths: PathPolicy
    """How much of the paths it shows."""
    template_sha256: str
    message_id: str | None = None
    mailto: str | None = None
    """The short form as an address, under 2,000 characters."""
    markdown: str | None = None
    attachment: Attachment | None = None

    @property
    def sha256(self) -> str:
        """Of the text."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()

    @property
    def eml_sha256(self) -> str | None:
        """Of the mail's bytes."""
        return None if self.eml is None else hashlib.sha256(self.eml).hexdigest()


def render(
    notice: Notice,
    facts: MailFacts,
    template: str,
    sender: Sender | None = None,
    *,
    beside: Beside | None = None,
) -> Rendered:
    """Write one message.

    Paths and names are shown as fully as its kind allows and the lint accepts.

    Args:
        notice: Which message, to whom.
        facts: What is known of the case.
        template: Text of the template; its first line is `Subject: ...`.
        sender: Who will send it; None leaves that to the mail program.
        beside: What goes with it.

    Raises:
        LintError: it could disclose something, however little of paths and names it shows.
        TemplateRefusedError: the template is wrong; the message says where.
    """
    given = replace(beside or Beside(), sender=sender or (beside.sender if beside else None))
    refused: LintError | None = None
    for shown in _ladder(notice):
        try:
            return _Writing(notice, facts, given, shown).written(template)
        except LintError as error:
            refused = error  # a path or a stranger's name looks like a value: show less of it
    raise refused or AssertionError("a kind of message without a policy for paths")


def _ladder(notice: Notice) -> Iterator[Shown]:
    """Give every way to write it, the most telling first."""
    for policy in notice.kind.path_policies:
        for labels in (True, False):
            for name in (notice.recipient.name, NAMELESS):
                yield Shown(paths=policy, name=name, labels=labels)


@dataclass(frozen=True, slots=True)
class _Writing:
    """One message, written in one way."""

    notice: Notice
    facts: MailFacts
    beside: Beside
    shown: Shown

    def written(self, template: str) -> Rendered:
        """Fill the template, check the text, and give it in all its forms."""
        kind = self.notice.kind
        check_attachments(self._attached(), kind, what=f"{self.notice.id} ({kind.name})")
        subject, body = self._filled(template, kind.template, self.shown)
        text = wrapped(body) + "\n"
        digest = hashlib.sha256(template.encode("utf-8")).hexdigest()
        head = self._letterhead(subject)
        return Rendered(
            subject=subject,
            text=text,
            eml=mail_bytes(head, text) if head else None,
            paths=self.shown.paths,
            template_sha256=digest,
            message_id=head.message_id if head else None,
            mailto=self._mailto(),
            markdown=as_markdown(body) if kind.has_markdown else None,
            attachment=self.beside.attachment,
        )

    def _filled(self, template: str, name: str, shown: Shown) -> tuple[str, str]:
        """Give subject and body, both checked."""
        digest = hashlib.sha256(template.encode("utf-8")).hexdigest()
        sender, attached = self.beside.sender, self.beside.attachment
        told = context(
            self.notice,
            self.facts,
            sender.name if sender else None,
            shown,
            template_sha256=digest,
            attachment_sha256=attached.sha256 if attached else None,
        )
        first, _, rest = fill(template, name, told).partition("\n")
        subject = mail_header(first.removeprefix("Subject:"))
        if not first.startswith("Subject:") or not subject:
            raise TemplateRefusedError(f"{name}: its first line must be `Subject: ...`")
        licence = self._licence(template, digest, shown)
        self._check_subject(subject, name, licence)
        body = rest.strip("\n")
        check(wrapped(body) + "\n", licence, what=f"{self.notice.id} ({self.notice.kind.name})")
        return subject, body

    def _check_subject(self, subject: str, name: str, licence: Licence) -> None:
        """Lint the subject by itself: lock screens and logs of mail servers show it to anybody."""
        bare = replace(licence, paths="opaque", tlp=None, waived=frozenset())
        if self.notice.kind.outside:
            bare = replace(bare, tokens=licence.tokens[:_CASE_TOKENS], forbidden=self._study())
        check(subject, bare, what=f"the subject of {self.notice.id}")
        if not subject.startswith(f"[{self.notice.kind.tlp}] "):
            raise TemplateRefusedError(f"{name}: the subject must begin with the TLP label")

    def _licence(self, template: str, digest: str, shown: Shown) -> Licence:
        kind, facts = self.notice.kind, self.facts
        narrow = kind.may_name_repository
        return Licence(
            paths=shown.paths,
            tlp=kind.tlp,
            addresses=tuple(filter(None, self._addresses())),
            tokens=(
                *(plain(facts.case_id), plain(facts.codename)),
                *(facts.log_head, digest, plain(facts.tool_version)),
                *(*links_in(template), *(_CASE_FILES if narrow else ())),
                *(tuple(filter(None, self._names(shown))) if narrow else self._months()),
            ),
            forbidden=() if narrow else (*self._study(), *facts.names),
            codename=plain(facts.codename),
            counts_allowed=narrow,
            waived=self.beside.waived if narrow else frozenset(),
            own_words=template,
            own_lines=own_lines(template),
        )

    def _names(self, shown: Shown) -> Iterator[str | None]:
        """Give the exact words that a message to few may hold although they look like more."""
        facts = self.facts
        for name in (facts.repository, facts.repository_url, self.notice.recipient.about):
            yield plain(name, shown.length)
        yield from map(plain, addresses_held(self.notice, facts))
        yield from (title_of(rule) for rule, _ in facts.findings_by_rule or ())
        if self.notice.kind.to == "dpo":
            yield from PEOPLE_RANGES
        if self.beside.attachment is not None:
            yield from (VERIFIER, self.beside.attachment.sha256)

    def _months(self) -> tuple[str, ...]:
        """Give the only numbers that a text for anybody holds."""
        found = (self.facts.now, self.facts.aware_at)
        return tuple(month(each) for each in found if each is not None)

    def _study(self) -> tuple[str, ...]:
        """Give the words by which the study is known."""
        name = str(plain(self.facts.repository))
        return tuple(dict.fromkeys((name, *name.split("/"))))

    def _addresses(self) -> Iterator[str | None]:
        yield self.notice.recipient.email
        yield self.beside.sender.email if self.beside.sender else None
        yield self.facts.contact_point_email if self.notice.kind.to == "dpo" else None

    def _attached(self) -> tuple[tuple[str, bytes], ...]:
        attached = self.beside.attachment
        return () if attached is None else ((attached.name, attached.content),)

    def _letterhead(self, subject: str) -> Letterhead | None:
        to = self.notice.recipient
        if not self.notice.kind.as_mail or to.email is None:
            return None
        return Letterhead(
            subject=subject,
            to_name="" if self.shown.name == NAMELESS else self.shown.name,
            to_email=to.email,
            at=self.facts.now,
            message_id=message_id(self.facts.case_key, self.notice),
            sender=self.beside.sender,
            answers=self.beside.answers,
            attachment=self.beside.attachment,
        )

    def _mailto(self) -> str | None:
        """Give the short form, with facts cut until it fits."""
        email, short = self.notice.recipient.email, self.beside.short
        if short is None or email is None:
            return None
        name = self.notice.kind.short_template
        for length in _SHORT_LENGTHS:
            subject, body = self._filled(short, name, replace(self.shown, length=length))
            if found := mailto(email, subject, body + "\n"):
                return found
        raise TemplateRefusedError(f"{name}: is too long for a `mailto:` address; shorten it")
