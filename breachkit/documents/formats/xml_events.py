"""XML as it passes by: no tree is built, no entity declared, no reference followed."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from xml.parsers import expat

from breachkit.documents.reader import NotReadError


START, END, TEXT = "start", "end", "text"
Event = tuple[str, str, Mapping[str, str]]
"""What happens, the name without its prefix (or the text), and the attributes."""

_STEP = 1 << 16
_DEEPEST = 400
_MOST_ELEMENTS = 1_000_000
"""In one part: some 450,000 cells of a sheet, and three seconds."""
_MOST_NAMES = 1_000
_NOTHING: Mapping[str, str] = {}


def events(content: bytes) -> Iterator[Event]:
    """Give the start and the end of every element, and all text between them.

    Raises:
        NotReadError: There is a document type, which can declare entities, or too much of it.
        expat.ExpatError: The content is no XML.
    """
    happened: list[Event] = []
    parser = _parser(happened)
    for position in range(0, len(content), _STEP):
        parser.Parse(content[position : position + _STEP], False)  # noqa: FBT003 - takes no name
        yield from happened
        happened.clear()
    parser.Parse(b"", True)  # noqa: FBT003
    yield from happened


class _Names(dict[str, str]):
    """Names of elements without their prefix, of which a part has few different ones."""

    def __missing__(self, name: str) -> str:
        bare = name[name.rfind(":") + 1 :]
        if len(self) < _MOST_NAMES:
            self[name] = bare
        return bare


def _parser(happened: list[Event]) -> expat.XMLParserType:
    depth = elements = 0
    names = _Names()
    append = happened.append

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, elements
        depth += 1
        elements += 1
        if depth > _DEEPEST or elements > _MOST_ELEMENTS:
            raise NotReadError("XML nested too deeply, or with too many elements")
        append((START, names[name], attributes))

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        append((END, names[name], _NOTHING))

    def refuse(*_: object) -> None:
        raise NotReadError("XML with a document type")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = _STEP
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda text: append((TEXT, text, _NOTHING))
    parser.StartDoctypeDeclHandler = refuse
    return parser


def attribute(attributes: Mapping[str, str], name: str) -> str | None:
    """Give an attribute by its name without prefix."""
    found = attributes.get(name)
    if found is not None:
        return found
    if not attributes:
        return None
    ending = ":" + name
    for key, value in attributes.items():
        if key.endswith(ending):
            return value
    return None


def root_of(head: bytes) -> str | None:
    """Give the name of the outermost element, from the first bytes; None where it is no XML."""
    happened: list[Event] = []
    with contextlib.suppress(expat.ExpatError, NotReadError, ValueError):
        _parser(happened).Parse(head, False)  # noqa: FBT003
    return happened[0][1] if happened and happened[0][0] == START else None


_PLACES = frozenset({"from", "to", "ClientData"})
"""Elements that say where a drawing stands."""


def words(told: Iterable[Event]) -> str:
    """Give all text of a part, a line for each element that has some of its own."""
    pieces: list[str] = []
    in_place = 0
    for kind, what, _ in told:
        if kind == TEXT:
            pieces += [what.strip()] if not in_place else []
        elif what in _PLACES:
            in_place += 1 if kind == START else -1
    return "\n".join(filter(None, pieces))
