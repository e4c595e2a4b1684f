"""A sweep as text: the worst first, long lists counted, in the width there is."""

import re

from breachkit.actions.sweeping import Life, Standing
from breachkit.model.findings import Severity
from breachkit.report.sweep_text import Shape, to_text
from tests.support.reporting import HOSTILE
from tests.support.swept import many, record, repository, seen, sweep_of


def blocks(made, **more):
    return to_text(made, **more).split("\n\n")


def test_the_worst_repository_comes_first_then_the_one_with_most_then_by_name():
    low, high = seen(1, Severity.LOW), seen(2)
    some = {"a": [low], "b": [high], "c": [high, low], "d": [high]}
    made = sweep_of(*(repository(name, *map(record, found)) for name, found in some.items()))

    assert [block[0] for block in blocks(made)[1:-1]] == ["c", "b", "d", "a"]


def test_what_is_known_accepted_or_gone_is_counted_and_not_listed():
    others = (record(seen(n), life) for n, life in enumerate(Life) if life is not Life.NEW)
    text = to_text(sweep_of(repository("study", *others)))

    assert "nothing new" in text
    assert "study" not in text
    assert "0 new, 1 known, 1 accepted, 1 gone" in text


def test_versions_of_a_file_and_files_that_are_alike_take_one_entry():
    versions = [record(seen(n, path="out/t.csv")) for n in range(3)]
    alike = [record(seen(n, path=f"out/{n}.csv")) for n in range(5)]
    other = record(seen(9, path="other/t.csv", message="a name of a patient"))
    (told,) = blocks(sweep_of(repository("study", *versions, *alike, other)))[1:-1]

    assert re.findall(r"\S+\.csv", told) == ["other/t.csv", "out/0.csv"]
    assert "and 5 more files like it (18 cells in all)" in told


def test_the_versions_of_a_file_are_counted_where_it_stands_for_all():
    versions = [record(seen(n, path="t.csv")) for n in range(3)]
    text = to_text(sweep_of(repository("study", *versions)))

    assert "and 2 more findings in its versions" in " ".join(text.split())


def test_the_severity_of_a_file_is_that_of_its_worst_version():
    made = sweep_of(
        repository(
            "study",
            record(seen(1, Severity.LOW, path="t.csv")),
            record(seen(2, Severity.CRITICAL, path="t.csv")),
        )
    )

    assert "  critical  t.csv" in to_text(made)
    assert "  low " not in to_text(made)


def test_long_lists_are_counted_and_shown_whole_where_that_is_wanted():
    made = many(600)
    brief, whole = to_text(made), to_text(made, shape=Shape(verbose=True))

    assert len(brief.splitlines()) < 220
    assert "no worse than these" in brief or "none worse than these" in brief
    assert "60 x the server did not answer" in brief
    assert brief.count("example/study-002") == 1
    named = {one.outcome.name for one in made.repositories if one.of(Life.NEW)}
    assert all(f"\n{name}: " in whole for name in named)
    assert "-v shows all" not in whole
    failed = {one.outcome.name for one in made.standing(Standing.FAILED)}
    assert all(name in whole for name in failed)
    assert brief.splitlines()[-4:] == whole.splitlines()[-4:]


def test_only_names_are_wider_than_the_screen_and_no_word_is_broken():
    made = many(60)
    for width in (60, 80, 120):
        lines = to_text(made, shape=Shape(width=width)).splitlines()
        assert max(map(len, lines)) <= width
    long = sweep_of(repository("x" * 150, record(seen(1, path="y" * 150))), target="z" * 150)
    wide = [line.strip(": ") for line in to_text(long).splitlines() if len(line) > 80]
    assert [max(line.split(), key=len).rstrip(":") for line in wide] == [
        name * 150 for name in "zxy"
    ]


def test_nothing_that_somebody_chose_acts_or_makes_a_line_of_its_own():
    plain, found = "name", []
    for text in (plain, *HOSTILE):
        one = record(seen(1, path=text, message=text, part=text, columns=(text,)))
        made = sweep_of(
            repository(text, one),
            repository("other", standing=Standing.FAILED, reason=text),
            target=text,
            unfinished=text,
        )
        written = to_text(made, notes=(text,), shape=Shape(width=100_000))
        assert all(each.isprintable() for each in written.splitlines())
        found.append(len(written.splitlines()))

    assert len(set(found)) == 1


def test_numbers_alone_name_nothing_that_somebody_chose():
    made = sweep_of(
        repository("study", record(seen(1))),
        repository("other", standing=Standing.FAILED, reason="secret reason"),
        target="secret target",
        unfinished="secret cause",
    )
    text = " ".join(to_text(made, counts_only=True).split())

    for word in ("secret", "study", "other", "released_outputs", "CNT-01", "patients"):
        assert word not in text
    assert "1 new finding, the worst high; not everything was looked at" in text
    assert "1 scanned, 1 failed" in text


def test_what_was_looked_at_but_not_read_is_named():
    made = sweep_of(
        repository("whole"),
        repository("a", complete=False, unread=1200),
        repository("b", complete=False),
    )
    text = to_text(made)

    assert "  a: 1,200 objects not examined" in text
    assert "  b: the copy is not complete" in text
    assert "whole" not in text
    assert "Not examined: 1,200 objects" in text
