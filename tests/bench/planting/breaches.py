"""Invented tables that disclose something, one function a kind; no two are ever the same."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random


Row = Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A table that discloses something."""

    kind: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    rules: frozenset[str]
    """Any of these has found it."""
    later: tuple[tuple[str, ...], ...] = field(default=())
    """The rows of a later version of the file, where the breach is in what became of it."""


AGES = ("0-17", "18-29", "30-39", "40-49", "50-59", "60-69", "70-79", "80+")
SEXES = ("Female", "Male")
REGIONS = ("East", "London", "Midlands", "North East", "North West", "South East", "South West")


def small_counts(random: Random) -> Breach:
    """Counts of people of which a few are below six."""
    rows = [[age, sex, _count(random)] for age in AGES for sex in SEXES]
    for row in random.sample(rows, 3):
        row[2] = str(random.randint(1, 5))
    return _breach("small counts", ("ageband", "sex", "n"), rows, "CNT-01 LOG-02")


def counts_with_percentages(random: Random) -> Breach:
    """Counts written with their percentage in one cell."""
    total = random.randint(900, 9_000)
    counts = [random.randint(20, 800) for _ in REGIONS]
    counts[random.randrange(len(counts))] = random.randint(1, 5)
    rows = [
        [region, f"{count} ({100 * count / total:.1f}%)"]
        for region, count in zip(REGIONS, counts, strict=True)
    ]
    return _breach("n (%)", ("region", "patients"), rows, "CNT-01 LOG-02")


def patient_rows(random: Random) -> Breach:
    """A row for each patient, with an identifier."""
    numbers = random.sample(range(10**8, 10**10), 60)
    rows = [
        [str(number), str(random.randint(18, 95)), random.choice("FM"), _day(random), _day(random)]
        for number in numbers
    ]
    header = ("patient_id", "age", "sex", "covid_date", "death_date")
    return _breach("patient rows", header, rows, "PAT-01")


def rows_without_identifier(random: Random) -> Breach:
    """A row for each patient, without one."""
    rows = [
        [
            _day(random),
            _day(random),
            str(random.randint(18, 95)),
            *(_flag(random) for _ in range(6)),
        ]
        for _ in range(400)
    ]
    header = (
        "index_date",
        "end_date",
        "age",
        "diabetes",
        "asthma",
        "copd",
        "ckd",
        "cancer",
        "died",
    )
    return _breach("rows without identifier", header, rows, "PAT-02")


def nhs_numbers(random: Random) -> Breach:
    """NHS numbers with valid check digits, under a name that says nothing."""
    rows = [[_nhs_number(random), random.choice(REGIONS), _flag(random)] for _ in range(30)]
    return _breach("NHS numbers", ("reference", "region", "flag"), rows, "PAT-03 PAT-01")


def birth_dates(random: Random) -> Breach:
    """Dates of birth and postcodes."""
    rows = [[_day(random, 1930, 2005), _postcode(random), _flag(random)] for _ in range(30)]
    return _breach("birth dates", ("date_of_birth", "postcode", "died"), rows, "PAT-04 PAT-01")


def later_redacted(random: Random) -> Breach:
    """Cells that a later version of the file takes out."""
    rows = [[region, sex, _count(random)] for region in REGIONS for sex in SEXES]
    hidden = random.sample(range(len(rows)), 3)
    for number in hidden:
        rows[number][2] = str(random.randint(1, 7))
    later = [list(row) for row in rows]
    for number in hidden:
        later[number][2] = "[REDACTED]"
    return _breach("later redacted", ("region", "sex", "patients"), rows, "HIS-01", later)


def odd_one_out(random: Random) -> Breach:
    """A rounded table in which one cell was forgotten."""
    rows = [[age, sex, str(5 * random.randint(4, 900))] for age in AGES for sex in SEXES]
    random.choice(rows)[2] = str(5 * random.randint(4, 900) + random.randint(1, 4))
    return _breach("odd one out", ("ageband", "sex", "count"), rows, "CNT-05")


def unprotected_measures(random: Random) -> Breach:
    """A measures file that was written with disclosure control switched off."""
    rows = []
    for month, region in itertools.product(range(1, 7), REGIONS):
        whole = random.randint(300, 4_000)
        part = random.randint(1, whole)
        start, end = f"2023-{month:02}-01", f"2023-{month:02}-28"
        rows.append(["asthma", start, end, repr(part / whole), str(part), str(whole), region])
    header = (
        "measure",
        "interval_start",
        "interval_end",
        "ratio",
        "numerator",
        "denominator",
        "region",
    )
    return _breach("unprotected measures", header, rows, "CNT-06 CNT-01 RAT-01")


def recoverable(random: Random) -> Breach:
    """One suppressed cell, and the total that gives it back."""
    counts = [random.randint(20, 900) for _ in AGES]
    hidden = random.randrange(len(counts))
    counts[hidden] = random.randint(1, 5)
    rows = [[age, str(count)] for age, count in zip(AGES, counts, strict=True)]
    rows[hidden][1] = "[REDACTED]"
    rows.append(["Total", str(sum(counts))])
    return _breach("recoverable from a total", ("ageband", "n"), rows, "SUP-01")


def recoverable_by_both_margins(random: Random) -> Breach:
    """Suppressed cells of a two-way table that its margins give back only together."""
    cells = [[random.randint(20, 400) for _ in range(3)] for _ in AGES]
    for row in random.sample(range(len(cells)), 2):
        cells[row][random.randrange(3)] = random.randint(1, 5)
    small = {(r, c) for r, row in enumerate(cells) for c, cell in enumerate(row) if cell <= 5}
    rows = [
        [
            age,
            *("[REDACTED]" if (r, c) in small else str(cell) for c, cell in enumerate(row)),
            str(sum(row)),
        ]
        for r, (age, row) in enumerate(zip(AGES, cells, strict=True))
    ]
    sums = [sum(column) for column in zip(*cells, strict=True)]
    rows.append(["Total", *map(str, sums), str(sum(sums))])
    header = ("ageband", "n_low", "n_middle", "n_high", "n_total")
    return _breach("recoverable from margins", header, rows, "SUP-01")


def partly_marked(random: Random) -> Breach:
    """A table in which some small counts were taken out, and one was overlooked."""
    rows = [[age, sex, _count(random)] for age in AGES for sex in SEXES]
    first, second, third = random.sample(rows, 3)
    first[2] = second[2] = "[REDACTED]"
    third[2] = str(random.randint(1, 5))
    return _breach("partly redacted", ("ageband", "sex", "n"), rows, "SUP-02 CNT-01")


def telling_percentages(random: Random) -> Breach:
    """Percentages with a known denominator: they give small numerators."""
    rows = []
    for region in REGIONS:
        whole = random.randint(200, 900)
        part = random.choice([random.randint(1, 5), random.randint(30, 150)])
        rows.append([region, str(whole), f"{100 * part / whole:.2f}"])
    rows[0][1:] = ["640", f"{100 * random.randint(1, 5) / 640:.2f}"]
    return _breach("telling percentages", ("region", "population", "died_pct"), rows, "RAT-01")


def contingency(random: Random) -> Breach:
    """A wide table whose columns are categories, with its totals."""
    header = ("ethnicity", "White", "Black", "South Asian", "Mixed", "Other", "Total")
    rows = []
    for age in AGES:
        cells = [random.randint(1, 400) for _ in range(5)]
        cells[random.randrange(5)] = random.randint(1, 5)
        rows.append([age, *map(str, cells), str(sum(cells))])
    return _breach("contingency table", ("ageband", *header[1:]), rows, "CNT-03 CNT-01")


def practices(random: Random) -> Breach:
    """General practices by their codes, with their list sizes."""
    codes = [
        f"{random.choice('ABCDEFGHJKLMNPWY')}8{number:04}"
        for number in random.sample(range(10_000), 25)
    ]
    rows = [[code, str(random.randint(2_000, 15_000))] for code in codes]
    return _breach("practice codes", ("practice", "list_size"), rows, "GEO-01")


def _breach(
    kind: str,
    header: tuple[str, ...],
    rows: Sequence[Sequence[str]],
    rules: str,
    later: Sequence[Sequence[str]] = (),
) -> Breach:
    return Breach(
        kind=kind,
        header=header,
        rows=tuple(map(tuple, rows)),
        rules=frozenset(rules.split()),
        later=tuple(map(tuple, later)),
    )


def _count(random: Random) -> str:
    return str(random.randint(11, 4_000))


def _flag(random: Random) -> str:
    return str(random.randint(0, 1))


def _day(random: Random, first: int = 2019, last: int = 2021) -> str:
    return f"{random.randint(first, last)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"


def _postcode(random: Random) -> str:
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    area = random.choice(["LS", "OX", "M", "B", "NE", "SW"])
    return f"{area}{random.randint(1, 29)} {random.randint(1, 9)}{random.choice(letters)}{random.choice(letters)}"


def _nhs_number(random: Random) -> str:
    while True:
        digits = [random.choice([4, 6, 7]), *(random.randint(0, 9) for _ in range(8))]
        check = 11 - sum(digit * (10 - place) for place, digit in enumerate(digits)) % 11
        if check != 10:
            return "".join(map(str, [*digits, check % 11]))


KINDS: Mapping[str, Callable[[Random], Breach]] = {
    build(Random(0)).kind: build
    for build in (
        small_counts,
        counts_with_percentages,
        patient_rows,
        rows_without_identifier,
        nhs_numbers,
        birth_dates,
        later_redacted,
        odd_one_out,
        unprotected_measures,
        recoverable,
        recoverable_by_both_margins,
        partly_marked,
        telling_percentages,
        contingency,
        practices,
    )
}
