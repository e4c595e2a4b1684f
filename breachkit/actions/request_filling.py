"""Fills in the form of a release request: what is told, and what is left open, question by question."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date

from breachkit.actions.release_checks import CheckResult, Outcome
from breachkit.actions.request import (
    Answered,
    Filled,
    Form,
    Output,
    Question,
    Related,
    Section,
    Stated,
    TableFacts,
)
from breachkit.actions.request_controls import NOT_ROUNDED, TOO_FEW
from breachkit.actions.request_related import EARLIER, PART, PART_OF, WHOLE
from breachkit.model.ids import GitPath, display
from breachkit.model.records import dataclass, field


_SIZES = ("bytes", "kB", "MB", "GB")
_MOST_NAMED = 12
_WORDS = frozenset({"program or prose", "empty file"})
_OF_NUMBERS = frozenset({"variables", "population", "regression", "related", "controls"})
"""Questions that are not asked of a file of words."""
_FIGURES = frozenset({"SVG figure", "PNG image", "JPEG image", "GIF image", "TIFF image"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known beside the files themselves."""

    related: Mapping[GitPath, Sequence[Related]] = field(default_factory=dict)
    cut: frozenset[GitPath] = frozenset()
    """The files of which not all tables were compared with those of others."""
    groups: Mapping[GitPath, str] = field(default_factory=dict)
    """What the section of a file is called, where it is about several."""
    check: CheckResult
    show: Callable[[GitPath | str], str] = field(repr=False)
    """Gives a name, or a text that may hold one, with everything masked that is evidence itself."""


def filled(section: Section, form: Form, known: Known) -> Filled:
    """Fill in one section."""
    fails = tuple(_fails(section, known))
    filling = _Filling(section, known)
    answers = (filling.answer(question) for question in form.output)
    return Filled(section=section, answers=tuple(each for each in answers if each), fails=fails)


def header_answers(
    form: Form, given: Mapping[str, str], day: date, told: Mapping[str, Sequence[str]]
) -> tuple[Answered, ...]:
    """Fill in what is asked about the whole request.

    Args:
        form: The questions.
        given: What people said, by the id of the question.
        day: Of the request, in UTC.
        told: What the folder tells, by the id of the question.
    """
    known = {"date": [day.isoformat()], **told, **{key: [text] for key, text in given.items()}}
    return tuple(
        Answered(
            question=each,
            told=tuple(known.get(each.id, ())),
            open=() if known.get(each.id) else (each.ask,),
        )
        for each in form.header
    )


def _fails(section: Section, known: Known) -> Iterator[str]:
    paths = set(section.paths)
    for result in known.check.items:
        for concern in result.open:
            about = [path for path in concern.paths if path in paths]
            if about and concern.outcome is not Outcome.PASS:
                fails = "fails" if concern.outcome is Outcome.FAIL else "needs a person"
                of = f" ({len(about)} of {len(paths)} files)" if section.is_group else ""
                yield f"{result.item.id}: {fails}: {known.show(concern.what)}{of}"


class _Filling:
    """One section on its way."""

    def __init__(self, section: Section, known: Known) -> None:
        self._section = section
        self._known = known
        self._outputs = section.outputs
        self._first = section.outputs[0]
        self._answers: Mapping[str, Callable[[Question], Answered | None]] = {
            "location": self._location,
            "kind": self._kind,
            "variables": self._variables,
            "population": self._population,
            "regression": self._regression,
            "related": self._related,
            "controls": self._controls,
        }

    def answer(self, question: Question) -> Answered | None:
        """Answer a question; None where it is not asked of such an output."""
        kind = self._first.facts.kind
        if question.kinds and kind not in question.kinds:
            return None
        if question.id in _OF_NUMBERS and kind in _WORDS and not any(self._tables()):
            return None
        answer = self._answers.get(question.id)
        if answer is None:
            return Answered(question=question, open=(question.ask,))
        return answer(question)

    def _tables(self) -> Iterator[tuple[Output, TableFacts]]:
        for output in self._outputs:
            for table in output.facts.tables:
                yield output, table

    # --- Questions ------------------------------------------------------------------------------

    def _location(self, question: Question) -> Answered:
        section, show = self._section, self._known.show
        if section.is_group:
            lines = [f"{display(section.pattern)} captures exactly {len(self._outputs)} files:"]
            lines += [
                f"{show(each.path)} ({size(each.size)}{_shape(each)})" for each in self._outputs
            ]
            return Answered(question=question, told=tuple(lines))
        lines = [show(self._first.path)]
        if self._first.is_masked:
            lacking = "The name holds what identifies somebody, and is masked here: give the file another name."
            return Answered(question=question, told=tuple(lines), open=(lacking,))
        if section.pattern != display(self._first.path):
            lines.append(f"one file; as a pattern it is {display(section.pattern)}")
        return Answered(question=question, told=tuple(lines))

    def _kind(self, question: Question) -> Answered:
        if self._section.is_group:
            total = size(sum(each.size for each in self._outputs))
            kind = f"{self._first.facts.kind}, {len(self._outputs)} files, {total} together"
        else:
            kind = f"{self._first.facts.kind or 'not read'}, {size(self._first.size)}{_shape(self._first)}"
        reasons = dict.fromkeys(reason for each in self._outputs for reason in each.facts.unread)
        unread = tuple(f"Not read, so not described: {self._known.show(each)}" for each in reasons)
        return Answered(question=question, told=(kind,), open=unread)

    def _variables(self, question: Question) -> Answered:
        meanings: dict[str, str] = {}
        twice: set[str] = set()
        for _, table in self._tables():
            labels = [each.label for each in table.variables]
            twice |= {label for label in labels if labels.count(label) > 1}
            for each in table.variables:
                meanings[each.label] = meanings.get(each.label) or each.meaning
        if not meanings:
            return Answered(question=question, open=(self._unnamed(),))
        unclear = [label for label, meaning in meanings.items() if not meaning]
        lacking = [f"{question.ask} {_listed(unclear)}"] if unclear else []
        if twice:
            lacking.append(
                f"Several columns are called {_listed(sorted(twice))}: say which is which."
            )
        told = tuple(f"{label}: {meaning}" for label, meaning in meanings.items() if meaning)
        return Answered(question=question, told=told, open=tuple(lacking))

    def _unnamed(self) -> str:
        if self._is_figure():
            return "Nothing in it names its variables: say what its axes, colours and numbers are."
        return "Nobody named its variables: say what is in it."

    def _is_figure(self) -> bool:
        return self._first.facts.kind in _FIGURES

    def _population(self, question: Question) -> Answered:
        told, missing = self._each(lambda table: (*table.populations, *table.observations))
        lacking = [question.ask]
        if missing:
            which = self._in(missing) if len(missing) < len(self._outputs) else ""
            lacking.append(
                f"No total, N= or denominator that may be written was found{which}: state the count of the population, rounded."
            )
        return Answered(question=question, told=tuple(told), open=tuple(lacking))

    def _each(
        self, numbers: Callable[[TableFacts], Sequence[Stated]]
    ) -> tuple[list[str], list[str]]:
        """Give the largest number of each file, alike ones once, and the files that have none."""
        said: dict[str, list[str]] = defaultdict(list)
        missing: list[str] = []
        for output in self._outputs:
            found = _largest(each for table in output.facts.tables for each in numbers(table))
            name = self._known.show(output.path)
            if found is not None:
                said[_said(found)].append(name)
            if found is None or found.number is None:
                missing.append(name)
        return [what + self._in(files) for what, files in said.items()], missing

    def _in(self, files: Sequence[str]) -> str:
        if not self._section.is_group:
            return ""
        every = len(self._outputs)
        return f" in each of {every} files" if len(files) == every else f" in {_listed(files)}"

    def _regression(self, question: Question) -> Answered | None:
        if not any(table.is_model or table.freedom for _, table in self._tables()):
            return None
        told: list[str] = []
        lacking: list[str] = []
        for name, numbers in _OF_MODELS.items():
            found, missing = self._each(numbers)
            told += [f"{name}: {each}" for each in found]
            which = self._in(missing)
            lacking += [f"Not found{which}: the {name}."] if missing else []
        asked = (question.ask,) if lacking else ()
        return Answered(question=question, told=tuple(told), open=(*asked, *lacking))

    def _related(self, question: Question) -> Answered:
        own, show = set(self._section.paths), self._known.show
        outside: dict[str, list[str]] = defaultdict(list)
        inside: dict[str, None] = {}
        for path in self._section.paths:
            for each in self._known.related.get(path, ()):
                if each.how == EARLIER:
                    outside[each.how].append(show(each.path))
                elif each.path not in own:
                    name = self._known.groups.get(each.path) or show(each.path)
                    outside[each.how].append(name)
                elif each.how == PART:
                    inside[f"{show(each.path)}: {PART_OF} {show(path)}"] = None
                elif each.how != WHOLE:
                    inside[f"the files of this group: {each.how}"] = None
        told = [f"{_listed(list(dict.fromkeys(paths)))}: {how}" for how, paths in outside.items()]
        told += inside
        lacking = [] if told else [question.ask]
        if not own.isdisjoint(self._known.cut):
            lacking.append(
                "Not all tables were compared with those of other outputs: there are too many, or too large ones."
            )
        return Answered(question=question, told=tuple(told), open=tuple(lacking))

    def _controls(self, question: Question) -> Answered:
        told = [*_marked(self._tables()), *self._rounding()]
        told += [
            f"written by breachkit redact ({each})"
            for each in dict.fromkeys(one for output in self._outputs for one in output.redactions)
        ]
        lacking = [question.ask]
        if any(NOT_ROUNDED in each for each in told):
            lacking.append("Some counts are not rounded: round them, or say why they are not.")
        return Answered(question=question, told=tuple(told), open=tuple(lacking))

    def _rounding(self) -> Iterator[str]:
        """Give how columns were rounded, alike columns together."""
        found: dict[str, dict[GitPath, set[str]]] = defaultdict(lambda: defaultdict(set))
        for output, table in self._tables():
            for control in table.controls:
                for column in control.columns:
                    found[column][output.path].add(control.what)
        files: dict[tuple[str, str], int] = defaultdict(int)
        for column, by_file in found.items():
            for said in by_file.values():
                files[column, _worst(said)] += 1
        alike: dict[tuple[str, int], list[str]] = defaultdict(list)
        for (column, what), number in files.items():
            alike[what, number].append(column)
        for (what, number), columns in alike.items():
            of = f" ({number} of {len(self._outputs)} files)" if self._section.is_group else ""
            yield f"{_listed(columns)}: {what}{of}"


_OF_MODELS: Mapping[str, Callable[[TableFacts], Sequence[Stated]]] = {
    "population size": lambda table: table.observations,
    "degrees of freedom": lambda table: table.freedom,
}


# --- Words --------------------------------------------------------------------------------------


def _marked(tables: Iterable[tuple[Output, TableFacts]]) -> Iterator[str]:
    cells: dict[str, int] = defaultdict(int)
    files: dict[str, set[GitPath]] = defaultdict(set)
    for output, table in tables:
        for control in table.controls:
            if control.cells:
                cells[control.what] += control.cells
                files[control.what].add(output.path)
    for what, number in cells.items():
        in_files = f", in {len(files[what])} files" if len(files[what]) > 1 else ""
        marked = "cell" if number == 1 else "cells"
        yield f"{number:,} {marked} {what}{in_files}"


def _worst(said: set[str]) -> str:
    """Say how a column was rounded that several tables of a file have."""
    if NOT_ROUNDED in said:
        return NOT_ROUNDED if len(said) == 1 else f"{NOT_ROUNDED}, in some tables of the file"
    return "; ".join(sorted(said - {TOO_FEW})) or TOO_FEW


def _largest(found: Iterable[Stated]) -> Stated | None:
    return max(found, key=lambda each: each.number or 0, default=None)


def _said(found: Stated) -> str:
    if found.number is None:
        return f"{found.where}: {found.why}"
    return f"{found.number:,} ({found.where})"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMED])
    others = len(names) - _MOST_NAMED
    return f"{shown} and {others:,} more" if others > 0 else shown


def _of(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _shape(output: Output) -> str:
    tables = [each for each in output.facts.tables if each.columns]
    if not tables:
        return ""
    first = f", {_of(tables[0].rows, 'row')} x {_of(tables[0].columns, 'column')}"
    return first if len(tables) == 1 else f", {len(tables):,} tables, the first{first[1:]}"


def size(number: int) -> str:
    """Give `1.2 MB`."""
    amount, unit = float(number), 0
    while amount >= 1000 and unit < len(_SIZES) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{number:,} bytes" if not unit else f"{amount:.1f} {_SIZES[unit]}"
