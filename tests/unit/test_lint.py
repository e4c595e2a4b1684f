from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.actions.notify import KINDS
from breachkit.model.errors import RefusedError
from breachkit.report.lint import (
    WAIVABLE,
    Licence,
    LintError,
    LintRule,
    check,
    mask_ids,
    problems,
    waivable,
)
from breachkit.report.mail import render
from breachkit.workflows.playbooks import read_text
from tests.support.mailfacts import BARE, FULL, notice


TLP = "TLP:AMBER+STRICT"
STRICT = Licence(
    paths="opaque",
    tlp=TLP,
    addresses=("jo@example.org",),
    tokens=("example/covid-19-deaths", "BK-2026-0007"),
)


def rules_against(line, licence=STRICT):
    return {problem.rule for problem in problems(f"{TLP}\nhello\n{line}\nbye\n{TLP}\n", licence)}


FORBIDDEN = [
    ("object id", "ab" * 20),
    ("object id", "1" * 40),
    ("object id", "the id is " + "0aF3" * 16 + "."),
    ("abbreviated object id", "see 1a2b3c4"),
    ("abbreviated object id", "see (1A2B3C4D)"),
    ("abbreviated object id", "g1a2b3c4d5e6f7x"),
    ("abbreviated object id", "_1a2b3c4_"),
    ("abbreviated object id", "1a2b\u200b3c4d"),
    ("abbreviated object id", "\uff11\uff41\uff12\uff42\uff13\uff43\uff14"),
    ("encoded data", "UHJhY3RpY2UsNApBLDMKQiwyCg"),
    ("encoded data", "QUIsNA=="),
    ("e-mail address", "write to sam@example.org"),
    ("e-mail address", "write to jo@example.org.evil.example"),
    ("e-mail address", "<mailto:sam@ex\u00e4mple.org>"),
    ("number of people", "4 patients"),
    ("number of people", "patients: \uff14"),
    ("number of people", "four of the patients"),
    ("number of people", "deaths were\nonly 3"),
    ("number of people", "\u0663 people"),
    ("number of people", "a single person"),
    ("number of people", "\u2463 deaths"),
    ("number of people", "fourteen females"),
    ("number of people", "both boys"),
    ("number of people", "cases (4)"),
    ("number of people", "2 data subjects"),
    ("number of people", "4 patients on 2026-03-01 09:14 UTC"),
    ("number of people", "patients 2026-03-01"),
    ("number in a sample", "n=4"),
    ("number in a sample", "N = \uff14"),
    ("number in a sample", "the count is 4"),
    ("row of a table", "Hospital A,4,12"),
    ("row of a table", "Hospital A\t4"),
    ("row of a table", "| Hospital A | 4 |"),
    ("row of a table", "a;4"),
    ("row of a table", "Practice,[REDACTED]"),
    ("release trailer", "opensafely-released-from: host"),
    ("release trailer", "opensafely-released-from: (host) and folder masked"),
    ("name of a computer", "on l4.tpp.example.org"),
    ("name of a computer", "on backend01.internal"),
    ("name of a computer", "at 10.1.2.3"),
    ("path", "in output/practice_a"),
    ("path", r"in D:\Level4Files\x"),
    ("path", "in /srv/medium"),
    ("file name", "in dr_bloggs.csv"),
    ("TLP label", "TLP: RED"),
    ("TLP label", "TLP:WHITE"),
    ("TLP label", "tlp:amber"),
    ("TLP label", "TLP:AMBER + STRICT"),
]


@pytest.mark.parametrize(("rule", "line"), FORBIDDEN)
def test_each_forbidden_thing_is_caught(rule, line):
    assert rule in rules_against(line)


@pytest.mark.parametrize(
    "line",
    [
        "Repository example/covid-19-deaths has 4 refs",
        "Pull requests 12, 15, 18",
        "2026-03-01 09:14 UTC (Sunday), 72 hours",
        "Phone +44 20 7946 0000",
        "facade deadbeef 1234567 12345678",
        "answer jo@example.org",
        "Findings 12, by rule: CNT-01 (10), PAT-01 (2)",
        "no patient data",
        "Decided on 2026-03-06 17:05 UTC (Friday)\n  Individuals told  not yet decided",
        "Opensafely-released-from: (host and folder masked)",
        "Opensafely-released-from: (host and\n  folder masked)",
    ],
)
def test_what_messages_need_to_say_is_let_through(line):
    assert rules_against(line) == set()


def test_the_error_names_rule_and_line_and_not_the_text():
    with pytest.raises(LintError) as caught:
        check(f"{TLP}\n\nsecret 4 patients\n{TLP}\n", STRICT, what="N-001")
    assert "number of people in line 3" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.exit_code == 6


@pytest.mark.parametrize(
    "text", ["hello\n", f"{TLP}\nhello\n", f"hello\n{TLP}\n", f" {TLP}\nhello\n{TLP}\n"]
)
def test_the_label_must_be_first_and_last(text):
    assert "TLP label" in {problem.rule for problem in problems(text, STRICT)}


def test_a_label_that_does_not_exist_is_no_label():
    assert problems("TLP:WHITE\nhello\nTLP:WHITE", replace(STRICT, tlp="TLP:WHITE"))


def test_paths_are_judged_by_the_policy():
    path, name = "output/table.csv", "table.csv"
    assert rules_against(path, replace(STRICT, paths="full")) == set()
    assert rules_against(path, replace(STRICT, paths="basename")) == {"path"}
    assert rules_against(name, replace(STRICT, paths="basename")) == set()
    assert rules_against(name, STRICT) == {"file name"}


def test_a_number_that_the_templates_author_wrote_counts_nobody_and_one_filled_in_does():
    licence = replace(STRICT, own_lines=frozenset({"D. CONSEQUENCES (ARTICLE 33(3)(C))"}))
    heading = "D. CONSEQUENCES (ARTICLE 33(3)(C))"

    assert rules_against(f"{heading}\n  patients could be known", licence) == set()
    assert rules_against(f"{heading}\n  patients could be known") == {"number of people"}
    assert rules_against(f"{heading}\n  patients: 4", licence) == {"number of people"}
    assert rules_against(f"{heading} 4\n  patients", licence) == {"number of people"}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("the asthma study", True),
        ("the  ASTHMA\nreviews", True),
        ("Jo Author", True),
        ("asthmatic", False),
        ("a study", False),
        ("by x", False),
    ],
)
def test_a_text_for_anybody_holds_no_name_of_the_study_or_of_a_person(line, found):
    licence = replace(
        STRICT,
        forbidden=("asthma", "asthma reviews", "study", "Jo Author", "x"),
        own_words="Summary of a study\n{{ lessons }}",
    )

    assert ("name of the study or of a person" in rules_against(line, licence)) == found


@pytest.mark.parametrize(
    "line", ["2 files", "since 2026", "\u00b2", "\u2463", "\u0663", "\u4e09", "\uff14"]
)
def test_where_no_number_may_stand_none_does_in_any_script(line):
    licence = replace(STRICT, counts_allowed=False, tokens=("March 2026",))

    assert "number" in rules_against(line, licence)
    assert "number" not in rules_against(line)
    assert rules_against("in March 2026", licence) == set()


@pytest.mark.parametrize("rule", sorted(get_args(LintRule)))
def test_inc_073_only_what_can_be_no_value_can_be_waived(rule):
    licence = replace(STRICT, waived=frozenset(get_args(LintRule)))

    if rule in WAIVABLE:
        assert waivable([rule]) == {rule}
        return
    with pytest.raises(RefusedError, match="cannot be set aside"):
        waivable([rule])
    lines = [line for name, line in FORBIDDEN if name == rule]
    assert all(rule in rules_against(line, licence) for line in lines)


def test_inc_073_what_is_waived_is_let_through_and_nothing_else():
    licence = replace(STRICT, waived=frozenset({"path"}))

    assert rules_against("in output/practice_a, 4 patients", licence) == {"number of people"}


def test_inc_073_nobody_waives_what_there_is_not():
    with pytest.raises(RefusedError):
        waivable(["everything"])
    assert waivable([]) == frozenset()


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2**160 - 1))
def test_no_object_id_gets_through_in_any_dress(number):
    oid = f"{number:040x}"
    for dressed in (
        oid,
        oid.upper(),
        f"sha1:{oid}",
        f"x{oid}x",
        f"`{oid}`",
        f"{oid[:20]}\u200b{oid[20:]}",
    ):
        assert {"object id", "abbreviated object id"} & rules_against(dressed)
    assert oid not in mask_ids(f"see {oid} there")


@settings(deadline=None, max_examples=100)
@given(
    st.integers(1, 99),
    st.sampled_from(["patients", "people", "deaths", "Person", "PATIENT"]),
    st.sampled_from(["{n} {w}", "{w} ({n})", "{n} of our {w}", "{w} = {n}", "{w}:\n{n}"]),
)
def test_no_number_stands_beside_people(number, word, form):
    assert "number of people" in rules_against(form.format(n=number, w=word))


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=200))
def test_the_lint_never_fails_on_any_text(text):
    found = problems(text, STRICT)
    assert all(1 <= problem.line <= text.count("\n") + 2 for problem in found)


@pytest.mark.parametrize("kind", [kind.alias for kind in KINDS])
@pytest.mark.parametrize("facts", [BARE, FULL], ids=["bare", "full"])
def test_the_shipped_templates_pass(kind, facts):
    message = notice(kind)
    assert render(message, facts, read_text(message.kind.template)).text.startswith(
        message.kind.tlp
    )


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("patients", "4 patients"),
        ("four", "four deaths"),
        ("1234", "1234 patients"),
        ("12", "12 patients"),
    ],
)
def test_a_repository_named_like_a_count_hides_no_count(name, line):
    assert rules_against(line, replace(STRICT, tokens=(name,)))


def test_dates_and_times_in_a_label_are_no_ids():
    assert (
        mask_ids("2026-03-01T09:14:00Z by Jo, K-003, 12345678")
        == "2026-03-01T09:14:00Z by Jo, K-003, 12345678"
    )
    assert mask_ids("see 1a2b3c4d") == "see <object-id>"


@pytest.mark.parametrize("letter", ["a", ".", "@", "/", "\u00e4", "-"])
def test_a_word_without_end_is_refused_and_costs_no_time_to_speak_of(letter):
    text = f"{TLP}\nhello\n{'x ' * 200}{letter * 400_000} and a.csv\n{TLP}\n"

    assert (3, "encoded data") in {(each.line, each.rule) for each in problems(text, STRICT)}


def test_a_persons_name_in_the_cases_codename_tells_nobody_anything_and_elsewhere_it_does():
    licence = Licence(paths="opaque", tlp="TLP:CLEAR", forbidden=("Robin",), codename="amber-robin")

    assert problems("TLP:CLEAR\nThe case amber-robin is over.\nTLP:CLEAR\n", licence) == ()
    (found,) = problems("TLP:CLEAR\namber-robin: ask Robin.\nTLP:CLEAR\n", licence)
    assert (found.line, found.rule) == (2, "name of the study or of a person")
