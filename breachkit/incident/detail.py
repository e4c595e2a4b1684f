"""What may stand in a journal entry: whole numbers, text and lists and maps of them.

Git object ids are taken out here, whoever put them in: with a redacted table and an old blob or
commit id anybody can find a redacted count by trying five numbers, and the journal is printed,
exported and quoted. The ids themselves belong in the private part of the case folder.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from breachkit.model.ids import display


JSON: TypeAlias = "bool | int | str | Sequence[JSON] | Mapping[str, JSON] | None"
"""JSON without fractions."""

MASK = "<object-id>"
"""Stands where an object id was."""

MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly (RFC 8785, RFC 7493)."""

_HEX_RUN = re.compile(r"[0-9a-fA-F]{40,}")
_DIGEST_LENGTH = 64


class DetailError(ValueError):
    """A detail holds something that a journal entry cannot."""


def clean_mapping(detail: Mapping[str, object]) -> dict[str, JSON]:
    """Copy `detail` as plain JSON values, without object ids and undecodable characters.

    Digests of breachkit's own documents are kept: 64 hexadecimal digits under a key that ends in
    `sha256`, or under `head` or `anchor`. So is the `target`, which is what the user typed.

    Raises:
        DetailError: a fraction, an integer beyond 2**53 - 1, a key that is no text, or a type
            that JSON does not have.
    """
    cleaned: dict[str, JSON] = {}
    for key, value in detail.items():
        if not isinstance(key, str):
            raise DetailError(f"a key of type {type(key).__name__}: journal details have text keys")
        name = clean_text(key)
        while name in cleaned:  # two keys that differ only in the id that was masked
            name += "'"
        cleaned[name] = _clean(value, key)
    return cleaned


def clean_text(text: str, key: str = "") -> str:
    """Mask object ids in `text` and escape what is not Unicode; `key` says where it stands."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        text = display(text)
    if key == "target":
        return str(text)
    return _HEX_RUN.sub(lambda run: _mask(run.group(), key), text)


def _mask(run: str, key: str) -> str:
    is_own_digest = key.endswith("sha256") or key in {"head", "anchor"}
    return run if is_own_digest and len(run) == _DIGEST_LENGTH else MASK


def _clean(value: object, key: str) -> JSON:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return clean_text(value, key)
    if isinstance(value, int):
        return _clean_integer(int(value))
    if isinstance(value, Mapping):
        return clean_mapping(value)
    if isinstance(value, (list, tuple)):
        return [_clean(item, key) for item in value]
    raise DetailError(f"a {type(value).__name__} under a journal key: use integers and text")


def _clean_integer(value: int) -> int:
    if abs(value) > MAX_INTEGER:
        raise DetailError("an integer beyond 2**53 - 1: write it as text")
    return value
