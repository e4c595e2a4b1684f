"""Which items of a checklist apply: what a case may or may not have, in words and in three values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


CONDITIONS: Mapping[str, tuple[str, str]] = {
    "on_platform": ("the repository is on GitHub", "it is not on GitHub"),
    "public": ("the repository is or was public", "it was never public"),
    "has_forks": ("it has forks", "it has no forks"),
    "has_pages": ("it has a website", "it has no website"),
    "has_pull_requests": ("there are pull requests", "there are no pull requests"),
    "has_tags": ("there are tags", "there are no tags"),
    "has_releases": ("there are releases", "there are no releases"),
    "has_actions": ("Actions ran or may run", "Actions never ran"),
    "has_protection": ("branches are protected", "no branch is protected"),
    "has_wiki": ("it has a wiki", "it has no wiki"),
    "has_lfs": ("it uses Git LFS", "it does not use Git LFS"),
    "outside_contributors": ("outsiders have access, or are invited", "no outsider has access"),
    "was_zenodo": ("it was deposited in Zenodo", "it was never deposited in Zenodo"),
    "near_miss": ("it is a near miss", "it is no near miss"),
    "has_expiry": ("a backup has a day on which it expires", "no backup has a known day of expiry"),
    "will_be_published": ("a rule publishes it by itself", "no rule publishes it by itself"),
    "restored": ("access was given back", "access was not given back"),
}
"""What a case can say of itself, as it stands in a list, and what is said where it is not so."""

Known = Mapping[str, bool | None]
"""By the name of the condition; None or absent where nobody knows yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of an item: that something is so, or that it is not."""

    name: str
    wanted: bool = True

    def holds(self, known: Known) -> bool | None:
        """Say whether it holds; None where nobody knows."""
        value = known.get(self.name)
        return None if value is None else value is self.wanted

    @property
    def words(self) -> str:
        """The condition as it follows `only if`."""
        return CONDITIONS[self.name][0 if self.wanted else 1]

    @property
    def otherwise(self) -> str:
        """What is so where it does not hold."""
        return CONDITIONS[self.name][1 if self.wanted else 0]


def condition_from_text(text: str) -> Condition | None:
    """Read `has_pages` or `not near_miss`; None where there is no such condition."""
    words = text.split()
    wanted = words[:1] != ["not"]
    names = words if wanted else words[1:]
    if len(names) != 1 or names[0] not in CONDITIONS:
        return None
    return Condition(name=names[0], wanted=wanted)


def all_hold(conditions: Sequence[Condition], known: Known) -> bool | None:
    """Say whether all hold: no, as soon as one does not; unknown, as long as one is."""
    answers = [each.holds(known) for each in conditions]
    if False in answers:
        return False
    return None if None in answers else True


def unknown_words(conditions: Sequence[Condition], known: Known) -> str:
    """Give the conditions that nobody knows yet, as they follow `only if`."""
    return " and ".join(each.words for each in conditions if each.holds(known) is None)


def why_not(conditions: Sequence[Condition], known: Known) -> str:
    """Say what is so that rules an item out."""
    return "; ".join(each.otherwise for each in conditions if each.holds(known) is False)
