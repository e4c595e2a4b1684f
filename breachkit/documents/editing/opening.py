"""The way in for whoever changes files: bytes and a path to something whose cells can be changed."""

from breachkit.documents.editing.delimited import DelimitedPlaces
from breachkit.documents.editing.editable import CannotEditError, Editable
from breachkit.documents.editing.encoded import EncodedText
from breachkit.documents.editing.text_file import TextFile
from breachkit.documents.kinds import HEAD, Kind, Reading, kind_of
from breachkit.documents.readers import read
from breachkit.documents.table import Document, Table, Unreadable


def open_editable(content: bytes, path: bytes) -> Editable:
    """Open a file so that the cells of its tables can be changed.

    Args:
        content: The whole file.
        path: What it is called: where the bytes do not tell the format, the name does.

    Raises:
        CannotEditError: There is no editor for such files, or none for this one; the text says why
            and what else can be done, and names no content.
    """
    kind = kind_of(content[:HEAD], (path,))
    match kind.reading:
        case Reading.TABLE:
            return _open_delimited(content, path)
        case Reading.COMPRESSED:
            raise CannotEditError(f"{kind.name}: unpack it, and redact what is in it")
        case Reading.FORMAT:
            return _open_format(kind, content, path)
        case _:
            raise CannotEditError(f"{kind.name}: {_INSTEAD}")


_INSTEAD = "cells of such a file cannot be changed; take it out, or make it anew"


def _open_format(kind: Kind, content: bytes, path: bytes) -> Editable:
    try:
        if kind.reader == "html":
            from breachkit.documents.editing.markup import MarkedUp

            return MarkedUp(content, path)
    except ModuleNotFoundError:
        raise CannotEditError(f"{kind.name}: this needs breachkit[formats]") from None
    raise CannotEditError(f"{kind.name}: {_INSTEAD}")


def _open_delimited(content: bytes, path: bytes) -> Editable:
    documents = read(content, (path,))
    text = EncodedText(content)
    places = DelimitedPlaces(text.text, _tables(documents))
    above = any(any(map(str.isdecimal, lines)) for lines in places.lines_above())
    fixed = (*(["lines above the header"] if above else []), *_unread(documents))
    return TextFile(path, text, documents, places, fixed)


def _tables(documents: tuple[Document, ...]) -> list[Table]:
    return [found for found in documents if isinstance(found, Table)]


def _unread(documents: tuple[Document, ...]) -> list[str]:
    unread = any(isinstance(found, Unreadable) for found in documents)
    return ["what could not be read of it"] if unread else []
