"""What GitHub's refusals mean, told apart: each is one of `model.errors`, and none holds a token.

Source: GitHub's "Troubleshooting the REST API" and "Rate limits for the REST API".
"""

import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from breachkit.model.errors import (
    AccessError,
    BreachkitError,
    ConfigurationError,
    IncompleteError,
    RefusedError,
)
from breachkit.model.ids import display


class TokenError(AccessError):
    """The token is missing, wrong or expired."""


class SignOnError(AccessError):
    """The organisation wants this token to go through single sign-on first."""


class NotAllowedError(AccessError):
    """The account, or its token, may not do this."""


class NotInPlanError(AccessError):
    """The owner's plan does not have this for a private repository."""


class HiddenError(AccessError):
    """It is not there for this account, which may only mean that it is hidden."""


class BlockedError(AccessError):
    """The platform itself blocked the repository."""


class MovedError(RefusedError):
    """The repository has another name now, so that nothing was changed under the old one."""


class PlatformRefusedError(RefusedError):
    """The platform refuses it as things stand."""


class LimitedError(IncompleteError):
    """The platform takes no more requests for now.

    Attributes:
        wait_s: Seconds until it takes the next one.
    """

    def __init__(self, text: str, wait_s: float) -> None:
        super().__init__(text)
        self.wait_s = wait_s


class UnreachableError(IncompleteError):
    """No usable answer came; a change that was sent may have happened or not."""


class WrongAddressError(ConfigurationError):
    """The address of the API is none, or leads elsewhere."""


@contextlib.contextmanager
def understood(what: str) -> Iterator[None]:
    """Tell an answer that has not the form that GitHub describes from a mistake of ours.

    Args:
        what: What is read, in words for errors.

    Raises:
        UnreachableError: what is done in it found something else than it needs in an answer.
    """
    with contextlib.suppress(LookupError, TypeError, AttributeError, ValueError):
        yield
        return
    # outside of the handler, for the cause may quote the answer
    raise UnreachableError(f"{what}: GitHub's answer has another form: run the command again")


_SECONDARY = ("secondary rate limit", "abuse detection", "wait a few minutes", "retry your request")
_PLAN = ("upgrade to github", "make this repository public to enable")
_SHORT = 160
"""Characters of the platform's own words that are shown."""
_TOKENS = re.compile(r"\b(?:gh[a-z]_|github_pat_|v1\.)\w+")


def is_limit(status: int, headers: Mapping[str, str], message: str) -> bool:
    """Say whether an answer means too many requests, which GitHub says with 403 or 429."""
    if status == 429:
        return True
    said = message.lower()
    used_up = headers.get("x-ratelimit-remaining") == "0" or said.startswith("api rate limit")
    return status == 403 and (
        used_up or "retry-after" in headers or any(sign in said for sign in _SECONDARY)
    )


def wait_of(headers: Mapping[str, str], now_epoch_s: float) -> float | None:
    """Give the seconds until the next request is taken; None where the answer does not say."""
    after = headers.get("retry-after", "")
    if after.isdecimal():
        return float(after)
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(0.0, float(reset) - now_epoch_s)
    return None


def refusal(status: int, headers: Mapping[str, str], json: Any, what: str) -> BreachkitError:
    """Say what an answer of 300 and more, that is no limit, means.

    Args:
        status: Of the answer.
        headers: Of the answer, their names in lower case.
        json: Its body, as far as it was JSON.
        what: What was asked for, in words: `the deploy keys`.
    """
    kind, text = _meanings(status, what, shortened(message_of(json)))
    return _forbidden(headers, message_of(json), what) if status == 403 else kind(text)


def _meanings(status: int, what: str, said: str) -> tuple[type[BreachkitError], str]:
    match status:
        case 401:
            return TokenError, (
                "GitHub does not take the token: it is wrong, expired or revoked; make a new one "
                "and put it into BREACHKIT_GITHUB_TOKEN"
            )
        case 404 | 410:
            return HiddenError, (
                f"{what}: not there for this account, which may only mean that it is hidden; "
                "check the name, and what the token may see"
            )
        case 451:
            return BlockedError, f"{what}: GitHub blocked the repository for legal reasons"
        case _ if 300 <= status < 400:
            return MovedError, (
                f"{what}: GitHub says that the repository moved, and changed nothing; look up its "
                "present name and run the command again"
            )
        case _ if status >= 500:
            return UnreachableError, f"{what}: GitHub failed ({status}); run the command again"
    return PlatformRefusedError, f"{what}: GitHub refuses it ({status}): {said}"


def _forbidden(headers: Mapping[str, str], said: str, what: str) -> AccessError:
    low = said.lower()
    if "x-github-sso" in headers or "saml" in low:
        return SignOnError(
            f"{what}: the organisation wants single sign-on; authorise the token for it in GitHub's "
            "settings under Developer settings, Personal access tokens, Configure SSO"
        )
    if any(sign in low for sign in _PLAN):
        return NotInPlanError(
            f"{what}: the owner's plan does not have this for a private repository"
        )
    if "not accessible by" in low:
        return NotAllowedError(
            f"{what}: the account may, but its token lacks the permission; give the token "
            "Administration: read and write for this repository"
        )
    return NotAllowedError(f"{what}: this account may not ({shortened(said)})")


def message_of(json: Any) -> str:
    """Give what an answer says in words, with the words of its errors."""
    if not isinstance(json, Mapping):
        return ""
    errors = json.get("errors")
    words = [json.get("message")]
    if isinstance(errors, list):
        words += [each.get("message") if isinstance(each, Mapping) else each for each in errors]
    return "; ".join(each for each in words if isinstance(each, str) and each)


def shortened(text: str) -> str:
    """Give the platform's words, safe to show and not long."""
    shown = display(_TOKENS.sub("<token>", text))
    return shown if len(shown) <= _SHORT else f"{shown[:_SHORT]}..."
