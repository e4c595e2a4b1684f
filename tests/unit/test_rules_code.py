"""Values written in code, and advice on code; most texts are turned away at once."""

import pytest

from breachkit.detect.rules.code_01 import ValuesInCode
from breachkit.detect.rules.code_02 import RiskyCode
from breachkit.documents.table import Text, TextKind
from breachkit.model.findings import Severity
from tests.support.judging import context_of, place


VALUES, RISKS = ValuesInCode(), RiskyCode()
SCRIPT = context_of("analysis/redact.py")


def values(text, context=SCRIPT):
    found = list(VALUES.check_text(Text(text), context))
    assert len(found) <= 1
    return found[0] if found else None


def advice(text, path):
    return [hit.message for hit in RISKS.check_text(Text(text), context_of(path))]


@pytest.mark.parametrize(
    "line",
    [
        "df.loc[df.n == 3, 'n'] = '[REDACTED]'",
        'n[n == 2] <- "REDACTED"',
        'replace n = "[REDACTED]" if n == "4"',
        "table = table.replace('2 (0.1%)', '[REDACTED]')",
        'gsub("\\\\b3\\\\b", "[REDACTED]", cells)',
        "sed -i 's/North,3/North,[REDACTED]/' table.csv",
        'cells[7] = "[REDACTED]"  # was 3',
        "# redacted by hand: n = 4",
        "* suppressed, true value 2",
        "# redact this one by hand, only 3 patients",
        "    # only 3 patients died in North",
        "x = 1  # 4 deaths here, so not shown",
        "// 2 people are left after exclusion",
    ],
)
def test_a_value_in_redaction_code_or_a_comment_is_low(line):
    hit = values(f"import pandas\n\n{line}\n")

    assert hit is not None
    assert hit.severity is Severity.LOW
    assert place(hit).part == "line 3"


@pytest.mark.parametrize(
    "line",
    [
        "df.loc[df.n <= 5, 'n'] = '[REDACTED]'",
        'n[n < 6 & n > 0] <- "[REDACTED]"',
        'replace n = "[REDACTED]" if n == 0',
        'replace n = "[REDACTED]" if n == 12',
        "redact_small_numbers(df, n=5, threshold=5)",
        "# suppress counts of 5 or fewer patients",
        "# fewer than 5 people: redact",
        "# redact columns 1 to 3; this was 2 tables",
        "def suppress(x, base=5):",
        "patients = 3 patients",
        "# match 2 unexposed patients to each",
        "# a dummy data set of 3 patients",
        "# all 5 people variables are joined",
        "print('redacted')",
    ],
)
def test_thresholds_designs_and_plain_code_are_none(line):
    assert values(f"{line}\n") is None


def test_a_value_far_down_in_a_long_file_is_found():
    assert values("# redact nothing here\n" * 2_001 + "# redacted by hand: n = 4\n") is not None


def test_the_threshold_is_that_of_the_policy():
    line = "# 6 deaths here\n"

    assert values(line, context_of("a.R", policy="2020-12")) is None
    assert values(line, context_of("a.R", policy="2023-07")) is not None


def test_one_hit_counts_the_lines_and_names_the_first_within_the_part():
    text = Text("x\n# 3 patients died\n" * 6, "cell 4")

    [hit] = VALUES.check_text(text, SCRIPT)

    assert place(hit).part == "cell 4, lines 2, 4, 6 and 3 more"
    assert place(hit).cells == 6


@pytest.mark.parametrize("path", ["tests/test_study.py", "dummy_data/make.R", "codelists/make.py"])
def test_invented_data_and_codelists_describe_nobody(path):
    assert values("# 3 patients died\n", context_of(path)) is None


@pytest.mark.parametrize("kind", [kind for kind in TextKind if kind is not TextKind.PROSE])
def test_texts_of_other_kinds_are_left_to_other_rules(kind):
    text = Text("# 3 patients died\nsmall_number_suppression=False", kind=kind)

    assert not list(VALUES.check_text(text, SCRIPT))
    assert not list(RISKS.check_text(text, SCRIPT))


def test_settings_are_searched_for_redactions_alone():
    context = context_of("project.yaml")

    assert values("# 3 patients died\n", context) is None
    assert values("# redacted: was 3\n", context) is not None


def test_neither_message_nor_place_holds_the_line():
    hit = values("# Zq7CanaryXw: 3 patients died\n")

    assert "Canary" not in repr(hit)


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ("m.configure_disclosure_control(\n  enabled=False)", "a/measures.py", "switched off"),
        ("Measure(id='x', small_number_suppression=False)", "a/study.py", "suppression of small"),
        ("def f():\n    print(df.head())\n", "a/study.py", "rows of data"),
        ("print(cohort)", "a/study.py", "rows of data"),
        ("head(df_cohort, 20)\n", "a/study.R", "rows of data"),
        ("print(head(x))\n", "a/report.Rmd", "rows of data"),
        ("list in 1/10\n", "a/study.do", "rows of data"),
        ("  li id n if n < 6\n", "a/study.do", "rows of data"),
        ("*.pyc\n# output\n", ".gitignore", ".gitignore"),
    ],
)
def test_risky_code_gets_advice_that_fails_no_run(text, path, words):
    [message] = advice(text, path)

    assert words in message
    [hit] = RISKS.check_text(Text(text), context_of(path))
    assert hit.severity is Severity.INFO


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("m.configure_disclosure_control(enabled=True)", "a/measures.py"),
        ("m.configure_disclosure_control(enabled=False)", "tests/test_measures.py"),
        ("m.configure_disclosure_control(enabled=False)", "docs/measures.md"),
        ("print(len(df))\nprint('rows', n)\n# print(df.head())\n", "a/study.py"),
        ("x <- head(df, 5)\n", "a/study.R"),
        ("local list a b\nlisting = 1 if x\n", "a/study.do"),
        ("list in 1/10\n", "a/study.py"),
        ("/output/*\n", ".gitignore"),
        ("outputs\n", ".gitignore"),
        ("*\n!analysis\n", ".gitignore"),
        ("*.pyc\n", "analysis/.gitignore"),
    ],
)
def test_careful_code_gets_none(text, path):
    assert advice(text, path) == []


def test_all_advice_on_a_file_is_one_hit():
    text = "m.configure_disclosure_control(enabled=False)\nprint(df.head())\n"

    [message] = advice(text, "analysis/measures.py")

    assert "switched off" in message
    assert "rows of data" in message
