import csv
import io
import re
import subprocess
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from breachkit.report import escape


HOSTILE = (
    "out/[red]x[/].csv",
    "a\x1b[2Jb",
    "line\nbreak\r\nBcc: x@example.org",
    "nul\0del\x7f",
    "ls\u2028ps\u2029nel\x85",
    "rtl\u202etxt.exe",
    "=cmd|'/C calc'!A0",
    "<script>alert(1)</script>",
    "a|b`c`**d**",
    "Bloggs, Jo",
    "\udcff",
)
anything = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))


def has_no_acting_character(text: str) -> bool:
    return text.isprintable() and "\x1b" not in text


@settings(deadline=None, max_examples=100)
@given(anything)
def test_every_place_shows_one_printable_line(text):
    for function in (escape.terminal, escape.markdown, escape.html, escape.csv_cell):
        shown = function(text)
        assert len(shown.splitlines()) <= 1
        assert all(
            character == "\u3000" or has_no_acting_character(character) or character.isspace()
            for character in shown
        )


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=40))
def test_bytes_never_raise(raw):
    escape.terminal(raw)
    escape.markdown(raw)
    escape.html(raw)
    escape.csv_cell(raw)
    escape.mail_header(raw)


@settings(deadline=None, max_examples=100)
@given(anything)
def test_html_holds_no_tag_and_no_quote(text):
    shown = escape.html(text)
    assert not set("<>\"'") & set(shown)
    assert not re.search(r"&(?!(amp|lt|gt|quot|#x27);)", shown)


@settings(deadline=None, max_examples=100)
@given(anything)
def test_markdown_leaves_no_special_character_bare(text):
    shown = escape.markdown(text).replace("<!-- -->", "")
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", shown)
    assert not set("|`*_[]<>~&$\\") & set(bare)
    assert not re.match(r"\s*(#|[-+=]|\d+[.)])", shown)
    assert "://" not in bare


def test_markdown_mentions_and_references_reach_nobody():
    assert escape.markdown("by @octo in #12 and GH-7") == (
        "by @<!-- -->octo in #<!-- -->12 and GH-<!-- -->7"
    )
    assert "<!--" not in escape.markdown("jo@example.org")


def test_markdown_stays_readable():
    assert escape.markdown("due 2026-03-01 09:00 UTC (late)") == "due 2026-03-01 09:00 UTC (late)"


@pytest.mark.parametrize(
    "text",
    [
        "# head",
        "- item",
        "1. one",
        "  + x",
        "===",
        "https://x.example.org",
        "www.example.org",
        ":+1:",
    ],
)
def test_markdown_starts_no_block_and_makes_no_link(text):
    shown = escape.markdown(text)
    assert shown != text
    assert shown.replace("\\", "") == text


@pytest.mark.parametrize(
    "start", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\uff1d1", "|calc", "%0A"]
)
def test_a_cell_that_could_be_a_formula_is_text(start):
    assert escape.csv_cell(start).startswith("'")


@settings(deadline=None, max_examples=100)
@given(anything)
def test_a_csv_cell_survives_a_quoting_writer(text):
    cell = escape.csv_cell(text)
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow([cell])
    assert list(csv.reader(io.StringIO(out.getvalue()))) == [[cell]]
    assert cell.lstrip()[:1] not in {"=", "+", "-", "@"}


@settings(deadline=None, max_examples=100)
@given(anything)
@example("x\x0by\x0cz\x1c\x1d\x1e")
def test_a_header_value_is_accepted_and_stays_one_header(text):
    message = EmailMessage(policy=SMTP)
    message["Subject"] = escape.mail_header(text)
    head = message.as_bytes().partition(b"\r\n\r\n")[0]
    names = [line for line in head.split(b"\r\n") if line and not line[:1].isspace()]
    assert len(names) <= 1
    assert b"\0" not in head
    assert b"\x7f" not in head


def run_sh(word: str) -> bytes:
    script = f"printf %s {word}".encode("utf-8", "surrogateescape")
    return subprocess.run(["sh", "-s"], input=script, capture_output=True, check=True).stdout


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=30).filter(lambda raw: b"\0" not in raw))
@example(b"-n\x1b[2J\n\n")
@example(b"%s\\n\x01$(touch x)`id`")
@example(b"it's")
@example(b"\xff\xfe")
def test_a_shell_gives_back_exactly_the_same_bytes(raw):
    assert run_sh(escape.shell(raw)) == raw


@settings(deadline=None, max_examples=100)
@given(anything.filter(lambda text: "\0" not in text))
def test_a_shell_word_is_safe_to_print(text):
    assert "\x1b" not in escape.shell(text)


def test_a_nul_is_no_argument():
    with pytest.raises(ValueError, match="NUL"):
        escape.shell("a\0b")
