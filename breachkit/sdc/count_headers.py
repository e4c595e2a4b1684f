"""Which columns count people by what their neighbours are called, whatever their own name says."""

from collections.abc import Iterator, Sequence

from breachkit.sdc.count_names import normal


_STRATE = ("d", "y", "rate")
"""Failures, person-time and rate, as Stata's `strate` prints them, and stores them as `_D _Y _Rate`."""
_SURVDIFF = ("N", "Observed", "Expected")
"""Of `survdiff` in R: people, events, and those expected of them."""
_VECTOR = ("", "x")
"""How R writes a vector whose values have names, as `tapply` gives it; `aggregate` has `Group.1` for ''."""
_ESTTAB = ("b", "pct")
"""Of `estpost tabulate` in Stata: frequencies and their percentages."""
_NUMBER = (" N", " n")
_PERCENT = "%"


def counted_beside(header: Sequence[str]) -> Iterator[int]:
    """Give the columns, counted from 0, of failures beside their rate, and of `N` beside its `%`.

    A name of two levels in one, such as `day 20 Two doses N`, may begin like that of a time or a dose.
    """
    if "D" in header or "_D" in header:
        plain = tuple(map(normal, header))
        yield from (at for at in range(len(plain)) if plain[at : at + 3] == _STRATE)
    if "Observed" in header and _SURVDIFF[1:] == tuple(header[-4:-2]):
        yield len(header) - 4
    if tuple(header) == _VECTOR or (header[-1:] == ("x",) and header[0] == "Group.1"):
        yield len(header) - 1
    if "pct" in header and "b" in header:
        yield from (at for at in range(len(header)) if tuple(header[at : at + 2]) == _ESTTAB)
    stems = {name[:-1] for name in header if name.endswith(_PERCENT)}
    if stems:
        yield from (at for at, name in enumerate(header) if _is_number_of(name, stems))


def _is_number_of(name: str, stems: set[str]) -> bool:
    return name.endswith(_NUMBER) and name[:-1] in stems
