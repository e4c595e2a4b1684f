"""Asks an authority for a time stamp over HTTP: one request, to one address, and nowhere else.

Source: RFC 3161, section 3.4 (Time-Stamp Protocol via HTTP).
"""

from breachkit.github.archive_http import Media, NoAnswerError, checked_base, exchange


_MEDIA = Media(posted="application/timestamp-query", wanted="application/timestamp-reply")


def post_request(url: str, request: bytes) -> bytes:
    """Send a request to an authority and give its answer, whatever it says.

    Raises:
        WrongAddressError: the address is none, or sends what is asked in the open.
        NoAnswerError: nothing came, or no answer of this protocol.
    """
    checked_base("the time-stamping authority", url)
    reply = exchange(url, request, follow=False, media=_MEDIA)
    media = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if reply.status != 200 or media != _MEDIA.wanted:
        raise NoAnswerError(
            f"the authority answered {reply.status} and no time stamp: send the request by another "
            "way and give the answer with `breachkit log stamp --answer FILE`"
        )
    return reply.body
