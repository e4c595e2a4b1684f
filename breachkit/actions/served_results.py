"""What a platform was found to give away: the verdict, where, by which ways, and for whom."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from breachkit.actions.bad_set import pull_request_number
from breachkit.actions.served import Identity, Place, Question, Result, Verdict, Way
from breachkit.actions.served_plan import Batch, QuestionPlan


ServerOutcome = Literal["served", "unknown", "gone"]

_OF_REFS = frozenset({Way.MATCHING_REFS, Way.LS_REMOTE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The answers of one place by one way, as one identity."""

    place: Place
    identity: Identity
    way: Way
    counts: Counter[Verdict]
    left: int
    """Questions that have no answer yet."""
    reasons: tuple[str, ...] = ()
    """Why something is unknown, each once."""


@dataclass(frozen=True, kw_only=True)
class ServerVerification:
    """What every place said."""

    places: tuple[Place, ...]
    plan: QuestionPlan
    results: tuple[Result, ...] = field(repr=False)
    settled: frozenset[int] = frozenset()
    """Hidden places of which the register says that they are closed."""
    stopped: tuple[str, ...] = ()
    """Why questions are left, in words."""
    problems: tuple[str, ...] = ()
    """Why places may be missing."""
    not_placed: int = 0
    """Bad files asked for by id alone, for no path of theirs is known."""
    asked: int = 0
    """Requests of this run, controls included."""
    kept: int = 0
    """Answers of an earlier run that this one went on from."""

    def count(self, verdict: Verdict) -> int:
        """Say how many questions had a verdict."""
        return sum(result.verdict == verdict for result in self.results)

    @property
    def left(self) -> int:
        """How many questions have no answer yet."""
        return self.plan.questions - len(self.results)

    @property
    def untold(self) -> tuple[Place, ...]:
        """Hidden places that nobody has accounted for."""
        return tuple(place for place in self.plan.hidden if place.id not in self.settled)

    @property
    def outcome(self) -> ServerOutcome:
        """`gone` only where every question has an answer that proves it."""
        if self.count("served"):
            return "served"
        proven = self.count("gone") and not (
            self.count("unknown") or self.left or self.untold or self.problems
        )
        return "gone" if proven else "unknown"

    @property
    def exit_code(self) -> int:
        """7 still served, 5 something cannot be told, 0 gone."""
        return {"served": 7, "unknown": 5, "gone": 0}[self.outcome]

    @property
    def pull_requests(self) -> tuple[int, ...]:
        """Numbers of the pull requests whose refs still lead to the data, ascending."""
        study = {place.id for place in self.places if place.role == "study"}
        refs = (
            ref
            for result in self.results
            if result.question.place in study and result.question.way in _OF_REFS
            for ref in result.refs
        )
        numbers = {pull_request_number(ref) for ref in refs}
        return tuple(sorted(number for number in numbers if number is not None))

    @property
    def holding(self) -> tuple[Place, ...]:
        """Forks whose own refs lead to the data; others may only share its objects."""
        held = {
            result.question.place
            for result in self.results
            if result.question.way is Way.HISTORY and result.verdict == "served"
        }
        return tuple(place for place in self.places if place.id in held)

    def of_place(self, place: Place) -> tuple[Result, ...]:
        """Give the answers of one place."""
        return tuple(self._by_place.get(place.id, ()))

    def is_proven_gone(
        self, places: Collection[Place], *, ways: Collection[Way] | None = None
    ) -> bool:
        """Say whether places were asked in full, and all that was asked is gone.

        Args:
            places: Which.
            ways: Only by these, each of which has to prove it; None for all, of which those that are
                closed to strangers prove nothing and stand in nobody's way.
        """
        tallies = [
            each
            for place in places
            for each in self.tallies(place)
            if ways is None or each.way in ways
        ]
        allowed = {"gone"} if ways else {"gone", "closed"}
        whole = all(not each.left and set(+each.counts) <= allowed for each in tallies)
        hidden = any(place.is_hidden for place in places)
        return whole and not hidden and any(each.counts["gone"] for each in tallies)

    def tallies(self, place: Place) -> Iterator[Tally]:
        """Count the answers of a place, way by way, in the order in which they were asked."""
        known = {result.question: result for result in self.of_place(place)}
        groups: dict[tuple[Identity, Way], list[Question]] = {}
        for batch in self._batches.get(place.id, ()):
            asked = groups.setdefault((batch.identity, batch.way), [])
            asked += [batch.question(subject) for subject in batch.subjects]
        for (identity, way), questions in groups.items():
            found = [known[each] for each in questions if each in known]
            yield Tally(
                place=place,
                identity=identity,
                way=way,
                counts=Counter(each.verdict for each in found),
                left=len(questions) - len(found),
                reasons=_reasons(found),
            )

    @cached_property
    def _by_place(self) -> Mapping[int, Sequence[Result]]:
        """The answers of each place; there may be thousands of forks, and each is asked for alone."""
        found: dict[int, list[Result]] = {}
        for result in self.results:
            found.setdefault(result.question.place, []).append(result)
        return found

    @cached_property
    def _batches(self) -> Mapping[int, Sequence[Batch]]:
        """The questions of each place, in their order."""
        found: dict[int, list[Batch]] = {}
        for batch in self.plan.batches:
            found.setdefault(batch.place.id, []).append(batch)
        return found


def _reasons(results: Sequence[Result]) -> tuple[str, ...]:
    said = (each.reason for each in results if each.verdict == "unknown" and each.reason)
    return tuple(dict.fromkeys(said))
