"""Where the words of a drawing stand: transformations, rows of text, and what is out of sight."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree


Element = etree._Element  # noqa: SLF001 - the class of elements has no other name
Matrix = tuple[float, float, float, float, float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_STEP = re.compile(r"(translate|scale|rotate|matrix)\s*\(([^()]{0,200})\)")
_NUMBER = re.compile(r"[-+]?(?:\d{1,15}\.?\d{0,15}|\.\d{1,15})(?:[eE][-+]?\d{1,3})?")
_SIZE = re.compile(r"\s*([\d.]{1,15})\s*(?:px|pt)?\s*")
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|(?<![-\w])(?:fill-)?opacity\s*:\s*0*\.?0+(?![.\d])"
    r"|font-size\s*:\s*0(?![.\d])"
)
_SHORT = 15
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


def numbers_in(text: str | None) -> list[float]:
    """Give the numbers of an attribute."""
    if not text:
        return []
    if text.isdecimal() and len(text) <= _SHORT:  # as most are
        return [float(text)]
    return [float(number) for number in _NUMBER.findall(text[:2_000])]


def times(outer: Matrix, inner: Matrix) -> Matrix:
    """Give the transformation that applies `inner`, then `outer`."""
    a, b, c, d, e, f = outer
    p, q, r, s, t, u = inner
    return (
        a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s, a * t + c * u + e, b * t + d * u + f,
    )  # fmt: skip


def matrix_of(transform: str | None) -> Matrix:
    """Read an attribute `transform`."""
    found = IDENTITY
    for name, written in _STEP.findall(transform[:2_000]) if transform else ():
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
    attributes = element.attrib
    if attributes.get("display") == "none" or attributes.get("visibility") in {
        "hidden",
        "collapse",
    }:
        return True
    style = attributes.get("style")
    if style and _UNSEEN.search(str(style)):
        return True
    return any(
        _is_nought(attributes.get(name)) for name in ("opacity", "fill-opacity", "font-size")
    )


def _is_nought(value: object) -> bool:
    return value is not None and numbers_in(str(value))[:1] == [0.0]


def canvas_of(root: Element) -> tuple[float, float, float, float] | None:
    """Give the left, top, right and bottom of what a drawing shows; None where it does not say."""
    box = numbers_in(root.get("viewBox"))
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
