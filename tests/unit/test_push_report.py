"""The plan of a push says what it would do, and what an earlier push has done already."""

import pytest

from breachkit.actions.push import LeaseReport
from breachkit.actions.rewritten import RefChange
from breachkit.model.ids import ObjectId, RefName
from breachkit.report.masking import Masking
from breachkit.report.push_report import plan_text


OLD, NEW = ObjectId("1" * 40), ObjectId("2" * 40)
MAIN, TAG = RefName(b"refs/heads/main"), RefName(b"refs/tags/v1")
CHANGES = tuple(RefChange(name=name, old=OLD, new=NEW) for name in (MAIN, TAG))


@pytest.mark.parametrize(
    ("already", "main", "end"),
    [
        ((), "refs/heads/main becomes the rewritten history", "the push can go ahead"),
        ((MAIN,), "refs/heads/main is so already", "the push can go ahead"),
        ((MAIN, TAG), "refs/heads/main is so already", "a push would change nothing"),
    ],
)
def test_a_plan_says_what_an_earlier_push_did_already(already, main, end):
    text = plan_text(CHANGES, LeaseReport(), Masking.of_names(()), already)

    assert main in text
    assert end in text


def test_a_plan_stops_where_somebody_pushed():
    text = plan_text(CHANGES, LeaseReport(moved=(MAIN,)), Masking.of_names(()))

    assert "STOP" in text
    assert "moved: refs/heads/main" in text
    assert "go ahead" not in text
