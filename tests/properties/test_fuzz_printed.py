"""Laws of print-outs: what a console printed is read back cell by cell; whatever the text, an answer."""

import time
from collections.abc import Callable, Sequence

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from breachkit.documents.printed import MAX_TABLES, printed_tables
from breachkit.documents.table import Table, Text, TextKind, Unreadable
from tests.support.fuzzing import MOST_SECONDS, holds, mutations


WORDS = st.text("abcdefgNSEW", min_size=1, max_size=7).filter(
    lambda word: word.lower() not in {"na", "nan", "none"}
)
LABELS = st.lists(WORDS, min_size=2, max_size=6, unique=True)
COUNTS = st.integers(0, 2_000_000)

Counted = dict[str, int]
Crossed = dict[str, dict[str, int]]

ONE_WAY = LABELS.flatmap(
    lambda labels: st.tuples(*[COUNTS] * len(labels)).map(
        lambda counts: dict(zip(labels, counts, strict=True))
    )
)
TWO_WAY = st.tuples(LABELS, st.lists(WORDS, min_size=2, max_size=4, unique=True)).flatmap(
    lambda names: st.lists(
        st.tuples(*[COUNTS] * len(names[1])), min_size=len(names[0]), max_size=len(names[0])
    ).map(
        lambda rows: {
            label: dict(zip(names[1], row, strict=True))
            for label, row in zip(names[0], rows, strict=True)
        }
    )
)


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]], gap: int = 1) -> list[str]:
    """Right-align as R and pandas do: every line as long as the others."""
    lines = [header, *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(header))]
    return [
        (" " * gap).join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    ]


def stata_tab(counted: Counted) -> str:
    total = sum(counted.values()) or 1
    lines = ["        sex |      Freq.     Percent        Cum.", "-" * 12 + "+" + "-" * 35]
    so_far = 0
    for label, count in counted.items():
        so_far += count
        shares = f"{100 * count / total:12.2f}{100 * so_far / total:12.2f}"
        lines.append(f"{label:>11} | {count:>10,}{shares}")
    lines += [lines[1], f"{'Total':>11} | {total:>10,}{100:12.2f}"]
    return "\n".join(lines)


def stata_list(counted: Counted) -> str:
    rows = [[label, str(count)] for label, count in counted.items()]
    head, *body = aligned(["sex", "n"], rows, 3)
    rule = "     +-" + "-" * len(head) + "-+"
    middle = "     |-" + "-" * len(head) + "-|"
    numbered = [f"{number:>3}. | {line} |" for number, line in enumerate(body, start=1)]
    return "\n".join([rule, f"     | {head} |", middle, *numbered, rule])


def r_frame(counted: Counted) -> str:
    rows = [[str(at), label, str(n)] for at, (label, n) in enumerate(counted.items(), start=1)]
    return "\n".join(aligned(["", "sex", "n"], rows))


def r_tibble(counted: Counted) -> str:
    rows = [[str(at), label, str(n)] for at, (label, n) in enumerate(counted.items(), start=1)]
    lines = aligned(["", "sex", "n"], [["", "<chr>", "<int>"], *rows])
    return "\n".join([f"# A tibble: {len(rows)} x 2", *lines])


def r_table(counted: Counted) -> str:
    widths = [max(len(label), len(str(count))) for label, count in counted.items()]
    names = "".join(f"{name:>{width}} " for name, width in zip(counted, widths, strict=True))
    numbers = "".join(
        f"{count:>{width}} " for count, width in zip(counted.values(), widths, strict=True)
    )
    return f"\n{names}\n{numbers}"


def database(counted: Counted) -> str:
    rows = [[label, str(count)] for label, count in counted.items()]
    widths = [max(len(line[at]) for line in [["sex", "n"], *rows]) for at in range(2)]
    rule = "+" + "+".join("-" * (width + 2) for width in widths) + "+"
    lines = [
        f"| {first.ljust(widths[0])} | {second.rjust(widths[1])} |"
        for first, second in [["sex", "n"], *rows]
    ]
    return "\n".join([rule, lines[0], rule, *lines[1:], rule])


def psql(counted: Counted) -> str:
    width = max(3, *map(len, counted))
    wide = max(1, *(len(str(count)) for count in counted.values()))
    lines = [f" {label.ljust(width)} | {count:>{wide}}" for label, count in counted.items()]
    head = f" {'sex'.ljust(width)} | {'n'.center(wide)}"
    return "\n".join(
        [head, "-" * (width + 2) + "+" + "-" * (wide + 2), *lines, f"({len(lines)} rows)"]
    )


def boxed(counted: Counted) -> str:
    drawn = database(counted).split("\n")
    inner = [line.replace("|", "\N{BOX DRAWINGS LIGHT VERTICAL}") for line in drawn]
    return "\n".join(
        line.replace("+", "\N{BOX DRAWINGS LIGHT VERTICAL AND HORIZONTAL}").replace(
            "-", "\N{BOX DRAWINGS LIGHT HORIZONTAL}"
        )
        for line in inner
    )


def kable(counted: Counted) -> str:
    lines = [f"|{label:<9}|{count:>9}|" for label, count in counted.items()]
    return "\n".join([f"|{'sex':<9}|{'n':>9}|", "|:--------|--------:|", *lines])


def simple(counted: Counted) -> str:
    lines = [f"{label:<9}  {count:>9}" for label, count in counted.items()]
    return "\n".join([f"{'sex':<9}  {'n':>9}", "-" * 9 + "  " + "-" * 9, *lines])


def pandas_frame(counted: Counted) -> str:
    return str(pd.DataFrame({"sex": list(counted), "n": list(counted.values())}))


def pandas_series(counted: Counted) -> str:
    return str(pd.Series(counted, name="count").rename_axis("sex"))


def records(counted: Counted) -> str:
    return str([{"sex": label, "n": count} for label, count in counted.items()])


PRINTERS: list[Callable[[Counted], str]] = [
    stata_tab, stata_list, r_frame, r_tibble, r_table, database, psql, boxed, kable, simple,
    pandas_frame, pandas_series, records,
]  # fmt: skip


def tables_of(text: str) -> list[Table]:
    found = printed_tables(f"Some words above it\n\n{text}\n\nand below\n", None)
    return [document for document in found if isinstance(document, Table)]


@pytest.mark.parametrize("printer", PRINTERS, ids=lambda printer: printer.__name__)
@settings(max_examples=40, deadline=None)
@given(ONE_WAY)
@example({"a": 0, "b": 3})
@example({"N": 1, "Ea": 2, "Sg": 3})
def test_frequencies_are_read_back_cell_by_cell(printer, counted):
    (table,) = tables_of(printer(counted))

    at = next(at for at, name in enumerate(table.header) if name in {"n", "Freq.", "count"})
    read = {row[at - 1]: int(row[at].replace(",", "")) for row in table.rows}
    read.pop("Total", None)
    assert read == counted


def stata_cross(crossed: Crossed) -> str:
    names = [*next(iter(crossed.values())), "Total"]
    width = 11
    bars = [f"{label:>10} | {_stata_cells(row, width)}" for label, row in crossed.items()]
    rule = "-" * 11 + "+" + "-" * (width * (len(names) - 1) + 2) + "+" + "-" * 12
    inner = "".join(f"{name:>{width}}" for name in names[:-1])
    head = f"{'sex':>10} | {inner} | {'Total':>10}"
    title = f"{'':>10} | {'died':^{len(inner)}} |"
    return "\n".join([title, head, rule, *bars, rule])


def _stata_cells(row: dict[str, int], width: int) -> str:
    cells = "".join(f"{count:>{width},}" for count in row.values())
    return f"{cells} | {sum(row.values()):>10,} "


def r_cross(crossed: Crossed) -> str:
    names = list(next(iter(crossed.values())))
    labels = max(3, *(len(label) + 2 for label in crossed))
    widths = [max(len(name), *(len(str(row[name])) for row in crossed.values())) for name in names]
    head = "sex".ljust(labels) + "".join(
        f" {name:>{width}}" for name, width in zip(names, widths, strict=True)
    )
    lines = [
        f"  {label}".ljust(labels)
        + "".join(f" {row[name]:>{width}}" for name, width in zip(names, widths, strict=True))
        for label, row in crossed.items()
    ]
    return "\n".join([" " * labels + " died", head, *lines])


def pandas_cross(crossed: Crossed) -> str:
    frame = pd.DataFrame(crossed).T.rename_axis("sex").rename_axis("died", axis="columns")
    return str(frame)


@pytest.mark.parametrize(
    "printer", [stata_cross, r_cross, pandas_cross], ids=lambda printer: printer.__name__
)
@settings(max_examples=40, deadline=None)
@given(TWO_WAY)
@example({"E": {"E": 0, "Sd": 0}, "N": {"E": 0, "Sd": 0}})
def test_frequencies_of_two_variables_are_read_back_cell_by_cell(printer, crossed):
    (table,) = tables_of(printer(crossed))

    read: Crossed = {}
    for label, category, count, *_ in table.rows:
        if category != "Total":
            read.setdefault(label, {})[category] = int(count.replace(",", ""))
    assert read == crossed


VALID = "\n\n".join(
    [*(printer({"North": 1204, "South": 3}) for printer in PRINTERS), stata_cross({"a": {"x": 3, "y": 4}})]
).encode()  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(mutations(VALID))
def test_what_is_left_of_print_outs_is_read_without_an_error(content):
    holds(content, b"output/run.log")


SIGNS = st.sampled_from(
    ["-", "+", "|", " ", "\n", "[1] ", "dtype: int64", "{", "}", "[{'a': ", "<int>", "$ a: int ", "Freq.", "3",
     "1,204", "Percentiles  Smallest\n", " 1%  3  4\n", ". count\n", "n=", "No. of failures = ", "{c |}", "{smcl}",
     "{hline 9}", "\t", "\r", "  a  b\n", "\u2502", "\u2500", "...", "Min.   :3", "tabulation:  Freq. Value\n"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(SIGNS, max_size=60).map("".join))
@example("[{'a': Percentiles  Smallest\nMin.   :3")
def test_any_mixture_of_their_signs_is_read_without_an_error(text):
    for document in printed_tables(text, "cell 1"):
        assert (document.part or "").startswith("cell 1")


LONG = 1_000_000
OF_ONE_LINE = [
    "-" * LONG, "-+" * (LONG // 2), "+-" * (LONG // 2), "|" * LONG, "| " * (LONG // 2), " " * LONG + "x",
    "<int> " * (LONG // 6), "<int" * (LONG // 4), "[{'a': " * (LONG // 7), "{" * LONG, "[1] " + '"a" ' * (LONG // 4),
    "n=" * (LONG // 2), "n = 1," + "1," * (LONG // 2), "No. of " * (LONG // 7), "Number of a " + "a " * (LONG // 2),
    "$ a: Factor w/ 3 levels " + '"' * LONG, "$ " + "a" * LONG, "1" * LONG, "{c |" * (LONG // 4), "dtype: " * (LONG // 7),
    "Name: " + "a, " * (LONG // 3) + "dtype: int64", ". count if " + "a " * (LONG // 2), " 1%" + " " * LONG,
    "- " * (LONG // 2), "--  " * (LONG // 4), "a : " * (LONG // 4), "Min.   :" * (LONG // 8), "\u2502\u2500" * (LONG // 2),
]  # fmt: skip
MANY = 200_000
OF_SHORT_LINES = [
    "a b\n" * (MANY // 4), "1 2\n" * (MANY // 4), "[1] 1\n" * (MANY // 6), "--+--\n" * (MANY // 6), "+--+\n" * (MANY // 5),
    "$ a\n" * (MANY // 4), "n=3\n" * (MANY // 4), "a |\n--+--\nb | 3\n" * (MANY // 15), "---\n" * (MANY // 4),
    "|a|\n|-|\n" * (MANY // 8), "a  n\nb  3\n\n" * (MANY // 12), "dtype: int64\n" * (MANY // 13), "a: b\n" * (MANY // 5),
    "  a  1\n" * (MANY // 8), "<int>\n" * (MANY // 6), "Length:\n" * (MANY // 8),
]  # fmt: skip


@pytest.mark.parametrize("head", ["", "{smcl}\n"])
@pytest.mark.parametrize("text", OF_ONE_LINE, ids=range(len(OF_ONE_LINE)))
def test_a_hostile_line_of_a_megabyte_is_read_in_time(text, head):
    in_time(f"{head}{text}\n{text[:1000]}\n{text}x\n")


@pytest.mark.parametrize("text", OF_SHORT_LINES, ids=range(len(OF_SHORT_LINES)))
def test_very_many_short_lines_are_read_in_time(text):
    in_time(text)


def in_time(text: str) -> None:
    begun = time.perf_counter()
    assert printed_tables(text, None)
    assert time.perf_counter() - begun < MOST_SECONDS


def test_text_without_a_table_is_left_as_it_is():
    text = "We met, and spoke.\nNobody counted.\n"

    assert printed_tables(text, "cell 1") == (Text(text, "cell 1", TextKind.PRINTED),)


def test_white_space_prints_nothing():
    assert printed_tables(" \n\t\n", None) == ()


def test_more_tables_than_are_read_are_said_to_be_unread():
    *tables, text, gap = printed_tables("  a  n\nx 1  3\n\n" * (MAX_TABLES + 50), "cell 1")

    assert len(tables) == MAX_TABLES
    assert isinstance(text, Text)
    assert gap == Unreadable(
        f"only the first {MAX_TABLES} tables of a print-out were read", "cell 1"
    )
