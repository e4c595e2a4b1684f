"""The parts of a workbook that say again what its cells say, or how they are computed."""

from collections.abc import Collection, Iterator, Mapping

from breachkit.documents.editing.editable import CannotEditError
from breachkit.documents.editing.sheet_formulas import area_of
from breachkit.documents.editing.xml_bytes import (
    Piece,
    attributes_at,
    element_end,
    name_of,
    passing,
    spliced,
    written,
)
from breachkit.documents.formats.archive import Entry
from breachkit.documents.formats.package import Package
from breachkit.documents.formats.xml_events import END, START, attribute


def strings_cleaned(content: bytes, unused: Collection[int]) -> bytes:
    """Give the shared strings without the words of some; all keep their numbers."""
    return spliced(content, _blank_strings(content, unused))


def _blank_strings(content: bytes, unused: Collection[int]) -> Iterator[Piece]:
    number = -1
    start = 0
    for one in passing(content):
        if one.what == "si" and one.kind == START:
            number, start = number + 1, one.at
        elif one.what == "si" and one.kind == END and number in unused:
            name = name_of(content, start)
            text = name[:-2] + b"t"
            yield Piece(
                start, element_end(content, start, one.at), b"<%s><%s/></%s>" % (name, text, name)
            )


def columns_renamed(content: bytes, changed: Mapping[tuple[int, int], str]) -> bytes:
    """Give the description of a table of a sheet with the names that the cells of its header have now.

    Excel holds a workbook for damaged where the two differ.

    Args:
        content: The part that describes the table.
        changed: New texts of cells of its sheet, by row and column, counted from 0.

    Raises:
        CannotEditError: Two of its columns would have one name.
    """
    return spliced(content, _names(content, changed))


def _names(content: bytes, changed: Mapping[tuple[int, int], str]) -> Iterator[Piece]:
    names: list[str] = []
    top = left = -1
    for one in passing(content):
        if one.kind != START:
            continue
        if one.what == "table" and attribute(one.attributes, "headerRowCount") != "0":
            area = area_of(0, attribute(one.attributes, "ref") or "")
            top, left = (area.top, area.left) if area else (-1, -1)
        elif one.what == "tableColumn":
            new = changed.get((top, left + len(names)))
            names.append((new or attribute(one.attributes, "name") or "").lower())
            yield from _renamed(content, one.at, new) if new is not None else ()
    if changed and len(set(names)) < len(names):
        raise CannotEditError("two columns of a table of the sheet would have the same name")


def _renamed(content: bytes, tag: int, new: str) -> Iterator[Piece]:
    for name, start, end in attributes_at(content, tag):
        if name == "name":
            yield Piece(start, end, b'"%s"' % written(new))


class CalcChain:
    """The list of cells with formulas, which Excel keeps and makes anew where it is not there."""

    def __init__(self, package: Package) -> None:
        """Find it."""
        self._package = package
        self.names = frozenset(entry.name for entry in package.parts("calcChain"))

    def taken_out(self) -> Iterator[tuple[str, bytes]]:
        """Give the parts that refer to it, by their names, without what they say of it."""
        for entry in self._package.parts("Types", "Relationships"):
            content = self._package.xml(entry)
            pieces = list(self._references(content, entry))
            if pieces:
                yield entry.name, spliced(content, pieces)

    def _references(self, content: bytes, entry: Entry) -> Iterator[Piece]:
        start = -1
        for one in passing(content):
            if one.kind == START:
                told = one.attributes.get
                is_meant = self._is_meant(told("PartName") or told("Target") or "", entry)
                start = one.at if is_meant else -1
            elif one.kind == END and start >= 0:
                yield Piece(start, element_end(content, start, one.at), b"")
                start = -1

    def _is_meant(self, target: str, entry: Entry) -> bool:
        folder = entry.name.rpartition("_rels/")[0]
        return target.lstrip("/") in self.names or f"{folder}{target}" in self.names
