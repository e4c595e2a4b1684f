"""A release request as the bytes of a file, of the sort that the file's name says."""

from pathlib import Path

from breachkit.actions.request import Request
from breachkit.model.errors import RefusedError, UsageError
from breachkit.report.request_docx import require_docx, to_docx
from breachkit.report.request_markdown import to_markdown


_WORD = ".docx"
_MARKDOWN = frozenset({".md", ".markdown"})


def require_form_file(output: Path, folder: Path) -> None:
    """Stop before anything is read where a request could not be written to a file of that name.

    Raises:
        UsageError: the name says neither Markdown nor Word, or what writes Word is not installed.
        RefusedError: the file would lie in the folder that is to be released.
    """
    suffix = output.suffix.lower()
    if suffix not in {_WORD, *_MARKDOWN}:
        raise UsageError("a request is written as .md or .docx: name a file that ends so")
    if output.absolute().parent.resolve().is_relative_to(folder.resolve()):
        raise RefusedError(
            "the request would lie in the folder that is to be released: name a file outside of it"
        )
    if suffix == _WORD:
        require_docx()


def form_bytes(request: Request, output: Path, *, tool_version: str, author: str) -> bytes:
    """Give what is to be written to a file of that name.

    Args:
        request: What is asked for.
        output: Its name says of what sort it is.
        tool_version: Of breachkit.
        author: Who asks; empty where nobody said it.
    """
    if output.suffix.lower() == _WORD:
        return to_docx(request, tool_version=tool_version, author=author)
    return to_markdown(request, tool_version=tool_version).encode()
