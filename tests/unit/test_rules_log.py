"""What print-outs tell, and which rule says so."""

from datetime import date

import pytest

from breachkit.detect.engine import examine
from breachkit.detect.rule import FileContext
from breachkit.detect.rules.cnt_01 import SmallCounts
from breachkit.detect.rules.log_02 import PrintedCounts
from breachkit.documents.table import Origin, Table
from breachkit.model.findings import Hit, Severity
from tests.support.fuzzing import CANARY
from tests.support.judging import context_of, place


OUTPUT = "released_outputs/run.log"


def hits(text: str, *paths: str, day: date = date(2021, 9, 1)) -> list[Hit]:
    context = context_of(*(paths or (OUTPUT,)), day=day)
    return list(examine(text.encode(), context, sketch_key=b"k", want_sketch=False).hits)


def rules(text: str, *paths: str, day: date = date(2021, 9, 1)) -> set[str]:
    """The rules that find something at medium or worse."""
    return {hit.rule for hit in hits(text, *paths, day=day) if hit.severity > Severity.LOW}


def context() -> FileContext:
    return context_of(OUTPUT)


COUNTED = Table(("region", "Freq."), [("North", "1,204"), ("South", "3")], origin=Origin.PRINTED)


def test_small_frequencies_of_a_print_out_belong_to_log_02_alone():
    assert not list(SmallCounts().check_table(COUNTED, context()))
    (hit,) = PrintedCounts().check_table(COUNTED, context())
    assert hit.rule == "LOG-02"


@pytest.mark.parametrize("origin", [origin for origin in Origin if origin is not Origin.PRINTED])
def test_small_frequencies_of_other_tables_belong_to_cnt_01_alone(origin):
    table = Table(COUNTED.header, COUNTED.rows, origin=origin)

    assert [hit.rule for hit in SmallCounts().check_table(table, context())] == ["CNT-01"]
    assert not list(PrintedCounts().check_table(table, context()))


def tab(counts: dict[str, int], total: int | None = None) -> str:
    whole = total or sum(counts.values())
    lines = ["        sex |      Freq.     Percent        Cum.", "-" * 12 + "+" + "-" * 35]
    so_far = 0.0
    for label, count in counts.items():
        so_far += 100 * count / whole
        lines.append(f"{label:>11} | {count:>10,}{100 * count / whole:12.2f}{so_far:12.2f}")
    return "\n".join([*lines, lines[1], f"{'Total':>11} | {whole:>10,}      100.00", ""])


def test_percentages_that_are_not_those_of_the_frequencies_make_a_finding_low():
    assert rules(tab({"F": 402, "M": 3})) == {"LOG-02"}
    assert rules(tab({"F": 402, "M": 3}, total=50_000)) == set()


@pytest.mark.parametrize("last", [(("Total", "455", "100.00", ""),), ()])
def test_a_frequency_that_was_taken_out_makes_none_of_the_others_doubtful(last):
    rows = (
        ("F", "402", "88.35", "88.35"),
        ("M", "[REDACTED]", "10.99", "99.34"),
        ("X", "3", "0.66", "100.00"),
    )
    header = ("sex", "Freq.", "Percent", "Cum.")
    table = Table(header, (*rows, *last), origin=Origin.PRINTED)

    [hit] = PrintedCounts().check_table(table, context())

    assert (hit.severity, place(hit).rows) == (Severity.HIGH, (3,))


def test_the_threshold_is_that_of_the_day():
    assert "LOG-02" not in rules(tab({"F": 402, "M": 7}))
    assert "LOG-02" in rules(tab({"F": 402, "M": 7}), day=date(2024, 3, 1))


def test_a_finding_names_the_line_and_no_content():
    text = f"Words\n\n{tab({CANARY[:9]: 402, 'M': 3})}"
    (hit,) = [hit for hit in hits(text) if hit.rule == "LOG-02"]

    assert hit.location is not None
    assert hit.location.part == "line 3"
    assert hit.location.rows == (2,)
    assert CANARY[:9] not in repr(hit)


HEAD = """  patient_id sex admitted_date
0    7000161   F    2021-03-14
1    7020317   M    2021-01-02
2    7000451   F    2021-02-22
"""


def test_rows_with_a_patient_identifier_are_reported_once_by_pat_01():
    assert rules(HEAD) & {"PAT-01", "LOG-01"} == {"PAT-01"}


def test_rows_without_one_are_reported_by_log_01():
    assert rules(HEAD.replace("patient_id", "      name")) & {"PAT-01", "LOG-01"} == {"LOG-01"}


def test_the_names_of_variables_in_code_and_lists_are_no_records():
    text = """. list patient_id sex admitted_date in 1/10
> if patient_id == 7000161
              storage   display    value
variable name   type    format     label      variable label
------------------------------------------------------------
patient_id      long    %12.0g
admitted_date   long    %td
------------------------------------------------------------
patient_id        int64
admitted_date    object
dtype: object
"""

    assert rules(text) & {"PAT-01", "LOG-01"} == set()


@pytest.mark.parametrize(
    ("path", "worst"),
    [
        (OUTPUT, Severity.HIGH),
        ("analysis/run.log", Severity.MEDIUM),
        ("codelists/run.log", Severity.LOW),
        ("analysis/dummy_data/run.log", Severity.LOW),
    ],
)
def test_the_path_of_a_log_tells_how_bad_its_counts_are(path, worst):
    assert max(hit.severity for hit in hits(tab({"F": 402, "M": 3}), path) if hit.rule == "LOG-02") == worst  # fmt: skip


def test_a_trial_run_outside_the_outputs_is_low():
    assert rules(tab({"F": 12, "M": 3}), "analysis/run.log") == set()


@pytest.mark.parametrize(
    "text",
    [
        "Thresholds: n < 8, n <= 5; counts of 5 or fewer are redacted\n",
        "1: 3.20 s\n2: 4.10 s\n\nUser  System\n 3.2     1.1\n",
        "   imd  dose  week\n0    1     2     3\n1    5     1     4\n",
        " 0%  25%  50%  75% 100% \n  1    2    3    4    5 \n",
        "variable    unique\nsex              2\nimd              5\n",
        "sex    int64\nimd    int64\ndtype: object\n",
        "[1] 3\n[1] 4\n[1] 1 2 3 4 5\n",
        "== Attaching packages ==\n+ ggplot2 3.3.5     + purrr   0.3.4\n+ tibble  3.1.6     + dplyr   1.0.7\n",
    ],
)
def test_what_only_looks_like_counts_is_no_finding(text):
    assert rules(text) == set()


def test_extremes_of_ages_are_none_and_of_measurements_are_medium():
    detail = """
                  {}
-------------------------------------------------------------
      Percentiles      Smallest
 1%        17.25          12.5
 5%        19.75         12.75
10%           21         13.25       Obs             204,118
                        Largest       Std. Dev.      6.120331
99%           48           109       Kurtosis        6.120311
"""
    assert rules(detail.format("Body mass index")) == {"LOG-03"}
    assert rules(detail.format("Age of the patient")) == set()
    assert rules(detail.format("Date of admission")) == set()


@pytest.mark.parametrize(
    ("words", "severity"),
    [
        ("(Asthma study dummy analysis dataset)", Severity.LOW),
        ("reading dummy_data", Severity.LOW),
        ("with dummy variables for each region", Severity.HIGH),
        ("a cohort of patients", Severity.HIGH),
    ],
)
def test_a_log_that_calls_its_data_dummy_is_low_and_says_why(words, severity):
    log = f"{words}\n\n" + tab({"Female": 1204, "Male": 981, "Other": 3})

    [found] = [each for each in hits(log, "released_outputs/run.log") if each.rule == "LOG-02"]

    assert found.severity is severity
    assert ("dummy data" in found.message) == (severity is Severity.LOW)
