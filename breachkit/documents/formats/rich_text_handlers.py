"""What the control words of rich text do that do something."""

from collections.abc import Callable, Mapping

from breachkit.documents.formats import rich_text_words as known
from breachkit.documents.formats.rich_text_flow import Flow
from breachkit.documents.formats.rich_text_objects import Holds
from breachkit.documents.formats.rich_text_states import (
    GONE,
    HIDDEN,
    NEW,
    RAISED,
    Aside,
    Reading,
)
from breachkit.documents.formats.rich_text_tokens import codec_of_charset, codec_of_page


_Handler = Callable[[Reading, int | None], None]


def _switch(flag: int, *, is_on: bool = True) -> _Handler:
    return lambda reading, number: reading.set_flag(flag, is_on=is_on and number != 0)


def _in_codec(page: int) -> _Handler:
    return lambda reading, _: reading.set_codec(codec_of_page(page))


def _to_flow(name: str) -> _Handler:
    return lambda reading, _: reading.begin_flow(name)


def _to_beside(kind: Aside) -> _Handler:
    return lambda reading, _: reading.begin_beside(kind)


def _to_data(holds: Holds) -> _Handler:
    return lambda reading, _: reading.begin_data(holds)


def _of_picture(path: bytes) -> _Handler:
    return lambda reading, _: reading.name_data(path)


def _in_flow(change: Callable[[Flow, int], None]) -> _Handler:
    return lambda reading, _: reading.set_in_flow(change)


def _with_number(change: Callable[[Flow, int, int], None]) -> _Handler:
    return lambda reading, number: reading.set_in_flow(
        lambda flow, depth: change(flow, depth, number or 0)
    )


def _set_left(flow: Flow, depth: int, left: int) -> None:
    flow.level(depth).left = left


def _set_head(flow: Flow, depth: int) -> None:
    flow.level(depth).is_head = True


def _goes_on_left(flow: Flow, depth: int) -> None:
    flow.level(depth).next_border.goes_on_left = True


def _goes_on_above(flow: Flow, depth: int) -> None:
    flow.level(depth).next_border.goes_on_above = True


def _begins_below(flow: Flow, depth: int) -> None:
    flow.level(depth).next_border.begins_below = True


HANDLERS: Mapping[bytes, _Handler] = {
    b"ansi": _in_codec(1252),
    b"mac": _in_codec(10000),
    b"pc": _in_codec(437),
    b"pca": _in_codec(850),
    b"ansicpg": lambda reading, number: reading.set_codec(codec_of_page(number or 1252)),
    b"deff": lambda reading, number: reading.set_usual_font(number or 0),
    b"f": lambda reading, number: reading.set_font(number or 0),
    b"fcharset": lambda reading, number: reading.describe_font(codec_of_charset(number or 0)),
    b"cpg": lambda reading, number: reading.describe_font(codec_of_page(number or 1252)),
    b"plain": lambda reading, _: reading.plain(),
    b"uc": lambda reading, number: reading.set_passed(max(number or 0, 0)),
    b"u": lambda reading, number: reading.sign(number or 0),
    b"v": _switch(HIDDEN),
    b"webhidden": _switch(HIDDEN),
    b"deleted": _switch(GONE),
    b"revised": _switch(NEW),
    b"super": _switch(RAISED),
    b"up": _switch(RAISED),
    b"nosupersub": _switch(RAISED, is_on=False),
    b"pard": lambda reading, _: reading.begin_paragraph(),
    b"intbl": lambda reading, _: reading.set_depth(max(reading.depth, 1)),
    b"itap": lambda reading, number: reading.set_depth(max(number or 0, 0)),
    b"cell": _in_flow(lambda flow, _: flow.end_cell(1)),
    b"row": _in_flow(lambda flow, _: flow.end_row(1)),
    b"nestcell": _in_flow(lambda flow, depth: flow.end_cell(max(depth, 2))),
    b"nestrow": _in_flow(lambda flow, depth: flow.end_row(max(depth, 2))),
    b"trowd": _in_flow(lambda flow, depth: flow.begin_row(depth)),
    b"cellx": _with_number(lambda flow, depth, right: flow.level(depth).end_border(right)),
    b"trleft": _with_number(_set_left),
    b"trhdr": _in_flow(_set_head),
    b"clmrg": _in_flow(_goes_on_left),
    b"clvmrg": _in_flow(_goes_on_above),
    b"clvmgf": _in_flow(_begins_below),
    b"pict": _to_data(Holds.PICTURE),
    b"objdata": _to_data(Holds.OBJECT),
    b"datastore": _to_data(Holds.STORE),
    b"datafield": _to_data(Holds.STORE),
    b"svb": _to_data(Holds.STORE),
    b"ud": lambda reading, _: reading.end_beside(),
    **{word: lambda reading, _: reading.end_paragraph() for word in known.PARAGRAPHS},
    **{word: _to_flow(name) for word, name in known.FLOWS.items()},
    **{word: _to_beside(Aside.AUTHOR) for word in known.AUTHORS},
    **{word: _to_beside(Aside.ABOUT) for word in known.ABOUT},
    **{word: _to_beside(Aside.OTHER) for word in known.BESIDE},
    **{word: _of_picture(path) for word, path in known.PICTURES.items()},
}
"""By control word; each is asked with the number behind it."""
