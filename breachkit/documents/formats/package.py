"""A package of Office Open XML: its parts by what they are, whatever they are called.

Parts are told by the name of their outermost element, not by their names and not by what refers to
them, so that none hides under an odd name or by being forgotten.
"""

import posixpath
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from xml.parsers import expat

from breachkit.documents.formats.archive import Archive, Entry
from breachkit.documents.formats.xml_events import START, Event, attribute, events, root_of
from breachkit.documents.reader import Budget, Member, NotReadError, OverBudgetError, inside
from breachkit.documents.table import Unreadable


_LARGEST = 1 << 25
"""Bytes of XML in one part that are read."""
_XML = (".xml", ".rels", ".vml")


class Package:
    """The parts of a zip archive that is one document."""

    def __init__(self, archive: Archive, part: str | None, budget: Budget) -> None:
        """Look at the first bytes of every part."""
        self.archive = archive
        self.part = part
        self.budget = budget
        self.by_root: dict[str, list[Entry]] = defaultdict(list)
        self.others: list[Entry] = []
        """Parts that are no XML."""
        self.troubles: list[Unreadable] = []
        """What could not be read so far."""
        self.roots: dict[str, str] = {}
        """The outermost element of each part of XML, by the part's name."""
        for entry in archive.entries:
            head = archive.head(entry)
            root = root_of(head)
            if root is None:
                self.others.append(entry)
                self._doubt(entry, head)
            else:
                self.by_root[root].append(entry)
                self.roots[entry.name] = root

    def _doubt(self, entry: Entry, head: bytes) -> None:
        """Tell of what ought to be XML: that with a document type, for one, is not read as such."""
        looks = head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
        if entry.size and (looks or entry.name.lower().endswith(_XML)):
            name = inside(self.part, f"member {entry.number}")
            self.troubles.append(Unreadable("XML that is not read as such", name))

    def events(self, entry: Entry, wanted: Container[str] | None = None) -> Iterator[Event]:
        """Give the XML of a part as it passes by, as far as it can be read; `troubles` tells the rest."""
        return self.events_of(self.xml(entry), entry, wanted)

    def xml(self, entry: Entry) -> bytes:
        """Inflate a part of XML; empty where it cannot be read, which `troubles` then tells."""
        if entry.size <= _LARGEST:
            return self.content(entry)
        name = inside(self.part, f"member {entry.number}")
        self.troubles.append(Unreadable("a part too large to read", name))
        return b""

    def events_of(
        self, content: bytes, entry: Entry, wanted: Container[str] | None = None
    ) -> Iterator[Event]:
        """Give what is left of a part's XML as it passes by; `troubles` tells what cannot be read."""
        name = inside(self.part, f"member {entry.number}")
        try:
            yield from events(content, wanted) if content else ()
        except NotReadError as stop:
            self.troubles.append(Unreadable(str(stop), name))
        except expat.ExpatError:
            self.troubles.append(Unreadable("XML that is damaged", name))

    def content(self, entry: Entry) -> bytes:
        """Inflate a part; empty where that is not possible, which `troubles` then tells."""
        name = inside(self.part, f"member {entry.number}")
        try:
            inflated = self.archive.inflate(entry)
        except (NotReadError, OverBudgetError) as stop:
            self.troubles.append(Unreadable(f"zip archive: a member is not read: {stop}", name))
            return b""
        if inflated.problem:
            self.troubles.append(Unreadable(f"zip archive: a member: {inflated.problem}", name))
        return inflated.content

    def parts(self, *roots: str) -> list[Entry]:
        """Give the parts with one of these outermost elements, in the order of the archive."""
        found = [entry for root in roots for entry in self.by_root.get(root, ())]
        return sorted(found, key=lambda entry: entry.number)

    def targets(self, name: str) -> dict[str, str]:
        """Give the parts that the part called `name` refers to, by the identifier of the reference."""
        folder, _, file = name.rpartition("/")
        wanted = posixpath.join(folder, "_rels", f"{file}.rels")
        found: dict[str, str] = {}
        for entry in self.by_root.get("Relationships", ()):
            if entry.name == wanted:
                found |= _references(self.events(entry), folder)
        return found

    def member(self, entry: Entry) -> Iterator[Member | Unreadable]:
        """Give a part that is a file by itself."""
        name = inside(self.part, f"member {entry.number}")
        before = len(self.troubles)
        content = self.content(entry)
        if content or len(self.troubles) == before:
            yield Member(content=content, path=posixpath.basename(entry.name).encode(), part=name)


def _references(told: Iterable[Event], folder: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for kind, name, attributes in told:
        if kind != START or name != "Relationship":
            continue
        if attribute(attributes, "TargetMode") == "External":
            continue
        key, target = attribute(attributes, "Id"), attribute(attributes, "Target")
        if key and target:
            path = posixpath.normpath(posixpath.join("/", folder, target.replace("%20", " ")))
            found[key] = path.lstrip("/")
    return found
