"""The study whose small counts lie in what a notebook printed, and in a page made of it."""

import functools
import html
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from breachkit.drill import study
from breachkit.drill.author import Author, Settle, begin_study, release_totals
from breachkit.drill.planted import AGE_BANDS, REGIONS, Planted, PlantedFile


NOTEBOOK = "analysis/explore.ipynb"
PAGE = "docs/explore.html"

_SEED = "a fire drill, with a notebook"
_COLUMNS = ("region", "age_band", "n_admitted")


@functools.cache
def plant() -> Planted:
    """Give the notebook as it was run, and the page that was exported from it."""
    rows = tuple(_rows())
    return Planted(
        files=(
            PlantedFile(
                name="the notebook with what it printed",
                content=notebook(rows),
                betrays=frozenset(_betrayed(rows)),
            ),
            PlantedFile(
                name="the page that was exported from it",
                content=_page(rows),
                betrays=frozenset(_betrayed(rows)),
            ),
        )
    )


def notebook(
    rows: Sequence[Sequence[str]] = (), *, title: str = "Admissions by region and age"
) -> bytes:
    """Give the notebook, with the outputs of a run where there are rows.

    Args:
        rows: What it printed; none leaves it as somebody wrote it, never run.
        title: What its first cell says.
    """
    ran = [_table(rows)] if rows else []
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": [f"# {title}\n"]},
        _code(["import pandas as pd\n", "\n", "import age_bands\n"], [], 1 if rows else None),
        _code(
            [
                'cohort = pd.read_csv("../output/input.csv")\n',
                'cohort["age_band"] = cohort["age"].map(age_bands.band)\n',
                'cohort.groupby(["region", "age_band"])["admitted"].sum().reset_index()\n',
            ],
            ran,
            2 if rows else None,
        ),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(whole, indent=1, ensure_ascii=False) + "\n").encode()


def write(settle: Settle) -> Mapping[str, str]:
    """Write the history: the notebook before it was run, run, and "fixed"."""
    author = Author()
    begin_study(author)
    release_totals(author)
    ran, page = (file.content for file in plant().files)
    early = {NOTEBOOK: notebook(title="Notes")}
    author.commit("early", study.CHEN, "Begin a notebook", "plots", write=early)
    author.commit("run", study.CHEN, "Explore admissions", "early", write={NOTEBOOK: ran})
    author.merge("merged", "Merge pull request #12 from chen/explore", "plots", "run", "plots")
    report = {"report.md": study.REPORT}
    author.commit("report", study.BEN, "Draft the report", "merged", write=report)
    exported = {PAGE: page}
    author.commit("export", study.BEN, "Show the notebook as a page", "report", write=exported)
    cleared = {NOTEBOOK: notebook(title="Admissions by region and age: run it yourself")}
    message = "Clear the notebook's outputs"
    author.commit("clear", study.CHEN, message, "export", write=cleared)
    author.commit("no-page", study.BEN, "Remove the page", "clear", delete=(PAGE,))
    final = {"report.md": study.REPORT_FINAL}
    author.commit("final", study.ADA, "Finish the report", "no-page", write=final)
    author.name_refs(
        {
            "refs/heads/main": "final",
            "refs/heads/palette": "palette",
            "refs/pull/4/head": "pull-4",
            "refs/pull/12/head": "run",
            "refs/tags/v0.1": "totals",
        }
    )
    author.tag("v1.0", "export", "As presented to the team")
    return author.settle(settle)


def _rows() -> Iterator[Sequence[str]]:
    draw = random.Random(_SEED)  # noqa: S311 - invented data, not a secret
    for region in REGIONS:
        for band in AGE_BANDS:
            small = band in AGE_BANDS[::3]
            yield region, band, str(draw.randint(1, 5) if small else draw.randint(100_101, 989_999))


def _betrayed(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Give the rows as the notebook, the page and a person's eyes have them, and the long counts."""
    for number, row in enumerate(rows):
        yield " ".join(row)
        yield _aligned(number, row)
        yield _in_html(row)
        yield from (cell for cell in row if len(cell) == 6 and cell.isdigit())


def _code(source: Sequence[str], outputs: Sequence[Any], count: int | None) -> Mapping[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": count,
        "metadata": {},
        "outputs": list(outputs),
        "source": list(source),
    }


def _table(rows: Sequence[Sequence[str]]) -> Mapping[str, Any]:
    """Give a data frame as notebooks keep it: as a page's table and as text."""
    header = "".join((" " * 3, f"{_COLUMNS[0]:>16}", f"{_COLUMNS[1]:>10}", f"{_COLUMNS[2]:>12}"))
    text = [header, *(_aligned(number, row) for number, row in enumerate(rows))]
    return {
        "data": {
            "text/html": [f"{line}\n" for line in _html_table(rows)],
            "text/plain": [f"{line}\n" for line in text],
        },
        "execution_count": 2,
        "metadata": {},
        "output_type": "execute_result",
    }


def _aligned(number: int, row: Sequence[str]) -> str:
    return f"{number:<3}{row[0]:>16}{row[1]:>10}{row[2]:>12}"


def _html_table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield '<table border="1" class="dataframe">'
    yield f"<thead><tr>{''.join(f'<th>{name}</th>' for name in _COLUMNS)}</tr></thead>"
    yield "<tbody>"
    yield from map(_in_html, rows)
    yield "</tbody>"
    yield "</table>"


def _in_html(row: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>"


def _page(rows: Sequence[Sequence[str]]) -> bytes:
    lines = (
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>explore</title></head>',
        "<body>",
        "<h1>Admissions by region and age</h1>",
        *_html_table(rows),
        "</body>\n</html>\n",
    )
    return "\n".join(lines).encode()
