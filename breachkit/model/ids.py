"""Names of things in git, as git keeps them, and how they are shown.

Paths and refs are bytes until they are shown. What is shown has every character escaped that a
terminal, a log or a reader could misread: undecodable bytes, control characters, and the
invisible and direction-changing characters of Unicode.
"""

import base64
import re
from typing import NewType


ObjectId = NewType("ObjectId", str)
"""A full object id in lower-case hex: 40 characters (SHA-1) or 64 (SHA-256)."""

GitPath = NewType("GitPath", bytes)
"""A path inside a tree, exactly as git stores it, with `/` between its parts."""

RefName = NewType("RefName", bytes)
"""A full ref name such as `refs/heads/main`, exactly as git stores it."""

_FULL_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def is_object_id(text: str) -> bool:
    """Say whether `text` is a full object id as git writes it."""
    return _FULL_ID.fullmatch(text) is not None


def display(raw: bytes | str) -> str:
    r"""Show a path, ref, name or message on one line, with everything unprintable escaped.

    Undecodable bytes become `\xNN`, unprintable characters `\xNN`, `\uNNNN` or `\UNNNNNNNN`,
    and a backslash is doubled, so that two different names never look the same.
    """
    text = raw.decode("utf-8", "surrogateescape") if isinstance(raw, bytes) else raw
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return "".join(map(_show_character, text))


def path_b64(raw: bytes) -> str | None:
    """Give the exact bytes in base64, or None where `display` already gives them unchanged."""
    if display(raw).encode("utf-8") == raw:
        return None
    return base64.b64encode(raw).decode("ascii")


def _show_character(character: str) -> str:
    code = ord(character)
    if character == "\\":
        return "\\\\"
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8, smuggled by surrogateescape
        return f"\\x{code - 0xDC00:02x}"
    if not character.isprintable():  # controls, bidi marks, zero-width, every space but ' '
        if code <= 0x7F:  # above, `\xNN` would look like an undecodable byte
            return f"\\x{code:02x}"
        return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
    return character
