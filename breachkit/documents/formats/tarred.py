"""Tar archives of any age: their members are read in memory, and nothing is ever extracted."""

import io
import tarfile
from collections.abc import Iterator

from breachkit.documents.reader import Budget, Member, NotReadError, inside
from breachkit.documents.table import Document, Text, TextKind, Unreadable


_LONGEST_NAME = 4096


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give the files of an archive in its order, and the names of all its members.

    Links and devices hold nothing, and are not followed. A sparse member is one that its writer
    folded up; it is not unfolded, and said to be unread.
    """
    names: list[str] = []
    ignored = last = 0
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:", errors="surrogateescape") as archive:
        number = 0
        while (found := _next(archive, last)) is not None:
            number += 1
            last = found.offset_data
            names.append(found.name[:_LONGEST_NAME])
            if found.isreg():
                yield from _file(content, found, inside(part, f"member {number}"), budget)
            else:
                budget.take_member()
                ignored += not found.isdir()
        rest = content[archive.offset :]
    yield Text("\n".join(names), inside(part, "names of members"), TextKind.NAME)
    if ignored:
        yield Unreadable(f"tar archive: {ignored} links or devices, not followed", part)
    if rest.strip(b"\0"):
        yield Unreadable("tar archive: damaged, or something stands behind its end", part)


def _next(archive: tarfile.TarFile, last: int) -> tarfile.TarInfo | None:
    """Give the next member; every one must stand behind the one before, or reading has no end."""
    try:
        found = archive.next()
    except tarfile.TarError:
        raise NotReadError("damaged") from None
    if found is not None and (found.offset_data <= last or found.size < 0):
        raise NotReadError("damaged: its members overlap")
    return found


def _file(
    content: bytes, found: tarfile.TarInfo, part: str, budget: Budget
) -> Iterator[Document | Member]:
    if found.issparse():
        yield Unreadable("a sparse member of a tar archive", part)
        return
    piece = content[found.offset_data : found.offset_data + found.size]
    budget.take_bytes(len(piece))
    yield Member(content=piece, path=found.name.encode("utf-8", "surrogateescape"), part=part)
    if len(piece) < found.size:
        yield Unreadable("a member of a tar archive: cut off before its end", part)
