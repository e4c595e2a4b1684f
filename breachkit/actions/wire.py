"""Names of git in JSON, without losing a byte.

A path or ref is bytes and may be no text at all. Where its shown form says it exactly, JSON holds
that form; otherwise an object with the bytes in base64 and the shown form for the reader.
"""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from breachkit.model.errors import ConfigurationError
from breachkit.model.ids import ObjectId, display, is_object_id, path_b64


def name_to_json(raw: bytes) -> str | dict[str, str]:
    """Write a path or ref so that `name_from_json` gives back the same bytes."""
    encoded = path_b64(raw)
    return display(raw) if encoded is None else {"b64": encoded, "shown": display(raw)}


def name_from_json(value: str | Mapping[str, str]) -> bytes:
    """Read a path or ref as `name_to_json` wrote it."""
    return value.encode() if isinstance(value, str) else base64.b64decode(value["b64"])


def ids_from_json(values: Iterable[str]) -> tuple[ObjectId, ...]:
    """Read object ids.

    Raises:
        ConfigurationError: something among them is no full object id.
    """
    ids = tuple(values)
    if not all(map(is_object_id, ids)):
        raise ConfigurationError("the file lists something that is no object id: make it anew")
    return tuple(map(ObjectId, ids))


def require_schema(data: Mapping[str, Any], schema: str) -> None:
    """Check that a JSON object says it is what it is read as.

    Raises:
        ConfigurationError: it is something else, or from another version.
    """
    if data.get("schema") != schema:
        raise ConfigurationError(
            f"expected a file of {schema}: make it anew with this version of breachkit"
        )
