"""Looks at one output for the request: what its tables and print-outs tell about themselves."""

from collections.abc import Sequence
from hashlib import blake2b

from breachkit.actions.request import OutputFacts, TableFacts
from breachkit.actions.request_controls import controls_of
from breachkit.actions.request_numbers import (
    freedom_of,
    is_model,
    observations_of,
    populations_of,
    printed_freedom,
)
from breachkit.actions.request_variables import variables_of
from breachkit.documents.kinds import HEAD, LOG, kind_of
from breachkit.documents.table import Document, Table, Text, Unreadable
from breachkit.model.ids import GitPath
from breachkit.model.policy import Policy


MOST_TABLES = 50
"""Tables of one file that are described; a log has hundreds."""
_FEWEST_ROWS = 2
_MOST_ROWS = 5_000


def output_facts(
    content: bytes, documents: Sequence[Document], path: GitPath, policy: Policy, key: bytes
) -> OutputFacts:
    """Look at one file.

    Args:
        content: The whole file.
        documents: What was read in it.
        path: Its name.
        policy: Has the threshold, and what counts are rounded to.
        key: Of one run: labels are compared by keyed digests, which tell nothing afterwards.
    """
    tables = [each for each in documents if isinstance(each, Table) and each.above is None]
    gaps = [each.reason for each in documents if isinstance(each, Unreadable)]
    kind = kind_of(content[:HEAD], (path,))
    is_named = kind != LOG
    described = [_table_facts(each, policy, is_named=is_named) for each in tables[:MOST_TABLES]]
    printed = [
        stated
        for each in documents
        if isinstance(each, Text)
        for stated in printed_freedom(each, policy.threshold)
    ]
    if printed:
        described.append(TableFacts(rows=0, columns=0, freedom=tuple(printed), is_model=True))
    return OutputFacts(
        kind=kind.name,
        tables=tuple(described),
        signature=_digest(key, *(cell for each in tables for cell in (*each.header, "\0"))),
        shapes=tuple(filter(None, (_shape(each, key) for each in tables[:MOST_TABLES]))),
        unread=tuple(dict.fromkeys(gaps)),
    )


def _table_facts(table: Table, policy: Policy, *, is_named: bool) -> TableFacts:
    return TableFacts(
        rows=len(table.rows) + table.more_rows,
        columns=len(table.header),
        variables=variables_of(table) if is_named else (),
        populations=populations_of(table, policy.threshold) if table.rows else (),
        observations=observations_of(table, policy.threshold) if table.rows else (),
        freedom=freedom_of(table, policy.threshold) if table.rows else (),
        controls=controls_of(table, policy) if table.rows else (),
        is_model=is_model(table),
    )


def _shape(table: Table, key: bytes) -> str:
    """Give the same for tables whose rows are named alike; nothing where rows have no names."""
    if not _FEWEST_ROWS <= len(table.rows) <= _MOST_ROWS:
        return ""
    labels = [row[0] for row in table.rows if row]
    if len(set(labels)) < _FEWEST_ROWS or not all(any(map(str.isalpha, cell)) for cell in labels if cell):  # fmt: skip
        return ""
    return _digest(key, *sorted(set(labels)))


def _digest(key: bytes, *words: str) -> str:
    if not words:
        return ""
    text = "\x1f".join(words).encode("utf-8", "surrogatepass")
    return blake2b(text, key=key, digest_size=16).hexdigest()
