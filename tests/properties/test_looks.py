"""Law of what is left out for speed: judged by what was met before, a text gives what judging all of it gives."""

import time
from contextlib import contextmanager

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from breachkit.detect import engine
from breachkit.detect.engine import examine
from breachkit.documents import looks
from breachkit.documents.looks import Look
from tests.support.fuzzing import MOST_SECONDS
from tests.support.judging import context_of


# What the readers and the rules on texts look for, whole, halved, and nearly.
PIECES = (
    "sex,n", "# sex,n", "F,3", "# F,4", "M | 5", "sex | n", "|---|---|", "---|---", "sex; n", "F; 3",
    "F\t3", "sex\tn", '"sex","n"', "a, b and c", "x = f(a, b)", "age, sex, imd,",
    "\\begin{tabular}{lr} sex & n \\\\ F & 3 \\end{tabular}", "\\begin", "{x}",
    "<td>3</td>", "<TH", ">n</th><td>4</td>", "<table>", "</table>", "x <thing",
    "4010232137", "401 023 2137", "401-023-2137", "nhs number: 4010232137", "4010232137.5", "94010232137",
    "date of birth: 1961-04-27", "dob =", "1961-04-27", 'postcode: "', "ZZ9 9ZZ", "DOB: 27/04/1961 postcode: ZZ9 9ZZ",
    "surname: Testperson", "forename:", "Testperson", "patient's name | Anna Testperson", "\u0130 dob: 1961-04-27",
    "# only 3 patients died", "// 4 people are left", "# only 12 patients", 'x[n == 3] = "[REDACTED]"  # was 3', "# redacted: n = 4",
    "print(df.head())", "print(data)", "head(", "cohort)", "  tail(x$y, 3)", "View(x)", "list in 1/5", "li if x", "list in  1", " if ",
    "configure_disclosure_control(", "enabled=False)", "small_number_suppression", "=False",
    "output/", "*", "", " ", "\t", "x", "\u00a0", "\u200b", "\x1b[1m",
)  # fmt: skip
ENDS = ("\n", "\n\n", "\n\n\n", "\r\n", "\r\n\r\n", "\n \n", " ", "\r", "\x85\n")
FILLER = "nothing is said here\n" * 12
PATHS = (
    "a.py",
    "a.R",
    "a.do",
    "a.md",
    "project.yaml",
    ".gitignore",
    "output/a.txt",
    "logs/a.log",
    "a.html",
    "a",
)

TEXTS = st.lists(
    st.tuples(st.sampled_from(PIECES), st.sampled_from(ENDS)).map("".join), max_size=12
).map("".join)


def examined(text, path):
    found = examine(text.encode(), context_of(path), sketch_key=b"key", want_sketch=False)
    return found.hits, found.unreadable


@contextmanager
def nothing_left_out():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "digest", lambda _: None)
        patch.setattr(engine, "digest_of_text", lambda _: None)
        patch.setattr(Look, "may_hold", lambda _, __: True)
        patch.setattr(Look, "parts_of", lambda _, text: (text,))
        yield


@given(
    texts=st.lists(TEXTS, min_size=1, max_size=3),
    path=st.sampled_from(PATHS),
    size=st.sampled_from([2, 60, 1_000]),
)
@example(texts=["dob:\n\n1961-04-27\npostcode:\n\nZZ9 9ZZ\n"], path="a.py", size=60)
@example(texts=["x,\n", "head(\n\nx,\n"], path="a.R", size=60)
@example(texts=["sex | n\n--- | ---\nF | 3\n"], path="a.md", size=60)
@example(
    texts=["\u0130\u0130 dob: 1961-04-27\n\u0130\u0130 postcode: ZZ9 9ZZ\n"], path="a.py", size=60
)
@example(texts=["sex,n\r\n\r\nF,3\r\n"], path="a.py", size=2)
def test_what_is_told_by_what_was_met_before_is_what_all_of_a_text_tells(texts, path, size):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(looks, "_RUN", size)
        looks._MEMORY._forget()
        versions = [
            FILLER + text for text in (*texts, "".join(texts), "\n\n".join(reversed(texts)))
        ]
        quick = [examined(text, path) for text in versions]

    with nothing_left_out():
        assert quick == [examined(text, path) for text in versions]


@pytest.mark.parametrize("piece", ["dob: 1961 ", "<td ", "--|", "4010232137 ", "head( ", "a,b,"])
@pytest.mark.parametrize("path", ["a.py", "a.R"])
def test_a_line_full_of_what_is_looked_for_takes_no_longer_than_it_is_long(piece, path):
    started = time.process_time()
    examined(piece * 200_000, path)

    assert time.process_time() - started < MOST_SECONDS
