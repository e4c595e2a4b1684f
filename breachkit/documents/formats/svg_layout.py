"""Where the words of a drawing stand: transformations, rows of text, and what is out of sight."""

import math
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from breachkit.documents.formats.xml_tree import Element
from breachkit.model.records import dataclass, field


Matrix = tuple[float, float, float, float, float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_STEP = re.compile(r"(translate|scale|rotate|matrix)\s*\(([^()]{0,200})\)")
_NUMBER = re.compile(r"[-+]?(?:\d{1,15}\.?\d{0,15}|\.\d{1,15})(?:[eE][-+]?\d{1,3})?")
_SIZE = re.compile(r"\s*([\d.]{1,15})\s*(?:px|pt)?\s*")
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|(?<![-\w])(?:fill-)?opacity\s*:\s*0*\.?0+(?![.\d])"
    r"|font-size\s*:\s*0(?![.\d])"
)
_HIDING = ("display", "visibility", "style", "opacity", "fill-opacity", "font-size")
_SHORT = 15
_LONGEST = 2_000
"""Characters of an attribute that are looked at."""
_MARGIN = 0.1
"""Share of the width or height by which a text may begin out of the picture: its middle may be in."""


@dataclass(frozen=True, slots=True)
class Label:
    """One piece of text in a drawing."""

    text: str = field(repr=False)
    x: float
    y: float
    """Grows downwards."""


def local_name(element: Element) -> str:
    """Give the name of an element without its namespace; nothing for a comment."""
    tag: object = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def numbers_in(text: str | None) -> Sequence[float]:
    """Give the numbers of an attribute."""
    return _numbers_in(text[:_LONGEST]) if text else ()


@lru_cache(maxsize=4096)  # what stands in one row or in one column repeats a coordinate
def _numbers_in(text: str) -> tuple[float, ...]:
    if text.isdecimal() and len(text) <= _SHORT:
        return (float(text),)
    return tuple(map(float, _NUMBER.findall(text)))


def times(outer: Matrix, inner: Matrix) -> Matrix:
    """Give the transformation that applies `inner`, then `outer`."""
    a, b, c, d, e, f = outer
    p, q, r, s, t, u = inner
    return (
        a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s, a * t + c * u + e, b * t + d * u + f,
    )  # fmt: skip


def matrix_of(transform: str | None) -> Matrix:
    """Read an attribute `transform`."""
    return _matrix_of(transform[:_LONGEST]) if transform else IDENTITY


@lru_cache(maxsize=4096)
def _matrix_of(transform: str) -> Matrix:
    found = IDENTITY
    for name, written in _STEP.findall(transform):
        found = times(found, _step(name, numbers_in(written)))
    return found


def _step(name: str, numbers: Sequence[float]) -> Matrix:
    if name == "translate" and numbers:
        return (1.0, 0.0, 0.0, 1.0, numbers[0], numbers[1] if len(numbers) > 1 else 0.0)
    if name == "scale" and numbers:
        return (numbers[0], 0.0, 0.0, numbers[-1], 0.0, 0.0)
    if name == "rotate" and numbers:
        sine, cosine = math.sin(math.radians(numbers[0])), math.cos(math.radians(numbers[0]))
        turn: Matrix = (cosine, sine, -sine, cosine, 0.0, 0.0)
        if len(numbers) < 3:
            return turn
        x, y = numbers[1:3]
        return times(times((1.0, 0.0, 0.0, 1.0, x, y), turn), (1.0, 0.0, 0.0, 1.0, -x, -y))
    if name == "matrix" and len(numbers) == 6:
        a, b, c, d, e, f = numbers
        return (a, b, c, d, e, f)
    return IDENTITY


def is_unseen(element: Element) -> bool:
    """Say whether an element is not shown, by its own doing."""
    return _is_hiding(*map(element.get, _HIDING))


@lru_cache(maxsize=4096)  # drawings repeat the looks of their labels
def _is_hiding(
    display: str | None, visibility: str | None, style: str | None, *sizes: str | None
) -> bool:
    return (
        display == "none"
        or visibility in {"hidden", "collapse"}
        or bool(style and _UNSEEN.search(style))
        or any(numbers_in(size)[:1] == (0.0,) for size in sizes)
    )


def canvas_of(root: Element) -> tuple[float, float, float, float] | None:
    """Give the left, top, right and bottom of what a drawing shows; None where it does not say."""
    box = [*numbers_in(root.get("viewBox"))]
    if len(box) != 4:
        sizes = [_SIZE.fullmatch(root.get(name) or "") for name in ("width", "height")]
        box = [
            0.0,
            0.0,
            *(
                float(size[1])
                for size in sizes
                if size and size[1].count(".") < 2 and size[1] != "."
            ),
        ]
    if len(box) != 4 or box[2] <= 0 or box[3] <= 0:
        return None
    left, top, width, height = box
    across, down = _MARGIN * width, _MARGIN * height
    return left - across, top - down, left + width + across, top + height + down


def is_outside(label: Label, canvas: tuple[float, float, float, float]) -> bool:
    """Say whether a label begins where the drawing does not show it."""
    left, top, right, bottom = canvas
    return not (left <= label.x <= right and top <= label.y <= bottom)


def in_rows(labels: Sequence[Label], apart: float) -> Iterator[list[Label]]:
    """Give the labels that stand on one height, from the top, each row from the left.

    Args:
        labels: In any order.
        apart: How far two heights may be apart, in the unit of the drawing.
    """
    row: list[Label] = []
    for label in sorted(labels, key=lambda label: label.y):
        if row and label.y - row[0].y > apart:
            yield sorted(row, key=lambda label: label.x)
            row = []
        row.append(label)
    if row:
        yield sorted(row, key=lambda label: label.x)
