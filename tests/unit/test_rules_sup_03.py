"""Tables of all people beside tables of some."""

import time

import pytest

from breachkit.detect.engine import examine
from breachkit.detect.rule import HistoryView
from breachkit.detect.rules import sup_03
from breachkit.detect.rules.sup_03 import Subtractable, related_blobs
from breachkit.documents.table import Table
from breachkit.model.findings import Attribution, Severity
from breachkit.model.ids import ObjectId
from breachkit.sdc import sketching
from breachkit.sdc.sketching import sketch
from breachkit.sdc.strata import stratum_of
from tests.support.judging import Past, context_of, lines, place, table_of


RULE = Subtractable()
ALL = (143, 232, 367, 411, 523, 677)
MEN = (71, 113, 188, 409, 262, 331)
FOLDER = "released_outputs/tables"


def table(counts, label="Region"):
    return lines(["region", "n"], *([f"{label}{row}", count] for row, count in enumerate(counts)))


def release(**files):
    history = Past()
    history.commit("release", {f"{FOLDER}/{name}.csv": text for name, text in files.items()})
    return history


def test_few_people_left_beside_a_part_are_medium_in_the_part():
    history = release(deaths_all=table(ALL), deaths_male=table(MEN))

    [(blob, hit)] = history.judge(RULE).items()

    assert blob == history.id_of(table(MEN))
    assert hit.severity is Severity.MEDIUM
    assert (place(hit).rows, place(hit).columns, place(hit).cells) == ((4,), ("n",), 1)


@pytest.mark.parametrize(("limit", "most"), [("_MOST_RELATIVES", 1), ("_MOST_PAIRS", 0)])
def test_tables_that_were_not_paired_with_all_others_are_said_not_to_be_judged(
    monkeypatch, limit, most
):
    harmless = [tuple(count // 2 for count in ALL), tuple(count // 3 for count in ALL)]
    history = release(deaths_all=table(ALL), deaths_male=table(harmless[0]))
    history.commit("more", {f"{FOLDER}/deaths_female.csv": table(harmless[1])})
    assert not history.judge(RULE)

    monkeypatch.setattr(sup_03, limit, most)

    [hit] = history.judge(RULE).values()
    assert hit.severity is Severity.LOW
    assert "not judged to the end" in hit.message


def test_relatives_are_found_in_the_time_that_a_history_takes_whatever_its_names():
    paths = [
        f"output/t{'_' * (number % 150)}{'-' * (number // 150)}.csv" for number in range(12_000)
    ]
    history = Past()
    history.commit("many", dict.fromkeys(paths, table(ALL)))
    began = time.process_time()

    assert related_blobs(history.transitions) == frozenset()
    assert time.process_time() - began < 4  # and a minute, if each were compared with all before it


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        ("deaths", "deaths_female"),
        ("deaths-total", "deaths-Women"),
        ("all/deaths", "white/deaths"),
        ("deathsAll", "deathsMale"),
        ("male/deaths", "male/deaths_over65"),
    ],
)
def test_names_say_which_table_is_part_of_which(whole, part):
    assert len(release(**{whole: table(ALL), part: table(MEN)}).judge(RULE)) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("deaths_female", "deaths_male"),
        ("deaths_all", "admissions_male"),
        ("deaths", "deaths_covid"),
        ("deaths_all", "deaths_white_male"),
    ],
)
def test_names_that_do_not_say_so_are_not_compared(first, second):
    history = release(**{first: table(ALL), second: table(MEN)})

    assert related_blobs(history.transitions) == frozenset()
    assert history.judge(RULE) == {}


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        (table(ALL), table([*MEN[:3], 400, *MEN[4:]])),  # more than a few are left
        (table(ALL), table([*MEN[:5], 678])),  # more men than people
        (table(ALL), table([*ALL[:5], 675])),  # a copy with a correction is no part
        (table([5 * count for count in ALL]), table([5 * count for count in MEN])),
        (table(ALL), table(MEN, label="Group")),
        (table([*ALL[:3], 4, *ALL[4:]]), table([*MEN[:3], 1, *MEN[4:]])),  # small already
    ],
    ids=["many", "no part", "copy", "rounded", "other rows", "small in the whole"],
)
def test_what_leaves_no_few_people_is_none(whole, part):
    assert release(deaths_all=whole, deaths_male=part).judge(RULE) == {}


def test_a_rest_that_another_part_states_openly_is_left_to_the_rules_about_small_counts():
    women = [whole - men for whole, men in zip(ALL, MEN, strict=True)]
    openly = release(deaths=table(ALL), deaths_male=table(MEN), deaths_female=table(women))
    redacted = release(
        deaths=table(ALL),
        deaths_male=table(MEN),
        deaths_female=table([*women[:3], "[REDACTED]", *women[4:]]),
    )

    assert openly.judge(RULE) == {}
    assert list(redacted.judge(RULE)) == [redacted.id_of(table(MEN))]


def test_a_part_committed_later_is_low_even_when_the_whole_was_deleted():
    history = Past()
    history.commit("first", {f"{FOLDER}/deaths_all.csv": table(ALL)})
    history.commit("clean", {f"{FOLDER}/deaths_all.csv": None})
    history.commit("second", {f"{FOLDER}/deaths_male.csv": table(MEN)})

    [hit] = history.judge(RULE).values()

    assert hit.severity is Severity.LOW


@pytest.mark.parametrize("folder", ["dummy_data/output", "analysis", "codelists"])
def test_only_outputs_are_compared(folder):
    history = Past()
    names = {"deaths_all": ALL, "deaths_male": MEN}
    history.commit("add", {f"{folder}/{name}.csv": table(rows) for name, rows in names.items()})

    assert history.judge(RULE) == {}


def of_one_file(*tables):
    blob = ObjectId("1" * 40)
    context = context_of("released_outputs/report.html")
    view = HistoryView(
        transitions=(),
        sketches={blob: tuple(sketch(table, b"k") for table in tables)},
        hits={},
        context=lambda _: context,
        attribution=lambda _: Attribution(),
    )
    return [hit for _, hit in RULE.check_history(view)]


def documented(who, counts):
    """The tables of OpenSAFELY's page on disclosure control, 'secondary disclosure'."""
    ages = ("21-30", "31-40", "41-50", "51+")
    rows = [("", age, *map(str, pair)) for age, pair in zip(ages, counts, strict=False)]
    total = ("Total", "", *map(str, counts[-1]))
    return Table((f"{who} Population", "Age Band", "Heart Disease", "Population"), (*rows, total))


def test_the_documented_tables_of_all_people_and_of_men_tell_the_women():
    everyone = documented("Total", [(8, 20), (10, 25), (15, 30), (25, 40), (58, 115)])
    men = documented("Male", [(7, 19), (5, 15), (8, 18), (13, 25), (33, 64)])

    [hit] = of_one_file(everyone, men)

    assert hit.severity is Severity.MEDIUM
    assert place(hit).columns == ("Heart Disease", "Population")
    assert 1 in place(hit).rows


def test_the_documented_tables_that_were_rounded_tell_nothing():
    everyone = documented("Total", [("[REDACTED]", 20), (10, 25), (15, 30), (25, 45), (50, 120)])
    men = documented("Male", [("[REDACTED]", 15), (5, 20), (10, 25), (20, 40), (35, 100)])

    assert of_one_file(everyone, men) == []


def wide(counts):
    rows = [(f"Region{row}", *map(str, pair)) for row, pair in enumerate(counts)]
    return Table(("region", "n", "events"), rows)


def test_tables_that_nothing_names_are_low_and_only_where_every_cell_agrees():
    whole = wide([(count, count // 2) for count in ALL])
    part = wide([(count - 3, count // 3) for count in ALL])

    [hit] = of_one_file(whole, part)

    assert hit.severity is Severity.LOW
    assert of_one_file(whole, wide([(count - 3, count) for count in ALL])) == []
    assert of_one_file(wide([(count, 7) for count in ALL[:3]]), wide([(count - 3, 7) for count in ALL[:3]])) == []  # fmt: skip


def piped(text):
    header, *rows = text.splitlines()
    return "\n".join(f"| {line.replace(',', ' | ')} |" for line in (header, "---,---", *rows))


def test_tables_of_one_file_are_sketched_where_they_count_people_in_the_same_columns():
    def sketched(*tables):
        content = "\n\nMore words.\n\n".join(map(piped, tables)).encode()
        context = context_of("released_outputs/report.md")
        return examine(content, context, sketch_key=b"k", want_sketch=False).sketches

    assert len(sketched(table(ALL), table(MEN))) == 2
    assert sketched(table(ALL)) == ()
    assert sketched(table(ALL), table(MEN).replace(",n", ",patients")) == ()
    assert sketched(table(ALL), table(MEN[:2])) == ()


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("released_outputs/deaths_All.csv", set()),
        ("released_outputs/deathsMale.csv", {"male"}),
        ("output/white/women over65.csv", {"white", "women", "over65"}),
        ("output/mentions.csv", set()),
    ],
)
def test_who_a_name_is_about(name, who):
    assert stratum_of(name).who == who


def test_tables_of_one_file_that_are_too_many_are_said_not_to_be_judged(monkeypatch):
    tables = [
        wide([(count // by, 7 * by + at) for at, count in enumerate(ALL)]) for by in (1, 2, 4)
    ]
    assert of_one_file(*tables) == []

    monkeypatch.setattr(sup_03, "MOST_SUBTRACTED", 2)

    assert of_one_file(*tables[:2]) == []
    [hit] = of_one_file(*tables)
    assert hit.severity is Severity.LOW
    assert "not judged to the end" in hit.message


def test_so_many_tables_of_one_file_are_sketched_that_too_many_are_seen_to_be(monkeypatch):
    monkeypatch.setattr(sketching, "MOST_SUBTRACTED", 2)
    tables = [table_of(table([count + by for count in ALL])) for by in range(5)]

    assert list(sketching.subtractable(tables)) == tables[:3]


def test_no_hit_holds_content():
    history = release(
        deaths_all=table(ALL, label="Zq7CanaryXw"), deaths_male=table(MEN, label="Zq7CanaryXw")
    )

    [hit] = history.judge(RULE).values()

    assert "Canary" not in repr(hit)


@pytest.mark.parametrize("name", ["deaths", "deaths_male", "deaths_white_male_over65"])
def test_the_wholes_of_a_stratum_are_those_that_it_is_a_part_of(name):
    part = stratum_of(name)
    others = map(
        stratum_of, ("deaths", "deaths_male", "deaths_white_male", "births", "deaths_rural")
    )

    assert all((other in set(part.wholes())) is part.is_part_of(other) for other in others)
