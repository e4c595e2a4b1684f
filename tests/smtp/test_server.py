"""How a mail server is named, and what that says about encryption."""

from pathlib import Path

import pytest

from breachkit.model.sensitive import Sensitive
from breachkit.smtp.server import WrongServerError, server_from


@pytest.mark.parametrize(
    ("address", "host", "port", "security"),
    [
        ("mail.example.org", "mail.example.org", 587, "starttls"),
        ("mail.example.org:25", "mail.example.org", 25, "starttls"),
        ("mail.example.org:465", "mail.example.org", 465, "tls"),
        ("smtps://mail.example.org", "mail.example.org", 465, "tls"),
        ("smtps://mail.example.org:10465", "mail.example.org", 10465, "tls"),
        ("smtp://mail.example.org", "mail.example.org", 587, "starttls"),
        ("192.0.2.7:25", "192.0.2.7", 25, "starttls"),
        ("[2001:db8::7]:25", "2001:db8::7", 25, "starttls"),
        ("127.0.0.1:2525", "127.0.0.1", 2525, "plain"),
        ("127.9.9.9:25", "127.9.9.9", 25, "plain"),
        ("localhost:25", "localhost", 25, "plain"),
        ("[::1]:25", "::1", 25, "plain"),
        ("localhost:465", "localhost", 465, "tls"),
        ("localhost.example.org:25", "localhost.example.org", 25, "starttls"),
        ("128.0.0.1", "128.0.0.1", 587, "starttls"),
    ],
)
def test_only_a_server_on_this_machine_is_spoken_to_in_the_open(address, host, port, security):
    server = server_from(address)
    assert (server.host, server.port, server.security) == (host, port, security)


def test_where_certificates_are_named_even_this_machine_has_to_encrypt():
    assert server_from("127.0.0.1:25", ca_file=Path("ca.pem")).security == "starttls"


@pytest.mark.parametrize(
    "address",
    [
        *("", " ", ":25", "mail example", "mail.example.org:x", "mail.example.org:99999"),
        *("mail.example.org:0", "http://mail.example.org", "sam@mail.example.org", "a/b"),
        *("mail.example.org\r\nRSET", "-mail.example.org", "[::1", "::1", "smtps://", "a,b"),
    ],
)
def test_what_is_no_address_of_a_server_is_said_to_be_none(address):
    with pytest.raises(WrongServerError, match="is no mail server"):
        server_from(address)


def test_a_password_in_an_address_is_not_repeated():
    with pytest.raises(WrongServerError) as caught:
        server_from("smtps://sam:s3cret-4217@mail.example.org")
    assert "4217" not in str(caught.value)


@pytest.mark.parametrize("half", [{"user": "sam"}, {"password": Sensitive("x")}])
def test_a_user_and_a_password_belong_together(half):
    with pytest.raises(WrongServerError, match="belong together"):
        server_from("mail.example.org", **half)


def test_a_server_shows_its_name_and_never_its_password():
    server = server_from("[::1]:25", user="sam", password=Sensitive("s3cret"))
    assert server.name == "[::1]:25"
    assert "s3cret" not in repr(server)
