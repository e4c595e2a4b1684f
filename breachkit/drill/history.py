"""How the practice study came about, commit by commit, and how its breach was "fixed" twice.

Release tools wrote such subjects, trailers and branches; people wrote such fixes. Source: the
history of study repositories between 2020 and 2022, retold with invented people and data.
"""

from collections.abc import Mapping

from breachkit.drill import study
from breachkit.drill.author import INDEX, Author, Settle, begin_study, release_totals
from breachkit.drill.planted import plant


TABLE = "released_outputs/output/table_age_region.csv"
TABLE_ON_BRANCH = "outputs/table_age_region.csv"
TABLE_RENAMED = "released_outputs/tables/age_by_region.csv"
TABLE_FOR_PAPER = "released_outputs/tables/table_2.csv"
EXTRACT = "released_outputs/output/cohort_extract.csv"
FOLLOW_UP = "released_outputs/output/table_followup.csv"
SINGLE_YEAR = "released_outputs/output/table_single_year.csv"


def write_history(settle: Settle) -> Mapping[str, str]:
    """Write the whole history and give the id of each commit by the name used here.

    It is settled in two parts, because `git revert` writes the id of what it reverts.
    """
    author = Author()
    begin_study(author)
    release_totals(author)
    _the_breach(author)
    _copies_elsewhere(author)
    _second_release(author)
    so_far = author.settle(settle)
    _wrong_fixes(author, reverted=so_far["release-1"])
    _name_refs(author)
    return author.settle(settle)


def _the_breach(author: Author) -> None:
    index = study.released_index("table_age_region.csv")
    files = {INDEX: index, TABLE: plant().by_region.content}
    author.release("release-1", "plots", files)
    message = "Merge branch 'release-candidates'"
    author.merge("breach", message, "plots", "release-1", "plots")
    report = {"report.md": study.REPORT}
    author.commit("report", study.CHEN, "Draft the report", "breach", write=report)


def _copies_elsewhere(author: Author) -> None:
    table = plant().by_region.content
    copy = {TABLE_ON_BRANCH: table}
    author.commit(
        "paper-1", study.CHEN, "Collect tables for the paper", "breach", write=copy, delete=(TABLE,)
    )
    moved = {TABLE_RENAMED: table}
    message = "Keep all outputs in released_outputs"
    author.commit("paper-2", study.CHEN, message, "paper-1", write=moved, delete=(TABLE_ON_BRANCH,))
    paper = {TABLE_FOR_PAPER: plant().for_paper.content}
    author.commit("paper-3", study.CHEN, "Lay out table 2", "paper-2", write=paper)
    single = {SINGLE_YEAR: plant().single_year.content}
    author.commit("pull-7", study.CHEN, "Try single years of age", "report", write=single)


def _second_release(author: Author) -> None:
    index = study.released_index("table_age_region.csv", "cohort_extract.csv")
    files = {INDEX: index, EXTRACT: plant().extract.content}
    author.release("release-2", "report", files)
    index = study.released_index("table_age_region.csv", "cohort_extract.csv", "table_followup.csv")
    files = {INDEX: index, FOLLOW_UP: plant().follow_up.content}
    author.release("pull-9", "release-2", files)
    labels = {"analysis/plots.py": study.PLOTS_LABELLED}
    author.commit("labels", study.BEN, "Label the plot", "report", write=labels)
    message = "Merge pull request #9 from asthma/release-candidates"
    author.merge("second", message, "labels", "pull-9", "report")


def _wrong_fixes(author: Author, reverted: str) -> None:
    index = study.released_index("cohort_extract.csv", "table_followup.csv")
    message = f'Revert "{study.RELEASE_SUBJECT}"\n\nThis reverts commit {reverted}.'
    author.commit("revert", study.ADA, message, "second", write={INDEX: index}, delete=(TABLE,))
    rounded = {"analysis/tables.py": study.TABLES_ROUNDED}
    author.commit("rounded", study.CHEN, "Round counts to the nearest 5", "revert", write=rounded)
    index = study.released_index("table_followup.csv")
    message = "Remove outputs that were not redacted"
    author.commit("delete", study.ADA, message, "rounded", write={INDEX: index}, delete=(EXTRACT,))
    redacted = {FOLLOW_UP: plant().follow_up_redacted}
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


def _name_refs(author: Author) -> None:
    author.name_refs(
        {
            "refs/heads/main": "final",
            "refs/heads/paper-draft": "paper-3",
            "refs/heads/palette": "palette",
            "refs/heads/release-candidates": "pull-9",
            "refs/pull/4/head": "pull-4",
            "refs/pull/7/head": "pull-7",
            "refs/pull/9/head": "pull-9",
            "refs/tags/v0.1": "totals",
        }
    )
    author.tag("v1.0", "second", "First complete set of results")
