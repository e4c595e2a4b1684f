"""From facts and a template to the bytes of a message, with nothing in it that must not leave.

Templates belong to playbooks. A template says where facts go; facts are never read as templates.
"""

import functools
import hashlib
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from jinja2 import DictLoader, StrictUndefined, Template, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from breachkit.actions.contacts import normalised_address
from breachkit.actions.mailfacts import MailFacts, PathPolicy, file_type, shown_paths
from breachkit.actions.notify import Notice
from breachkit.detect.registry import rule_by_id
from breachkit.model.errors import ConfigurationError
from breachkit.report.escape import mail_header, terminal
from breachkit.report.lint import Licence, LintError, check


NOT_KNOWN = "not yet known"
NAMELESS = "colleague"
"""Stands for a name that cannot be shown."""
MAX_CHARACTERS = 65_536
"""More than any message needs; a template that grows beyond it is stopped."""
MAX_PATHS = 30
"""A message lists at most this many paths, and says how many more there are."""
WIDTH = 76

_MAIL_DOMAIN = "breachkit.invalid"  # the machine's own name would tell outsiders about it
_LABELLED = re.compile(r"(  [A-Z][\w ,'-]{1,18}? {2,})\S|( *(?:[-*] |[\da-z]+\. )?)")
_LINKS = (
    "https://support.github.com/request/remove-data",
    "https://support.github.com/contact",
)
_CASE_FILES = ("private/support-ids.txt",)
_VERIFIER = "verifier.txt"


class TemplateRefusedError(ConfigurationError):
    """A template of a playbook cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sends the message: a person, by hand."""

    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One message, ready to be written."""

    subject: str
    text: str
    """With `\n` at the end of lines."""
    eml: bytes | None
    """With CRLF; None for a text that is pasted into a form."""
    paths: PathPolicy
    """How much of the paths it shows."""
    template_sha256: str

    @property
    def sha256(self) -> str:
        """Of the text."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()


class _Sandbox(ImmutableSandboxedEnvironment):
    """A template can place facts, loop over lists and decide; it can build nothing large."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, _context: object, operator: str, _left: object, _right: object) -> Any:
        raise SecurityError(f"the operator {operator} is not allowed")

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return isinstance(obj, LoopContext) and super().is_safe_attribute(obj, attr, value)


def render(
    notice: Notice, facts: MailFacts, template: str, sender: Sender | None = None
) -> Rendered:
    """Write one message.

    Paths are shown as fully as its kind allows and the lint accepts.

    Args:
        notice: Which message, to whom.
        facts: What is known of the case.
        template: Text of the template; its first line is `Subject: ...`.
        sender: Who will send it; None leaves that to the mail program.

    Raises:
        LintError: it could disclose something, however little of the paths it shows.
        TemplateRefusedError: the template is wrong; the message says where.
    """
    refused: LintError | None = None
    for policy in notice.kind.path_policies:
        for name in (notice.recipient.name, NAMELESS):
            try:
                return _render(notice, facts, template, sender, _Shown(paths=policy, name=name))
            except LintError as error:
                refused = error  # a path or a stranger's name looks like a value: show less of it
    raise refused or AssertionError("a kind of message without a policy for paths")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """How much a message shows of what strangers chose."""

    paths: PathPolicy
    name: str


def _render(
    notice: Notice, facts: MailFacts, template: str, sender: Sender | None, shown: _Shown
) -> Rendered:
    digest = hashlib.sha256(template.encode("utf-8")).hexdigest()
    context = _context(notice, facts, sender, shown, digest)
    first, _, rest = _fill(template, notice.kind.template, context).partition("\n")
    subject = mail_header(first.removeprefix("Subject:"))
    if not first.startswith("Subject:") or not subject:
        raise TemplateRefusedError(f"{notice.kind.template}: its first line must be `Subject: ...`")
    text = _wrapped(rest.strip("\n")) + "\n"
    licence = _licence(notice, facts, sender, shown.paths, digest)
    _check_subject(subject, notice, licence)
    check(text, licence, what=f"{notice.id} ({notice.kind.name})")
    addressed = _addressed(notice, shown)
    eml = _eml(addressed, facts, sender, subject, text) if notice.kind.as_mail else None
    return Rendered(subject=subject, text=text, eml=eml, paths=shown.paths, template_sha256=digest)


def _addressed(notice: Notice, shown: _Shown) -> Notice:
    """Keep a name out of the header as well where it is kept out of the text."""
    name = "" if shown.name == NAMELESS else shown.name
    return replace(notice, recipient=replace(notice.recipient, name=name))


def _check_subject(subject: str, notice: Notice, licence: Licence) -> None:
    """Lint the subject by itself: lock screens and logs of mail servers show it to anybody."""
    bare = replace(licence, paths="opaque", tlp=None)
    if notice.kind.outside:
        bare = replace(bare, tokens=licence.tokens[:_CASE_TOKENS])
    check(subject, bare, what=f"the subject of {notice.id}")
    if not subject.startswith(f"[{notice.kind.tlp}] "):
        raise TemplateRefusedError(
            f"{notice.kind.template}: the subject must begin with the TLP label"
        )


_CASE_TOKENS = 2  # the first tokens of a licence are the case's own names


def _licence(
    notice: Notice, facts: MailFacts, sender: Sender | None, policy: PathPolicy, digest: str
) -> Licence:
    addresses = [notice.recipient.email, sender.email if sender else None]
    return Licence(
        paths=policy,
        tlp=notice.kind.tlp,
        addresses=tuple(address for address in addresses if address),
        tokens=(
            *(terminal(facts.case_id), terminal(facts.codename)),
            *(terminal(facts.repository), facts.log_head, digest, terminal(facts.tool_version)),
            *(*_LINKS, *_CASE_FILES),
            *((_VERIFIER,) if notice.kind.to == "holders" else ()),
            *(_title(rule) for rule, _ in facts.findings_by_rule or ()),
        ),
    )


def _fill(template: str, name: str, context: Mapping[str, Any]) -> str:
    pieces: list[str] = []
    size = 0
    try:
        for piece in _compiled(template).generate(context):
            size += len(piece)
            if size > MAX_CHARACTERS:
                raise TemplateRefusedError(f"{name}: gives more than {MAX_CHARACTERS} characters")
            pieces.append(piece)
    except TemplateError as cause:  # its message quotes the template and names, never a fact
        line = getattr(cause, "lineno", None)
        where = f" line {line}" if line else ""
        raise TemplateRefusedError(f"{name}{where}: {cause}; correct the template") from None
    except (TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as cause:
        wrong = type(cause).__name__  # its message could quote a fact
        raise TemplateRefusedError(
            f"{name}: {wrong} in an expression; correct the template"
        ) from None
    return "".join(pieces)


@functools.lru_cache(maxsize=16)
def _compiled(template: str) -> Template:
    """Compile once what is written to many."""
    return _environment().from_string(template)


def _environment() -> _Sandbox:
    environment = _Sandbox(
        loader=DictLoader({}),  # a template stands alone
        undefined=StrictUndefined,
        finalize=lambda value: NOT_KNOWN if value is None else value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # plain text: every fact is made fit for it in _context
    )
    environment.globals.clear()
    kept = {"join", "length", "upper", "capitalize"}
    environment.filters = {k: v for k, v in environment.filters.items() if k in kept}
    return environment


def _context(
    notice: Notice, facts: MailFacts, sender: Sender | None, shown: _Shown, digest: str
) -> dict[str, Any]:
    """Give the template its facts: each text on one line, each time in UTC, None where unknown."""
    plain = {name: _shown(getattr(facts, name)) for name in facts.__slots__}
    paths = None if facts.paths is None else shown_paths(facts.paths, shown.paths)
    return {
        **plain,
        "paths": None if paths is None else list(paths[:MAX_PATHS]),
        "more_paths": max(0, len(paths or ()) - MAX_PATHS),
        "path_policy": shown.paths,
        "files": None if facts.paths is None else len(facts.paths),
        "file_types": None
        if facts.paths is None
        else ", ".join(sorted(set(map(file_type, facts.paths)))),
        "findings": _findings(facts),
        "kinds_of_finding": _kinds_of_finding(facts),
        "aware_at": _aware(facts),
        "deadline": _shown(facts.deadline),
        "unknown": list(facts.unknown),
        "kind_words": _KIND_WORDS.get(facts.kind, "Suspected"),
        "recipient": terminal(shown.name),
        "sender": terminal(sender.name) if sender else None,
        "tlp": notice.kind.tlp,
        "case": f"{terminal(facts.case_id)} {terminal(facts.codename)}",
        "template": notice.kind.name,
        "template_sha256": digest,
    }


_KIND_WORDS = {"suspected": "Suspected", "confirmed": "Confirmed", "near-miss": "Near miss of a"}


def _aware(facts: MailFacts) -> str | None:
    shown: str | None = _shown(facts.aware_at)
    return f"{shown}, assumed until somebody says" if shown and facts.aware_assumed else shown


def _findings(facts: MailFacts) -> str | None:
    if facts.findings_by_rule is None:
        return None
    total = sum(count for _, count in facts.findings_by_rule)
    return str(total) if total else "none"


def _kinds_of_finding(facts: MailFacts) -> list[str]:
    """Give a line for each rule: a reader knows what was found by its title, not by its number."""
    return [
        f"{_title(rule)} ({terminal(rule)}, found {count} x)"
        for rule, count in facts.findings_by_rule or ()
    ]


def _title(rule: str) -> str:
    known = rule_by_id(rule)
    return known.about.title if known else "a rule of a later version"


def _shown(value: Any) -> Any:
    match value:
        case str() | bytes():
            return terminal(value).strip() or None
        case datetime():
            return _moment(value)
        case bool():
            return "yes" if value else "no"
        case tuple():
            return [_shown(item) for item in value]
        case _:
            return value


def _moment(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%d %H:%M} UTC ({_WEEKDAYS[utc.weekday()]})"


_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _wrapped(text: str) -> str:
    return "\n".join(part for line in text.split("\n") for part in _wrap_line(line.rstrip()))


def _wrap_line(line: str) -> list[str]:
    if len(line) <= WIDTH:
        return [line]
    found = _LABELLED.match(line)
    indent = len((found.group(1) or found.group(2) or "") if found else "")
    return textwrap.wrap(
        line,
        WIDTH,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
        replace_whitespace=False,
    )


def _eml(notice: Notice, facts: MailFacts, sender: Sender | None, subject: str, text: str) -> bytes:
    if notice.recipient.email is None:
        raise TemplateRefusedError(f"{notice.id}: the recipient has no e-mail address: phone them")
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    if sender is not None:
        message["From"] = _address(sender.name, sender.email)
    message["To"] = _address(notice.recipient.name, notice.recipient.email)
    message["Date"] = facts.now
    message["Message-ID"] = _message_id(notice, facts, text)
    message["Auto-Submitted"] = "no"
    message["X-Unsent"] = "1"  # mail programs open it as a draft
    encoding = "7bit" if text.isascii() else "quoted-printable"
    message.set_content(text, cte=encoding)
    return message.as_bytes()


def _address(name: str, email: str) -> Address:
    try:
        return Address(display_name=mail_header(name), addr_spec=normalised_address(email))
    except ValueError as cause:
        raise TemplateRefusedError(
            f"an address cannot be used: {cause}; correct the contacts"
        ) from None


def _message_id(notice: Notice, facts: MailFacts, text: str) -> str:
    parts = (facts.case_id, notice.id, notice.recipient.email or "", facts.now.isoformat(), text)
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
    return f"<{digest[:32]}@{_MAIL_DOMAIN}>"
