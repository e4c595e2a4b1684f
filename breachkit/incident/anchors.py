"""Finding anchors in what somebody outside was sent: the hash at the end of every mail.

A mail is read as it was received, answered or forwarded: in parts, encoded, quoted, wrapped.
"""

import email
import email.policy
import re
from dataclasses import dataclass
from email.message import EmailMessage


MAX_BYTES = 32 * 2**20
"""No mail about a case is larger."""

_BETWEEN = r"(?:[\s>]|&nbsp;|<[^<>]{0,200}>){0,100}"
_HEAD = re.compile(
    rf"log{_BETWEEN}head{_BETWEEN}:?{_BETWEEN}([0-9a-f]{{64}})(?![0-9a-f])", re.IGNORECASE
)
"""The line of a mail's footer; wherever a mail program wraps or quotes it."""

_CASE = re.compile(r"\bBK-\d{4}-\d{4,}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one mail says about journals."""

    anchors: tuple[str, ...]
    """Hashes of journal entries, each once, in the order in which they stand."""
    cases: frozenset[str]
    """Ids of the cases it names."""

    def is_about(self, case_id: str) -> bool:
        """Say whether it may be about a case: it names that case, or none."""
        return not self.cases or case_id in self.cases


def read_message(data: bytes) -> Message:
    """Find the anchors in a mail, whether it is the mail's file or only its text."""
    text = "\n".join((_plain(data), *_parts(data)))
    found = dict.fromkeys(anchor.lower() for anchor in _HEAD.findall(text))
    return Message(anchors=tuple(found), cases=frozenset(_CASE.findall(text)))


def _plain(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _parts(data: bytes) -> list[str]:
    """Give the subject and every part that is text, decoded."""
    message = email.message_from_bytes(data, _class=EmailMessage, policy=email.policy.default)
    texts = []
    for part in message.walk():
        if part.get_content_maintype() == "text":
            content = part.get_payload(decode=True)
            texts.append(_plain(content) if isinstance(content, bytes) else "")
    return texts
