"""JSON as it is met: with NaN, keys given twice, one value a line, several values in one file.

The quick parser takes what the standard allows; what it refuses, and what may give a key twice, is
read by the one of Python's own library.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from breachkit.documents.encoding import decode
from breachkit.documents.reader import NotReadError


MOST_VALUES = 3_000_000
"""Values in one file: a parser makes some 80 bytes of each."""
_KEY_END = re.compile(rb'"\s*:')
_LONGEST_TWICE = 32 * 1024 * 1024
_SPACE = re.compile(r"[\s\x1e]*,?[\s\x1e]*")


def parse(content: bytes, *, may_repeat: bool = True) -> Any:
    """Give the value of a JSON file; a list of its values, where it holds several.

    A key that an object gives twice keeps its first value, and the second is kept under the name
    that pandas gives to the second of two columns: `n` and `n_y`.

    Args:
        content: The file.
        may_repeat: Whether a key given twice is looked for at all.

    Raises:
        NotReadError: The content is no JSON.
    """
    if len(content) > MOST_VALUES and (
        content.count(b",") > MOST_VALUES or content.count(b"[") + content.count(b"{") > MOST_VALUES
    ):
        raise NotReadError(f"more than {MOST_VALUES} values")
    value = _quick(content)
    if value is not _NO_VALUE:
        repeats = (
            may_repeat
            and len(content) < _LONGEST_TWICE
            and _keys_written(content) > _keys_in(value)
        )
        return _careful(content) if repeats else value
    return _careful(content)


def parsed(text: str) -> Any:
    """Give the value of a string that holds JSON, a list or an object; None where it does not."""
    if text[-1:] not in {"}", "]"} and text.rstrip()[-1:] not in {"}", "]"}:
        return None
    value = _quick(text.encode("utf-8", "replace"))
    return value if isinstance(value, (dict, list)) else None


_NO_VALUE = object()


def _quick(content: bytes) -> Any:
    import orjson

    try:
        return orjson.loads(content)
    except ValueError:
        return _NO_VALUE


def _keys_written(content: bytes) -> int:
    """Count what may be keys, at the speed of a search: never too few."""
    if b'" :' not in content and b'"\n' not in content:
        return content.count(b'":') - content.count(b'\\":')
    return sum(1 for _ in _KEY_END.finditer(content)) - content.count(b'\\":')


def _keys_in(value: object) -> int:
    """Count the keys of a value: in what it is written as again, which takes a tenth of the time."""
    import orjson

    try:
        written = orjson.dumps(value)
    except TypeError:  # nested too deep to be written
        return _keys_walked(value)
    return written.count(b'":') - written.count(b'\\":')


def _keys_walked(value: object) -> int:
    found, left = 0, [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            found += len(one)
            left += [inner for inner in one.values() if isinstance(inner, (dict, list))]
        elif isinstance(one, list):
            left += [inner for inner in one if isinstance(inner, (dict, list))]
    return found


def _careful(content: bytes) -> Any:
    text = decode(content)
    if text is None:
        raise NotReadError("no text")
    text = text.lstrip("\ufeff")
    try:
        values = list(_values(text))
    except RecursionError:
        raise NotReadError("nested too deep") from None
    except ValueError:
        raise NotReadError("no valid JSON") from None
    return values[0] if len(values) == 1 else values


def _values(text: str) -> Iterator[Any]:
    """Give every value of a text, whatever white space or comma is between them."""
    decoder = json.JSONDecoder(object_pairs_hook=_object)
    position = _end_of_space(text, 0)
    for _ in range(MOST_VALUES):
        if position >= len(text):
            return
        value, position = decoder.raw_decode(text, position)
        yield value
        position = _end_of_space(text, position)
    raise NotReadError("too many values")


def _end_of_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its keys and values, and lose none that is given twice."""
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    found = {}
    for key, value in pairs:
        name = key
        while name in found and len(name) < len(key) + 20:
            name += "_y"
        found[name] = value
    return found
