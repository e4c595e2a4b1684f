"""XML as it passes by: no tree is built, no entity declared, no reference followed."""

from collections.abc import Container, Iterable, Iterator, Mapping
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


def events(content: bytes, wanted: Container[str] | None = None) -> Iterator[Event]:
    """Give the start and the end of every element, and all text between them.

    Args:
        content: The XML.
        wanted: The names, without their prefixes, of those elements that are given; None: of all.

    Raises:
        NotReadError: There is a document type, which can declare entities, or too much of it.
        expat.ExpatError: The content is no XML.
    """
    happened: list[Event] = []
    parser = _parser(happened, _Names(wanted))
    for position in range(0, len(content), _STEP):
        parser.Parse(content[position : position + _STEP], False)  # noqa: FBT003 - takes no name
        yield from happened
        happened.clear()
    parser.Parse(b"", True)  # noqa: FBT003
    yield from happened


class _Names(dict[str, str]):
    """Names of elements without their prefix, of which a part has few different ones; empty if not wanted."""

    def __init__(self, wanted: Container[str] | None) -> None:
        super().__init__()
        self._wanted = wanted

    def __missing__(self, name: str) -> str:
        bare = name[name.rfind(":") + 1 :]
        if self._wanted is not None and bare not in self._wanted:
            bare = ""
        if len(self) < _MOST_NAMES:
            self[name] = bare
        return bare


def _parser(happened: list[Event], names: _Names) -> expat.XMLParserType:
    depth = elements = 0
    append = happened.append

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, elements
        depth += 1
        elements += 1
        if depth > _DEEPEST or elements > _MOST_ELEMENTS:
            raise NotReadError("XML nested too deeply, or with too many elements")
        bare = names[name]
        if bare:
            append((START, bare, attributes))

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        bare = names[name]
        if bare:
            append((END, bare, _NOTHING))

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = _STEP
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda text: append((TEXT, text, _NOTHING))
    parser.StartDoctypeDeclHandler = _refuse
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
    parser = expat.ParserCreate()
    parser.StartElementHandler = _stop_at
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(head, False)  # noqa: FBT003
    except _FoundError as found:
        name = str(found)
        return name[name.rfind(":") + 1 :]
    except (expat.ExpatError, NotReadError, ValueError):
        pass
    return None


class _FoundError(Exception):
    """The outermost element was found; its name."""


def _stop_at(name: str, _attributes: dict[str, str]) -> None:
    raise _FoundError(name)


def _refuse(*_: object) -> None:
    raise NotReadError("XML with a document type")


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
