"""`explain`: what a rule, an exit code, an item of the checklist or a finding of a case means."""

import re
import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from breachkit.cli import cases, completing, console, options
from breachkit.cli.command import command
from breachkit.model.errors import BreachkitError, UsageError
from breachkit.model.ids import display


if TYPE_CHECKING:
    from breachkit.actions.checklist_template import Item
    from breachkit.detect.rule import About


_FINDING = re.compile(r"F-\d{1,9}", re.IGNORECASE)
_WIDEST = 80
_SCAN = "look for it, and for all others, in a whole history"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(command(explain))


def explain(
    topic: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TOPIC]...",
            help="CNT-01, exit 7, A07, F-0003; none lists the rules.",
            autocompletion=completing.topics,
        ),
    ] = None,
    case: options.Case = None,
    json_: options.Json = False,
) -> int:
    """Explain a rule, an exit code, an item of the checklist or a finding.

    A rule: why it matters, an example, what to do, its source. A finding is one of the case's scope;
    which rule found it is looked up there.

    Changes: nothing.

    \b
    Examples:
      breachkit explain                  every rule on a line
      breachkit explain CNT-01           one rule in full
      breachkit explain exit 7           what an exit code means
      breachkit explain A07              an item of the checklist
      breachkit explain F-0003 --case BK-2026-0001
    """
    words = [word for word in topic or () if word.strip()]
    if not words:
        return _rules(json_=json_)
    name = words[-1]
    if words[0].lower() in {"exit", "exit-code", "code"} or name.isdecimal():
        return _exit_code(words, json_=json_)
    if len(words) > 1:
        raise UsageError(f"one thing at a time: `breachkit explain {display(name)}`")
    if _FINDING.fullmatch(name):
        return _finding(name, case, json_=json_)
    return _rule_or_item(name, case, json_=json_)


def _rules(*, json_: bool) -> int:
    from breachkit.detect.registry import ALL_RULES
    from breachkit.report import explain as render

    every = sorted((rule.about for rule in ALL_RULES), key=lambda about: about.id)
    console.show(render.rules_json(every), render.rules_text(every), as_json=json_)
    console.following("breachkit explain CNT-01", "one rule in full")
    return 0


def _exit_code(words: Sequence[str], *, json_: bool) -> int:
    from breachkit.report.exit_codes import EXIT_CODES, exit_code_json, exit_code_text

    number = words[-1]
    found = EXIT_CODES.get(int(number)) if number.isdecimal() and len(number) < _LONG else None
    if found is None or len(words) > 2:
        known = ", ".join(map(str, EXIT_CODES))
        raise UsageError(f"no exit code {display(' '.join(words[1:]) or number)}: one of {known}")
    console.show(exit_code_json(found), exit_code_text(found), as_json=json_)
    console.following("breachkit next", "where a case stands, whatever the last command said")
    return 0


_LONG = 5


def _rule_or_item(name: str, case: str | None, *, json_: bool) -> int:
    from breachkit.detect.registry import rule_by_id

    rule = rule_by_id(name)
    if rule is not None:
        return _show_rule(rule.about, {}, "", json_=json_)
    items, groups, playbook = _checklist(case)
    item = next((each for each in items if each.id.lower() == name.partition("/")[0].lower()), None)
    if item is None:
        raise _unknown(name, items)
    from breachkit.report import explain_item as render

    group = groups.get(item.group, item.group)
    text = render.item_text(item, group, playbook)
    console.show(render.item_json(item, group, playbook), text, as_json=json_)
    console.following("breachkit checklist show", "how far every item is in the case")
    return 0


def _checklist(case: str | None) -> "tuple[Sequence[Item], dict[str, str], str]":
    """Give the items of the case's checklist, or of the playbook in use where no case is named."""
    from breachkit.workflows.checklist import load_template
    from breachkit.workflows.playbooks import default_playbook, playbook_of

    of_case = None if case is None else cases.find(case).incident.profile
    name = default_playbook() if of_case is None else playbook_of(of_case)
    template = load_template(name)
    return template.items, dict(template.groups), name


def _finding(name: str, case: str | None, *, json_: bool) -> int:
    from breachkit.detect.registry import rule_by_id
    from breachkit.workflows.decisions import finding_of

    try:
        found = cases.find(case)
    except BreachkitError as cause:
        raise UsageError(
            f"{display(name)} is a number that one scan gave: name the rule that stands beside it, or "
            f"the case whose scope it is of ({cause})"
        ) from None
    number = f"F-{int(re.sub('[^0-9]', '', name)):04d}"
    finding = finding_of(found, number)
    rule = rule_by_id(str(finding["rule"]))
    if rule is None:
        raise UsageError(
            f"{number} is of a rule that this version does not have: {finding['rule']}"
        )
    place = finding["path"] or "a message or a name, and in no file"
    where = f"{number} of {found.incident.id}: {rule.about.id} in {place}\n\n"
    more = {"finding": number, "case": found.incident.id, "path": finding["path"]}
    return _show_rule(rule.about, more, where, json_=json_)


def _show_rule(about: "About", more: dict[str, Any], head: str, *, json_: bool) -> int:
    from breachkit.report import explain as render

    data = {**render.about_json(about), **more}
    text = render.about_text(about, width=min(_WIDEST, shutil.get_terminal_size().columns))
    console.show(data, head + text, as_json=json_)
    console.following("breachkit scan .", _SCAN)
    return 0


def _unknown(name: str, items: "Sequence[Item]") -> UsageError:
    from breachkit.detect.registry import ALL_RULES
    from breachkit.model.meant import meant

    rules = [rule.about.id for rule in ALL_RULES]
    hint = meant(name, [*rules, *(item.id for item in items)])
    kinds = (
        "exit codes (exit 7), items of the checklist (A07), findings of a case (F-0003) and rules"
    )
    more = f"; `breachkit explain` lists these.{hint}" if hint else f": {', '.join(rules)}"
    return UsageError(f"nothing is called {display(name[:40])!r}: there are {kinds}{more}")
