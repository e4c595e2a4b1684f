"""Writes the history of a practice study: who commits what, a few working hours after the other.

Every study begins alike and goes wrong in its own way; the beginning stands here.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone

from breachkit.drill import study
from breachkit.drill.fastimport import Change, History, Mark, Person, Tree


INDEX = "released_outputs/README.md"
TOTALS = "released_outputs/output/table_total.csv"

SUMMER = timezone(timedelta(hours=1))
RELEASE_MESSAGE = f"{study.RELEASE_SUBJECT}\n\n{study.RELEASE_TRAILER}\n"


Settle = Callable[[bytes], Mapping[Mark, str]]
"""Puts a part of a fast-import stream into git and gives the ids of all commits so far."""


class Author:
    """Writes the study's commits one after the other, each a few working hours later."""

    def __init__(self) -> None:
        self.history = History()
        self.commits: dict[str, Mark] = {}
        self._when = datetime(2021, 2, 1, 9, 30, tzinfo=UTC)

    def commit(
        self,
        name: str,
        who: Person,
        message: str,
        *parents: str,
        write: Tree | None = None,
        delete: Sequence[str] = (),
    ) -> None:
        """Commit on top of named commits."""
        change = self._change(who, f"{message.rstrip()}\n", write or {}, delete)
        marks = [self.commits[parent] for parent in parents]
        self.commits[name] = self.history.commit(change, *marks)

    def merge(self, name: str, message: str, into: str, other: str, base: str) -> None:
        """Merge on the platform's web page: Ada presses the button, the platform commits."""
        change = self._change(study.ADA, f"{message}\n", {}, (), study.PLATFORM)
        marks = (self.commits[commit] for commit in (into, other, base))
        self.commits[name] = self.history.merge(change, *marks)

    def release(self, name: str, parent: str, write: Tree) -> None:
        """Commit released files as the release tool of the time did."""
        self.commit(name, study.ADA, RELEASE_MESSAGE, parent, write=write)

    def name_refs(self, named: Mapping[str, str]) -> None:
        """Let refs name commits: full name of a ref to name of a commit."""
        for ref, commit in named.items():
            self.history.ref(ref, self.commits[commit])

    def settle(self, settle: Settle) -> Mapping[str, str]:
        """Put what was written so far into git and give the ids of all commits by name."""
        ids = settle(self.history.take())
        return {name: ids[mark] for name, mark in self.commits.items()}

    def tag(self, name: str, commit: str, message: str) -> None:
        """Put an annotated tag on a commit."""
        change = self._change(study.ADA, f"{message}\n", {}, ())
        self.history.tag(name, self.commits[commit], change)

    def _change(
        self,
        who: Person,
        message: str,
        write: Tree,
        delete: Sequence[str],
        committer: Person | None = None,
    ) -> Change:
        self._when += timedelta(days=5, hours=1, minutes=7)
        zone = SUMMER if 4 <= self._when.month <= 10 else UTC
        return Change(
            message=message,
            author=who,
            committer=committer,
            when=self._when.astimezone(zone),
            write=write,
            delete=delete,
        )


def begin_study(author: Author) -> None:
    """Write how every study of the drill begins: code, a codelist, people who work on it."""
    files = {
        "README.md": study.README,
        ".gitignore": study.GITIGNORE,
        "project.yaml": study.PROJECT,
    }
    author.commit("start", study.ADA, "Create study from the research template", write=files)
    codelist = {
        "codelists/asthma.csv": study.CODELIST,
        "codelists/codelists.json": study.CODELIST_INDEX,
    }
    author.commit("codelist", study.ADA, "Add asthma codelist", "start", write=codelist)
    population = {"analysis/study_definition.py": study.STUDY_DEFINITION}
    author.commit("population", study.BEN, "Define the population", "codelist", write=population)
    longer = {"codelists/asthma.csv": study.CODELIST_LONGER}
    author.commit("update", study.BOT, "Update codelists", "population", write=longer)
    bands = {"analysis/age_bands.py": study.AGE_BANDS}
    author.commit("pull-4", study.BEN, "Add age bands", "update", write=bands)
    author.merge("bands", "Merge pull request #4 from ben/age-bands", "update", "pull-4", "update")
    message = f"Count reviews by region and age\n\n{study.CO_AUTHOR}"
    author.commit(
        "tables", study.CHEN, message, "bands", write={"analysis/tables.py": study.TABLES}
    )
    project = {"project.yaml": study.PROJECT_WITH_TABLES}
    author.commit("action", study.ADA, "Run the tables as an action", "tables", write=project)


def release_totals(author: Author) -> None:
    """Release totals that disclose nothing, and work on; ends in `plots`, a side branch in `palette`."""
    totals = {INDEX: study.RELEASED_INDEX, TOTALS: study.RELEASED_TOTALS}
    author.release("release-0", "action", totals)
    message = "Merge branch 'release-candidates'"
    author.merge("totals", message, "action", "release-0", "action")
    plots = {"analysis/plots.py": study.PLOTS, "run_all.sh": study.RUN_ALL}
    author.commit("plots", study.BEN, "Plot rates", "totals", write=plots)
    palette = {"analysis/plots.py": study.PLOTS_WITH_PALETTE}
    author.commit("palette", study.BEN, "Try another palette", "plots", write=palette)
