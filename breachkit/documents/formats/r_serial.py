"""R's serialization (saveRDS, save) to plain objects, within bounds and without running anything.

Read here rather than by a library: the one for it makes several Python objects of each string, reads
pairlists by recursion, and unfolds what R keeps folded (a sequence of a billion numbers is three).

Source: R Internals, "Serialization Formats"; R 4.4, src/main/serialize.c (ReadItem, ReadBC).
"""

from collections.abc import Iterator
from typing import Any

from breachkit.documents.formats.r_numbers import Ascii, Binary, Numbers, Source, Words
from breachkit.documents.reader import NotReadError
from breachkit.model.records import dataclass, field


NIL, SYMBOL, PAIRLIST, CLOSURE, ENVIRONMENT, PROMISE, LANGUAGE = 0, 1, 2, 3, 4, 5, 6
SPECIAL, BUILTIN, CHAR, LOGICAL, INTEGER, REAL, COMPLEX, STRINGS, DOTS = (
    7,
    8,
    9,
    10,
    13,
    14,
    15,
    16,
    17,
)
LIST, EXPRESSION, BYTECODE, POINTER, WEAK, RAW, S4 = 19, 20, 21, 22, 23, 24, 25
_FOLDED, _ATTR_PAIRLIST, _ATTR_LANGUAGE, _BASE, _EMPTY, _REPEATED, _REPEAT = (
    238,
    239,
    240,
    241,
    242,
    243,
    244,
)
_PERSISTENT, _PACKAGE, _NAMESPACE, _BASE_NAMESPACE, _MISSING, _UNBOUND, _GLOBAL = (
    247,
    248,
    249,
    250,
    251,
    252,
    253,
)
_NIL_VALUE, _REFERENCE = 254, 255

_PAIRS = frozenset({PAIRLIST, LANGUAGE, CLOSURE, PROMISE, DOTS})
_BARE = frozenset({NIL, _BASE, _EMPTY, _BASE_NAMESPACE, _MISSING, _UNBOUND, _GLOBAL, _NIL_VALUE})
_NAMED = frozenset({_PERSISTENT, _PACKAGE, _NAMESPACE})
_IN_CODE = frozenset({LANGUAGE, PAIRLIST, _REPEAT, _REPEATED, _ATTR_LANGUAGE, _ATTR_PAIRLIST})
_HAS_ATTRIBUTES, _HAS_TAG = 1 << 9, 1 << 10

_MOST_OBJECTS = 1_000_000
_MOST_STRINGS = 3_000_000
_DEEPEST = 200


@dataclass(slots=True, eq=False)
class RObject:
    """One object of R."""

    kind: int
    value: Any = field(default=None, repr=False)
    """By kind: `Numbers`; a list of strings (None for NA); a list of objects; pairs of a tag and
    an object for pairlists and environments; the name of a symbol."""
    attributes: dict[str, "RObject"] = field(default_factory=dict, repr=False)

    def strings(self) -> list[str]:
        """Give its strings, NA as nothing; none where it holds none."""
        return [word or "" for word in self.value] if self.kind == STRINGS else []

    def classes(self) -> frozenset[str]:
        """Give what R says that it is."""
        found = self.attributes.get("class")
        return frozenset(found.strings()) if found else frozenset()


_NOTHING = RObject(NIL)


def parse(content: bytes) -> tuple[RObject, int]:
    """Read the one object of a file; of a workspace it is the pairlist of its objects.

    Returns:
        The object, and how many objects in it are packed in an unknown way.

    Raises:
        NotReadError: It is none, or too much.
    """
    start = 5 if content[:3] in {b"RDX", b"RDA", b"RDB"} else 0
    form = content[start : start + 2]
    source: Source
    if form == b"A\n":
        source = Ascii(content, start + 2)
    elif form in {b"X\n", b"B\n"}:
        little = form == b"B\n" and content[start + 2 : start + 6] in {b"\2\0\0\0", b"\3\0\0\0"}
        source = Binary(content, start + 2, "<" if little else ">")
    else:
        raise NotReadError("none that R wrote, or of an old version")
    version = source.integer()
    source.integer(), source.integer()
    if version not in {2, 3}:
        raise NotReadError("of an unknown version")
    if version == 3:
        source.characters(source.integer())
    parser = _Parser(source)
    return parser.item(), parser.unknown


class _Parser:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._references: list[RObject] = []
        self._objects = 0
        self._strings = 0
        self._depth = 0
        self.unknown = 0

    def item(self) -> RObject:
        """Read one object and everything in it."""
        self._objects += 1
        if self._objects > _MOST_OBJECTS:
            raise NotReadError("too many objects")
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotReadError("objects within objects, too deep")
        found = self._item(self._source.integer())
        self._depth -= 1
        return found

    def _item(self, flags: int) -> RObject:
        kind = flags & 255
        if kind in _PAIRS:
            return self._pairs(kind, flags)
        if kind in _BARE:
            return _NOTHING
        if kind == _REFERENCE:
            return self._reference(flags >> 8 or self._source.integer())
        if kind == _FOLDED:
            return self._folded()
        if kind == CHAR:
            return self._one_string(flags)
        found = self._referable(kind) or self._plain(kind)
        if flags & _HAS_ATTRIBUTES and kind != ENVIRONMENT:
            found.attributes = _tagged(self.item())
        return found

    def _reference(self, number: int) -> RObject:
        if not 0 < number <= len(self._references):
            raise NotReadError("damaged")
        return self._references[number - 1]

    def _one_string(self, flags: int) -> RObject:
        word = self._source.word(self._source.integer())
        if flags & _HAS_ATTRIBUTES:
            self.item()
        return RObject(CHAR, word)

    def _referable(self, kind: int) -> RObject | None:
        """Read what later objects may refer to."""
        if kind == SYMBOL:
            found = RObject(SYMBOL, self.item().value)
            self._references.append(found)
            return found
        if kind in _NAMED:
            self._source.integer()
            found = RObject(ENVIRONMENT, [])
            for _ in range(self._length()):
                self.item()
            self._references.append(found)
            return found
        if kind in {ENVIRONMENT, POINTER, WEAK}:
            found = RObject(kind, [])
            self._references.append(found)
            if kind == ENVIRONMENT:
                self._environment(found)
            elif kind == POINTER:
                found.value = [(None, self.item()), (None, self.item())]
            return found
        return None

    def _environment(self, found: RObject) -> None:
        """Read the variables of an environment, and the one around it."""
        self._source.integer()
        around, frame, table, attributes = (self.item() for _ in range(4))
        found.value = [*_pairs_of(frame)]
        for chain in table.value if table.kind == LIST else ():
            found.value += _pairs_of(chain)
        found.value.append((None, around))
        found.attributes = _tagged(attributes)

    def _plain(self, kind: int) -> RObject:
        source = self._source
        if kind == STRINGS:
            return RObject(STRINGS, self._words(self._length()))
        if kind in {LOGICAL, INTEGER, REAL, COMPLEX, RAW}:
            return RObject(kind, source.numbers(_FORMS[kind], self._length()))
        if kind in {LIST, EXPRESSION}:
            return RObject(kind, [self.item() for _ in range(self._length())])
        if kind in {SPECIAL, BUILTIN}:
            source.characters(source.integer())
            return RObject(kind)
        if kind == BYTECODE:
            self._length()  # of the parts that repeat, which are followed where they stand
            _ByteCode(self._source, self).read()
            return RObject(kind)
        if kind == S4:
            return RObject(kind)
        raise NotReadError("holds an object of an unknown kind")

    def _words(self, length: int) -> Words:
        self._strings += length
        if self._strings > _MOST_STRINGS:
            raise NotReadError("too many strings")
        return self._source.words(length)

    def _length(self) -> int:
        length = self._source.integer()
        if length == -1:
            length = (self._source.integer() << 32) + self._source.integer()
        if not 0 <= length <= self._source.left():
            raise NotReadError("damaged, or cut off before its end")
        return length

    def _pairs(self, kind: int, flags: int) -> RObject:
        """Read a pairlist; each of its cells holds the rest of it, which is followed and not nested."""
        found = RObject(kind, [])
        is_first = True
        while True:
            attributes = self.item() if flags & _HAS_ATTRIBUTES else _NOTHING
            if is_first:
                found.attributes = _tagged(attributes)
            tag = self.item() if flags & _HAS_TAG else _NOTHING
            found.value.append((_name(tag), self.item()))
            if kind in {CLOSURE, PROMISE}:
                found.value += [(None, tag), (None, self.item())]
                return found
            is_first = False
            flags = self._source.integer()
            self._objects += 1
            if flags & 255 not in {PAIRLIST, LANGUAGE, DOTS} or self._objects > _MOST_OBJECTS:
                break
        rest = self._item(flags)
        if rest.kind in _PAIRS:
            found.value += rest.value
        return found

    def _folded(self) -> RObject:
        """Read what R keeps folded up, and give what it stands for."""
        about, state, attributes = self.item(), self.item(), self.item()
        name = next((value.value for _, value in _pairs_of(about)), "")
        found = _unfolded(str(name), state)
        if found is None:
            self.unknown += 1
            return _NOTHING
        if attributes.kind in _PAIRS:
            found = RObject(found.kind, found.value, _tagged(attributes))
        return found


_VECTORS = frozenset({LOGICAL, INTEGER, REAL, COMPLEX, STRINGS, RAW})
_FORMS = {LOGICAL: "i", INTEGER: "i", REAL: "d", COMPLEX: "D", RAW: "B"}


def _unfolded(name: str, state: RObject) -> RObject | None:
    """Give what a folded object stands for; None where its packing is unknown.

    R wraps a vector, numbers that count on, and numbers that will be written as strings; a package
    (arrow, vroom) puts the whole vector there.
    """
    if name in {"compact_intseq", "compact_realseq"} and state.kind == REAL:
        values = state.value.first(3)
        if len(values) == 3:
            return RObject(INTEGER if name == "compact_intseq" else REAL, Numbers.sequence(*values))
    if state.kind in _VECTORS:
        return state
    inner = state.value[0] if state.kind == LIST and state.value else None
    if state.kind in _PAIRS and state.value:
        inner = state.value[0][1]
    if inner is None or inner.kind not in {*_VECTORS, LIST}:
        return None
    if name == "deferred_string":
        return RObject(STRINGS, inner.value.written() if isinstance(inner.value, Numbers) else [])
    return RObject(inner.kind, inner.value, inner.attributes)


def _name(tag: RObject) -> str | None:
    return tag.value if tag.kind == SYMBOL else None


def _pairs_of(found: RObject) -> Iterator[tuple[str | None, RObject]]:
    if found.kind in _PAIRS:
        yield from found.value


def _tagged(found: RObject) -> dict[str, RObject]:
    return {name: value for name, value in _pairs_of(found) if name}


class _ByteCode:
    """Passes over compiled functions, whose constants are objects too."""

    def __init__(self, source: Source, parser: _Parser) -> None:
        self._source = source
        self._parser = parser
        self._depth = 0

    def read(self) -> None:
        """Read the code and its constants, and keep nothing."""
        self._parser.item()
        for _ in range(self._source.integer()):
            kind = self._source.integer()
            if kind == BYTECODE:
                self._deeper(self.read)
            elif kind in _IN_CODE:
                self._language(kind)
            else:
                self._parser.item()

    def _deeper(self, read: Any, *arguments: int) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotReadError("objects within objects, too deep")
        read(*arguments)
        self._depth -= 1

    def _language(self, kind: int) -> None:
        """Read a call; the rest of its arguments is followed and not nested."""
        while kind in _IN_CODE:
            if kind == _REPEATED:
                self._source.integer()
                return
            if kind == _REPEAT:
                self._source.integer()
                kind = self._source.integer()
            if kind in {_ATTR_LANGUAGE, _ATTR_PAIRLIST}:
                self._parser.item()
            self._parser.item()
            self._deeper(self._language, self._source.integer())
            kind = self._source.integer()
        self._parser.item()
