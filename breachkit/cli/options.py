"""Options that several commands share, so that they are spelled and explained once."""

import enum
from pathlib import Path
from typing import Annotated

import typer

from breachkit.cli import completing
from breachkit.model.findings import Severity


class Level(enum.StrEnum):
    """The severities that can be asked for."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def severity(self) -> Severity:
        """The severity that is meant."""
        return Severity[self.name]


class ExportFormat(enum.StrEnum):
    """What a checklist or a register of copies can be written as."""

    MD = "md"
    CSV = "csv"
    JSON = "json"
    HTML = "html"


By = Annotated[str | None, typer.Option("--by", help="Who did it; default: the user logged in.")]
Case = Annotated[
    str | None,
    typer.Option(
        "--case",
        metavar="ID|DIR",
        envvar="BREACHKIT_CASE",
        autocompletion=completing.cases,
        help="The case; needed only while several are open.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Machine output alone on stdout.")]
Execute = Annotated[
    bool, typer.Option("--execute", help="Do what the plan says; without it nothing is changed.")
]
Confirm = Annotated[
    str | None,
    typer.Option(
        "--confirm",
        metavar="NAME",
        help="The target's name, typed in full: what cannot be undone needs it.",
    ),
]
Override = Annotated[
    str | None,
    typer.Option(
        "--override",
        metavar="REASON",
        help="Go past a guard that refuses; the reason is journalled.",
    ),
]
PolicyName = Annotated[
    str,
    typer.Option(
        "--policy",
        metavar="NAME|DATE",
        autocompletion=completing.policies,
        help="Rules to judge by: auto (each file by its commit's date), strict, a profile, a date; "
        "those of another playbook as PLAYBOOK:auto.",
    ),
]
Against = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FOLDER|REPOSITORY", help="An earlier release to compare with; repeatable."
    ),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write here, readable by you alone."),
]
Unreachable = Annotated[
    bool,
    typer.Option(
        "--unreachable", help="Also what no ref reaches: reflog, index, dangling objects."
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        metavar="DATE|COMMIT",
        help="Only what came in at or after it; a commit, branch or tag goes by descent.",
    ),
]
Acceptances = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Findings accepted in it do not count; see `breachkit accept`."
    ),
]
NoFail = Annotated[bool, typer.Option("--no-fail", help="Exit with 0 whatever is found.")]
