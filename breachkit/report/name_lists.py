"""Lists of names that stay readable: pull requests by their numbers, the rest up to a limit."""

from collections.abc import Iterator, Sequence

from breachkit.actions.bad_set import pull_request_number
from breachkit.model.ids import RefName
from breachkit.report.escape import terminal
from breachkit.report.masking import Masking
from breachkit.report.words import counted, ranges


MOST = 30
"""How many names a list shows before it counts the rest."""


def shown(masking: Masking, name: bytes) -> str:
    """Show a name of a file or ref, with what is itself evidence masked."""
    return terminal(masking.mask(name))


def ref_lines(masking: Masking, names: Sequence[RefName]) -> Iterator[str]:
    """Give one line for each ref, and one for all pull requests, however many there are."""
    plain = [name for name in names if pull_request_number(name) is None]
    numbers = [number for name in names if (number := pull_request_number(name)) is not None]
    yield from (f"  {shown(masking, name)}" for name in plain[:MOST])
    yield from rest(len(plain), "ref")
    if numbers:
        distinct = sorted(set(numbers))
        what = counted(len(numbers), "ref")
        yield f"  {what} of pull requests: {ranges(distinct, most=len(distinct))}"


def headed_refs(
    masking: Masking, names: Sequence[RefName], one: str, many: str | None = None
) -> Iterator[str]:
    """Give a heading and the refs below it; nothing where there are none.

    Args:
        masking: What must not be shown of a name.
        names: The refs.
        one: What is said of one ref.
        many: What is said of several, where that is something else.
    """
    if names:
        words = one if len(names) == 1 else many or one
        yield f"{counted(len(names), 'ref')} {words}:"
        yield from ref_lines(masking, names)


def rest(number: int, thing: str) -> Iterator[str]:
    """Count what a list leaves out."""
    if number > MOST:
        yield f"  and {counted(number - MOST, 'more ' + thing)}; --json lists all"
