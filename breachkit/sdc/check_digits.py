"""Numbers of patients by their check digit, judged together and never one by one.

One number of ten digits in eleven carries a valid check digit by chance, so that a valid one says
nothing. Of different numbers that mean something else, `k` valid ones among `n` have a binomial
probability; where that is tiny, the numbers are those of patients.

Source: NHS Data Dictionary (modulus 11 with the weights 10 to 2), which Scotland's CHI number and
Northern Ireland's Health and Care number share; in 1,657 numbers of ten digits in lists of clinical
codes 151 were valid, as chance has it.
"""

import math
import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from breachkit.model.records import dataclass
from breachkit.sdc.identifiers import is_nhs_number, is_test_nhs_number


BY_CHANCE = 1 / 11
"""Share of numbers of ten digits that are valid without meaning to be."""
FEWEST = 3
"""Valid numbers from which on they are judged without a label."""
TOO_RARE = 1e-4
"""Probability below which chance is not believed."""

_TEN = re.compile(r"(?<![\w.+-])(?:\d{10}|\d{3}[ -]\d{3}[ -]\d{4})(?:\.0{1,2})?(?![\w-]|\.\d)")
_TEN_BYTES = re.compile(_TEN.pattern.encode())
_SIGNS = bytes(48 if 48 <= byte < 58 else 32 if byte in b" -" else 46 for byte in range(256))
"""Makes a 0 of every digit, a space of spaces and hyphens, and a full stop of everything else."""
_RUN, _GROUPS = b"0" * 10, b"000 000 0000"
_ZEROS = re.compile(b"0*")
_SEPARATORS = re.compile(r"[ -]|\.0{1,2}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the check digits of different numbers say together."""

    numbers: int
    """Different numbers of ten digits."""
    valid: int
    """Of these, those that carry a valid check digit and are of a range that patients are given."""
    tests: int
    """Of these, those with a valid check digit from the range kept for tests."""
    kind: str
    """`NHS`, `CHI` or `Health and Care`: whose range most of the valid ones are of."""

    @property
    def chance(self) -> float:
        """Probability that as many of so many numbers are valid by chance."""
        return binomial_tail(self.numbers, self.valid + self.tests, BY_CHANCE)

    @property
    def is_certain(self) -> bool:
        """Whether chance is ruled out, without any label."""
        return self.valid + self.tests >= FEWEST and self.chance < TOO_RARE


def ten_digit_numbers(text: str) -> list[tuple[int, str]]:
    """Find the numbers of ten digits in a text.

    Most texts have none, which is told at the speed of copying.

    Returns:
        For each, in order, its place in the text as UTF-8 (in bytes, from 0) and its digits without
        spaces or hyphens.
    """
    content = text.encode("utf-8", "replace")
    signs = content.translate(_SIGNS)
    if _RUN not in signs and _GROUPS not in signs:
        return []
    return [
        (found.start(), _SEPARATORS.sub("", found[0].decode()))
        for start in _starts(signs)
        if (found := _TEN_BYTES.match(content, start))
    ]


def _starts(signs: bytes) -> Iterator[int]:
    """Give the places at which ten digits may begin, in their order."""
    places = []
    for sign in (_RUN, _GROUPS):
        start = signs.find(sign)
        while start >= 0:
            places.append(start)
            found = _ZEROS.match(signs, start + len(sign))  # the rest of a longer number
            start = signs.find(sign, found.end() if found else start + 1)
    yield from sorted(places)


_WRAPPING = "'\"="
_CELL_SIGNS = bytes(10 if byte == ord("\n") else sign for byte, sign in enumerate(_SIGNS))
_CELL_RUN, _CELL_GROUPS = b"\n" + _RUN, b"\n" + _GROUPS
_CELL = re.compile(rb"\n(?:0{10}|000 000 0000)(?:\.00?)?\n")


def may_hold_numbers(cells: Iterable[str]) -> bool:
    """Say, at the speed of copying, whether `plain_number` may read one of some cells as a number."""
    lines = "\n".join(("", *cells, ""))
    signs = lines.encode("ascii", "replace").translate(_CELL_SIGNS, _WRAPPING.encode())
    if _CELL_RUN not in signs and _CELL_GROUPS not in signs:
        return False
    return _CELL.search(signs) is not None


def plain_number(cell: str) -> str | None:
    """Read a stripped cell as one number of ten digits, without its separators; None if it is none."""
    if not 10 <= len(cell) <= 16:
        return None
    if len(cell) == 10 and cell.isascii():
        return cell if cell.isdecimal() else None
    cell = cell.strip(_WRAPPING)
    found = _TEN.fullmatch(cell) if cell[:3].isdecimal() else None
    return _SEPARATORS.sub("", cell) if found else None


def check(numbers: Collection[str]) -> Checked:
    """Judge numbers of ten digits together; repetitions say nothing."""
    different = set(numbers)
    valid = [number for number in different if is_nhs_number(number)]
    kinds = [kind for number in valid if (kind := kind_of(number))]
    return Checked(
        numbers=len(different),
        valid=len(kinds),
        tests=sum(map(is_test_nhs_number, valid)),
        kind=max(sorted(set(kinds)), key=kinds.count, default="NHS"),
    )


def kind_of(number: str) -> str | None:
    """Say whose range a number of ten digits is of; None for one that no patient is given.

    Source: NHS numbers begin with 4, 6 or 7, numbers of Northern Ireland lie from 320 000 0001 to
    399 999 9999, and a CHI number begins with the date of birth as DDMMYY.
    """
    if number[:1] in {"4", "6", "7"}:
        return "NHS"
    if "32" <= number[:2] <= "39":
        return "Health and Care"
    day, month = number[:2], number[2:4]
    return "CHI" if "01" <= day <= "31" and "01" <= month <= "12" else None


@lru_cache(maxsize=1024)
def binomial_tail(trials: int, successes: int, probability: float) -> float:
    """Give the probability of at least so many successes, however small; 1 where so many are expected."""
    if successes <= trials * probability:
        return 1.0
    if successes > trials:
        return 0.0
    odds = math.log(probability) - math.log1p(-probability)
    first = (
        math.lgamma(trials + 1) - math.lgamma(successes + 1) - math.lgamma(trials - successes + 1)
    )
    log_term = first + successes * odds + trials * math.log1p(-probability)
    total = term = math.exp(log_term)
    for number in range(successes, trials):
        term *= (trials - number) / (number + 1) * math.exp(odds)
        total += term
        if term < total * 1e-12:
            break
    return min(1.0, total)
