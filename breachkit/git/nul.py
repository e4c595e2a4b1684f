"""What git writes with `-z`, cut at its NUL bytes as it comes."""

from collections.abc import Callable, Iterator


def split_at_nul(read: Callable[[int], bytes], size: int = 1 << 20) -> Iterator[bytes]:
    """Give the words of a stream, and whatever comes after its last NUL byte.

    Args:
        read: Gives up to so many bytes of it, and none at its end.
        size: Bytes that are asked for at a time.
    """
    rest = b""
    while chunk := read(size):
        *words, rest = (rest + chunk).split(b"\0")
        yield from words
    if rest:
        yield rest
