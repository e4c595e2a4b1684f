"""Ratios as they are printed: a number stands for half a unit of its last decimal less, to as much more."""

import functools
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from breachkit.model.records import dataclass, field
from breachkit.sdc.intervals import Interval


@dataclass(frozen=True, slots=True)
class Stated:
    """A ratio as printed: from `low` to `high`, both over `scale`."""

    low: int = field(repr=False)
    high: int = field(repr=False)
    scale: int

    def numerators(self, whole: int) -> Interval:
        """Give the counts that, divided by `whole`, are printed so; at most `whole`."""
        least = -(-self.low * whole // self.scale)
        return Interval(max(0, least), min(whole, self.high * whole // self.scale))

    def wholes(self, part: int, box: Interval) -> Interval:
        """Give the counts in a box by which `part`, divided, is printed so."""
        least = -(-self.scale * part // self.high)
        most = self.scale * part // self.low if self.low > 0 else None
        return Interval(least, most).meet(box)

    @property
    def value(self) -> float:
        """The ratio that is printed."""
        return (self.low + self.high) / (2 * self.scale)

    @property
    def slack(self) -> float:
        """How far the true ratio may be from it."""
        return (self.high - self.low) / (2 * self.scale)


_NUMBER = re.compile(r"(?:\d{1,9}(?:\.\d{1,20})?|\.\d{1,20})(?:e[+-]?\d{1,2})?", re.IGNORECASE)
"""Stata writes no 0 before a point."""
_BEHIND_COUNT = re.compile(r"[\[(]\s*(?P<share>\d{1,3}(?:\.\d{1,6})?)\s*%?\s*[\])]\s*$")
_FLOAT_DIGITS = 15
"""Significant digits beyond which a decimal shows the error of floating point."""


def stated(cell: str, *, of: int, decimals: int | None = None) -> Stated | None:
    """Read a stripped cell as a ratio; None where it is no plain number of 0 or more.

    Args:
        cell: Such as `12.3`, `12.3%`, `0.123` or `1.2e-05`.
        of: What the whole is called: 100 for percentages, 1 for proportions, 1000, ...
        decimals: To how many it was rounded, where trailing zeros are not printed.
    """
    found = as_share(cell, decimals or 0)
    return Stated(found.low, found.high, of * found.scale) if found and of != 1 else found


@functools.lru_cache(maxsize=1 << 12)  # the same column is read for several denominators
def as_share(cell: str, decimals: int = 0) -> Stated | None:
    """Read a stripped cell as a proportion that was rounded to so many decimals, or to more."""
    return _plain_share(cell, decimals) or _any_share(cell, decimals)


def _plain_share(cell: str, decimals: int) -> Stated | None:
    """Read digits with a point among them, as most shares are written; None for anything else."""
    whole, _, digits = cell.removesuffix("%").partition(".")
    if not (whole.isdecimal() and digits.isdecimal() and cell.isascii()):
        return None
    filled = digits.lstrip("0")
    leading = len(whole.lstrip("0")) or (len(filled) - len(digits) if filled else 0)
    places = max(0, min(max(len(digits), decimals), _FLOAT_DIGITS - leading))
    if places < len(digits) or len(whole) > _MOST_WHOLE or len(digits) > _MOST_DECIMALS:
        return None
    scaled = 2 * int(whole + digits) * 10 ** (places - len(digits))
    return Stated(max(0, scaled - 1), scaled + 1, 2 * 10**places)


_MOST_WHOLE, _MOST_DECIMALS = 9, 20


def _any_share(cell: str, decimals: int) -> Stated | None:
    number = _decimal(cell)
    if number is None:
        return None
    leading = number.adjusted() + 1 if number else 0
    places = max(0, min(max(-_exponent(number), decimals), _FLOAT_DIGITS - leading))
    unit = Decimal(10) ** places
    scaled = int((number * unit * 2).to_integral_value())
    return Stated(max(0, scaled - 1), scaled + 1, 2 * int(unit))


def decimals_of(cells: Iterable[str]) -> int:
    """Give to how many decimals a column is printed: the most that one of its numbers has."""
    most = 0
    for cell in cells:
        digits = cell.partition(".")[2]
        if len(digits) > most or (digits and not digits.isdecimal()):
            most = max(most, _decimals(cell))
    return most


def _decimals(cell: str) -> int:
    whole, _, digits = cell.removesuffix("%").partition(".")
    if digits.isdecimal() and whole.isdecimal():  # most are written so, and this is quick to say
        return len(digits)
    number = _decimal(cell) if digits else None
    return 0 if number is None else -_exponent(number)


def _decimal(cell: str) -> Decimal | None:
    plain = cell.removesuffix("%").rstrip()
    if not _NUMBER.fullmatch(plain):
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return min(0, exponent) if isinstance(exponent, int) else 0


def share_behind(cell: str) -> Stated | None:
    """Read the percentage behind a count: `12 (3.4%)`, `[REDACTED] (3.4)`."""
    found = _BEHIND_COUNT.search(cell[-20:])
    return stated(found["share"], of=100) if found else None


def without_share(cell: str) -> str:
    """Take the percentage behind a count, or behind a mark, off a cell."""
    found = _BEHIND_COUNT.search(cell) if cell[-1:] in {")", "]"} and len(cell) <= 60 else None
    return cell[: found.start()].rstrip() if found else cell
