import pytest

from breachkit.incident.audit import AnchorError
from breachkit.report import case_log
from breachkit.workflows.log import (
    show_log,
    verify_log,
)
from tests.support.cases import (
    a_case,
    alert,
    journal,
    reopened,
)


def test_the_log_is_shown_in_order_and_its_end_alone_if_asked(tmp_path):
    case = a_case(tmp_path)
    alert(case)

    shown = case_log.log_lines(show_log(case))

    assert [line.split()[0] for line in shown] == ["ev-0001", "ev-0002", "ev-0003"]
    assert "Jo Bloggs  notify.sent  message=internal-alert number=N-001" in shown[2]
    assert case_log.log_lines(show_log(case, last=1)) == shown[-1:]
    assert show_log(case, last=0) == ()
    assert len(show_log(case, last=99)) == 3


def test_a_damaged_log_is_shown_with_its_bad_line_marked(tmp_path):
    case = a_case(tmp_path)
    alert(case)
    journal(case).write_bytes(journal(case).read_bytes().replace(b"N-001", b"N-002", 1))

    shown = case_log.log_lines(show_log(case))

    assert [("!!" in line) for line in shown] == [False, True, False]
    assert case_log.log_to_json(show_log(case))["entries"][1]["problem"]


def test_inc_038_inc_039_verifying_the_log_says_what_is_wrong_and_where(tmp_path):
    case = a_case(tmp_path)
    alert(case)
    head = case.incident.head
    good = journal(case).read_bytes()

    report = verify_log(case, [head[:16].upper()])
    assert report.exit_code == 0
    assert report.journal.anchors[0].entry == "ev-0003"
    assert "holds: 3 entries" in case_log.verdict_lines(report)[0]

    journal(case).write_bytes(good[: good.rindex(b"\n", 0, -1) + 1])
    cut = verify_log(reopened(case), [head])
    assert (cut.exit_code, cut.journal.problems) == (7, ())
    assert "cut off or written anew" in case_log.verdict_lines(cut)[1]
    assert verify_log(reopened(case)).exit_code == 0

    journal(case).write_bytes(good[:-9])
    torn = verify_log(reopened(case))
    assert torn.exit_code == 7
    assert "cut short" in case_log.verdict_lines(torn)[1]
    assert case_log.verdict_to_json(torn)["torn_bytes"] == torn.journal.torn_bytes > 0

    journal(case).write_bytes(good.replace(b"N-001", b"N-002", 1))
    altered = verify_log(reopened(case))
    assert altered.journal.problems[0].line == 2
    assert case_log.verdict_lines(altered)[1].strip().startswith("line 2: it was altered")
    assert case_log.verdict_to_json(altered)["ok"] is False


def test_an_anchor_that_is_no_hash_is_a_mistake_in_calling(tmp_path):
    case = a_case(tmp_path)

    for anchor in ("", "abc", "x" * 64, "a" * 65):
        with pytest.raises(AnchorError, match="anchor") as caught:
            verify_log(case, [anchor])
        assert caught.value.exit_code == 2
