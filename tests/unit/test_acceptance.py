"""What an acceptance covers, and what its file has to look like."""

import contextlib
import re
import time
from dataclasses import replace
from datetime import date, timedelta

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.actions.acceptance import (
    LONGEST,
    AcceptanceFileError,
    Book,
    Entry,
    Key,
    WrongKeyError,
    check_dates,
    read_book,
)
from breachkit.actions.weighing import Wanted, with_acceptances, within
from breachkit.model.errors import ConfigurationError
from breachkit.model.findings import Severity
from breachkit.report.words import limits
from tests.support import results
from tests.support.schemas import scan_schema


KEY = Key.from_text("5a" * 32, origin="the test")
TODAY = date(2026, 3, 10)
FILE = f"""\
# ours
schema = "breachkit.acceptances/1"
key = "{KEY.name}"

[[acceptance]]
mark = "{KEY.mark("CNT-01", "0" * 40)}"
rule = "CNT-01"
severity = "high"
path = "out/a.csv"
by = "Ada Hartley"
reason = "numbers of practices"
on = 2026-03-01
until = 2026-09-01

[[acceptance]]
mark = "{KEY.mark("PAT-01", "0" * 40)}"
rule = "PAT-01"
severity = "critical"
path = ""
by = "Ada Hartley"
reason = "invented"
on = 2026-03-01
until = 2027-03-02
really = true
"""


def read(text=FILE, today=TODAY):
    return read_book(text, shown="a.toml", today=today)


def entry(finding, **changes):
    rule, severity = finding.hit.rule, finding.hit.severity
    fields = {
        "mark": KEY.mark(rule, finding.object_id),
        "rule": rule,
        "severity": severity,
        "path": "x",
        "by": "Ada",
        "reason": "harmless",
        "on": TODAY,
        "until": TODAY,
    }
    return Entry(**{**fields, **changes})


def weighed(result, *entries, today=TODAY):
    marks = {each.mark: each for each in entries}
    return with_acceptances(
        result, Book(key_name=KEY.name, entries=tuple(marks.values())), KEY, today
    )


def shown(findings):
    return sorted((each.hit.rule, each.object_id, each.id) for each in findings)


# --- what one covers ------------------------------------------------------------------------


def bare(result):
    """As a scan gives it: nothing set aside."""
    return replace(result, accepted=(), lapsed=(), known=(), baseline=None)


@settings(max_examples=60)
@given(results.scan_results.map(bare))
def test_whatever_is_found_can_be_accepted_and_is_listed(result):
    entries = [entry(each, severity=Severity.CRITICAL, really=True) for each in result.findings]
    after = weighed(result, *entries)

    assert after.findings == ()
    assert shown(each.finding for each in after.accepted) == shown(result.findings)
    assert after.exit_code == (5 if result.has_gaps else 0)
    if any(each.hit.severity for each in result.findings):
        assert after.verdict in {"limited", "incomplete"}


@settings(max_examples=60)
@given(results.scan_results.map(bare), st.data())
def test_an_acceptance_hides_nothing_of_another_rule_or_in_another_blob(result, data):
    if not result.findings:
        return
    chosen = data.draw(st.sampled_from(result.findings))
    after = weighed(result, entry(chosen, severity=Severity.CRITICAL, really=True))

    same = (chosen.hit.rule, chosen.object_id)
    for finding in result.findings:
        is_hidden = finding not in after.findings
        assert is_hidden == ((finding.hit.rule, finding.object_id) == same)


@settings(max_examples=60)
@given(results.scan_results.map(bare), st.integers(1, 1000))
def test_an_expired_one_hides_nothing_and_is_said_to_have_expired(result, days):
    until = TODAY - timedelta(days=days)
    entries = [entry(each, until=until, really=True) for each in result.findings]
    after = weighed(result, *entries)

    assert after.findings == result.findings
    assert after.accepted == ()
    assert shown(each.finding for each in after.lapsed) == shown(result.findings)
    assert all(each.why == f"expired: its last day was {until}" for each in after.lapsed)
    assert (after.verdict, after.exit_code) == (result.verdict, result.exit_code)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "1 finding was accepted once, and counts again"),
        (2, "2 findings were accepted once, and count again"),
    ],
)
def test_what_counts_again_is_said_in_whole_words(number, said):
    found = results.result(*(results.finding(each + 1) for each in range(number)))
    late = TODAY - timedelta(days=1)
    after = weighed(found, *(entry(each, until=late) for each in found.findings))

    assert limits(after) == [said]


def test_it_holds_on_its_last_day():
    finding = results.finding(1)
    result, one = results.result(finding), entry(finding)

    assert weighed(result, one).findings == ()
    assert weighed(result, one, today=TODAY + timedelta(days=1)).findings == (finding,)


def test_it_covers_nothing_worse_than_what_was_accepted():
    finding = results.finding(1, hit=results.hit(severity=Severity.HIGH))
    after = weighed(results.result(finding), entry(finding, severity=Severity.MEDIUM))

    assert after.findings == (finding,)
    assert after.lapsed[0].why == "accepted when it was medium; it is high now"
    assert (
        weighed(results.result(finding), entry(finding, severity=Severity.CRITICAL)).findings == ()
    )


def test_rows_of_patients_are_covered_only_where_that_was_meant():
    finding = results.finding(1, hit=results.hit("PAT-02", Severity.CRITICAL))
    result = results.result(finding)

    assert weighed(result, entry(finding)).findings == (finding,)
    assert weighed(result, entry(finding, really=True)).findings == ()


def test_another_key_covers_nothing_and_is_refused():
    other = Key.from_text("6b" * 32, origin="the test")
    finding = results.finding(1)

    assert other.mark("CNT-01", finding.object_id) != KEY.mark("CNT-01", finding.object_id)
    with pytest.raises(WrongKeyError, match=r"another key.*BREACHKIT_ACCEPTANCE_KEY"):
        read().require(other, "a.toml")


def test_neither_a_blob_nor_the_key_is_in_what_is_written():
    finding = results.finding(1)
    text = str(read().to_json(TODAY)) + repr(KEY) + str(entry(finding))

    assert finding.object_id not in text
    assert "0" * 40 not in text
    assert "5a" * 32 not in text


# --- limits ---------------------------------------------------------------------------------


def test_what_nobody_asked_for_is_left_out_and_counted():
    findings = (
        results.finding(1, hit=results.hit("PAT-01", Severity.CRITICAL)),
        results.finding(2, hit=results.hit("CNT-01", Severity.MEDIUM)),
        results.finding(3, hit=results.hit("HIS-04", Severity.INFO)),
    )
    result = results.result(*findings)
    some = within(result, Wanted(rules=("CNT-01",), min_severity=Severity.LOW))
    none = within(result, Wanted(rules=("GEO-01",)))

    assert (some.findings, some.limits.left_out, some.exit_code) == (findings[1:2], 1, 12)
    assert (none.findings, none.limits.left_out, none.exit_code) == ((), 2, 0)
    assert none.verdict == "limited"
    assert within(results.result(), Wanted(rules=("GEO-01",))).verdict == "limited"


# --- the file -------------------------------------------------------------------------------


def test_a_file_is_read_as_it_was_written():
    first, second = read().entries

    assert (first.by, first.reason, first.severity) == ("Ada Hartley", "numbers of practices", 3)
    assert (first.on, first.until, first.really) == (date(2026, 3, 1), date(2026, 9, 1), False)
    assert (second.path, second.really) == ("", True)
    assert first.id == f"A-{first.mark[:8]}"


def test_the_file_as_json_is_valid_against_the_schema():
    jsonschema.validate(read().to_json(TODAY), scan_schema("acceptances-1"))
    states = [each["state"] for each in read(today=date(2026, 10, 1)).to_json(date(2026, 10, 1))["acceptance"]]  # fmt: skip
    assert states == ["expired", "in force"]


BROKEN = {
    "no TOML": ('by = "Ada Hartley"', "by = Ada", 10, "not TOML"),
    "a half line": ("really = true\n", "really =", 24, "not TOML"),
    "another schema": ("acceptances/1", "acceptances/2", 2, "schema"),
    "no key": (f'key = "{KEY.name}"\n', "", 1, "key"),
    "a key that is none": (KEY.name, "ours", 3, "16 digits"),
    "an unknown key above": ("# ours", "by = 'me'", 1, "'by' means nothing"),
    "a slip of the pen": ("until = 2026-09-01", "untill = 2026-09-01", 5, "until must be a date"),
    "an unknown key": ("really = true", "realy = true", 24, "'realy' means nothing"),
    "no end": ("until = 2027-03-02\n", "", 15, "until must be a date"),
    "an end in words": ("until = 2027-03-02", 'until = "2027-03-02"', 23, "must be a date"),
    "an end at a time": ("until = 2027-03-02", "until = 2027-03-02T09:00:00Z", 23, "must be a date"),
    "too long": ("until = 2027-03-02", "until = 2027-03-03", 23, "a year at most: until 2027-03-02"),
    "over before it began": ("until = 2026-09-01", "until = 2026-02-01", 13, "before the day"),
    "not yet": ("on = 2026-03-01\nuntil = 2026-09-01", "on = 2026-03-12\nuntil = 2026-09-01", 12, "future"),
    "nobody": ('by = "Ada Hartley"', 'by = " "', 10, "by is missing"),
    "no reason": ('reason = "invented"\n', "", 15, "reason is missing"),
    "a mark that is none": (KEY.mark("PAT-01", "0" * 40), "0" * 40, 16, "mark must be"),
    "a rule that is none": ('rule = "PAT-01"', 'rule = "any"', 17, "rule must be"),
    "a severity that is none": ('severity = "high"', 'severity = "bad"', 8, "severity must be"),
    "really in words": ("really = true", 'really = "yes"', 24, "true or false"),
    "twice": (KEY.mark("PAT-01", "0" * 40), KEY.mark("CNT-01", "0" * 40), 16, "same finding as in line 6"),
}  # fmt: skip


def test_thousands_of_acceptances_are_read_in_a_moment():
    head, one = FILE.split("[[acceptance]]")[:2]
    mark = KEY.mark("CNT-01", "0" * 40)
    every = (f"[[acceptance]]{one}".replace(mark, f"{number:064x}") for number in range(2_000))
    began = time.perf_counter()

    assert len(read(head + "".join(every)).entries) == 2_000
    assert time.perf_counter() - began < 3


@pytest.mark.parametrize(("old", "new", "line", "said"), BROKEN.values(), ids=BROKEN)
def test_a_file_broken_by_hand_is_refused_with_the_line(old, new, line, said):
    assert old in FILE
    with pytest.raises(AcceptanceFileError) as refused:
        read(FILE.replace(old, new, 1))

    assert re.match(rf"a\.toml, line {line}: ", str(refused.value)), refused.value
    assert said in str(refused.value)


@pytest.mark.parametrize("text", ["", "schema", 'acceptance = "x"', "acceptance = [1]", "\0", "[["])
def test_what_is_no_such_file_is_refused(text):
    with pytest.raises(AcceptanceFileError, match=r"line \d+"):
        read(text)


@given(st.text())
def test_no_text_makes_reading_fail_in_another_way(text):
    with pytest.raises(AcceptanceFileError, match=r"line \d+"):
        read(text)


@given(st.integers(0, len(FILE)), st.text(max_size=3))
def test_no_slip_in_a_file_makes_reading_fail_in_another_way(at, slip):
    text = FILE[:at] + slip + FILE[at + len(slip) :]
    with contextlib.suppress(AcceptanceFileError):
        assert all(each.until - each.on <= LONGEST for each in read(text).entries)


def test_an_acceptance_made_where_it_is_tomorrow_already_is_read():
    check_dates(TODAY + timedelta(days=1), TODAY + timedelta(days=9), TODAY)
    with pytest.raises(ValueError, match="future"):
        check_dates(TODAY + timedelta(days=2), TODAY + timedelta(days=9), TODAY)


@pytest.mark.parametrize("text", ["", "secret", "5a" * 31, "5a" * 33, "zz" * 32])
def test_a_key_that_could_be_guessed_is_none(text):
    with pytest.raises(ConfigurationError, match="64 hexadecimal digits"):
        Key.from_text(text, origin="BREACHKIT_ACCEPTANCE_KEY")
