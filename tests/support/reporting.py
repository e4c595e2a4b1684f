"""Reports for tests: facts of an invented case, pages read back by other programs than ours."""

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lxml import html
from markdown_it import MarkdownIt
from markdown_it.token import Token

from breachkit.actions.whereabouts import Lane, Mark, State, Stretch, Whereabouts, namespace_of
from breachkit.incident.folder import CaseFolder
from breachkit.model.ids import RefName
from tests.support.cases import HandClock
from tests.support.command_line import OUTPUT, SAFE_COUNTS, SMALL_COUNTS
from tests.support.gitrepo import History
from tests.support.responding import Response, responding


MAY = 1_620_000_000
DAY = 86_400

HOSTILE = (
    "</td><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a|b|c `x` **y** [z](http://example.org)",
    "{{ facts }} {% raw %} ${HOME}",
    "\u202egpj.exe\u2069 \u200b\u0007\x1b[31m",
    "\u05e9\u05dc\u05d5\u05dd \u0627\u0644\u0639",
    "# heading\n\n- list\n> quote",
    "&lt;b&gt; &#60; \\",
    "=cmd|' /C calc'!A0",
    "@everyone #12 GH-3 www.example.org",
    "[/] [red]x[/red] \x9b2J",
    "'\"`--><!--",
    "\ue000inner\ue001",
    "x" * 4096,
)
"""Names that act, hide, break a table or turn round what stands beside them."""


def finished(folder: Path, history: History | None = None) -> Response:
    """Give a case whose data are gone from the server, with decisions and answers."""
    response = responding(folder, history or several_refs(), found_by="Ada Hartley")
    response.all_of_it()
    case = response.case
    case.record("containment.recorded", {"how": "by hand", "reason": "an owner did it"})
    case.record(
        "notify.acknowledged",
        {"number": "N-001", "name": "DPO", "by": "Jo", "at": "2026-03-06T12:00:00Z"},
    )
    decide(case, "ico-report", "no", "no living individual can be told apart", role="dpo")
    decide(case, "retention", "until 2027", "as the policy says", role="siro")
    return response


def decide(case: CaseFolder, about: str, answer: str, reason: str, role: str = "") -> None:
    """Record that somebody decided."""
    case.record(
        "decision",
        {
            "about": about,
            "answer": answer,
            "decider": "Rosa Lindqvist",
            "role": role,
            "reason": reason,
        },
    )


def several_refs() -> History:
    """A table that was deleted on main, lives on a branch, under a tag, and in a pull request."""
    history = History()
    base = history.commit({b"README.md": b"# A study\n", b"out/safe.csv": SAFE_COUNTS})
    side = history.commit({OUTPUT: SMALL_COUNTS}, ref=b"refs/heads/side", parents=[base])
    merged = history.commit({OUTPUT: SMALL_COUNTS}, merge=[side], message="Merge side")
    history.tag("v1", merged)
    history.ref(b"refs/pull/4/head", side)
    history.commit({OUTPUT: None}, message='Revert "Merge side"')
    return history


def whereabouts(*names: str, not_drawn: int = 0) -> Whereabouts:
    """Give lanes of these names, each with the data coming, moving and going."""
    lanes = tuple(
        _lane(RefName(name.encode("utf-8", "surrogateescape")), n) for n, name in enumerate(names)
    )
    return Whereabouts(lanes=lanes, not_drawn={"branch": not_drawn} if not_drawn else {})


def _lane(name: RefName, number: int) -> Lane:
    start = MAY + number * 3 * DAY
    return Lane(
        name=name,
        namespace=namespace_of(name),
        start=start,
        end=start + 90 * DAY,
        parent=None if number == 0 else 0,
        forked=None if number == 0 else start - DAY,
        stretches=(
            Stretch(start=start, state=State.CLEAN),
            Stretch(start=start + 10 * DAY, state=State.FILES),
            Stretch(start=start + 50 * DAY, state=State.HISTORY),
        ),
        marks=(
            Mark(
                when=start + 10 * DAY,
                kind="came",
                files=1,
                left=1,
                source=number - 1 if number else None,
            ),
            Mark(when=start + 20 * DAY, kind="moved", files=1, left=1),
            Mark(when=start + 50 * DAY, kind="went", files=1, left=0, way="revert"),
        ),
    )


# --- reading back --------------------------------------------------------------------------


def page(text: str) -> Any:
    """Read a page as a browser's parser would."""
    return html.document_fromstring(text)


def shown_text(text: str) -> str:
    """Give what a page shows, the picture apart, whose words stand beside it."""
    tree = page(text)
    for gone in tree.xpath("//style | //svg | //*[local-name()='svg'] | //head"):
        gone.drop_tree()
    return " ".join(" ".join(tree.itertext()).split())


def numbers(text: str) -> Counter[str]:
    """Count the numbers in a text."""
    return Counter(re.findall(r"\d+", text))


def parsed(markdown: str) -> list[Token]:
    """Read Markdown with another program than ours, tables included."""
    return MarkdownIt("commonmark").enable("table").parse(markdown)


def markdown_text(markdown: str) -> str:
    """Give what a reader of the Markdown sees."""
    return " ".join(" ".join(map(_inline, filter(_is_inline, parsed(markdown)))).split())


def tables(markdown: str) -> list[list[list[str]]]:
    """Give every table as rows of cells, the header first."""
    found: list[list[list[str]]] = []
    for token in parsed(markdown):
        match token.type:
            case "table_open":
                found.append([])
            case "tr_open":
                found[-1].append([])
            case "inline" if found and token.level > 3:
                found[-1][-1].append(_inline(token))
            case _:
                continue
    return found


def _is_inline(token: Token) -> bool:
    return token.type == "inline"


def _inline(token: Token) -> str:
    shown = [each.content for each in token.children or () if each.type in {"text", "code_inline"}]
    return "".join(shown)


def at(year: int, month: int, day: int) -> HandClock:
    """Give a clock that stands at noon of a day."""
    return HandClock(datetime(year, month, day, 12, tzinfo=UTC))
