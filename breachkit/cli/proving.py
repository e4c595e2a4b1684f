"""`copies prove`: how it comes to a proof, and which sort needs which options."""

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, completing, options
from breachkit.model.errors import UsageError
from breachkit.model.records import dataclass


if TYPE_CHECKING:
    from datetime import datetime

    from breachkit.actions.copies import Copy
    from breachkit.incident.folder import CaseFolder


Id = Annotated[
    str,
    typer.Argument(
        metavar="COPY",
        help="Such as K-031; `copies list` shows them.",
        autocompletion=completing.copies,
    ),
]


class Kind(enum.StrEnum):
    """The proofs that can be named; a verifier's result comes with --from."""

    HTTP_ABSENT = "http_absent"
    VENDOR_LETTER = "vendor_letter"
    MIRROR_BLOBSET = "mirror_blobset"
    API_LIST_EMPTY = "api_list_empty"
    SWH_KNOWN_FALSE = "swh_known_false"
    EXPIRY_PASSED = "expiry_passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the command line says of a proof that is no verifier's result."""

    kind: str | None
    note: str
    status: int | None
    control: int | None
    seen_as: str | None
    file: Path | None
    mirror: str | None


def copies_prove(
    copy: Id,
    from_: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="FILE", help="What a verifier gave, also with a mail around it."
        ),
    ] = None,
    kind: Annotated[
        Kind | None,
        typer.Option("--kind", metavar="KIND", help=f"Another proof: {', '.join(Kind)}."),
    ] = None,
    note: Annotated[str, typer.Option(help="What was looked at; never a value.")] = "",
    status: Annotated[
        int | None, typer.Option(help="http_absent: what the address answered.")
    ] = None,
    control: Annotated[
        int | None,
        typer.Option(help="http_absent: what another address answered that must be there."),
    ] = None,
    seen_as: Annotated[
        str | None, typer.Option(help="http_absent: who asked, `anonymous` or an account.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="vendor_letter: the letter; it is kept.")
    ] = None,
    mirror: Annotated[
        str | None, typer.Option(metavar="PATH|URL", help="mirror_blobset: what is looked through.")
    ] = None,
    case: options.Case = None,
    by: options.By = None,
    json_: options.Json = False,
) -> int:
    """Prove that a copy is gone: by its holder's script, or otherwise.

    What the verifier script sent back is taken with --from. One of another case or round, one that was
    changed and one that is not clean are refused; it is its holder's word with evidence, and a look
    of our own weighs more. A 404 counts only beside a control. What breachkit can look up itself, it
    looks up: lists in the newest snapshot, Software Heritage's last answer, a mirror clone.

    Changes: the register of copies in the case.

    \b
    Examples:
      breachkit copies prove K-031 --from reply.txt
      breachkit copies prove K-052 --kind vendor_letter --file letter.pdf
      breachkit copies prove K-044 --kind http_absent --status 404 --control 200 \\
        --seen-as anonymous --note "the deposit"
    """
    found = cases.find(case)
    given = Given(
        kind=kind.value if kind else None,
        note=note,
        status=status,
        control=control,
        seen_as=seen_as,
        file=file,
        mirror=mirror,
    )
    what = prove(found, copy, from_, given, cases.who(by))
    cases.show_done(found, copy, what, as_json=json_)
    return 0


def prove(case: "CaseFolder", copy: str, result: Path | None, given: Given, by: str) -> str:
    """Prove a copy gone, and say in words by what.

    Raises:
        UsageError: the options do not fit the sort of proof.
    """
    if (result is None) == (given.kind is None):
        raise UsageError("say what proves it: --from FILE with a verifier's result, or --kind")
    if result is not None:
        return _by_result(case, copy, result)
    changed = _by_kind(case, copy, given, by)
    return f"is {changed.state.replace('_', ' ')}{worth(changed)}"


def _by_result(case: "CaseFolder", copy: str, file: Path) -> str:
    from breachkit.workflows.verify_clone import prove_copy, read_result

    _, result = prove_copy(case, copy, read_result(file), cases.clock())
    how = "by its holder's verifier" if result.by == "verifier" else "by our own look"
    return f"is proven clean {how}"


def _by_kind(case: "CaseFolder", copy: str, given: Given, by: str) -> "Copy":
    from breachkit.workflows.copy_proofs import Prover, lacking

    prover = Prover(case=case, clock=cases.clock(), by=by)
    match given.kind:
        case "http_absent":
            if given.status is None or given.control is None or given.seen_as is None:
                raise lacking(status=given.status, control=given.control, seen_as=given.seen_as)
            return prover.absent(
                copy,
                status=given.status,
                control=given.control,
                seen_as=given.seen_as,
                note=given.note,
            )
        case "vendor_letter":
            if given.file is None:
                raise lacking(file=None)
            return prover.letter(copy, given.file, given.note)
        case "mirror_blobset":
            if given.mirror is None:
                raise lacking(mirror=None)
            return prover.mirror(copy, given.mirror, given.note)
        case "api_list_empty":
            return prover.list_empty(copy, given.note)
        case "swh_known_false":
            return prover.unknown_to_archive(copy, given.note)
        case _:
            return prover.expired(copy, given.note)


def day(text: str | None) -> "datetime | None":
    """Read a day, or a moment with a zone; a day ends at midnight in UTC."""
    from datetime import date, timedelta

    from breachkit.model.time import parse_rfc3339

    if text is None:
        return None
    try:
        if "T" in text:
            return parse_rfc3339(text)
        return parse_rfc3339(f"{date.fromisoformat(text) + timedelta(days=1)}T00:00:00Z")
    except (ValueError, OverflowError):
        raise UsageError("--expires is a day such as 2026-12-31") from None


def worth(copy: "Copy") -> str:
    """Give what the proof of a closed copy is worth, in brackets; empty where it is open."""
    from breachkit.actions.copy_states import GRADE_WORDS

    return "" if copy.grade is None else f" ({GRADE_WORDS[copy.grade]})"
