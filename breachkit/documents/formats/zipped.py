"""Whatever begins with PK: office files of every maker, and archives of other files."""

from collections.abc import Iterator

from breachkit.documents.delimited import read_if_table
from breachkit.documents.encoding import decode
from breachkit.documents.formats.archive import Archive, Entry
from breachkit.documents.reader import Budget, Member, NotReadError, OverBudgetError, inside
from breachkit.documents.table import Document, Embedded, Text, TextKind, Trait, Unreadable


_CONTENT_TYPES = "[content_types].xml"
_BINARY_WORKBOOK = b"ms-excel.sheet.binary"
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
_OWNER_FILES = frozenset({162, 165})
"""Bytes of the file in which Word or Excel notes who has a file open."""
_LONGEST_OWNER = 54


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give what an office file holds, or the members of an archive."""
    if not content.startswith(b"PK"):
        yield from named_otherwise(content, part)
        return
    archive = Archive(content, budget)
    named = {entry.name.lower(): entry for entry in archive.entries}
    if _CONTENT_TYPES in named:
        yield from _office(archive, named[_CONTENT_TYPES], part, budget)
    elif _is_open_document(archive, named):
        from breachkit.documents.formats.opendocument import read_open_document
        from breachkit.documents.formats.package import Package

        yield from read_open_document(Package(archive, part, budget))
    else:
        yield from _plain(archive, part)


def _office(
    archive: Archive, types: Entry, part: str | None, budget: Budget
) -> Iterator[Document | Member]:
    from breachkit.documents.formats.office import read_office
    from breachkit.documents.formats.package import Package

    package = Package(archive, part, budget)
    if _BINARY_WORKBOOK in package.content(types):
        from breachkit.documents.formats.binary_workbook import read_binary_workbook

        yield from read_binary_workbook(package)
    yield from read_office(package)


def named_otherwise(content: bytes, part: str | None) -> Iterator[Document]:
    """Give a table that was saved as text under the name of a workbook, as statistics programs do.

    Office keeps the name of who has a file open beside it, under the file's name after `~$`.

    Raises:
        NotReadError: It is no table either.
    """
    if len(content) in _OWNER_FILES and 0 < content[0] <= _LONGEST_OWNER:
        yield Embedded(Trait.AUTHOR, part)
        return
    text = decode(content)
    found = read_if_table(text, part) if text is not None else ()
    if not found:
        raise NotReadError("its content is not what its name says")
    yield from found


def _is_open_document(archive: Archive, named: dict[str, Entry]) -> bool:
    kind = named.get("mimetype")
    return "content.xml" in named and (
        "meta-inf/manifest.xml" in named
        or (kind is not None and archive.head(kind).startswith(_OPEN_DOCUMENT))
    )


def _plain(archive: Archive, part: str | None) -> Iterator[Document | Member]:
    """Give every member, and say of each that cannot be read why."""
    yield from archive.oddities(part)
    if archive.comment.strip(b"\0 \r\n\t"):
        yield Member(content=archive.comment, path=b"", part=inside(part, "comment"))
    for entry in archive.entries:
        place = inside(part, f"member {entry.number}")
        yield Text(entry.name, place, TextKind.NAME)
        try:
            inflated = archive.inflate(entry)
        except (NotReadError, OverBudgetError) as stop:
            yield Unreadable(f"zip archive: not read: {stop}", place)
            continue
        if inflated.problem:
            yield Unreadable(f"zip archive: {inflated.problem}", place)
        name = entry.name.encode("utf-8", "surrogatepass")
        yield Member(content=inflated.content, path=name, part=place)
