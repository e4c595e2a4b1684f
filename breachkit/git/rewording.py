"""The words of a commit or tag that a person wrote, taken apart from what git needs to read it."""

import re
from collections.abc import Mapping

from breachkit.actions.edits import MARK, Edits
from breachkit.git.mentions import Mentions
from breachkit.git.rawobjects import SIGNATURE_HEADERS, Parsed
from breachkit.model.ids import ObjectId


Header = tuple[bytes, bytes]

_PEOPLE = frozenset({b"author", b"committer", b"tagger"})
_STRUCTURE = frozenset({b"tree", b"parent", b"object", b"type", b"encoding", b"mergetag"})
"""Headers that hold no words; a copy of a merged tag is kept as it is or not at all."""

_FIXED = _STRUCTURE | _PEOPLE | SIGNATURE_HEADERS | {b"tag"}
"""All headers that git or whoever signs puts there."""

_WHEN = re.compile(rb" -?[0-9]+(?: [+-][0-9]+)?")
"""What stands after an address: seconds and a zone. Source: git's ident.c."""


def retell(
    parsed: Parsed, edits: Edits, mentions: Mentions, new_ids: Mapping[ObjectId, ObjectId]
) -> Parsed:
    """Give a commit or tag with new ids in its texts, and then without the words that go.

    In this order: words that happen to be part of an old id would leave the rest of it.

    Args:
        parsed: The old one.
        edits: Which words go.
        mentions: Which ids will be gone.
        new_ids: New id by old id, of commits that may be known by now.
    """
    headers = tuple(
        each if _is_fixed(each) else (each[0], mentions.translate(each[1], new_ids))
        for each in parsed.headers
    )
    return reword(Parsed(headers, mentions.translate(parsed.rest, new_ids)), edits)


def told_in(parsed: Parsed, mentions: Mentions) -> frozenset[ObjectId]:
    """Give the ids that will be gone and that a commit or tag names in what a person wrote."""
    found = set(mentions.find(parsed.rest))
    for name, line in parsed.headers:
        if not _is_fixed((name, line)):
            found.update(mentions.find(line))
    return frozenset(found)


def _is_fixed(header: Header) -> bool:
    """Say whether a header is none that only some tool or person put there."""
    return header[0] in _FIXED


def reword_header(header: Header, edits: Edits, encoding: str = "utf-8") -> Header:
    """Give a header with the words that go replaced; of a person only name and address change."""
    name, line = header
    if not edits.wordings or name in _STRUCTURE or name in SIGNATURE_HEADERS:
        return header
    if name in _PEOPLE:
        return name, name + _reword_person(line[len(name) :], edits, encoding)
    if name == b"tag":
        return name, b"tag " + edits.words(line.removeprefix(b"tag "), encoding)
    reworded = edits.words(line, encoding)
    if not reworded or reworded.startswith(b" "):  # it would end the headers, or go on with one
        reworded = MARK + reworded
    return reworded.partition(b" ")[0], reworded


def _reword_person(text: bytes, edits: Edits, encoding: str) -> bytes:
    who, end, when = text.rpartition(b">")
    called, start, address = who.partition(b"<")
    if not _WHEN.fullmatch(when):  # no date that git could read: all of it may be words
        when = _between_blanks(when, edits, encoding)
    return (
        _between_blanks(called, edits, encoding)
        + start
        + edits.words(address, encoding)
        + end
        + when
    )


def _between_blanks(text: bytes, edits: Edits, encoding: str) -> bytes:
    """Reword a text and keep the blanks around it, which tell the parts of a header apart."""
    before = b" " if text.startswith(b" ") else b""
    after = b" " if text[len(before) :].endswith(b" ") else b""
    inner = text[len(before) : len(text) - len(after)]
    return before + edits.words(inner, encoding) + after


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


def is_lost(header: Header, mentions: Mentions, edits: Edits) -> bool:
    """Say whether a commit or tag cannot keep a header under a new id.

    Args:
        header: A signature, the copy of a merged tag, or any other.
        mentions: The ids that will be gone; a copy of a merged tag that names one goes with it.
        edits: Which words go.
    """
    name, line = header
    if name == b"mergetag":
        return any(mentions.find(line)) or _is_merged_with_words(header, edits)
    return name in SIGNATURE_HEADERS


def encoding_of(parsed: Parsed) -> str:
    """Give the encoding that a commit says its message is in."""
    return next(iter(parsed.values(b"encoding")), b"utf-8").decode("ascii", errors="replace")


def _is_merged_with_words(header: Header, edits: Edits) -> bool:
    name, line = header
    return name == b"mergetag" and bool(edits.wordings) and edits.rewords(line)
