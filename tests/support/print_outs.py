"""What Stata, R, Python and databases print of some counts, and the counts."""

from collections.abc import Callable, Sequence

import pandas as pd
from hypothesis import strategies as st


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


CROSS_PRINTERS: list[Callable[[Crossed], str]] = [stata_cross, r_cross, pandas_cross]
