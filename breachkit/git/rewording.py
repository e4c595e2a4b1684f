"""The words of a commit or tag that a person wrote, taken apart from what git needs to read it."""

from collections.abc import Collection

from breachkit.actions.edits import Edits
from breachkit.git.rawobjects import SIGNATURE_HEADERS, Parsed, lost_headers
from breachkit.model.ids import ObjectId


Header = tuple[bytes, bytes]

_PEOPLE = frozenset({b"author", b"committer", b"tagger"})
_STRUCTURE = frozenset({b"tree", b"parent", b"object", b"type", b"encoding", b"mergetag"})
"""Headers that hold no words; a copy of a merged tag is kept as it is or not at all."""


def reword_header(header: Header, edits: Edits, encoding: str = "utf-8") -> Header:
    """Give a header with the words that go replaced; of a person only name and address change."""
    name, line = header
    if not edits.wordings or name in _STRUCTURE or name in SIGNATURE_HEADERS:
        return header
    if name not in _PEOPLE:
        return name, name + edits.words(line[len(name) :], encoding)
    who, end, when = line[len(name) :].rpartition(b">")
    called, start, address = who.partition(b"<")
    if not end:  # no identity that git could read: all of it may be words
        return name, name + edits.words(when, encoding)
    reworded = edits.words(called, encoding) + start + edits.words(address, encoding)
    return name, name + reworded + end + when


def reword(parsed: Parsed, edits: Edits) -> Parsed:
    """Give a commit or tag with the words that go replaced, in its message and its headers."""
    if not edits.wordings:
        return parsed
    encoding = encoding_of(parsed)
    headers = (reword_header(each, edits, encoding) for each in parsed.headers)
    return Parsed(tuple(headers), edits.words(parsed.rest, encoding))


def holds_words(parsed: Parsed, edits: Edits) -> bool:
    """Say whether a commit or tag holds words that go, a copy of a merged tag included."""
    if not edits.wordings:
        return False
    merged = any(_is_merged_with_words(header, edits) for header in parsed.headers)
    return merged or reword(parsed, edits) != parsed


def is_lost(header: Header, rewritten: Collection[ObjectId], edits: Edits) -> bool:
    """Say whether a commit or tag cannot keep a header under a new id.

    Args:
        header: A signature, the copy of a merged tag, or any other.
        rewritten: The ids that will be gone.
        edits: Which words go.
    """
    return any(lost_headers([header], rewritten)) or _is_merged_with_words(header, edits)


def encoding_of(parsed: Parsed) -> str:
    """Give the encoding that a commit says its message is in."""
    return next(iter(parsed.values(b"encoding")), b"utf-8").decode("ascii", errors="replace")


def _is_merged_with_words(header: Header, edits: Edits) -> bool:
    name, line = header
    return name == b"mergetag" and bool(edits.wordings) and edits.rewords(line)
