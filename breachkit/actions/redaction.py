"""From the tables of some files to a plan: which cells go, which are rounded, and what a person must decide.

What is too small to release is taken out, with the statistics made of it; then as few others as it
takes that nobody works it out (`sdc.protection`), in all files at once. The result is looked at again
in the same way until nothing more has to change, so that a plan for what it leaves is empty.

Source: OpenSAFELY documentation, docs/outputs/sdc.md: redact, round, then compute totals again.
"""

from collections.abc import Collection, Mapping, Sequence

from breachkit.actions.redaction_check import remaining_between, remaining_in
from breachkit.actions.redaction_kept import told_by_statistics
from breachkit.actions.redaction_overlap import mirrored
from breachkit.actions.redaction_plan import (
    Change,
    FilePlan,
    NamedTables,
    Options,
    RedactionPlan,
    TablePlan,
    redacted,
)
from breachkit.actions.redaction_protect import Answer, Protect, named_together, protect_together
from breachkit.actions.redaction_questions import questions_about
from breachkit.actions.redaction_step import changes_in, prepare
from breachkit.actions.redaction_table import Judged, judge
from breachkit.actions.redaction_texts import text_at
from breachkit.documents.editing.editable import Spot
from breachkit.documents.table import Table
from breachkit.model.ids import display
from breachkit.model.policy import Policy
from breachkit.model.records import dataclass, field
from breachkit.sdc.cells import Place
from breachkit.sdc.protection.protect import protect as protect_with_suited


MOST_ROUNDS = 12
"""How often what was left is looked at again before the plan is given up."""


def plan_redaction(
    files: Sequence[NamedTables],
    policy: Policy,
    options: Options | None = None,
    *,
    protect: Protect = protect_with_suited,
) -> RedactionPlan:
    """Plan the redaction of some files that are released together.

    Args:
        files: Their tables. None of them is changed.
        policy: What may be released.
        options: What a person decided beforehand.
        protect: Who finds complementary cells.

    Returns:
        A plan. Look at `failed` and `remaining` before taking it for done.

    Raises:
        ConfigurationError: the policy does not allow the rounding that was asked for.
        SolverMissingError: HiGHS is not installed, and some table takes it.
    """
    options = options or Options()
    options.check(policy)
    work = _Work(files, policy, options, protect)
    for _ in range(MOST_ROUNDS):
        if not work.go_on():
            break
    return work.plan()


@dataclass(slots=True, kw_only=True)
class _State:
    """One table on its way."""

    file: int
    number: int
    original: Table
    now: Table
    changes: dict[Spot, Change] = field(default_factory=dict)
    first: Judged | None = None
    answers: list[Answer] = field(default_factory=list)


class _Work:
    """The tables of all files, and what was decided about them so far."""

    def __init__(
        self, files: Sequence[NamedTables], policy: Policy, options: Options, protect: Protect
    ) -> None:
        self._files, self._policy, self._options, self._protect = files, policy, options, protect
        self._states = [
            _State(file=at, number=number, original=table, now=table)
            for at, file in enumerate(files)
            for number, table in enumerate(file.tables)
        ]
        self._unsettled: list[dict[Spot, Change]] = []

    def go_on(self) -> bool:
        """Look at what is left, and change what has to change; False where nothing has."""
        prepared = [
            prepare(state.now, self._policy, self._options, state.first) for state in self._states
        ]
        named = [
            (self._name(state), each.judged, each.printed)
            for state, each in zip(self._states, prepared, strict=True)
        ]
        answers = protect_together(
            named,
            self._policy.threshold,
            self._protect,
            is_rounded=self._options.rounding is not None,
        )
        found: list[dict[Spot, Change]] = []
        for state, each, answer in zip(self._states, prepared, answers, strict=True):
            state.first = state.first or each.judged
            state.answers.append(self._believed(state, each.judged, answer))
            found.append(changes_in(state.number, each, answer, self._options))
        self._unsettled = self._mirrored(found)
        for state, changes in zip(self._states, self._unsettled, strict=True):
            state.changes |= changes
            state.now = redacted(state.now, changes)
        return any(self._unsettled)

    def _believed(self, state: _State, judged: Judged, answer: Answer) -> Answer:
        """Keep what was proven of a table before it was rounded, where nothing more is too small.

        What was rounded and added up anew may contradict itself, which gives away nothing more.
        """
        is_rounded = self._options.rounding is not None
        if is_rounded and state.answers and not judged.primary:
            return answer.with_proof_of(state.answers[-1])
        return answer

    def _name(self, state: _State) -> str:
        return " ".join(filter(None, (display(self._files[state.file].path), state.now.part)))

    def _mirrored(self, found: Sequence[dict[Spot, Change]]) -> list[dict[Spot, Change]]:
        every: list[dict[Spot, Change]] = []
        for at, file in enumerate(self._files):
            own = [
                changes
                for state, changes in zip(self._states, found, strict=True)
                if state.file == at
            ]
            every += mirrored(file.tables, own)
        return [
            {spot: change for spot, change in changes.items() if _differs(state.now, spot, change)}
            for state, changes in zip(self._states, every, strict=True)
        ]

    def plan(self) -> RedactionPlan:
        """Give what was decided, and what the rules say of the result."""
        unsettled = self._unsettled or [{} for _ in self._states]
        tables = [
            _table_plan(state, changes, self._policy, self._options)
            for state, changes in zip(self._states, unsettled, strict=True)
        ]
        after = [
            NamedTables(
                path=file.path,
                tables=tuple(state.now for state in self._states if state.file == at),
            )
            for at, file in enumerate(self._files)
        ]
        between = list(remaining_between(after, self._policy))
        files = tuple(
            FilePlan(
                path=file.path,
                tables=tuple(
                    plan
                    for state, plan in zip(self._states, tables, strict=True)
                    if state.file == at
                ),
                remaining=(
                    *remaining_in(file.tables, self._policy),
                    *(found for number, found in between if number == at),
                ),
            )
            for at, file in enumerate(after)
        )
        return RedactionPlan(policy=self._policy, options=self._options, files=files)


def _differs(table: Table, spot: Spot, change: Change) -> bool:
    return text_at(table, (spot.row, spot.column)) != change.text


def _table_plan(
    state: _State, unsettled: Mapping[Spot, Change], policy: Policy, options: Options
) -> TablePlan:
    judged = state.first or judge(state.original, policy, options)
    counts = frozenset(judged.grid.cells if judged.grid else ())
    lost = {
        (spot.row, spot.column)
        for spot, change in state.changes.items()
        if change.why.takes_out and (spot.row, spot.column) in counts
    }
    answers = state.answers
    gone = lost | judged.already
    open_ = told_by_statistics(judged, gone, policy.threshold).union(
        *(answer.open for answer in (answers if judged.staying else answers[-1:]))
    )
    return TablePlan(
        table=state.number,
        changes=state.changes,
        engine=named_together(engine for answer in answers for engine in answer.engines),
        counts=len(counts),
        lost=len(lost),
        already=len(judged.already),
        cost=sum(answer.cost for answer in answers),
        least=answers[0].least if answers else None,
        least_with_others=answers[0].least_with_others if answers else None,
        is_linked=any(answer.is_linked for answer in answers),
        questions=questions_about(judged, state.now, gone, open_, answers, options),
        is_proven=any(each.is_proven for each in answers[-1:]) and _is_looked_through(judged, gone),
        open=tuple(sorted({Spot(state.number, *place) for place in open_} | set(unsettled))),
    )


def _is_looked_through(judged: Judged, gone: Collection[Place]) -> bool:
    """Say whether all that may add up was tried, or for each cell that is out some of it was found."""
    if not judged.counted.is_cut:
        return True
    told = {place for relation in judged.sums for place in (*relation.parts, *relation.whole)}
    return told.issuperset(gone)
