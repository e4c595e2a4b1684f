"""Judges the templates of a playbook: before they run, and by running them on invented facts."""

import functools
import re
from collections.abc import Iterable, Iterator

from breachkit.actions import playbook_samples as samples
from breachkit.actions.notice_kinds import KINDS, NoticeKind
from breachkit.actions.playbook_reader import Problem, suggestion
from breachkit.report import sweep_mail
from breachkit.report.incident_words import GIVEN
from breachkit.report.lint import LintError
from breachkit.report.mail import Beside, TemplateRefusedError, render
from breachkit.report.mail_context import Shown, context
from breachkit.report.template_guard import faults, names_in


REPORTS = {f"report/{name}": known for name, known in GIVEN.items()}
"""Words of the reports, and the facts that each is given."""

_BARE = "Subject: [{{ tlp }}] [{{ case }}] A message\n{{ tlp }}\n\n{{ log_head }}\n\n{{ tlp }}\n"
"""Stands beside a short form that is tried."""
_LINE = re.compile(r"(?<=\.j2)(?::| line )(\d+)(?=: )")


def template_problems(name: str, text: str) -> Iterator[Problem]:
    """Give everything that is wrong with a template of a message or of a report."""
    found = [_at(name, fault.line, f"{fault.problem}; correct it") for fault in faults(text)]
    kind = next((kind for kind in KINDS if name in {kind.template, kind.short_template}), None)
    if not found and name in REPORTS:
        found = list(_unknown_names(name, text, REPORTS[name]))
    if not found and kind is not None:
        known = _known_names(kind)
        found = list(_unknown_names(name, text, known)) or list(_tried(name, text, kind))
    if not found and name == sweep_mail.TEMPLATE:
        found = list(_unknown_names(name, text, sweep_mail.GIVEN)) or list(_tried_on_a_sweep(text))
    yield from found


def _unknown_names(name: str, text: str, known: frozenset[str]) -> Iterator[Problem]:
    for asked, line in names_in(text):
        if asked not in known:
            yield _at(name, line, f"there is no fact {asked}{suggestion(asked, known)}")


@functools.lru_cache(maxsize=64)
def _known_names(kind: NoticeKind) -> frozenset[str]:
    shown = Shown(paths=kind.path_policies[0], name="A. Reader")
    facts = samples.unknown_facts()
    given = context(samples.notices_for(kind)[0], facts, None, shown, template_sha256="0" * 64)
    return frozenset(given)


def _tried(name: str, text: str, kind: NoticeKind) -> Iterator[Problem]:
    """Write the message with invented facts: what refuses a real one refuses these."""
    said: list[str] = []
    by_strangers = samples.hostile_facts()
    for facts in (samples.unknown_facts(), samples.known_facts(), by_strangers):
        for notice in samples.notices_for(kind):
            try:
                if name == kind.short_template:
                    render(notice, facts, _BARE, beside=Beside(short=text))
                else:
                    render(notice, facts, text)
            except TemplateRefusedError as cause:
                said.append(str(cause))
            except LintError as cause:
                if facts is not by_strangers:  # what they chose is refused, as it should be
                    said.append(f"a message made by it is refused: {cause}")
    yield from _said(name, said)


def _tried_on_a_sweep(text: str) -> Iterator[Problem]:
    """Write the mail about a sweep with invented findings, also in a repository of a stranger's naming."""
    said: list[str] = []
    for due in samples.due_after_a_sweep():
        findings = sweep_mail.Findings(
            due=due, drafts={due[0].key: "sample-case"}, at=samples.NOW, tool_version="1.0"
        )
        try:
            sweep_mail.compose(findings, text)
        except TemplateRefusedError as cause:
            said.append(str(cause))
        except LintError as cause:
            said.append(f"a message made by it is refused: {cause}")
    yield from _said(sweep_mail.TEMPLATE, said)


def _said(name: str, said: Iterable[str]) -> Iterator[Problem]:
    """Give what was said as problems, each once and with its line."""
    for each in dict.fromkeys(said):
        found = _LINE.search(each)
        line = int(found.group(1)) if found else 1
        yield _at(name, line, _LINE.sub("", each, count=1).removeprefix(f"{name}: "))


def _at(name: str, line: int, problem: str) -> Problem:
    return Problem(file=name, line=line, key="", problem=problem)
