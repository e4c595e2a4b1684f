"""The way in for whoever changes files: bytes and a path to something whose cells can be changed."""

from breachkit.documents.editing.editable import CannotEditError, Editable
from breachkit.documents.editing.records import open_records
from breachkit.documents.editing.texts import open_delimited, open_text
from breachkit.documents.kinds import HEAD, Kind, Reading, kind_of


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
        case Reading.TABLE | Reading.NOTHING:
            return open_delimited(content, path)
        case Reading.MAYBE_TABLE | Reading.TEXT:
            return open_text(content, path)
        case Reading.COMPRESSED:
            raise CannotEditError(f"{kind.name}: unpack it, and redact what is in it")
        case Reading.FORMAT:
            return _open_format(kind, content, path)
        case _:
            raise CannotEditError(f"{kind.name}: {_INSTEAD}")


_INSTEAD = "cells of such a file cannot be changed; take it out, or make it anew"


def _open_format(kind: Kind, content: bytes, path: bytes) -> Editable:
    if kind.reader == "json_data":
        return open_records(content, path)
    try:
        if kind.reader == "html":
            from breachkit.documents.editing.markup import MarkedUp

            return MarkedUp(content, path)
        if kind.reader == "zipped":
            from breachkit.documents.editing.workbook import Workbook

            return Workbook(content, path)
    except ModuleNotFoundError:
        raise CannotEditError(f"{kind.name}: this needs breachkit[formats]") from None
    except CannotEditError:
        raise
    except Exception as error:  # whatever a library makes of hostile bytes
        raise CannotEditError(f"{kind.name}: damaged, or of an unknown version") from error
    if kind.reader == "old_office":
        raise CannotEditError(f"{kind.name}, or one with a password: save it as .xlsx without one")
    raise CannotEditError(f"{kind.name}: {_INSTEAD}")
