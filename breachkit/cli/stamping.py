"""How `log stamp` is put together: a request alone, an answer from a file, or both over the network."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from breachkit.cli import console
from breachkit.model.errors import ConfigurationError, UsageError
from breachkit.model.ids import display


if TYPE_CHECKING:
    from breachkit.incident.folder import CaseFolder
    from breachkit.workflows.stamp import Asked, Stamped


def run(
    case: "CaseFolder",
    answer: Path | None,
    ca: Path | None,
    tsa: str | None,
    allow: Sequence[str],
    *,
    as_json: bool,
) -> int:
    """Do what the options say, and show it; see the help of `log stamp`.

    Raises:
        UsageError: they make no sense together.
    """
    from breachkit.github.time_stamps import post_request
    from breachkit.workflows import stamp

    if answer is not None and tsa is not None:
        raise UsageError("an answer comes from a file or from --tsa, not from both")
    if answer is None and tsa is None:
        _show_request(stamp.ask(case), as_json=as_json)
        return 0
    if ca is None:
        raise UsageError(
            "add --ca FILE: the certificates of the authority that you trust, in PEM, with its root"
        )
    trusted = _read(ca)
    if tsa is not None:
        made = stamp.send(case, tsa, trusted, allow, post_request)
    else:
        made = stamp.take(case, _read(answer or Path()), trusted)
    _show_stamp(made, as_json=as_json)
    return 0


def _show_request(asked: "Asked", *, as_json: bool) -> None:
    said = (
        f"{asked.id}: a request for {asked.entry} and all before it\n  {asked.file}\n"
        "Send it to an authority that you trust, for example with:\n"
        f"  curl -H 'Content-Type: application/timestamp-query' --data-binary @{asked.file} "
        f"-o {asked.id}.tsr URL"
    )
    body = {
        "schema": "breachkit.log-stamp/1",
        "stamp": asked.id,
        "file": str(asked.file),
        "head": asked.head,
        "entry": asked.entry,
        "stamped_at": None,
        "authority": None,
    }
    console.show(body, said, as_json=as_json)
    console.following(f"breachkit log stamp --answer {asked.id}.tsr --ca FILE")


def _show_stamp(made: "Stamped", *, as_json: bool) -> None:
    from breachkit.model.time import rfc3339

    asked, stamp = made.asked, made.stamp
    said = (
        f"{asked.id}: {stamp.authority} saw {asked.entry} and all before it at "
        f"{rfc3339(stamp.at)}\n  {made.file}\n"
        "Keep a copy of that file, and the head, outside of this machine:\n"
        f"  {asked.head}"
    )
    body = {
        "schema": "breachkit.log-stamp/1",
        "stamp": asked.id,
        "file": str(made.file),
        "head": asked.head,
        "entry": asked.entry,
        "stamped_at": rfc3339(stamp.at),
        "authority": stamp.authority,
    }
    console.show(body, said, as_json=as_json)
    console.following("breachkit log verify", "checks it again, with all others")


def _read(file: Path) -> bytes:
    from breachkit.workflows.plain_file import plain

    try:
        return plain(file).read_bytes()
    except OSError as cause:
        raise ConfigurationError(f"cannot read {display(file.name)}: {cause.strerror}") from cause
