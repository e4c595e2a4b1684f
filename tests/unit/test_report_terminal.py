import io
import re
from dataclasses import replace

import pytest
from hypothesis import example, given, settings

from breachkit.model.findings import MAX_ROWS, Attribution, Location, Severity, Skipped
from breachkit.model.ids import GitPath, RefName
from breachkit.report import words
from breachkit.report.terminal import make_console, print_scan
from tests.support import results
from tests.support.reports import ABOUT, terminal_text


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM", "TTY_COMPATIBLE", "COLUMNS", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    return Terminal()


def two_files():
    """One critical in HEAD; another file whose two versions a later commit took away."""
    identifiers = results.finding(
        1,
        hit=results.hit(
            "PAT-01",
            Severity.CRITICAL,
            message="One column looks like patient numbers.",
            location=Location(rows=tuple(range(1, 41)), columns=("nhs_no",), cells=40),
        ),
        attribution=Attribution(
            paths=(GitPath(b"output/patients.csv"),),
            first_date=results.DAY,
            commits=1,
            refs=(RefName(b"refs/heads/main"),),
            reach="head",
        ),
    )
    pull_only = Attribution(
        paths=(GitPath(b"old/t.csv"), GitPath(b"output/t.csv")),
        first_date=results.DAY.replace(year=2020),
        commits=2,
        refs=(RefName(b"refs/pull/12/head"),),
        reach="pull",
    )
    history = Attribution(
        paths=(GitPath(b"old/t.csv"), GitPath(b"output/t.csv")),
        first_date=results.DAY,
        commits=2,
        refs=(RefName(b"refs/heads/main"),),
        reach="history",
    )
    counts = Location(rows=(3, 4, 5, 9), columns=("n_deaths", "n"), cells=6)
    return (
        results.finding(2, hit=results.hit(severity=Severity.MEDIUM), attribution=pull_only),
        results.finding(3, hit=results.hit(location=counts), attribution=history),
        identifiers,
    )


def test_the_report_reads_like_this():
    skipped = tuple(
        Skipped(reason="needs breachkit[stata]", path=GitPath(b"output/m%d.dta" % number))
        for number in (0, 1, 2, 2, 3)
    )
    text = terminal_text(results.result(*two_files(), skipped=skipped))

    assert text == (
        """\
NOT CLEAN: 3 findings in 2 files (1 critical, 1 high, 1 medium)
Also INCOMPLETE: 5 objects were not examined
breachkit scanned /srv/studies/flu

 CRITICAL  output/patients.csv
  PAT-01  Patient identifiers: One column looks like patient numbers.
          column nhs_no, rows 1-40 (40 cells); F-0001
  now     in the current files (HEAD); since 2021-05-03, changed by 1 commit

 HIGH  old/t.csv
  also named output/t.csv
  CNT-01  Small counts in a count column: Counts of people from 1 to 5 stand in
          a count column.
          columns n_deaths, n, rows 3-5, 9 (6 cells); F-0003 and 1 more, in 2
          versions since 2020-05-03
  now     not in the current files, but in the history of HEAD; since
          2021-05-03, changed by 2 commits

What to do
  PAT-01  Start a case at once.
  CNT-01  Redact the cell, then a second one so that no total gives it back.
  Do not repair it by deleting, correcting or reverting the file: every earlier
  version stays in the history, one command away.
  What may stay as it is can be accepted, by name and for a time:
    breachkit accept --help
  Rows are counted from 1, below the header.

Not examined, so not known to be clean
  5 x needs breachkit[stata]
      output/m2.dta (2 versions) and 3 other names
  Somebody who may see the data has to look at these.

What was looked at
  refs     heads 3, tags 1, pull 2
  objects  commits 412 read; trees 800 read; blobs 1,203 read, 7 known from
           before; tags 1 read
  content  45.1 MB in 0.8 s
  policy   auto: each file by the rules of the day it was committed

NOT CLEAN, exit code 14
Next: breachkit open /srv/studies/flu
      start a case: who must be told, and how to take it out of the history
"""
    )


def test_the_verdict_is_clean_only_where_everything_was_examined():
    skipped = (Skipped(reason="not text"),)
    remark = results.finding(1, hit=results.hit(severity=Severity.INFO))

    def first(result):
        return terminal_text(result, width=200).splitlines()[0]

    assert (
        first(results.result())
        == "CLEAN: nothing found, and everything that refs reach was examined"
    )
    assert first(results.result(remark)).endswith("examined (1 remark for information)")
    assert first(results.result(skipped=skipped)) == (
        "INCOMPLETE: nothing found, but 1 object was not examined"
    )
    assert first(results.result(remark, shallow=True)) == (
        "INCOMPLETE: nothing found, but the clone is shallow: older history is missing"
    )
    assert "CLEAN:" not in terminal_text(results.lacking(blob=1))


def test_only_the_worst_groups_are_shown_and_the_rest_is_counted():
    findings = [
        results.finding(number, b"out%03d/t.csv" % number, hit=results.hit(severity=severity))
        for number, severity in enumerate([Severity.MEDIUM] * 30 + [Severity.HIGH] * 2)
    ]
    text = terminal_text(results.result(*findings), most_groups=3)

    assert re.findall(r"out\d+/t\.csv", text) == ["out030/t.csv", "out031/t.csv", "out000/t.csv"]
    assert "And 29 findings in 29 files (29 medium). All of them: -v, or --format" in text


def test_large_numbers_are_grouped_wherever_they_stand():
    findings = [results.finding(number, b"out/t.csv") for number in range(1_204)]

    assert words.found(findings) == "1,204 findings in 1 file (1,204 high)"


def test_a_remark_takes_one_line_and_no_remedy():
    findings = (
        results.finding(1),
        results.finding(2, hit=results.hit("HIS-03", Severity.INFO, message="a remark")),
    )
    text = terminal_text(results.result(*findings))

    assert text.count("HIS-03") == 1
    assert "  HIS-03  info     1 x Deleted, but still in the history\n" in text
    assert "a remark" not in text


def test_many_reasons_and_many_names_stay_readable():
    place = Attribution(paths=tuple(GitPath(b"n/%03d.csv" % n) for n in range(50)), reach="head")
    skipped = tuple(Skipped(reason=f"broken in way {number}") for number in range(100))
    text = terminal_text(results.result(results.finding(1, attribution=place), skipped=skipped))

    assert "and 46 other names" in text
    assert "and for 94 other reasons: -v" in text
    assert len(text.splitlines()) < 60


@given(results.scan_results)
@settings(max_examples=80, deadline=None)
@example(results.hostile())
def test_a_pipe_gets_printable_lines_only(result):
    assert terminal_text(result, most_groups=99).replace("\n", "").isprintable()


def test_no_line_ends_with_a_space():
    skipped = (Skipped(reason="not text"),)
    text = terminal_text(results.result(*two_files(), skipped=skipped, shallow=True), width=50)

    assert not [line for line in text.splitlines() if line.endswith(" ")]


@pytest.mark.parametrize("width", [80, 60, 30])
def test_prose_fits_a_narrow_terminal(width):
    result = results.result(*two_files(), skipped=(Skipped(reason="not text"),), shallow=True)

    assert max(map(len, terminal_text(result, width=width).splitlines())) <= max(width, 38)


def test_markup_and_escapes_in_names_are_shown_and_do_nothing():
    text = terminal_text(results.hostile(), verbose=True)

    assert "out/[red]x[/red].csv" in text
    assert "out/[/].csv" in text
    assert r"out/\x1b[2J\x1b[31mred.csv" in text
    assert r"out/\u202ecsv.exe" in text
    assert r"out/\xff\xfe latin \xe9.csv" in text
    assert "out/@octo #12 :smile:.csv" in text
    assert "refs/heads/[red]" in text
    assert "[bold]n|x" in text


def test_rows_that_were_not_all_kept_are_not_told_as_all():
    rows = tuple(range(1, MAX_ROWS + 1))
    cut = results.hit(location=Location(columns=("n",), rows=rows, cells=3_453))
    whole = results.hit(location=Location(columns=("n",), rows=rows, cells=MAX_ROWS))

    def shown(hit):
        return terminal_text(results.result(results.finding(hit=hit)))

    assert f"rows 1-{MAX_ROWS} and more (3,453 cells)" in shown(cut)
    assert f"rows 1-{MAX_ROWS} ({MAX_ROWS} cells)" in shown(whole)


def test_a_message_is_told_in_full_however_long_it_is():
    message = " ".join(f"reason-{number}" for number in range(60))

    text = terminal_text(results.result(results.finding(hit=results.hit(message=message))))

    assert message in " ".join(text.split())


def test_a_name_of_four_kibibytes_does_not_fill_the_screen():
    text = terminal_text(results.hostile(), verbose=True)

    assert "characters ...]" in text
    assert "deep.csv" in text
    assert max(map(len, text.splitlines())) < 500


def test_a_terminal_gets_colours_and_the_same_words(terminal):
    result = results.result(*two_files())
    print_scan(result, make_console(terminal, width=80), ABOUT)

    written = terminal.getvalue()
    assert "\x1b[" in written
    assert re.sub(r"\x1b\[[0-9;]*m", "", written) == terminal_text(result)


@pytest.mark.parametrize(("value", "colours"), [("1", False), ("", True), (None, True)])
def test_no_color_counts_only_where_it_says_something(terminal, monkeypatch, value, colours):
    if value is not None:
        monkeypatch.setenv("NO_COLOR", value)
    print_scan(results.result(*two_files()), make_console(terminal, width=80), ABOUT)

    assert bool(re.search(r"\x1b\[[0-9;]*(3[0-7]|4[0-7])", terminal.getvalue())) is colours


def test_a_dumb_terminal_gets_no_escapes(terminal, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    print_scan(results.hostile(), make_console(terminal, width=80), ABOUT)

    assert "\x1b" not in terminal.getvalue()


def test_a_character_the_stream_cannot_write_is_escaped():
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    print_scan(
        results.result(results.finding(1, "out/naïve.csv".encode())), make_console(stream), ABOUT
    )
    stream.flush()

    assert b"out/na\\xefve.csv" in raw.getvalue()


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("/srv/a b", "'/srv/a b'"),
        ("-rf", "-- -rf"),
        ("https://me:pw@example.org/a", "'https://***@example.org/a'"),
        ("a\x1bb", "\"$(printf 'a\\033b')\""),
    ],
)
def test_the_next_command_can_be_pasted_into_a_shell(target, shown):
    text = terminal_text(results.result(results.finding(1), target=target))

    assert f"Next: breachkit open {shown}\n" in text
    assert ":pw@" not in text


def test_findings_that_are_not_bad_lead_to_their_explanation():
    hit = results.hit("HIS-03", Severity.MEDIUM)

    assert "Next: breachkit explain HIS-03\n" in terminal_text(
        results.result(results.finding(1, hit=hit))
    )


def test_only_where_something_is_missing_is_told_that_it_has_to_be_fetched():
    partial = results.lacking(blob=1)
    missing = terminal_text(replace(partial, coverage=replace(partial.coverage, partial=False)))
    unread = terminal_text(results.result(skipped=(Skipped(reason="needs breachkit[stata]"),)))

    assert "What is missing has to be fetched" in missing
    assert "fetched" not in unread


def test_of_findings_alike_in_severity_the_most_frequent_is_explained():
    rules = ["CNT-06", "CNT-01", "CNT-01", "HIS-03"]
    findings = [
        results.finding(number, hit=results.hit(rule, Severity.LOW))
        for number, rule in enumerate(rules, start=1)
    ]

    assert "Next: breachkit explain CNT-01\n" in terminal_text(results.result(*findings))


@pytest.mark.parametrize(
    ("result", "gap", "repair"),
    [
        (results.result(shallow=True), "older history is missing", "git fetch --unshallow"),
        (results.lacking(blob=574), "574 files were never fetched", "without --filter"),
        (
            results.result(skipped=(Skipped(reason="not text"),)),
            "1 object was not examined",
            "put right",
        ),
    ],
    ids=["shallow", "partial", "skipped"],
)
def test_an_incomplete_scan_leads_to_its_repair(result, gap, repair):
    text = terminal_text(result, width=300)

    assert gap in text.splitlines()[0]
    assert "Next: breachkit scan /srv/studies/flu\n" in text
    assert repair in text.splitlines()[-1]


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ({"blob": 1}, "the clone is partial: 1 file was never fetched"),
        (
            {"tree": 2, "blob": 1_200},
            "2 folders and 1,200 files were never fetched, and what these lead to is not known",
        ),
    ],
)
def test_what_a_partial_clone_lacks_is_said_with_the_command_that_fetches_it(lacking, said):
    text = terminal_text(results.lacking(**lacking), width=300)

    assert said in text.splitlines()[0]
    assert "--missing=print" in text


def test_a_partial_clone_that_lacks_nothing_is_clean_and_said_to_be_partial():
    result = results.result(partial=True)
    text = terminal_text(result)

    assert (result.verdict, result.exit_code) == ("clean", 0)
    assert "a partial clone, from which nothing is missing" in " ".join(text.split())
    assert "--missing=print" not in text
    assert "fetched" not in text


def test_a_name_that_is_evidence_is_said_to_be_it():
    text = terminal_text(results.named_after_a_patient())

    assert "          in the file's name; F-0001\n" in text


def test_findings_without_a_name_are_told_by_their_message():
    place = Attribution(first_date=results.DAY, refs=(RefName(b"refs/tags/v1"),), reach="tag")
    location = Location(part="message", rows=(2,), columns=("n",), cells=1)
    finding = results.finding(1, hit=results.hit(location=location), attribution=place)
    text = terminal_text(results.result(finding))

    assert "1 finding in 1 other object (1 high)" in text
    assert "in the message, column n, row 2 (1 cell)" in text
    assert "only under a tag: refs/tags/v1" in text


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        ((), ""),
        ((3,), "3"),
        ((3, 4, 5, 9), "3-5, 9"),
        ((9, 3, 4, 3), "3-4, 9"),
        (tuple(range(1, 40, 2)), "1, 3, 5, 7, 9, 11, 13, 15, ..."),
    ],
    ids=str,
)
def test_rows_are_shown_as_ranges(rows, shown):
    assert words.ranges(rows) == shown


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1_500, "1.5 kB"),
        (45_100_000, "45.1 MB"),
        (2e12, "2.0 TB"),
    ],
)
def test_sizes_are_shown_with_their_unit(size_bytes, shown):
    assert words.size(int(size_bytes)) == shown
