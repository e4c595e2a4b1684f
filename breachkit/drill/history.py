"""How the practice study came about, commit by commit, and how its breach was "fixed" twice.

Release tools wrote such subjects, trailers and branches; people wrote such fixes. Source: the
history of study repositories between 2020 and 2022, retold with invented people and data.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone

from breachkit.drill import study
from breachkit.drill.fastimport import Change, History, Mark, Person, Tree
from breachkit.drill.planted import Planted


TABLE = "released_outputs/output/table_age_region.csv"
TABLE_ON_BRANCH = "outputs/table_age_region.csv"
TABLE_RENAMED = "released_outputs/tables/age_by_region.csv"
TABLE_FOR_PAPER = "released_outputs/tables/table_2.csv"
EXTRACT = "released_outputs/output/cohort_extract.csv"
FOLLOW_UP = "released_outputs/output/table_followup.csv"
SINGLE_YEAR = "released_outputs/output/table_single_year.csv"
TOTALS = "released_outputs/output/table_total.csv"
INDEX = "released_outputs/README.md"

SUMMER = timezone(timedelta(hours=1))
_RELEASE_MESSAGE = f"{study.RELEASE_SUBJECT}\n\n{study.RELEASE_TRAILER}\n"


Settle = Callable[[bytes], Mapping[Mark, str]]
"""Puts a part of a fast-import stream into git and gives the ids of all commits so far."""


class _Author:
    """Writes the study's commits one after the other, each a few working hours later."""

    def __init__(self, planted: Planted) -> None:
        self.planted = planted
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
        self.commit(name, study.ADA, _RELEASE_MESSAGE, parent, write=write)

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


def write_history(planted: Planted, settle: Settle) -> Mapping[str, str]:
    """Write the whole history and give the id of each commit by the name used here.

    It is settled in two parts, because `git revert` writes the id of what it reverts.
    """
    author = _Author(planted)
    _begin(author)
    _first_release(author)
    _the_breach(author)
    _copies_elsewhere(author)
    _second_release(author)
    so_far = settle(author.history.take())
    _wrong_fixes(author, reverted=so_far[author.commits["release-1"]])
    _name_refs(author)
    ids = settle(author.history.take())
    return {name: ids[mark] for name, mark in author.commits.items()}


def _begin(author: _Author) -> None:
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


def _first_release(author: _Author) -> None:
    totals = {INDEX: study.RELEASED_INDEX, TOTALS: study.RELEASED_TOTALS}
    author.release("release-0", "action", totals)
    message = "Merge branch 'release-candidates'"
    author.merge("totals", message, "action", "release-0", "action")
    plots = {"analysis/plots.py": study.PLOTS, "run_all.sh": study.RUN_ALL}
    author.commit("plots", study.BEN, "Plot rates", "totals", write=plots)
    palette = {"analysis/plots.py": study.PLOTS_WITH_PALETTE}
    author.commit("palette", study.BEN, "Try another palette", "plots", write=palette)


def _the_breach(author: _Author) -> None:
    index = study.released_index("table_age_region.csv")
    files = {INDEX: index, TABLE: author.planted.by_region.content}
    author.release("release-1", "plots", files)
    message = "Merge branch 'release-candidates'"
    author.merge("breach", message, "plots", "release-1", "plots")
    report = {"report.md": study.REPORT}
    author.commit("report", study.CHEN, "Draft the report", "breach", write=report)


def _copies_elsewhere(author: _Author) -> None:
    table = author.planted.by_region.content
    copy = {TABLE_ON_BRANCH: table}
    author.commit(
        "paper-1", study.CHEN, "Collect tables for the paper", "breach", write=copy, delete=(TABLE,)
    )
    moved = {TABLE_RENAMED: table}
    message = "Keep all outputs in released_outputs"
    author.commit("paper-2", study.CHEN, message, "paper-1", write=moved, delete=(TABLE_ON_BRANCH,))
    paper = {TABLE_FOR_PAPER: author.planted.for_paper.content}
    author.commit("paper-3", study.CHEN, "Lay out table 2", "paper-2", write=paper)
    single = {SINGLE_YEAR: author.planted.single_year.content}
    author.commit("pull-7", study.CHEN, "Try single years of age", "report", write=single)


def _second_release(author: _Author) -> None:
    index = study.released_index("table_age_region.csv", "cohort_extract.csv")
    files = {INDEX: index, EXTRACT: author.planted.extract.content}
    author.release("release-2", "report", files)
    index = study.released_index("table_age_region.csv", "cohort_extract.csv", "table_followup.csv")
    files = {INDEX: index, FOLLOW_UP: author.planted.follow_up.content}
    author.release("pull-9", "release-2", files)
    labels = {"analysis/plots.py": study.PLOTS_LABELLED}
    author.commit("labels", study.BEN, "Label the plot", "report", write=labels)
    message = "Merge pull request #9 from asthma/release-candidates"
    author.merge("second", message, "labels", "pull-9", "report")


def _wrong_fixes(author: _Author, reverted: str) -> None:
    index = study.released_index("cohort_extract.csv", "table_followup.csv")
    message = f'Revert "{study.RELEASE_SUBJECT}"\n\nThis reverts commit {reverted}.'
    author.commit("revert", study.ADA, message, "second", write={INDEX: index}, delete=(TABLE,))
    rounded = {"analysis/tables.py": study.TABLES_ROUNDED}
    author.commit("rounded", study.CHEN, "Round counts to the nearest 5", "revert", write=rounded)
    index = study.released_index("table_followup.csv")
    message = "Remove outputs that were not redacted"
    author.commit("delete", study.ADA, message, "rounded", write={INDEX: index}, delete=(EXTRACT,))
    redacted = {FOLLOW_UP: author.planted.follow_up_redacted}
    message = f"Redact small numbers in the follow-up table\n\n{study.RELEASE_TRAILER}\n"
    author.commit("redact", study.ADA, message, "delete", write=redacted)
    codelist = {"codelists/codelists.json": study.CODELIST_INDEX_LATER}
    author.commit("update-2", study.BOT, "Update codelists", "redact", write=codelist)
    region = {"analysis/study_definition.py": study.STUDY_DEFINITION_WITH_REGION}
    author.commit("region", study.BEN, "Take region from the practice", "update-2", write=region)
    guide = {"docs/outputs.md": study.OUTPUTS_GUIDE, "docs/notes for Zo\u00eb.md": study.MEETING}
    message = f"Explain the outputs\n\n{study.CO_AUTHOR}"
    author.commit("guide", study.CHEN, message, "region", write=guide)
    author.commit(
        "final", study.ADA, "Finish the report", "guide", write={"report.md": study.REPORT_FINAL}
    )


def _name_refs(author: _Author) -> None:
    named = {
        "refs/heads/main": "final",
        "refs/heads/paper-draft": "paper-3",
        "refs/heads/palette": "palette",
        "refs/heads/release-candidates": "pull-9",
        "refs/pull/4/head": "pull-4",
        "refs/pull/7/head": "pull-7",
        "refs/pull/9/head": "pull-9",
        "refs/tags/v0.1": "totals",
    }
    for name, commit in named.items():
        author.history.ref(name, author.commits[commit])
    author.tag("v1.0", "second", "First complete set of results")
