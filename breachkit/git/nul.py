"""What git writes with `-z`, cut at its NUL bytes as it comes."""

from collections.abc import Callable, Iterator


def split_at_nul(
    read: Callable[[int], bytes], *, rest_counts: bool = False, size: int = 1 << 20
) -> Iterator[bytes]:
    """Give the words of a stream.

    Args:
        read: Gives up to so many bytes of it, and none at its end.
        rest_counts: Whether what comes after the last NUL byte is a word as well, where such bytes
            stand between words. Where they end each, it was cut off, which git's exit status says.
        size: Bytes that are asked for at a time.
    """
    rest = b""
    while chunk := read(size):
        *words, rest = (rest + chunk).split(b"\0")
        yield from words
    if rest and rest_counts:
        yield rest
