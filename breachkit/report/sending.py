"""Messages before they leave, and what became of them; addresses, and no text of a message."""

from collections.abc import Iterator, Sequence
from typing import Any

from breachkit.actions.notify import Notice
from breachkit.actions.posting import Prepared, Prospect, Round, Sent
from breachkit.actions.sending import Accepted, Outcome, Rejected, Unanswered
from breachkit.incident.commands import as_typed
from breachkit.report.escape import terminal
from breachkit.report.words import counted


def prospect_lines(prospect: Prospect, server: str | None) -> tuple[str, ...]:
    """Say what would leave, whom it goes to, and what is left to a person."""
    return (*_prospect(prospect, server), *_left_to_a_person(prospect))


def round_lines(done: Round, prospect: Prospect) -> tuple[str, ...]:
    """Say what became of each message."""
    lines = [f"{each.notice.id}  {_result(each)}" for each in done.results]
    lines += [f"{notice.id}  not tried: run the command again later" for notice in done.left]
    return (*lines, *_left_to_a_person(prospect))


def prospect_to_json(prospect: Prospect, server: str | None) -> dict[str, Any]:
    """Give what would leave in JSON's own types; schema `breachkit.sending/1`."""
    return {
        **_frame(prospect),
        "executed": False,
        "server": server,
        "messages": [_prepared(each) for each in prospect.ready],
    }


def round_to_json(done: Round, prospect: Prospect, server: str) -> dict[str, Any]:
    """Give what became of each message in JSON's own types; schema `breachkit.sending/1`."""
    prepared = {each.notice.id: _prepared(each) for each in prospect.ready}
    results = [{**prepared[r.notice.id], **_outcome(r.outcome)} for r in done.results]
    left = [{**prepared[notice.id], "state": "not tried"} for notice in done.left]
    return {
        **_frame(prospect),
        "executed": True,
        "server": server,
        "messages": [*results, *left],
    }


def _prospect(prospect: Prospect, server: str | None) -> Iterator[str]:
    if not prospect.ready:
        yield "No message waits to be sent."
        return
    where = f" over {terminal(server)}" if server else ""
    yield f"{counted(len(prospect.ready), 'message')} to send{where}, each to one recipient; nothing is sent yet:"
    for each in prospect.ready:
        attached = ", ".join(map(terminal, each.enclosed.attachments)) or "nothing"
        yield f"  {each.notice.id}  {each.notice.kind.name}, to {_recipient(each.notice)}"
        yield f"         {terminal(each.enclosed.subject)}"
        yield f"         {each.notice.kind.tlp}, {each.enclosed.size} bytes, attached: {attached}"
        yield f"         sha256 {each.enclosed.sha256}"


def _left_to_a_person(prospect: Prospect) -> Iterator[str]:
    for notice in prospect.unknown:
        yield (
            f"{notice.id}  to {_recipient(notice)}: NOBODY KNOWS whether it arrived; look into the sender's mailbox "
            "or ask them, then run"
        )
        yield f"         breachkit notify mark-sent {notice.id}       if it did, or"
        yield f"         breachkit notify send --again {notice.id}    if it did not"
    for notice in prospect.refused:
        yield (
            f"{notice.id}  to {_recipient(notice)}: was refused; phone them, correct the address, "
            f"or run `breachkit notify send --again {notice.id}`"
        )
    for notice in prospect.outdated:
        yield (
            f"{notice.id}  {notice.kind.name}, to {_recipient(notice)}: promises what is not so any more; it is not "
            "sent, look at `breachkit status`"
        )
    for notice in prospect.without_address:
        name = terminal(notice.recipient.name)
        yield f"{notice.id}  to {name}: has no address; reach them in another way, never by a public comment"


def _result(sent: Sent) -> str:
    to = _recipient(sent.notice)
    match sent.outcome:
        case Accepted(code=code, reply=reply):
            return f"sent to {to}: {code} {reply}"
        case Unanswered(reply=reply):
            mark = as_typed(f"breachkit notify mark-sent {sent.notice.id}")
            again = as_typed(f"breachkit notify send --again {sent.notice.id}")
            return (
                f"NOBODY KNOWS whether it arrived at {to}: {reply}. It is not sent again by itself: look into the "
                f"sender's mailbox or ask them, then run `{mark}` if it did, or "
                f"`{again}` if it did not"
            )
        case Rejected() as rejected:
            what = "not taken yet" if rejected.may_go_later else "refused"
            number = f"{rejected.code} " if rejected.code else ""
            return f"{what} for {to}: {number}{rejected.reply}; {_advice(rejected)}"


def _advice(rejected: Rejected) -> str:
    if rejected.is_login:
        return "correct --user and the password"
    if rejected.may_go_later:
        return "run the command again in a few minutes"
    return "phone them, and correct the address"


def _frame(prospect: Prospect) -> dict[str, Any]:
    return {
        "schema": "breachkit.sending/1",
        "unknown": _ids(prospect.unknown),
        "refused": _ids(prospect.refused),
        "without_address": _ids(prospect.without_address),
        "outdated": _ids(prospect.outdated),
    }


def _ids(notices: Sequence[Notice]) -> list[str]:
    return [notice.id for notice in notices]


def _prepared(prepared: Prepared) -> dict[str, Any]:
    return {
        "id": prepared.notice.id,
        "kind": prepared.notice.kind.name,
        "recipient": prepared.notice.recipient.name,
        "email": prepared.notice.recipient.email,
        "subject": prepared.enclosed.subject,
        "tlp": prepared.notice.kind.tlp,
        "size": prepared.enclosed.size,
        "sha256": prepared.enclosed.sha256,
        "message_id": prepared.enclosed.message_id,
        "attachments": list(prepared.enclosed.attachments),
        "state": "waiting",
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    match outcome:
        case Accepted(code=code, reply=reply):
            return {"state": "sent", "code": code, "reply": reply}
        case Unanswered(reply=reply):
            return {"state": "unknown", "code": None, "reply": reply}
        case Rejected() as rejected:
            state = "later" if rejected.may_go_later else "refused"
            return {"state": state, "code": rejected.code, "reply": rejected.reply}


def _recipient(notice: Notice) -> str:
    return terminal(f"{notice.recipient.name} <{notice.recipient.email}>")
