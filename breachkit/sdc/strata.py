"""Which tables are about some of the people whom another table is about, as their names say.

Source: how study repositories name the files and columns of their strata.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple


class Stratum(NamedTuple):
    """A name, taken apart."""

    family: tuple[str, ...]
    """Its words without those that say who is in it."""
    who: frozenset[str]
    """The words that say that; empty for everyone."""

    def is_part_of(self, other: "Stratum") -> bool:
        """Say whether this is one step finer: the men of all, the young men of the men."""
        return (
            self.family == other.family
            and self.who > other.who
            and len(self.who) == len(other.who) + 1
        )

    def wholes(self) -> "Iterator[Stratum]":
        """Give all strata that this is a part of."""
        return (Stratum(self.family, self.who - {word}) for word in self.who)


EVERYONE = frozenset(
    {"all", "total", "totals", "overall", "everyone", "combined", "whole", "both", "entire"}
)
"""Words for all of the people."""
_SOME = re.compile(
    r"(?:fe)?males?|(?:wo)?m[ae]n|boys?|girls?|white|black|asian|chinese|mixed"
    r"|child(?:ren)?|adults?|elderly|young|older|(?:over|under)\d{1,2}|\d{1,2}plus"
    r"|vaccinated|unvaccinated|rural|urban|smokers?|diabetics?|pregnant"
)
_WORDS = re.compile(r"[a-z]+\d*|\d+[a-z]*", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST = 300


@lru_cache(maxsize=4096)
def stratum_of(name: str) -> Stratum:
    """Take apart the path of a file, or the name of a column."""
    words = [word.lower() for word in _WORDS.findall(_CAMEL.sub(" ", name[:_LONGEST]))]
    some = frozenset(word for word in words if _SOME.fullmatch(word))
    family = tuple(word for word in words if word not in some and word not in EVERYONE)
    return Stratum(family, some)


def header_tells(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Say whether a header names some of the people where another, otherwise alike, names all."""
    if len(part) != len(whole):
        return False
    pairs = [(one, other) for one, other in zip(part, whole, strict=True) if one != other]
    return bool(pairs) and all(
        stratum_of(one).is_part_of(stratum_of(other)) for one, other in pairs
    )
