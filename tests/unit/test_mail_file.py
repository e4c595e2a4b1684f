"""The bytes of a mail, read by a parser that did not write them and by eye."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from breachkit.actions.notify import KINDS, message_id
from breachkit.report.lint import LintError
from breachkit.report.mail import Beside, TemplateRefusedError, render
from breachkit.report.mail_file import MAX_MAILTO, Letterhead, Sender, mail_bytes, mailto
from breachkit.workflows.playbooks import read_text
from tests.support.mailfacts import BARE, FULL, NOW
from tests.support.telling import (
    SENDER,
    a_notice,
    a_verifier,
    header_lines,
    header_names,
    read,
)


HEADERS = [
    *("Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted"),
    *("X-Unsent", "X-Uniform-Type-Identifier"),
]
BODY = ["Content-Type", "Content-Transfer-Encoding", "MIME-Version"]
HOSTILE = (
    "x\r\nBcc: evil@example.net",
    "a\nb",
    "nul\0nul",
    "line\u2028para\u2029next\x85",
    "\u202egnp.exe",
    "\x1b[2J\x07",
    "x" * 4096,
    "é" * 4096,
    "\udcff\udc80",
    "Bloggs, Jo",
    '"quoted" <x@example.net>',
)
HEAD = Letterhead(
    subject="[TLP:RED] a",
    to_name="Jo",
    to_email="jo@example.org",
    at=NOW,
    message_id="<1@mail.invalid>",
)


def written(kind="alert", facts=FULL, beside=None, **to):
    notice = a_notice(kind, **to)
    return render(notice, facts, read_text(notice.kind.template), SENDER, beside=beside)


def mails():
    return [kind.alias for kind in KINDS if kind.as_mail]


@pytest.mark.parametrize("kind", mails())
@pytest.mark.parametrize("facts", [BARE, FULL], ids=["bare", "full"])
def test_inc_072_another_parser_reads_what_was_written(kind, facts):
    rendered = written(kind, facts)
    mail = read(rendered.eml)

    assert mail.subject == rendered.subject
    assert mail.to == ["jo@example.org"]
    assert mail.text == rendered.text
    assert mail.headers["date"] == ["Sun, 01 Mar 2026 09:14:00 +0000"]
    assert (mail.warnings, mail.attached) == ([], [])


@pytest.mark.parametrize("kind", mails())
def test_inc_072_incident_trap_54_lines_end_in_crlf_and_are_short(kind):
    eml = written(kind).eml

    assert b"\n" not in eml.replace(b"\r\n", b"")
    assert b"\r" not in eml.replace(b"\r\n", b"")
    assert max(map(len, eml.split(b"\r\n"))) <= 78


@pytest.mark.parametrize("kind", mails())
def test_inc_072_incident_trap_57_the_same_facts_and_time_give_the_same_bytes(kind):
    with_script = Beside(attachment=a_verifier()) if kind == "holders" else None

    assert written(kind, beside=with_script).eml == written(kind, beside=with_script).eml


def test_a_mail_opens_as_a_draft_with_a_date_and_an_id_of_its_own():
    headers = read(written().eml).headers

    assert headers["x-unsent"] == ["1"]
    assert headers["x-uniform-type-identifier"] == ["com.apple.mail-draft"]
    assert headers["auto-submitted"] == ["no"]
    assert re.fullmatch(r"<[0-9a-f]{32}@mail\.invalid>", headers["message-id"][0])


def test_incident_trap_56_an_id_of_a_message_is_the_same_however_often_it_is_written():
    notice = a_notice("alert")

    assert message_id("case", notice) == message_id("case", replace(notice, id="N-001"))
    assert (
        len(
            {
                message_id("case", notice),
                message_id("other case", notice),
                message_id("case", replace(notice, id="N-002")),
                message_id("case", a_notice("alert", email="x@example.org")),
            }
        )
        == 4
    )


def test_a_later_message_names_the_first_to_the_same_reader():
    headers = read(written("update", beside=Beside(answers="<first@mail.invalid>")).eml).headers

    assert headers["in-reply-to"] == ["<first@mail.invalid>"]
    assert headers["references"] == ["<first@mail.invalid>"]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("field", ["repository", "found_by", "codename", "keeper"])
def test_incident_trap_50_51_a_hostile_fact_adds_no_header_and_stays_on_its_line(field, hostile):
    facts = replace(FULL, **{field: hostile})
    if "@" in hostile and field in {"found_by", "keeper"}:
        with pytest.raises(LintError, match="e-mail address"):
            written(facts=facts)
        return
    rendered = written(facts=facts)

    assert header_names(rendered.eml) == HEADERS + BODY
    assert all(line.isprintable() for line in rendered.text.split("\n"))
    assert read(rendered.eml).to == ["jo@example.org"]
    assert len(rendered.text) < 8000


@pytest.mark.parametrize("hostile", HOSTILE)
def test_incident_trap_50_51_52_a_hostile_name_of_a_reader_is_one_reader(hostile):
    rendered = written("holders", name=hostile)

    assert read(rendered.eml).to == ["jo@example.org"]
    assert header_names(rendered.eml) == HEADERS + BODY
    assert len(max(header_lines(rendered.eml), key=len)) < 998


@pytest.mark.parametrize(
    "hostile", [b"\n".join([b"a"] * 9), b"\0", b"\xff\xfe", "\u202e".encode(), b"x" * 4096]
)
def test_incident_trap_50_a_hostile_path_leaves_an_alert_that_can_be_sent(hostile):
    rendered = written(facts=replace(FULL, paths=(hostile,)))

    assert read(rendered.eml).text == rendered.text
    assert all(line.isprintable() for line in rendered.text.split("\n"))


def test_incident_trap_52_a_comma_in_a_name_is_part_of_the_name():
    rendered = written(name="Bloggs, Jo")

    assert b'To: "Bloggs, Jo" <jo@example.org>' in rendered.eml
    assert read(rendered.eml).to == ["jo@example.org"]


@pytest.mark.parametrize("kind", mails())
def test_incident_trap_53_no_mail_names_a_second_reader(kind):
    names = [name.lower() for name in header_names(written(kind).eml)]

    assert not {"cc", "bcc", "resent-to", "reply-to"} & set(names)
    assert names.count("to") == 1


@settings(deadline=None, max_examples=100)
@given(st.text(min_size=1, max_size=200))
@example("é" * 200)
@example("[TLP:RED] Zoë [x] Zoë" * 9)
@example("a b " * 50)
@example("[TLP:AMBER+STRICT] [BK-2026-0007 sapphire-otter] A request about your fork")
def test_incident_trap_54_a_long_subject_in_any_script_comes_back(words):
    subject = " ".join(words.split())
    if not subject.isprintable() or any("\ud800" <= c <= "\udfff" for c in subject):
        return
    eml = mail_bytes(replace(HEAD, subject=subject), "hello\n")

    assert read(eml).subject.split() == subject.split()
    assert re.match(rb"Subject: \S", eml)
    assert b"\n" not in eml.replace(b"\r\n", b"")


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=300))
@example(".\n..\n.x\n")
@example("From me\n")
@example("x" * 2000)
def test_any_text_comes_back_as_it_was(text):
    text = "".join(c for c in text if c.isprintable() or c == "\n") + "\n"
    if any("\ud800" <= c <= "\udfff" for c in text):
        return
    assert read(mail_bytes(HEAD, text)).text == text


def test_incident_trap_62_a_domain_in_another_script_is_written_in_ascii():
    eml = mail_bytes(replace(HEAD, to_email="jo@münchen.example"), "x\n")

    assert read(eml).to == ["jo@xn--mnchen-3ya.example"]
    assert (mailto("jo@münchen.example", "s", "t") or "").startswith(
        "mailto:jo@xn--mnchen-3ya.example?"
    )


@pytest.mark.parametrize(
    "address", ["jö@example.org", "a@b@example.org", "jo@example.org\r\nBcc: x@y.org", "jo"]
)
def test_incident_trap_62_an_address_that_cannot_be_used_is_refused(address):
    with pytest.raises(TemplateRefusedError, match="address"):
        mail_bytes(replace(HEAD, to_email=address), "x\n")


@pytest.mark.parametrize(
    "text", ["plain words\n", "Zoë wrote\n", "x" * 200 + "\n", "x" * 77 + "\n"]
)
def test_a_text_can_be_read_in_the_file_as_it_is(text):
    eml = mail_bytes(HEAD, text)

    assert b"base64" not in eml
    assert (b"quoted-printable" in eml) == (text != "plain words\n")
    assert max(map(len, eml.split(b"\r\n"))) <= 78


def test_the_script_goes_along_byte_for_byte_and_its_digest_stands_in_the_text():
    script = a_verifier()
    rendered = written("holders", beside=Beside(attachment=script))
    mail = read(rendered.eml)

    assert mail.attached == [("verifier.txt", script.content)]
    assert script.sha256 in mail.text
    assert "verifier.txt" in mail.text
    assert b'Content-Type: text/plain; charset="us-ascii"' in rendered.eml
    assert max(map(len, rendered.eml.split(b"\r\n"))) <= 78
    assert script.content.decode().splitlines()[-1] not in rendered.text


@pytest.mark.parametrize("kind", [kind.alias for kind in KINDS if kind.alias != "holders"])
def test_incident_trap_27_nobody_but_holders_is_sent_the_script(kind):
    with pytest.raises(LintError, match="attachment"):
        written(kind, beside=Beside(attachment=a_verifier()))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("screenshot.png", b"\x89PNG\r\n\x1a\n"),
        ("verifier.txt", b"practice,n\na,4\n"),
        ("verifier.txt", b"\xff\xfe"),
        ("table.csv", None),
        ("verifier.sh", None),
    ],
)
def test_incident_trap_27_no_screenshot_and_no_extract_goes_with_a_mail(name, content):
    script = a_verifier()
    other = replace(script, name=name, content=script.content if content is None else content)

    with pytest.raises(LintError, match="attachment") as caught:
        written("holders", beside=Beside(attachment=other))
    assert name.split(".")[0] not in str(caught.value)


def test_inc_072_the_short_alert_is_an_address_that_programs_take():
    found = short(FULL)
    parts = urlsplit(found)
    asked = parse_qs(parts.query, strict_parsing=True)

    assert len(found) < MAX_MAILTO == 2000
    assert (parts.scheme, unquote(parts.path)) == ("mailto", "jo@example.org")
    assert asked["subject"][0].startswith("[TLP:AMBER+STRICT] [BK-2026-0007 sapphire-otter]")
    assert asked["body"][0].startswith("TLP:AMBER+STRICT\r\n\r\n")
    assert asked["body"][0].endswith("TLP:AMBER+STRICT\r\n")
    assert "example/covid-19-deaths" in asked["body"][0]
    assert "%0D%0A" in found


@pytest.mark.parametrize("hostile", ["a+b & c=d % 100 #x ?y\nz", "é" * 500, "x" * 4096, "\u202e\0"])
def test_incident_trap_61_a_sign_in_a_fact_stays_in_its_place(hostile):
    found = short(replace(FULL, repository=hostile, found_by=hostile))
    (body,) = parse_qs(urlsplit(found).query, strict_parsing=True)["body"]

    assert len(found) < MAX_MAILTO
    assert re.fullmatch(r"mailto:jo@example\.org\?subject=[\w.~%-]+&body=[\w.~%-]+", found)
    assert all(line.isprintable() for line in body.split("\r\n"))
    if hostile.startswith("a+b"):
        assert r"a+b & c=d % 100 #x ?y\x0az" in body


def test_a_short_text_that_is_too_long_is_refused_and_not_cut():
    with pytest.raises(TemplateRefusedError, match="too long"):
        short(
            FULL,
            "Subject: [TLP:AMBER+STRICT] x\nTLP:AMBER+STRICT\n"
            + "word " * 400
            + "\nTLP:AMBER+STRICT\n",
        )


def test_what_would_not_fit_is_no_address_at_all():
    assert mailto("jo@example.org", "s", "x" * 2000) is None


def test_a_sender_with_a_comma_is_one_sender():
    eml = mail_bytes(
        replace(HEAD, sender=Sender(name="Hartley, Ada", email="ada@example.org")), "x\n"
    )

    assert b'From: "Hartley, Ada" <ada@example.org>' in eml


def test_a_moment_is_written_in_utc_wherever_it_was_meant():
    eml = mail_bytes(replace(HEAD, at=datetime(2026, 7, 1, 1, tzinfo=UTC)), "x\n")

    assert b"Date: Wed, 01 Jul 2026 01:00:00 +0000\r\n" in eml


def short(facts, template=None):
    notice = a_notice("alert")
    text = template or read_text(notice.kind.short_template)
    full = read_text(notice.kind.template)
    found = render(notice, facts, full, SENDER, beside=Beside(short=text)).mailto
    assert found is not None
    return found
