"""The list of messages, for people and machines. It holds addresses, and no text of a message."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from breachkit.actions.notify import Notice
from breachkit.model.time import rfc3339
from breachkit.report.escape import terminal


class Written(Protocol):
    """A message that was written, and where."""

    @property
    def notice(self) -> Notice:
        """The message."""
        ...

    @property
    def mailto(self) -> str | None:
        """Its short form as an address to click on; None where there is none."""
        ...

    @property
    def files(self) -> tuple[Path, ...]:
        """Its files."""
        ...


def rendered_lines(
    written: Sequence[Written], case: Path, left: Sequence[Notice] = ()
) -> tuple[str, ...]:
    """Say what was written for whom, where it lies, and what was not written anew for it was sent."""
    return (*_rendered(written, case), *_left(left))


def _left(left: Sequence[Notice]) -> Iterator[str]:
    if not left:
        return
    yield "Sent before, and left as they were without --again:"
    for notice in left:
        yield f"  {notice.id}  {notice.kind.name:<16} {_recipient(notice)}, {_state(notice)}"


def _rendered(written: Sequence[Written], case: Path) -> Iterator[str]:
    if not written:
        yield "Nothing to write: everybody concerned was told. --again writes to them once more."
        return
    yield f"Written, not sent, in {terminal(os.fsencode(case))}:"
    for each in written:
        names = ", ".join(file.name for file in each.files if file.suffix != ".json")
        yield f"  {each.notice.id}  {each.notice.kind.name:<16} {_recipient(each.notice)}"
        yield f"         {each.notice.folder}/  ({names})"


def mailto_lines(written: Sequence[Written]) -> tuple[str, ...]:
    """Give the short forms as addresses, one on a line; empty where no message has one."""
    return tuple(each.mailto for each in written if each.mailto is not None)


def lines(notices: Sequence[Notice], now: datetime) -> tuple[str, ...]:
    """Give one line for each message, and one for each answer that is waited for.

    Args:
        notices: In order.
        now: Decides what is late.
    """
    if not notices:
        return ("No message is written yet: `breachkit notify render alert` writes the first.",)
    return tuple(line for each in notices for line in _lines(each, now))


def shown_lines(notice: Notice, text: str, now: datetime) -> tuple[str, ...]:
    """Give one message as its reader gets it, under what became of it."""
    return (
        *_lines(notice, now),
        f"         {notice.folder}/",
        "",
        *map(terminal, text.split("\n")),
    )


def shown_to_json(notice: Notice, text: str) -> dict[str, Any]:
    """Give one message with its text; schema `breachkit.notice-text/1`."""
    return {"schema": "breachkit.notice-text/1", **_notice(notice), "text": text}


def to_json(notices: Sequence[Notice]) -> dict[str, Any]:
    """Give the messages in JSON's own types; schema `breachkit.notices/1`."""
    return {"schema": "breachkit.notices/1", "notices": [_notice(each) for each in notices]}


def rendered_to_json(
    written: Sequence[Written], case: Path, left: Sequence[Notice] = ()
) -> dict[str, Any]:
    """Give what was written; schema `breachkit.notices/1`, with the files, and what was sent before."""
    return {
        "schema": "breachkit.notices/1",
        "notices": [
            {
                **_notice(each.notice),
                "files": [file.relative_to(case).as_posix() for file in each.files],
            }
            for each in written
        ],
        "already_sent": [_notice(notice) for notice in left],
    }


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.id,
        "kind": notice.kind.name,
        "recipient": notice.recipient.name,
        "email": notice.recipient.email,
        "superseded": notice.is_superseded,
        "audience": notice.kind.audience,
        "tlp": notice.kind.tlp,
        "reply_by": rfc3339(notice.reply_by) if notice.reply_by else None,
        "written_at": rfc3339(notice.rendered_at) if notice.rendered_at else None,
        "sent_at": rfc3339(notice.sent_at) if notice.sent_at else None,
        "sent_by": notice.sent_by,
        "attempt": notice.attempt,
        "acknowledged_at": rfc3339(notice.acknowledged_at) if notice.acknowledged_at else None,
    }


def _lines(notice: Notice, now: datetime) -> Iterator[str]:
    yield f"{notice.id}  {_state(notice):<28} {notice.kind.name:<16} {_recipient(notice)}"
    if notice.waits_for_answer and notice.reply_by is not None:
        late = "LATE: " if notice.reply_by < now else ""
        yield f"       {late}answer due {notice.reply_by:%Y-%m-%d %H:%M} UTC"


def _state(notice: Notice) -> str:
    if notice.acknowledged_at:
        return f"answered {notice.acknowledged_at:%Y-%m-%d %H:%M} UTC"
    if notice.is_superseded:
        return "not to be sent: replaced"
    if notice.sent_at:
        return f"sent {notice.sent_at:%Y-%m-%d %H:%M} UTC"
    return _ATTEMPTS[notice.attempt] if notice.attempt else "written, not sent"


_ATTEMPTS = {
    "unknown": "NOBODY KNOWS if it arrived",
    "refused": "refused: phone them",
    "later": "not taken yet: send again",
}


def _recipient(notice: Notice) -> str:
    address = f" <{notice.recipient.email}>" if notice.recipient.email else ""
    return terminal(f"{notice.recipient.name}{address}")
