"""Which outputs of a release tell more together than each by itself, as far as can be seen.

Source: OpenSAFELY documentation, 'Requesting release of research outputs': relationship to other
data or tables, which through combination may introduce secondary disclosive risks.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from breachkit.actions.release_checks_earlier import counterparts
from breachkit.actions.request import Output, Related
from breachkit.model.ids import GitPath
from breachkit.sdc.strata import Stratum, stratum_of


PART = "by its name it is about some of the people of this output: what it leaves is told too"
WHOLE = "by its name it is about more people, of whom these are some: what they leave is told too"
PART_OF = "by its name some of the people of"
ALIKE = "rows named alike, the same breakdown"
SAME_NAME = "the same name in another format"
EARLIER = "an earlier output of the same name"


def related_outputs(outputs: Sequence[Output]) -> Mapping[GitPath, tuple[Related, ...]]:
    """Give, for each file, the others that it is related to, and how."""
    found: dict[GitPath, list[Related]] = defaultdict(list)
    for one, other, how in (*_strata(outputs), *_alike(outputs), *_same_names(outputs)):
        found[one].append(Related(path=other, how=how))
    return {path: tuple(dict.fromkeys(related)) for path, related in found.items()}


_Found = Iterator[tuple[GitPath, GitPath, str]]


def _strata(outputs: Sequence[Output]) -> _Found:
    families: dict[tuple[str, ...], list[tuple[GitPath, Stratum]]] = defaultdict(list)
    for each in outputs:
        stratum = stratum_of(each.path.decode("utf-8", "replace"))
        families[stratum.family].append((each.path, stratum))
    for family in families.values():
        for path, stratum in family:
            for other, whole in family:
                if stratum.is_part_of(whole):
                    yield path, other, WHOLE
                    yield other, path, PART


def _alike(outputs: Sequence[Output]) -> _Found:
    by_shape: dict[str, list[GitPath]] = defaultdict(list)
    for each in outputs:
        for shape in dict.fromkeys(each.facts.shapes):
            by_shape[shape].append(each.path)
    yield from _each_other(by_shape.values(), ALIKE)


def _same_names(outputs: Sequence[Output]) -> _Found:
    by_stem: dict[bytes, list[GitPath]] = defaultdict(list)
    for each in outputs:
        by_stem[each.path.rpartition(b".")[0] or each.path].append(each.path)
    yield from _each_other(by_stem.values(), SAME_NAME)


_MOST_PAIRED = 200
"""Files that are all related to each other; of more, each is related to the first so many."""


def _each_other(groups: Iterable[list[GitPath]], how: str) -> _Found:
    for group in groups:
        for path in group:
            for other in group[:_MOST_PAIRED]:
                if path != other:
                    yield path, other, how


def earlier_related(
    within: GitPath, earlier: Sequence[GitPath], shown: Sequence[GitPath]
) -> tuple[Related, ...]:
    """Give the earlier outputs that are of the same file.

    Args:
        within: The path within its folder.
        earlier: Those of the earlier release, within theirs.
        shown: The same as reports call them.
    """
    return tuple(Related(path=shown[at], how=EARLIER) for at in counterparts(within, earlier))
