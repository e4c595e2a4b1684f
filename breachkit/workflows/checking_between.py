"""What files of a release tell together: the rules that compare files, and comparison with what came before."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from breachkit.actions.release_checks_earlier import counterparts, differences
from breachkit.detect.rule import FileContext, HistoryRule, HistoryView, Transition
from breachkit.detect.rules.prov_03 import EditedAfterRelease
from breachkit.detect.rules.sup_03 import Subtractable, related_blobs
from breachkit.model.findings import Attribution, Hit, Skipped
from breachkit.model.ids import GitPath, ObjectId
from breachkit.model.policy import Policy
from breachkit.sdc.sketch import TableSketch
from breachkit.workflows.checking_earlier import Earlier
from breachkit.workflows.checking_files import Looked
from breachkit.workflows.comparisons import TOO_SLOW, Comparisons


_RULES: Sequence[HistoryRule] = (Subtractable(), EditedAfterRelease())
"""Of the rules over history those that make sense of files without any."""
_NOW = datetime(2000, 1, 1, tzinfo=UTC)
"""Stands for the time of all files: none of them is older than another."""
_EARLIER, _TOGETHER = ObjectId("earlier"), ObjectId("together")
"""Stand for the commits that brought the files."""

Found = tuple[list[tuple[int, Hit]], list[Skipped]]


def related_files(judged: Sequence[GitPath]) -> frozenset[int]:
    """Give the files whose names say that one is a part of another."""
    return frozenset(map(int, related_blobs(_transitions(judged))))


def _transitions(judged: Sequence[GitPath], commit: ObjectId = _TOGETHER) -> list[Transition]:
    prefix = "e" if commit == _EARLIER else ""
    return [
        Transition(
            path=path,
            commit=commit,
            when=_NOW,
            old=None,
            new=ObjectId(f"{prefix}{at}"),
            subject="",
        )
        for at, path in enumerate(judged)
    ]


def between_files(
    looked: Mapping[int, Looked], judged: Sequence[GitPath], context: Callable[[int], FileContext]
) -> Found:
    """Let the rules that compare files judge those of one folder.

    Args:
        looked: What looking at each file gave, by its number.
        judged: What each file is judged as, by number.
        context: Gives what is known about a file beside its content.
    """
    comparing = Comparisons()
    view = HistoryView(
        transitions=_transitions(judged),
        sketches={ObjectId(str(at)): one.sketches for at, one in looked.items() if one.sketches},
        hits={},
        context=lambda oid: context(int(oid)),
        attribution=lambda _: Attribution(reach="file"),
        provenance={
            ObjectId(str(at)): one.provenance
            for at, one in looked.items()
            if one.provenance is not None
        },
        comparing=comparing,
    )
    hits: list[tuple[int, Hit]] = []
    skipped: list[Skipped] = []
    for rule in _RULES:
        try:
            with comparing.limited():
                hits += [(int(oid), hit) for oid, hit in rule.check_history(view)]
        except Exception as error:  # noqa: BLE001 - its text may quote content, its type does not
            skipped.append(Skipped(reason=f"rule {rule.about.id} failed: {type(error).__name__}"))
    return hits, [*skipped, *_cut(comparing, judged)]


def _cut(comparing: Comparisons, paths: Sequence[GitPath]) -> Iterator[Skipped]:
    """Name the files of which a comparison was cut off; those released earlier are not judged."""
    for oid in comparing.take_cut():
        if not oid.startswith("e"):
            yield Skipped(reason=TOO_SLOW, path=paths[int(oid)])


def against_earlier(
    looked: Mapping[int, Looked],
    within: Sequence[GitPath],
    judged: Sequence[GitPath],
    earlier: Earlier,
    policy: Policy,
) -> Found:
    """Compare each file with what was released before under its name, and with parts of it.

    Args:
        looked: What looking at each file gave, by its number.
        within: The path of each file within its folder, by number.
        judged: What each is judged as.
        earlier: What was released before.
        policy: By which all are judged.
    """
    hits: list[tuple[int, Hit]] = []
    skipped: list[Skipped] = []
    comparing = Comparisons()
    before = [each.path for each in earlier.files]
    for at, one in looked.items():
        if not one.sketches:
            continue
        try:
            for number in counterparts(within[at], before):
                tables = earlier.files[number].tables
                with comparing.limited(), comparing(ObjectId(str(at))):
                    found = differences(one.sketches, tables, policy.threshold)
                    hits += [(at, hit) for hit in found]
        except Exception as error:  # noqa: BLE001 - see above
            reason = f"comparing with the earlier release failed: {type(error).__name__}"
            skipped.append(Skipped(reason=reason, path=within[at]))
    with comparing.limited():
        hits += _parts_of_earlier(looked, judged, earlier, policy, comparing)
    return list(_once(hits)), [*skipped, *_cut(comparing, within)]


def _once(hits: Iterable[tuple[int, Hit]]) -> Iterator[tuple[int, Hit]]:
    """Give each hit once: several versions of an earlier file may tell the same."""
    seen: set[tuple[object, ...]] = set()
    for at, hit in hits:
        key = (at, hit.rule, hit.message, hit.location)
        if key not in seen:
            seen.add(key)
            yield at, hit


def _parts_of_earlier(
    looked: Mapping[int, Looked],
    judged: Sequence[GitPath],
    earlier: Earlier,
    policy: Policy,
    comparing: Comparisons,
) -> Iterator[tuple[int, Hit]]:
    """Subtract new tables of some people from earlier ones of all."""
    before = [GitPath(b"release/" + each.path) for each in earlier.files]
    sketches: dict[ObjectId, Sequence[TableSketch]] = {
        ObjectId(str(at)): one.sketches for at, one in looked.items() if one.sketches
    }
    own = _subtracted(_transitions(judged), sketches, policy, comparing)
    sketches |= {ObjectId(f"e{at}"): each.tables for at, each in enumerate(earlier.files)}
    together = [*_transitions(before, _EARLIER), *_transitions(judged)]
    both = _subtracted(together, sketches, policy, comparing)
    for oid, hit in both.items():
        if not oid.startswith("e") and oid not in own:
            yield int(oid), hit


def _subtracted(
    transitions: Sequence[Transition],
    sketches: Mapping[ObjectId, Sequence[TableSketch]],
    policy: Policy,
    comparing: Comparisons,
) -> dict[ObjectId, Hit]:
    paths = {change.new: change.path for change in transitions}
    view = HistoryView(
        transitions=transitions,
        sketches=sketches,
        hits={},
        context=lambda oid: FileContext(
            paths=(paths[oid],), size=0, first_date=None, policy=policy, is_output=True
        ),
        attribution=lambda _: Attribution(reach="file"),
        comparing=comparing,
    )
    return dict(Subtractable().check_history(view))
