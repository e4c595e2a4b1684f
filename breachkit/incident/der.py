"""The little of DER that a time stamp needs: its certificates put into the order that DER wants.

OpenSSL, which many authorities run, sends them in another order, and strict readers refuse that. The
order is not signed: nothing that the signature covers is touched. Source: X.690, 8.1 and 11.6; the
places are those of RFC 3161, 2.4.2, and RFC 5652, 5.1.
"""

from collections.abc import Iterator


_SEQUENCE, _FIRST = 0x30, 0xA0


class _NotSoError(ValueError):
    """The bytes are not built that way."""


def with_ordered_certificates(answer: bytes) -> bytes:
    """Give an answer with its certificates in order; as it is where it is built in another way."""
    try:
        start, end = _certificates(answer)
        parts = [answer[begin:after] for begin, after, _ in _elements(answer, start, end)]
    except (_NotSoError, IndexError):
        return answer
    return answer[:start] + b"".join(sorted(parts)) + answer[end:]


def _certificates(data: bytes) -> tuple[int, int]:
    """Find the content of the set of certificates: response, token, content, signed data."""
    start, end = _content(data, 0, len(data), 0, _SEQUENCE)
    start, end = _content(data, start, end, 1, _SEQUENCE)
    start, end = _content(data, start, end, 1, _FIRST)
    start, end = _content(data, start, end, 0, _SEQUENCE)
    return _content(data, start, end, 3, _FIRST)


def _content(data: bytes, start: int, end: int, number: int, tag: int) -> tuple[int, int]:
    """Give where the content of the element with that number, counted from 0, begins and ends."""
    for place, (begin, after, inner) in enumerate(_elements(data, start, end)):
        if place == number:
            if data[begin] != tag:
                break
            return inner, after
    raise _NotSoError


def _elements(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Give the begin and the end of each element, and where its content begins."""
    while start < end:
        size, inner = data[start + 1], start + 2
        if size & 0x80:
            octets = size & 0x7F
            size, inner = int.from_bytes(data[inner : inner + octets], "big"), inner + octets
        after = inner + size
        if after > end:
            raise _NotSoError
        yield start, after, inner
        start = after
