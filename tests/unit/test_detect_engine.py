"""One object through the rules: whatever fails, the scan goes on and says so."""

import gzip

import pytest

from breachkit.detect.engine import examine, examine_message, examine_name
from breachkit.detect.registry import Rules
from breachkit.detect.rule import About
from breachkit.documents.table import Unreadable
from breachkit.model.findings import Confidence, Hit, Location, Severity
from breachkit.model.ids import GitPath
from breachkit.sdc.sketching import MAX_ROWS_SKETCHED
from tests.support.judging import context_of


CANARY = "CANARY7391"
CONTEXT = context_of("released_outputs/t.csv")


class Rule:
    """Finds what it is told to, or fails."""

    about = About(
        id="TST-01",
        title="A rule",
        severity=Severity.LOW,
        confidence=Confidence.LOW,
        why="",
        example="",
        remedy="",
        source="",
    )

    def __init__(self, location=None, *, fails=False):
        self._location = location
        self._fails = fails
        self.seen = []

    def check_table(self, table, context):
        self.seen.append(table)
        yield Hit(
            rule="TST-01",
            severity=Severity.LOW,
            confidence=Confidence.LOW,
            message="found",
            location=self._location,
        )
        if self._fails:
            raise ValueError(CANARY)

    def check_text(self, text, context):
        self.seen.append(text)
        return self.check_table(text, context)

    def check_file(self, content, context):
        return self.check_table(content, context)


def look(content, *, rules, want_sketch=False, context=CONTEXT):
    return examine(content, context, sketch_key=b"key", want_sketch=want_sketch, rules=rules)


@pytest.mark.parametrize("kind", ["file", "table"])
def test_a_rule_that_fails_is_reported_without_what_it_said(kind):
    rules = Rules(**{kind: (Rule(fails=True), Rule())})  # type: ignore[arg-type]
    found = look(b"a,n\nx,3\n", rules=rules)

    assert found.unreadable == (Unreadable("rule TST-01 failed: ValueError"),)
    assert len(found.hits) == 1
    assert CANARY not in repr(found)


def test_a_text_rule_that_fails_is_reported_too():
    found = examine_message(b"words", context_of(), rules=Rules(text=(Rule(fails=True),)))

    assert found.unreadable == (Unreadable("rule TST-01 failed: ValueError", "message"),)


def test_a_hit_in_a_member_says_which_member():
    found = look(
        gzip.compress(b"a,n\nx,3\n"),
        rules=Rules(table=(Rule(), Rule(Location(rows=(1,))), Rule(Location(part="own")))),
        context=context_of("released_outputs/t.csv.gz"),
    )

    parts = [hit.location.part for hit in found.hits if hit.location]
    assert parts == ["t.csv", "t.csv", "own"]
    assert found.hits[1].location == Location(part="t.csv", rows=(1,))


def test_unread_content_is_handed_on():
    found = look(b"Rar!\x1a\x07\0", rules=Rules())

    assert found.unreadable == (Unreadable("no reader for rar archive yet"),)


def test_unread_content_within_a_file_is_told_from_the_file_itself():
    found = look(gzip.compress(b"Rar!\x1a\x07\0"), rules=Rules())

    assert found.unreadable == (
        Unreadable("something within it: no reader for rar archive yet", "t.csv"),
    )


def test_sketches_are_made_only_where_they_are_wanted():
    assert look(b"a,n\nx,3\n", rules=Rules()).sketches == ()
    [sketch] = look(b"a,n\nx,3\n", rules=Rules(), want_sketch=True).sketches
    assert sketch.header == ("a", "n")


def test_a_table_of_which_comparing_sees_a_part_is_named_as_unread_in_part():
    rows = b"x,3\n" * (MAX_ROWS_SKETCHED + 1)

    assert look(b"a,n\n" + rows, rules=Rules()).unreadable == ()
    [gap] = look(b"a,n\n" + rows, rules=Rules(), want_sketch=True).unreadable
    assert gap.reason.endswith("were compared with other versions and tables")
    assert look(b"a,n\n" + rows[4:], rules=Rules(), want_sketch=True).unreadable == ()


def test_a_message_goes_through_text_rules_and_its_table_through_table_rules():
    text, table = Rule(), Rule()
    examine_message(
        b"Fix\n\nage,n\nx,3\n", context_of(), "note", rules=Rules(text=(text,), table=(table,))
    )

    assert [seen.part for seen in text.seen if hasattr(seen, "text")] == ["note", "note"]
    assert [seen.part for seen in table.seen] == ["note"]


def test_a_name_is_judged_as_a_person_sees_it():
    rule = Rule()
    examine_name(GitPath(b"out/\x1b[31m.csv"), context_of(), rules=Rules(text=(rule,)))

    assert rule.seen[0].text == "out/\\x1b[31m.csv"
    assert rule.seen[0].part == "name"


def test_no_finding_tells_anything_of_a_cell():
    content = f"group,n,{CANARY}=12\n{CANARY},3,1\nother (n={CANARY}2),1204,2\n{CANARY} n=4,5,6\n"

    found = examine(content.encode(), CONTEXT, sketch_key=b"key", want_sketch=True)

    assert {hit.rule for hit in found.hits} == {"CNT-01"}
    shown = repr((found.hits, found.unreadable))
    assert CANARY not in shown
    assert "1204" not in shown
