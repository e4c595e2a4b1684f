"""PAT-04: what leads to a person: birth, name, postcode, address, e-mail, telephone."""

import re
from collections.abc import Iterable, Sequence

from breachkit.detect.invented import weigh
from breachkit.detect.paths import is_codelist, is_invented
from breachkit.detect.rule import About, FileContext
from breachkit.documents.table import Table, Text, TextKind, column_label
from breachkit.model.findings import MAX_ROWS, Confidence, Hit, Location, Severity
from breachkit.sdc.identifiers import id_columns
from breachkit.sdc.personal import (
    PersonalColumn,
    Trace,
    lists_organisations,
    lists_places,
    personal_columns,
    personal_text,
)


Verdict = tuple[Severity, Confidence]


class PersonalData:
    """Finds columns, and labelled words in text, that lead to patients directly."""

    about = About(
        id="PAT-04",
        title="Dates of birth, names, postcodes and addresses of people",
        severity=Severity.CRITICAL,
        confidence=Confidence.MEDIUM,
        why=(
            "A full date of birth with a postcode is one person in nearly every case, and a name or "
            "an address needs no more. None of it is ever part of a result."
        ),
        example=(
            "A table date_of_birth,postcode,died. Months of birth (every date is the first or the "
            "fifteenth), e-mail addresses of authors, lists of practices with their addresses "
            "and lookups from postcodes to areas are no such data. Where path, size and dates "
            "speak for invented data, the finding is low and lists the evidence."
        ),
        remedy=(
            "Treat it as a confirmed breach: open a case, tell the data protection officer, and take the "
            "file out of the whole history."
        ),
        source="UK GDPR (2018), article 4(1); OpenSAFELY documentation 03b2b26 (2020-12-15)",
    )

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for a table with columns that lead to people."""
        found = personal_columns(table)
        verdict = _verdict(table, found, context) if found else None
        if verdict is None or is_codelist(context):
            return
        severity, confidence, evidence = weigh(*verdict, table, context)
        rows = sorted({row for each in found for row in each.rows})
        yield Hit(
            rule=self.about.id,
            severity=severity,
            confidence=confidence,
            message=f"{_list([each.trace for each in found])} in rows of people{evidence}",
            location=Location(
                part=table.part,
                rows=tuple(rows[:MAX_ROWS]),
                columns=tuple(_label(table, each) for each in found),
                cells=sum(len(each.rows) for each in found),
            ),
        )

    def check_text(self, text: Text, context: FileContext) -> Iterable[Hit]:
        """Give one hit for a text that states, with labels, what leads to people."""
        is_program = text.kind is TextKind.PROSE
        if text.kind is TextKind.NAME:
            return
        found = personal_text(text.text, several_kinds=is_program)
        several_kinds = len(found) > 1
        if not found or (is_program and not several_kinds):
            return
        severity = Severity.HIGH if several_kinds else Severity.MEDIUM
        reason = ""
        if is_invented(context):
            severity, reason = Severity.LOW, "; the path says that the data are invented"
        elif is_program:
            severity = min(severity, Severity.MEDIUM)
        yield Hit(
            rule=self.about.id,
            severity=severity,
            confidence=Confidence.MEDIUM if several_kinds else Confidence.LOW,
            message=f"{_list(list(found))} of people, with their labels{reason}",
            location=Location(part=text.part, cells=sum(found.values())),
        )


_WEAK = frozenset({Trace.EMAIL, Trace.PHONE})
"""What those who write programs and papers have, too."""
_AUTHORS = re.compile(
    rb"author|contribut|contact|team|manuscript|(?:^|/)(?:paper|people)", re.IGNORECASE
)


def _verdict(table: Table, found: Sequence[PersonalColumn], context: FileContext) -> Verdict | None:
    """Judge by which traces stand together; None where the table lists no patients."""
    kinds = {each.trace for each in found}
    patients = Trace.BIRTH in kinds or bool(id_columns(table))
    if not patients and (lists_organisations(table) or _is_about_authors(context)):
        return None
    if kinds == {Trace.POSTCODE} and lists_places(table):
        return Severity.LOW, Confidence.LOW
    if patients or len(kinds - _WEAK) > 1:
        return Severity.CRITICAL, Confidence.MEDIUM
    if kinds <= _WEAK:
        labelled = any(each.labelled for each in found)
        return (Severity.LOW, Confidence.LOW) if labelled else None
    return Severity.HIGH, Confidence.MEDIUM


def _is_about_authors(context: FileContext) -> bool:
    """Say whether every path says so; among outputs `contacts` are those of patients."""
    paths = context.paths
    return bool(paths) and not context.is_output and all(map(_AUTHORS.search, paths))


def _label(table: Table, found: PersonalColumn) -> str:
    """Name a column; where its name does not say what it holds, it may itself lead to somebody."""
    return (
        column_label(table.header, found.index) if found.labelled else f"column {found.index + 1}"
    )


def _list(traces: Sequence[Trace]) -> str:
    words = list(dict.fromkeys(trace.value for trace in traces))
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
