"""Words in bytes that are no text: what stands between other bytes and can be read all the same."""

import re
from collections.abc import Iterator


_LEAST = 4
"""Characters from which on it is taken for words: fewer stand anywhere by chance."""
_RUN = re.compile(rb"[\t\n\r\x20-\x7e\x80-\xff]{%d,}" % _LEAST)
_ASCII = re.compile(rb"[\x20-\x7e]{%d,}" % _LEAST)
_WIDE = re.compile(rb"(?:[\x20-\x7e]\0){%d,}" % _LEAST)


def printable_in(content: bytes) -> Iterator[str]:
    """Give the words in bytes: in UTF-8 where they are that, else what of them is ASCII; and in UTF-16."""
    for run in _RUN.findall(content):
        try:
            yield run.decode()
        except UnicodeDecodeError:
            yield from (plain.decode("ascii") for plain in _ASCII.findall(run))
    if b"\0" in content:
        yield from (wide[::2].decode("ascii") for wide in _WIDE.findall(content))
