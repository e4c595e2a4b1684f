"""Tables as studies release them, in files of every kind, with the counts that they were made of.

Whoever makes a table knows how it adds up, which column is a percentage of which, and which files are
about the same people. So does whoever attacks it afterwards: nothing of that is guessed.
"""

import csv
import html
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

import openpyxl
from lxml import html as pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What a cell shows: words, a count, a percentage or a ratio of one, or a count with its percentage."""

    words: str = ""
    """Beside them stands nothing, or `{}` where a count is stated in them."""
    count: int | None = None
    """Which count is shown, by its number."""
    part: int | None = None
    """Which count the percentage or the ratio is of."""
    whole: int | None = None
    scale: int = 100
    decimals: int | None = None
    """None: all digits."""


@dataclass(slots=True, kw_only=True)
class Sheet:
    """One table: all lines have as many cells as its header."""

    header: list[Cell]
    rows: list[list[Cell]]

    @property
    def cells(self) -> Iterator[tuple[tuple[int, int], Cell]]:
        """Give all cells by line, counted from 0 with the header, and column."""
        for row, line in enumerate((self.header, *self.rows)):
            for column, cell in enumerate(line):
                yield (row, column), cell


@dataclass(slots=True, kw_only=True)
class Release:
    """Files of one release, and the truth behind them."""

    counts: list[int] = field(default_factory=list)
    sums: list[tuple[tuple[int, ...], int]] = field(default_factory=list)
    """Parts, and what they add up to."""
    within: list[tuple[int, int]] = field(default_factory=list)
    """The people of the first count are some of those of the second."""
    files: dict[str, Sheet] = field(default_factory=dict)

    def new(self, count: int) -> int:
        """Take a count in; give its number."""
        self.counts.append(count)
        return len(self.counts) - 1

    def total(self, parts: Sequence[int], whole: int | None = None) -> int:
        """Add counts up; give the number of their sum."""
        value = sum(self.counts[part] for part in parts)
        whole = self.new(value) if whole is None else whole
        assert self.counts[whole] == value
        self.sums.append((tuple(parts), whole))
        return whole

    def shown(self, cell: Cell) -> str:
        """Give what a cell says."""
        number = "" if cell.count is None else str(self.counts[cell.count])
        if cell.part is None or cell.whole is None:
            return cell.words.replace("{}", number) if cell.words else number
        whole = self.counts[cell.whole]
        share = self.counts[cell.part] * cell.scale / whole if whole else 0.0
        ratio = repr(share) if cell.decimals is None else f"{share:.{cell.decimals}f}"
        return f"{number} ({ratio}%)" if number else ratio

    def lines(self, name: str) -> list[list[str]]:
        """Give a file's table as it is shown."""
        sheet = self.files[name]
        return [[self.shown(cell) for cell in line] for line in (sheet.header, *sheet.rows)]


def words(text: str) -> Cell:
    """Give a cell of words."""
    return Cell(words=text)


def some_count(chance: Random) -> int:
    """Give a count as studies have them: often small, mostly not."""
    kind = chance.random()
    if kind < 0.18:
        return chance.randint(1, 7)
    if kind < 0.25:
        return 0
    return chance.randint(8, 60) if kind < 0.5 else chance.randint(60, 4_000)


SEXES = ("Female", "Male")
AGES = ("18-29", "30-39", "40-49", "50-69", "70+")
ETHNICITIES = ("White", "Mixed", "South Asian", "Black", "Other", "Missing")
REGIONS = ("London", "North East", "North West", "South East", "South West", "East", "Midlands")


def two_way(chance: Random, name: str = "by_region_and_age") -> Release:
    """Give a table of two breakdowns, with totals of both."""
    made = Release()
    rows, columns = chance.sample(REGIONS, chance.randint(3, 6)), AGES[: chance.randint(2, 4)]
    inner = [[made.new(some_count(chance)) for _ in columns] for _ in rows]
    lines = [[*row, made.total(row)] for row in inner]
    lines.append([made.total(column) for column in zip(*lines, strict=True)])
    made.sums.append((tuple(lines[-1][:-1]), lines[-1][-1]))
    label = chance.choice(("Aged {}", "n_aged_{}", "Patients aged {}"))
    header = [words("region"), *(words(label.format(age)) for age in columns), words("Total")]
    body = [
        [words(region), *(Cell(count=count) for count in line)]
        for region, line in zip((*rows, "Total"), lines, strict=True)
    ]
    made.files[name] = Sheet(header=header, rows=body)
    return made


def table_one(chance: Random, name: str = "table1") -> Release:
    """Give counts with percentages of all, for several characteristics, by sex and for both."""
    made = Release()
    decimals = chance.choice((0, 1, 1, 2))
    groups = [("Age", AGES), ("Ethnicity", ETHNICITIES[: chance.randint(3, 6)])]
    columns, rows = ("Overall", *SEXES), []
    sizes = [[made.new(some_count(chance)) for _ in groups[0][1]] for _ in SEXES]
    people = [made.total(counts) for counts in sizes]
    people = [made.total(people), *people]
    for title, levels in groups:
        by_sex = (
            sizes
            if title == "Age"
            else [split(made, whole, levels, chance) for whole in people[1:]]
        )
        both = [made.total(pair) for pair in zip(*by_sex, strict=True)]
        made.total(both, people[0])
        rows += [
            [
                words(title),
                words(level),
                *(
                    shared(count, whole, decimals)
                    for count, whole in zip(counts, people, strict=True)
                ),
            ]
            for level, counts in zip(levels, zip(both, *by_sex, strict=True), strict=True)
        ]
    top = [words("All"), words(""), *(shared(count, count, decimals) for count in people)]
    if chance.random() < 0.5:
        header = [words(f"{column} n (%)") for column in columns]
    else:
        header = [
            Cell(words=f"{column} (n={{}})", count=count)
            for column, count in zip(columns, people, strict=True)
        ]
    made.files[name] = Sheet(
        header=[words("Characteristic"), words("Level"), *header], rows=[top, *rows]
    )
    return made


def shared(count: int, whole: int, decimals: int) -> Cell:
    """Give a count with its percentage."""
    return Cell(count=count, part=count, whole=whole, decimals=decimals)


def split(made: Release, whole: int, levels: Sequence[str], chance: Random) -> list[int]:
    """Divide a count at random, often with few people in some of the parts."""
    left, counts = made.counts[whole], []
    for _ in levels[1:]:
        part = min(left, some_count(chance) if chance.random() < 0.6 else chance.randint(0, left))
        counts.append(part)
        left -= part
    counts.append(left)
    chance.shuffle(counts)
    parts = [made.new(count) for count in counts]
    made.sums.append((tuple(parts), whole))
    return parts


def breakdowns(chance: Random, name: str = "rates") -> Release:
    """Give breakdowns of the same people one after another, with numerator, denominator and rate."""
    made = Release()
    decimals = chance.choice((1, 2))
    groups = [
        ("sex", SEXES),
        ("age_band", AGES),
        ("ethnicity", ETHNICITIES[: chance.randint(3, 6)]),
    ]
    people = made.new(chance.randint(300, 20_000))
    events = made.new(chance.randint(20, made.counts[people] // 2))
    rest = made.new(made.counts[people] - made.counts[events])
    made.sums.append(((events, rest), people))
    rows = [[words("all"), words("all"), *measured(events, people, decimals)]]
    for title, levels in groups:
        having, lacking = split(made, events, levels, chance), split(made, rest, levels, chance)
        all_ = [made.total(pair) for pair in zip(having, lacking, strict=True)]
        made.sums.append((tuple(all_), people))
        rows += [
            [words(title), words(level), *measured(some, of, decimals)]
            for level, some, of in zip(levels, having, all_, strict=True)
        ]
    header = [
        words(each) for each in ("breakdown", "category", "n_events", "n_patients", "percent")
    ]
    made.files[name] = Sheet(header=header, rows=rows if chance.random() < 0.7 else rows[1:])
    return made


def measured(events: int, people: int, decimals: int | None) -> list[Cell]:
    """Give numerator, denominator and percentage."""
    share = Cell(part=events, whole=people, decimals=decimals, scale=100)
    return [Cell(count=events), Cell(count=people), share]


def measures(chance: Random, name: str = "measures") -> Release:
    """Give measures as ehrQL writes them, by month: of everyone, and by sex."""
    made = Release()
    rows: list[list[Cell]] = []
    for month in range(1, chance.randint(3, 5)):
        numerators = [
            made.new(chance.choice((some_count(chance), chance.randint(1, 12)))) for _ in SEXES
        ]
        denominators = [
            made.total((count, made.new(chance.randint(50, 3_000)))) for count in numerators
        ]
        groups = [
            ("all", "", made.total(numerators), made.total(denominators)),
            *zip(("by_sex",) * 2, SEXES, numerators, denominators, strict=True),
        ]
        rows += [
            [words(measure), words(f"2023-{month:02}-01"), words(f"2023-{month:02}-28"),
             Cell(part=part, whole=whole, scale=1), Cell(count=part), Cell(count=whole), words(sex)]
            for measure, sex, part, whole in groups
        ]  # fmt: skip
    rows.sort(key=lambda row: row[0].words)
    header = [
        "measure",
        "interval_start",
        "interval_end",
        "ratio",
        "numerator",
        "denominator",
        "sex",
    ]
    made.files[name] = Sheet(header=[words(each) for each in header], rows=rows)
    return made


def hierarchy(chance: Random, name: str = "by_area") -> Release:
    """Give counts of areas within regions within the country, with subtotals."""
    made = Release()
    rows: list[list[Cell]] = []
    regions = chance.sample(REGIONS, chance.randint(2, 4))
    tops: list[tuple[int, int]] = []
    for region in regions:
        areas = []
        for number in range(chance.randint(2, 4)):
            cases = made.new(some_count(chance))
            people = made.total((cases, made.new(chance.randint(20, 3_000))))
            areas.append((cases, people))
            rows.append(_area(region, f"{region} {'ABCD'[number]}", cases, people))
        cases, people = (made.total(counts) for counts in zip(*areas, strict=True))
        tops.append((cases, people))
        rows.append(_area(region, "Total", cases, people))
    cases, people = (made.total(counts) for counts in zip(*tops, strict=True))
    rows.append(_area("England", "Total", cases, people))
    header = [words(each) for each in ("region", "area", "n_cases", "n_patients")]
    made.files[name] = Sheet(header=header, rows=rows)
    return made


def _area(region: str, area: str, cases: int, people: int) -> list[Cell]:
    return [words(region), words(area), Cell(count=cases), Cell(count=people)]


def linked(chance: Random, name: str = "outcomes") -> Release:
    """Give two files of the same rows: everyone, and the men among them."""
    made = Release()
    levels = REGIONS[: chance.randint(3, 7)]
    kinds = ("patients", "deaths", "admissions")[: chance.randint(1, 3)]
    sheets: dict[str, list[list[Cell]]] = {f"{name}_all": [], f"{name}_male": []}
    columns: list[list[tuple[int, int]]] = []
    for _ in kinds:
        men = [made.new(some_count(chance)) for _ in levels]
        women = [
            made.new(chance.choice((some_count(chance), chance.randint(0, 9)))) for _ in levels
        ]
        all_ = [made.total(pair) for pair in zip(men, women, strict=True)]
        columns.append([
            *zip(all_, men, strict=True),
            (made.total(all_), made.total(men)),
        ])  # fmt: skip
    for row, level in enumerate((*levels, "Total")):
        for at, sheet in enumerate(sheets.values()):
            sheet.append([words(level), *(Cell(count=column[row][at]) for column in columns)])
    header = [words("region"), *(words(f"n_{kind}") for kind in kinds)]
    made.files = {name: Sheet(header=header, rows=rows) for name, rows in sheets.items()}
    return made


LAYOUTS: dict[str, Callable[[Random], Release]] = {
    "two_way": two_way,
    "table_one": table_one,
    "breakdowns": breakdowns,
    "measures": measures,
    "hierarchy": hierarchy,
    "linked": linked,
}


def to_csv(lines: Sequence[Sequence[str]], delimiter: str = ",") -> bytes:
    """Write lines as csv."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(lines)
    return text.getvalue().encode()


def from_csv(content: bytes) -> list[list[str]]:
    """Read them back."""
    return list(csv.reader(io.StringIO(content.decode())))


def _number(text: str) -> object:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def to_json(lines: Sequence[Sequence[str]]) -> bytes:
    """Write lines as a list of records."""
    head, *rest = lines
    records = [dict(zip(head, map(_number, line), strict=True)) for line in rest]
    return json.dumps(records, indent=1).encode()


def from_json(content: bytes) -> list[list[str]]:
    """Read them back."""
    records = json.loads(content)
    return [list(records[0]), *([str(cell) for cell in one.values()] for one in records)]


def to_html(lines: Sequence[Sequence[str]]) -> bytes:
    """Write lines as a page."""
    head, *rest = [[html.escape(cell) for cell in line] for line in lines]
    rows = ["".join(f"<td>{cell}</td>" for cell in line) for line in rest]
    top = "".join(f"<th>{cell}</th>" for cell in head)
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    return (
        "<html><body><h1>Results</h1>\n<table><thead>"
        f"<tr>{top}</tr></thead>\n<tbody>\n{body}\n</tbody></table></body></html>\n"
    ).encode()


def from_html(content: bytes) -> list[list[str]]:
    """Read them back."""
    rows = pages.fromstring(content).iter("tr")
    return [["".join(map(str, cell.itertext())).strip() for cell in row] for row in rows]


def to_markdown(lines: Sequence[Sequence[str]]) -> bytes:
    """Write lines as an aligned table of Markdown."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = [[cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines]
    rows.insert(1, ["-" * max(width, 3) for width in widths])
    return "".join("| " + " | ".join(row) + " |\n" for row in rows).encode()


def from_markdown(content: bytes) -> list[list[str]]:
    """Read them back."""
    lines = [line.strip().strip("|").split("|") for line in content.decode().splitlines() if line]
    return [[cell.strip() for cell in line] for at, line in enumerate(lines) if at != 1]


def to_xlsx(lines: Sequence[Sequence[str]]) -> bytes:
    """Write lines as a workbook."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for line in lines:
        sheet.append([_number(cell) for cell in line])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def from_xlsx(content: bytes) -> list[list[str]]:
    """Read them back."""
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    rows = sheet.iter_rows(values_only=True)
    return [["" if cell is None else str(cell) for cell in row] for row in rows]


FORMATS: dict[
    str, tuple[Callable[[Sequence[Sequence[str]]], bytes], Callable[[bytes], list[list[str]]]]
] = {
    ".csv": (to_csv, from_csv),
    ".json": (to_json, from_json),
    ".html": (to_html, from_html),
    ".md": (to_markdown, from_markdown),
    ".xlsx": (to_xlsx, from_xlsx),
}
