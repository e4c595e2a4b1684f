"""Time stamps of a journal's head: what an authority is asked, and whether its answer holds.

Source: RFC 3161, Time-Stamp Protocol. What is stamped are the 64 hexadecimal digits of the head, in
ASCII, under SHA-256: `printf %s HEAD | openssl ts -verify -in ANSWER -data /dev/stdin -CAfile CA`
checks an answer without breachkit. Nothing but that digest of a digest leaves the machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from breachkit.incident.der import with_ordered_certificates
from breachkit.model.errors import ConfigurationError, VerificationError
from breachkit.model.ids import display
from breachkit.model.time import rfc3339


if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse


class StampsMissingError(ConfigurationError):
    """What reads and writes time stamps is not installed."""


class StampRefusedError(VerificationError):
    """An answer is none, is for something else, or is signed by nobody who is trusted."""


class NoCertificateError(ConfigurationError):
    """The file of certificates holds none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an authority is asked."""

    data: bytes
    """DER, as it is sent: `application/timestamp-query`."""
    nonce: int
    """A number that the answer has to repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What an authority says."""

    at: datetime
    """When it saw the head, by its own clock."""
    serial: str
    authority: str
    """The subject of the certificate that signed."""
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StampCheck:
    """Whether a stamp that the journal names still holds."""

    id: str
    entry: str
    stamped_at: str
    problem: str | None
    """None where it holds."""
    unread: bool = False
    """It could not be looked at, so that nothing is said of it."""


def request_stamp(head: str) -> Request:
    """Make a request for a head, without any network.

    Raises:
        StampsMissingError: breachkit was installed without `breachkit[stamp]`.
    """
    try:
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder
    except ImportError:
        raise _missing() from None
    builder = TimestampRequestBuilder().data(head.encode("ascii"))
    made = builder.hash_algorithm(HashAlgorithm.SHA256).build()
    return Request(data=made.as_bytes(), nonce=made.nonce or 0)


def check_stamp(answer: bytes, head: str, *, nonce: int, trusted: bytes) -> Stamp:
    """Give what an answer says, where it is for this head and signed by who is trusted.

    Args:
        answer: DER, as it came: `application/timestamp-reply`.
        head: What it has to be for.
        nonce: The number in the request.
        trusted: Certificates in PEM: the authority's root, and those between.

    Raises:
        StampRefusedError: it does not hold.
        NoCertificateError: `trusted` holds no root.
        StampsMissingError: breachkit was installed without `breachkit[stamp]`.
    """
    try:
        from rfc3161_client import VerificationError as NotVerified
        from rfc3161_client import VerifierBuilder, decode_timestamp_response
    except ImportError:
        raise _missing() from None
    roots, others = _certificates(trusted)
    verifier = VerifierBuilder(roots=roots, intermediates=others, nonce=nonce).build()
    try:
        decoded = decode_timestamp_response(with_ordered_certificates(answer))
        verifier.verify_message(decoded, head.encode("ascii"))
    except (NotVerified, ValueError, KeyError, TypeError) as cause:
        raise StampRefusedError(
            f"the answer does not hold: {_reason(cause)}. Ask the authority again with the "
            "request, or check that --ca is that authority's own certificate"
        ) from None
    return _stamp(decoded)


def _stamp(decoded: "TimeStampResponse") -> Stamp:
    info = decoded.tst_info
    return Stamp(
        at=info.gen_time,
        serial=str(info.serial_number),
        authority=_signer(decoded),
        policy=info.policy.dotted_string,
    )


def _signer(decoded: "TimeStampResponse") -> str:
    from cryptography import x509

    (signer,) = decoded.signed_data.signer_infos
    for der in decoded.signed_data.certificates:
        found = x509.load_der_x509_certificate(der)
        if found.serial_number == signer.serial_number and found.issuer == signer.issuer:
            return display(found.subject.rfc4514_string())
    return display(signer.issuer.rfc4514_string())


def _certificates(pem: bytes) -> "tuple[list[Certificate], list[Certificate]]":
    """Give the roots, which signed themselves, and all others."""
    from cryptography import x509

    try:
        found: Sequence[Certificate] = x509.load_pem_x509_certificates(pem)
    except ValueError:
        found = ()
    roots = [each for each in found if each.subject == each.issuer]
    if not roots:
        raise NoCertificateError(
            "the file of certificates holds no root in PEM: pass the authority's own with --ca"
        )
    return roots, [each for each in found if each.subject != each.issuer]


def _reason(cause: Exception) -> str:
    """Say why, in the library's words where they are its own and not those of the answer."""
    if type(cause).__module__.startswith("rfc3161_client"):
        return display(str(cause))
    return "it is no answer of the Time-Stamp Protocol"


def _missing() -> StampsMissingError:
    return StampsMissingError(
        "time stamps need one more library: install breachkit[stamp], then run the command again"
    )


def stamp_detail(stamp: Stamp) -> dict[str, str]:
    """Give what the journal keeps of a stamp."""
    return {
        "stamped_at": rfc3339(stamp.at),
        "serial": stamp.serial,
        "authority": stamp.authority,
        "policy": stamp.policy,
    }
