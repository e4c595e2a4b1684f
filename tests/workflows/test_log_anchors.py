"""A journal that was cut off or written anew, found out by what others keep: mails, in any shape."""

import base64
import json
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from breachkit.incident.anchors import MAX_BYTES, read_message
from breachkit.incident.entries import encode
from breachkit.incident.events import NO_PREVIOUS, Draft
from breachkit.report import case_log
from breachkit.workflows.log import NoAnchorsError, anchors_of, verify_log
from tests.support.cases import NOON, SOMEBODY, a_case, alert, journal, reopened


def footer(head):
    return f"Do this now.\n\nCase log head: {head}\nTemplate alert: {'b' * 64}\nTLP:AMBER\n"


def mail(head, case_id, *, encoding="7bit", text=None):
    message = EmailMessage(policy=SMTP)
    message["Subject"] = f"[TLP:AMBER+STRICT] [{case_id} sapphire-otter] Suspected breach"
    message.set_content(text or footer(head), cte=encoding)
    return message.as_bytes()


def cut_last_entries(case, number):
    lines = journal(case).read_bytes().splitlines(keepends=True)
    journal(case).write_bytes(b"".join(lines[:-number]))


def written_anew(case, upto):
    """Write what follows entry `upto` again, with other words and hashes that hold."""
    lines = journal(case).read_bytes().splitlines(keepends=True)
    kept = lines[:upto]
    prev = json.loads(kept[-1])["hash"] if kept else NO_PREVIOUS
    for seq in range(upto + 1, len(lines) + 1):
        draft = Draft(kind="decision", detail={"about": "nothing happened"})
        kept.append(encode(draft, seq=seq, prev=prev, now=NOON, actor=SOMEBODY))
        prev = json.loads(kept[-1])["hash"]
    journal(case).write_bytes(b"".join(kept))


@pytest.mark.parametrize("encoding", ["7bit", "quoted-printable", "base64"])
def test_inc_039_a_mail_finds_a_journal_that_was_cut_off(tmp_path, encoding):
    case = a_case(tmp_path)
    alert(case)
    kept = tmp_path / "alert.eml"
    kept.write_bytes(mail(case.incident.head, case.incident.id, encoding=encoding))
    assert verify_log(case, mails=[kept]).exit_code == 0

    cut_last_entries(case, 1)

    report = verify_log(reopened(case), mails=[kept])
    assert report.exit_code == 7
    assert "of alert.eml: entries were cut off or written anew" in case_log.verdict_lines(report)[1]
    assert verify_log(reopened(case)).exit_code == 0


def test_inc_039_a_journal_written_anew_is_found_and_what_still_holds_is_said(tmp_path):
    case = a_case(tmp_path)
    early = case.incident.head
    alert(case)
    late = case.incident.head
    case.record("decision", {"about": "after it"})

    written_anew(case, upto=1)

    report = verify_log(reopened(case), [early, late, late[:20]])
    assert report.exit_code == 7
    assert [each.entry for each in report.journal.anchors] == ["ev-0001", None, None]
    said = case_log.verdict_lines(report)
    assert len([line for line in said if "cut off or written anew" in line]) == 2
    assert said[-1].strip().startswith("up to ev-0001 it is as it was")


def test_several_anchors_that_hold_are_each_named_with_their_entry(tmp_path):
    case = a_case(tmp_path)
    first = case.incident.head
    alert(case)
    case.record("decision", {"about": "after it"})
    second = case.events()[2].hash

    report = verify_log(case, [first[:12], second])

    assert report.exit_code == 0
    said = case_log.verdict_lines(report)
    assert said[1:3] == (
        f"  the anchor {first[:12]}... is ev-0001",
        f"  the anchor {second[:12]}... is ev-0003",
    )
    assert "the last 1 entry came after the latest of these anchors" in said[3]
    found = case_log.verdict_to_json(report)["anchors"]
    assert [each["entry"] for each in found] == ["ev-0001", "ev-0003"]


def test_mails_in_a_folder_are_all_looked_into_and_those_of_other_cases_set_aside(tmp_path):
    case = a_case(tmp_path)
    head, case_id = case.incident.head, case.incident.id
    box = tmp_path / "box" / "2026"
    box.mkdir(parents=True)
    (box / "a.EML").write_bytes(mail(head, case_id))
    (box / "b.txt").write_text(f"> Case log\n> head:\n> {head}\n{case_id}")
    (box / "c.eml").write_bytes(mail("c" * 64, "BK-1999-0001"))
    (box / "d.eml").write_bytes(mail("", case_id, text="Thank you, got it."))
    (box / "e.csv").write_text(footer("e" * 64))

    report = verify_log(case, mails=[tmp_path / "box"])

    assert report.exit_code == 0
    assert report.sources == {head: ("2026/a.EML", "2026/b.txt")}
    assert case_log.verdict_to_json(report)["other_mails"] == 2


def test_where_no_mail_carries_an_anchor_nothing_is_called_checked(tmp_path):
    case = a_case(tmp_path)
    (tmp_path / "thanks.txt").write_text("Thank you.")
    (tmp_path / "large.eml").write_bytes(b"x")
    with (tmp_path / "large.eml").open("r+b") as file:
        file.truncate(MAX_BYTES + 1)

    for place in ("thanks.txt", "large.eml", "missing.eml", "cases"):
        with pytest.raises(NoAnchorsError) as caught:
            verify_log(case, mails=[tmp_path / place])
        assert caught.value.exit_code == 3


def test_a_journal_whose_first_line_is_gone_is_still_matched_to_its_mails(tmp_path):
    case = a_case(tmp_path)
    (tmp_path / "other.eml").write_bytes(mail("c" * 64, "BK-1999-0001"))
    (tmp_path / "own.eml").write_bytes(mail(case.incident.head, case.incident.id))
    journal(case).write_bytes(b"gone\n")

    report = verify_log(reopened(case), mails=[tmp_path / "other.eml", tmp_path / "own.eml"])

    assert report.exit_code == 7
    assert list(report.sources) == [
        mail_head for mail_head in report.sources if "c" * 64 not in mail_head
    ]


@pytest.mark.parametrize(
    "shape",
    [
        "Case log head: {}",
        "case log head:\r\n{}",
        "> > Case log head:\n> > {}",
        "<p>Case log head:<br>\n<b>{}</b></p>",
        "Log Head&nbsp;{}",
    ],
)
def test_an_anchor_is_found_however_a_mail_program_wrapped_it(shape):
    assert read_message(shape.format("Ab" * 32).encode()).anchors == ("ab" * 32,)


def test_all_anchors_of_a_thread_are_found_each_once():
    thread = f"{footer('c' * 64)}\n> {footer('d' * 64)}\n> > {footer('c' * 64)}"

    assert read_message(thread.encode()).anchors == ("c" * 64, "d" * 64)


def test_no_other_hash_of_a_mail_is_taken_for_an_anchor():
    text = f"Template alert: {'a' * 64}\nsha256 of the script: {'b' * 64}\nlog head: {'c' * 65}\n"

    assert read_message(text.encode()).anchors == ()


def test_no_mail_breaks_the_reading():
    forwarded = EmailMessage()
    forwarded.set_content("see below")
    forwarded.add_attachment(EmailMessage(), filename="empty.eml")
    for data in (
        b"",
        b"\xff\xfe\0",
        b"Content-Type: text/plain; charset=nonsense\n\nlog head: \xff",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n--x\n",
        b"Content-Transfer-Encoding: base64\nContent-Type: text/plain\n\n!!!!",
        forwarded.as_bytes(),
    ):
        assert read_message(data).anchors == ()


def test_an_anchor_in_a_forwarded_mail_is_found():
    inner = mail("d" * 64, "BK-2026-0001", encoding="base64")
    outer = EmailMessage()
    outer.set_content("FYI")
    outer.add_attachment(inner, maintype="application", subtype="octet-stream", filename="x.eml")
    whole = b"Content-Type: message/rfc822\n\n" + inner

    assert read_message(whole).anchors == ("d" * 64,)
    assert base64.b64encode(b"log head") not in whole


def test_inc_039_the_head_is_given_with_the_messages_that_carried_earlier_ones(tmp_path):
    case = a_case(tmp_path)
    first = case.incident.head
    case.write_file("notifications/N-001-alert/message.txt", footer(first).encode())
    file = "notifications/N-001-alert/message.txt"
    case.record("notify.rendered", {"number": "N-001", "message": "internal-alert", "file": file})
    case.record("notify.rendered", {"number": "N-002", "message": "update", "file": "gone.txt"})
    assert "nobody outside has an anchor yet" in case_log.anchor_lines(anchors_of(case))[-1]
    case.record("notify.sent", {"number": "N-001", "at": "2026-03-06T12:05:00Z"})
    case.record("notify.sent", {"number": "N-002"})

    found = anchors_of(case)

    assert (found.head, found.entry, found.entries) == (case.incident.head, "ev-0005", 5)
    said = case_log.anchor_lines(found)
    assert case.incident.head in said[1]
    assert said[-2].split() == ["N-001", "internal-alert", "2026-03-06T12:05:00Z", "ev-0001", first]
    assert "no longer in the case folder" in said[-1]
    assert case_log.anchors_to_json(found)["messages"][0]["entry"] == "ev-0001"


def test_a_message_whose_anchor_no_entry_has_is_pointed_at(tmp_path):
    case = a_case(tmp_path)
    file = "notifications/N-001-alert/message.txt"
    case.write_file(file, footer("f" * 64).encode())
    case.record("notify.rendered", {"number": "N-001", "message": "internal-alert", "file": file})
    case.record("notify.sent", {"number": "N-001"})

    assert "!! no such entry in this journal" in case_log.anchor_lines(anchors_of(case))[-1]
