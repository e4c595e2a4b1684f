"""What goes over the wire is what was checked, to one recipient and nobody else."""

import hashlib
from email.headerregistry import Address

import pytest

from breachkit.smtp.letter import (
    LetterError,
    WrongSenderError,
    letter_from,
    look_into,
    sender_from,
)


SAM = Address(display_name="Sam", addr_spec="sam@example.org")
MAIL = (
    b"Subject: =?utf-8?q?gr=C3=BCn?=\r\n"
    b"From: Sam <sam@example.org>\r\n"
    b'To: "Bloggs, Jo" <jo@example.org>\r\n'
    b"Message-ID: <1@breachkit.invalid>\r\n"
    b"X-Unsent: 1\r\n"
    b"References: <0@breachkit.invalid>\r\n <00@breachkit.invalid>\r\n"
    b"\r\n"
    b"X-Unsent: 1 stands in the text too.\r\n.\r\n"
)


def without(*lines):
    data = MAIL
    for line in lines:
        assert line in data
        data = data.replace(line, b"", 1)
    return data


def test_the_bytes_on_the_wire_are_the_files_without_the_mark_of_a_draft():
    letter = letter_from(MAIL, recipient="jo@example.org", sender=None)
    assert letter.data == without(b"X-Unsent: 1\r\n")
    assert (letter.sender, letter.recipient) == ("sam@example.org", "jo@example.org")


def test_the_mark_of_a_draft_goes_however_it_is_written_and_folded():
    data = MAIL.replace(b"X-Unsent: 1\r\nRef", b"x-uNSENT:\r\n  1\r\nRef")
    letter = letter_from(data, recipient="jo@example.org", sender=None)
    assert letter.data == without(b"X-Unsent: 1\r\n")


def test_incident_trap_52_a_comma_in_a_name_makes_no_second_recipient():
    letter = letter_from(MAIL, recipient="jo@example.org", sender=None)
    assert letter.recipient == "jo@example.org"


def test_who_sends_is_put_in_where_the_message_does_not_say():
    data = without(b"From: Sam <sam@example.org>\r\n")
    letter = letter_from(data, recipient="jo@example.org", sender=SAM)
    assert letter.data.startswith(b"From: Sam <sam@example.org>\r\nSubject: ")
    assert letter.sender == "sam@example.org"
    with pytest.raises(LetterError, match="add --from"):
        letter_from(data, recipient="jo@example.org", sender=None)


def test_a_message_from_somebody_is_not_sent_by_another():
    kim = Address(addr_spec="kim@example.org")
    with pytest.raises(LetterError, match="somebody else"):
        letter_from(MAIL, recipient="jo@example.org", sender=kim)
    assert letter_from(MAIL, recipient="jo@example.org", sender=SAM).sender == "sam@example.org"


def test_incident_trap_62_a_domain_in_other_letters_is_one_address_with_its_ascii_form():
    data = MAIL.replace(b"jo@example.org", b"jo@xn--bcher-kva.example")
    letter = letter_from(data, recipient="jo@bücher.example", sender=None)
    assert letter.recipient == "jo@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "line",
    [
        *(b"Bcc: kim@example.org\r\n", b"bCC: kim@example.org\r\n", b"Cc: kim@example.org\r\n"),
        *(b"Resent-Bcc: kim@example.org\r\n", b"To: kim@example.org\r\n"),
        b"From: Kim <kim@example.org>\r\n",
    ],
)
def test_incident_trap_53_a_message_that_names_more_recipients_is_not_sent(line):
    with pytest.raises(LetterError):
        letter_from(line + MAIL, recipient="jo@example.org", sender=None)


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"\r\n\r\nno header\r\n", MAIL.replace(b"jo@", b"kim@")),
        *(MAIL.replace(b" <jo@example.org>", b" <jo@example.org>, <kim@example.org>"),),
        *(without(b'To: "Bloggs, Jo" <jo@example.org>\r\n'), MAIL.replace(b"To:", b"Too:")),
        *(MAIL + b"\n.\nMAIL FROM", MAIL + b"\r.\r", MAIL + b"a\0b\r\n", MAIL + "ü\r\n".encode()),
        MAIL + b"x" * 999 + b"\r\n",
    ],
)
def test_what_is_not_fit_for_the_wire_is_not_sent(data):
    with pytest.raises(LetterError):
        letter_from(data, recipient="jo@example.org", sender=None)


def test_a_look_into_a_message_tells_what_would_leave():
    attached = MAIL.replace(b"X-Unsent: 1\r\nRef", b"MIME-Version: 1.0\r\nRef")
    seen = look_into(attached)
    assert (seen.subject, seen.message_id) == ("grün", "<1@breachkit.invalid>")
    assert (seen.size, seen.sha256) == (len(attached), hashlib.sha256(attached).hexdigest())
    assert (seen.sender, seen.attachments) == ("sam@example.org", ())


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("Sam Gray <sam@example.org>", "Sam Gray", "sam@example.org"),
        ("Gray, Sam <sam@example.org>", "Gray, Sam", "sam@example.org"),
        ('"Gray, Sam" <sam@example.org>', "Gray, Sam", "sam@example.org"),
        ("sam@example.org", "", "sam@example.org"),
        ("Sam\r\nBcc: x <sam@example.org>", "Sam Bcc: x", "sam@example.org"),
        ("Sam <sam@bücher.example>", "Sam", "sam@xn--bcher-kva.example"),
    ],
)
def test_who_sends_is_read_with_one_address(text, name, address):
    found = sender_from(text)
    assert (found.display_name, found.addr_spec) == (name, address)


@pytest.mark.parametrize("text", ["", "Sam", "Sam <sam>", "<a@example.org><b@example.org>", "a@b"])
def test_who_sends_cannot_be_nobody(text):
    with pytest.raises(WrongSenderError):
        sender_from(text)
