"""What the data protection officer and the controller are asked, in the words of those who laid it down.

breachkit keeps the answers and concludes nothing from them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from breachkit.actions.playbook_reader import Problem, Reader, TableReader
from breachkit.actions.playbook_text import Located


FILE = "assessment.toml"
QUESTIONS = ("living", "risk", "high-risk", "ico-report", "individuals")
"""What decisions are about; the first three are the ICO's self-assessment."""

_GRADES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question."""

    about: str
    """One of `QUESTIONS`."""
    text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """One grade of a scale."""

    grade: int
    """From 1, the least."""
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dspt:
    """How the Data Security and Protection Toolkit grades an incident."""

    version: str
    source: str
    rule: str
    """In words, what is reported on."""
    effects: tuple[Grade, ...]
    """Empty where the playbook has the words of the rule alone."""
    likelihoods: tuple[Grade, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """A playbook's `assessment.toml`."""

    as_of: date
    questions: tuple[Question, ...]
    dspt: Dspt | None


def read_assessment(located: Located) -> tuple[Assessment, list[Problem]]:
    """Read an `assessment.toml`; where problems are given, it is made of stand-ins."""
    reader = Reader(FILE, located)
    top = reader.top()
    top.only({"as_of", "question", "dspt"})
    assessment = Assessment(
        as_of=top.day("as_of"),
        questions=tuple(_question(table) for table in top.tables("question", least=1)),
        dspt=_dspt(top.table("dspt")) if "dspt" in top.values else None,
    )
    asked = [each.about for each in assessment.questions]
    for about in QUESTIONS:
        if about not in asked:
            top.wrong("", f"question: there is none about {about}")
    return assessment, reader.problems


def _question(table: TableReader) -> Question:
    table.only({"about", "text", "source"})
    return Question(
        about=table.choice("about", QUESTIONS), text=table.text("text"), source=table.text("source")
    )


def _dspt(table: TableReader) -> Dspt:
    table.only({"version", "source", "rule", "effect", "likelihood"})
    return Dspt(
        version=table.text("version"),
        source=table.text("source"),
        rule=table.text("rule"),
        effects=_scale(table, "effect"),
        likelihoods=_scale(table, "likelihood"),
    )


def _scale(table: TableReader, key: str) -> tuple[Grade, ...]:
    grades: Sequence[Grade] = [_grade(each) for each in table.tables(key)]
    if grades and [each.grade for each in grades] != list(range(1, _GRADES + 1)):
        table.wrong(key, f"the grades 1 to {_GRADES} are needed, in this order, or none")
    return tuple(grades)


def _grade(table: TableReader) -> Grade:
    table.only({"grade", "title", "text"})
    return Grade(
        grade=table.whole("grade", 1, _GRADES) or 0,
        title=table.text("title"),
        text=table.text("text"),
    )
