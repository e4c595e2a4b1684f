"""The words of a report that a playbook may change: templates that are filled and never trusted.

A file has parts, each under a line `== name ==`. The parts are told apart before any fact is put in, so
that no fact can begin one.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from breachkit.report.incident_document import Block, Line, Name, Paragraph, Span
from breachkit.report.mail_template import TemplateRefusedError, fill


_PART = re.compile(r"^== *([a-z-]+) *==[ \t]*$", re.MULTILINE)
_BEGIN, _END = "\ue000", "\ue001"
"""Stand around a name while a template is filled. `display` lets no such character through."""
_NAMED = re.compile(f"{_BEGIN}([^{_BEGIN}{_END}]*){_END}")


class Texts:
    """The parts of one report's words, those of a playbook before the shipped ones."""

    def __init__(self, file: str, *sources: str) -> None:
        """Read the parts.

        Args:
            file: What the file is called, for errors.
            sources: Texts of files of that name, the one that wins first.
        """
        self._file = file
        self._parts: dict[str, str] = {}
        for source in reversed(sources):
            self._parts.update(_parts(source))

    def blocks(self, part: str, facts: Mapping[str, Any]) -> tuple[Block, ...]:
        """Give a part as paragraphs; none where it says nothing.

        Raises:
            TemplateRefusedError: there is no such part, or it is wrong.
        """
        if part not in self._parts:
            raise TemplateRefusedError(
                f"{self._file}: no part `== {part} ==`: add it, or take the file away"
            )
        text = fill(self._parts[part], self._file, facts)
        pieces = (" ".join(piece.split()) for piece in re.split(r"\n[ \t]*\n", text))
        return tuple(Paragraph(_spans(piece)) for piece in pieces if piece)


def _parts(source: str) -> Mapping[str, str]:
    """Give the parts by name, each with as many empty lines before it as it has lines above it.

    So a mistake is named with the line of the file that it stands on.
    """
    found = list(_PART.finditer(source))
    ends = [each.start() for each in found[1:]] + [len(source)]
    return {
        each[1]: "\n" * source.count("\n", 0, each.end()) + source[each.end() : end]
        for each, end in zip(found, ends, strict=True)
    }


def mark(name: Name) -> str:
    """Give a name as a fact for a template, so that it is a name again in what comes of it."""
    return f"{_BEGIN}{name.shown}{_END}"


def _spans(text: str) -> Line:
    return tuple(_pieces(text))


def _pieces(text: str) -> Iterator[Span]:
    for number, piece in enumerate(_NAMED.split(text)):
        if piece:
            yield Name(piece) if number % 2 else piece.replace(_BEGIN, "").replace(_END, "")
