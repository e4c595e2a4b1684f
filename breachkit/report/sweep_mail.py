"""What a sweep found, as a mail to the contacts: repositories, rules, numbers and places, never a value.

It belongs to no case, so that nothing but the sweep says what is in it. Its words are the playbook's, and
what leaves passes the same lint as any other message.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from breachkit.actions.mailfacts import PathPolicy, shown_paths
from breachkit.actions.notice_kinds import TlpLabel
from breachkit.actions.sweep_due import Due, Envelope, Telling, by_repository
from breachkit.model.ids import GitPath
from breachkit.report.escape import mail_header
from breachkit.report.lint import Licence, LintError, check
from breachkit.report.mail_context import plain, title_of
from breachkit.report.mail_file import Letterhead, Sender, mail_bytes
from breachkit.report.mail_template import TemplateRefusedError, fill, links_in
from breachkit.report.mail_wrapping import own_lines, wrapped


TEMPLATE = "mail/sweep.txt.j2"
"""Its file in a playbook."""
TLP: TlpLabel = "TLP:AMBER+STRICT"
"""As the alert of a case: it names repositories, for those who need to know."""

_MOST_REPOSITORIES = 30
_MOST_RULES = 10
_MOST_FILES = 5
_LENGTH = 100
"""Characters of a name or a path: with the numbers above, less than a message may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What is told at once."""

    due: Sequence[Due]
    drafts: Mapping[str, str]
    """Codenames of the draft cases, by key of the repository."""
    at: datetime
    tool_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """How much of what strangers chose is shown."""

    paths: PathPolicy
    names: bool = True


_LADDER = (
    _Shown(paths="full"),
    _Shown(paths="basename"),
    _Shown(paths="opaque"),
    _Shown(paths="opaque", names=False),
)
"""Every way to write it, the most telling first: a name that looks like a value hides names, not the alarm."""


def compose(findings: Findings, template: str) -> Telling:
    """Write the message, the same for everybody who gets it.

    Args:
        findings: What is told; at least one finding.
        template: Text of the template; its first line is `Subject: ...`.

    Raises:
        LintError: it could disclose something, however little of paths and names it shows.
        TemplateRefusedError: the template is wrong; the message says where.
    """
    refused: LintError | None = None
    for shown in _LADDER:
        try:
            return _written(findings, template, shown)
        except LintError as error:
            refused = error
    raise refused or AssertionError("no way to write it")


def eml(letter: Envelope, sender: Sender | None = None) -> bytes:
    """Give a letter as the file that a mail program opens, and that a mail server is handed."""
    head = Letterhead(
        subject=letter.telling.subject,
        to_name=letter.name,
        to_email=letter.address,
        at=letter.telling.at,
        message_id=letter.message_id,
        sender=sender,
        by_itself=True,
    )
    return mail_bytes(head, letter.telling.text)


def facts(findings: Findings, paths: PathPolicy = "full", *, names: bool = True) -> dict[str, Any]:
    """Give everything that the template may name, but for what stands for the template itself."""
    by_name = by_repository(findings.due).items()
    grouped = sorted(by_name, key=lambda item: -max(each.seen.severity for each in item[1]))
    listed = grouped[:_MOST_REPOSITORIES]
    return {
        "tlp": TLP,
        "found_at": plain(min(each.found_at for each in findings.due)),
        "findings": len(findings.due),
        "repositories": len(grouped),
        "worst": _worst(findings.due),
        "found": [
            {
                **_repository(due, paths),
                "name": plain(due[0].name, _LENGTH) if names else f"Repository {number}",
                "draft": findings.drafts.get(key),
            }
            for number, (key, due) in enumerate(listed, 1)
        ],
        "more": len(grouped) - len(listed),
        "path_policy": paths,
        "tool_version": plain(findings.tool_version),
    }


GIVEN = frozenset(
    {
        *("tlp", "found_at", "findings", "repositories", "worst", "found", "more"),
        *("path_policy", "tool_version", "template", "template_sha256"),
    }
)
"""Names of all facts that the template is given."""


def _worst(due: Sequence[Due]) -> str:
    return max(each.seen.severity for each in due).label


def _repository(due: Sequence[Due], policy: PathPolicy) -> dict[str, Any]:
    kinds = list(_kinds(due))
    paths = {GitPath(each.seen.path.encode("utf-8", "replace")) for each in due if each.seen.path}
    files = shown_paths(sorted(paths), policy)
    return {
        "findings": len(due),
        "worst": _worst(due),
        "kinds": kinds[:_MOST_RULES],
        "files": [plain(each, _LENGTH) for each in files[:_MOST_FILES]],
        "more_files": max(0, len(files) - _MOST_FILES),
    }


def _kinds(due: Sequence[Due]) -> Iterator[str]:
    """Give what was found by each rule, the worst first."""
    number = Counter(each.seen.rule for each in due)
    worst = {each.seen.rule: each.seen.severity for each in reversed(due)}
    for rule in sorted(number, key=lambda rule: (-worst[rule], rule)):
        yield f"{title_of(rule)} ({plain(rule)}, {worst[rule].label}, found {number[rule]} x)"


def _written(findings: Findings, template: str, shown: _Shown) -> Telling:
    digest = hashlib.sha256(template.encode("utf-8")).hexdigest()
    told = facts(findings, shown.paths, names=shown.names)
    given = {**told, "template": "sweep", "template_sha256": digest}
    first, _, rest = fill(template, TEMPLATE, given).partition("\n")
    subject = mail_header(first.removeprefix("Subject:"))
    if not first.startswith("Subject:") or not subject.startswith(f"[{TLP}] "):
        raise TemplateRefusedError(
            f"{TEMPLATE}: its first line must be `Subject: ...`, and the subject begin with the TLP label"
        )
    text = wrapped(rest.strip("\n")) + "\n"
    check(subject, Licence(paths="opaque", tlp=None), what="the subject of the mail about a sweep")
    check(text, _licence(findings, template, digest, shown), what="the mail about a sweep")
    return Telling(at=findings.at, subject=subject, text=text)


def _licence(findings: Findings, template: str, digest: str, shown: _Shown) -> Licence:
    names = {plain(each.name, _LENGTH) for each in findings.due if shown.names}
    titles = {title_of(each.seen.rule) for each in findings.due}
    return Licence(
        paths=shown.paths,
        tlp=TLP,
        tokens=(
            *(*sorted(filter(None, names)), *sorted(titles), *findings.drafts.values()),
            *(digest, plain(findings.tool_version), *links_in(template)),
        ),
        own_words=template,
        own_lines=own_lines(template),
    )
