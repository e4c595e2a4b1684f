"""What the checklist of a release asks about the content of one file, beside what the rules ask."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from breachkit.actions.release_checks import Concern, Outcome
from breachkit.actions.release_checks_tables import Told, table_concerns
from breachkit.documents.kinds import HEAD, Kind, kind_of
from breachkit.documents.table import Document, Embedded, Table, Trait
from breachkit.model.ids import GitPath
from breachkit.model.policy import Policy


class Seen(NamedTuple):
    """What matters of a file to the checklist of its folder; small, because it crosses processes."""

    kind: str = ""
    """As `documents.kinds` calls it."""
    told: tuple[Told, ...] = ()
    """Without paths."""
    tables: int = 0


_PAGES = frozenset({"HTML"})
_PRINTED = frozenset({"text", "printed log", "program or prose"})
"""In these a program printed what looks like a table."""
_BITMAPS = frozenset({"PNG image", "JPEG image", "GIF image", "TIFF image"})


def seen_of(
    content: bytes, documents: Sequence[Document], paths: Sequence[GitPath], policy: Policy
) -> Seen:
    """Look at one file for the checklist.

    Args:
        content: The whole file.
        documents: What was read in it.
        paths: Its names.
        policy: By which it is judged.
    """
    kind = kind_of(content[:HEAD], paths)
    tables = [found for found in documents if isinstance(found, Table)]
    is_named = kind.name not in _PRINTED
    told = [*_of_tables(tables, policy, is_named=is_named), *_of_kind(kind, content, documents)]
    return Seen(kind.name, tuple(told), len(tables))


def _of_tables(tables: Iterable[Table], policy: Policy, *, is_named: bool) -> Iterator[Told]:
    """Give what there is to say, alike things of several tables once."""
    said: dict[tuple[str, str], Concern] = {}
    for table in tables:
        for item, concern in table_concerns(table, policy, is_named=is_named):
            before = said.get((item, concern.what))
            columns = (*(before.columns if before else ()), *concern.columns)
            said[item, concern.what] = Concern(
                what=concern.what,
                outcome=concern.outcome,
                columns=tuple(dict.fromkeys(columns)),
            )
    yield from ((item, concern) for (item, _), concern in said.items())


def _of_kind(kind: Kind, content: bytes, documents: Sequence[Document]) -> Iterator[Told]:
    if kind.name in _PAGES:
        yield from _of_page(content)
    if kind.name in _BITMAPS:
        what = "a picture, whose pixels no program reads: look that it prints no small count"
        yield "low-counts", Concern(what=what, outcome=Outcome.PERSON)
    pictures = sum(
        found.count
        for found in documents
        if isinstance(found, Embedded) and found.trait is Trait.EMBEDDED_IMAGE
    )
    if pictures:
        what = "pictures inside it, whose pixels no program reads: look that the counts behind them are supplied"  # fmt: skip
        yield "figure-counts", Concern(what=what, outcome=Outcome.PERSON)


# --- Web pages ---------------------------------------------------------------------------------

_PARTS: Mapping[str, re.Pattern[bytes]] = {
    "scripts": re.compile(rb"<script\b", re.IGNORECASE),
    "style sheets": re.compile(rb"<style\b|<link\b[^>]{0,300}\bstylesheet\b", re.IGNORECASE),
    "attributes that run scripts": re.compile(
        rb"<[a-z][^<>]{0,500}\son[a-z]{3,20}\s*=\s*[\"']", re.IGNORECASE
    ),
}
_CODE = re.compile(
    rb"class\s*=\s*[\"'][^\"']{0,200}\b(?:jp-CodeCell|jp-InputArea-editor|input_area|input_prompt|code_cell"
    rb"|cell-code|sourceCode|highlight-ipython3|hl-ipython3)\b"
    rb"|<pre\s[^>]{0,80}class\s*=\s*[\"']?(?:r|python|stata|sql|julia|sourceCode)\b[^>]{0,80}>\s*<code",
    re.IGNORECASE,
)


def _of_page(content: bytes) -> Iterator[Told]:
    if b"\0" in content[:HEAD]:  # wide characters: markup is ASCII
        content = content.replace(b"\0", b"")
    found = [name for name, pattern in _PARTS.items() if pattern.search(content)]
    if found:
        what = f"not stripped: it has {', '.join(found)}"
        yield "html-stripped", Concern(what=what, outcome=Outcome.FAIL)
    if _CODE.search(content):
        what = "it shows blocks of code"
        yield "code-hidden", Concern(what=what, outcome=Outcome.FAIL)
