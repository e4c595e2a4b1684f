"""Time stamps by an authority that is real but for its name: OpenSSL's, on this machine."""

import shutil
import subprocess

import pytest

from breachkit.github.archive_http import NoAnswerError
from breachkit.github.errors import WrongAddressError
from breachkit.github.time_stamps import post_request
from breachkit.incident.der import with_ordered_certificates
from breachkit.incident.stamps import (
    NoCertificateError,
    StampRefusedError,
    StampsMissingError,
    request_stamp,
)
from breachkit.report import case_log
from breachkit.workflows.log import verify_log
from breachkit.workflows.stamp import FOLDER, NoConsentError, NothingAskedError, ask, send, take
from tests.support.authority import Authority
from tests.support.cases import a_case, journal, reopened


rfc3161_client = pytest.importorskip("rfc3161_client")
if shutil.which("openssl") is None:
    pytest.skip("needs the openssl program", allow_module_level=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("stranger"), "Stranger")


@pytest.fixture
def case(tmp_path):
    return a_case(tmp_path)


def test_inc_040_the_head_is_stamped_and_the_stamp_is_journalled_and_checked_again(case, authority):
    head = case.incident.head

    asked = ask(case)
    made = take(case, authority.answer(asked.file.read_bytes()), authority.root)

    assert (asked.id, asked.head, asked.entry) == ("T-001", head, "ev-0001")
    assert made.stamp.authority == "CN=Time of Example"
    last = case.events()[-1]
    assert (last.kind, last.text("head"), last.refs) == ("stamp.recorded", head, ("ev-0001",))
    report = verify_log(case)
    assert report.exit_code == 0
    assert [each.problem for each in report.stamps] == [None]
    assert "time stamp T-001: up to ev-0001 it was there at" in case_log.verdict_lines(report)[-1]


def test_a_stamp_is_checked_by_another_program_too(case, authority):
    asked = ask(case)
    made = take(case, authority.answer(asked.file.read_bytes()), authority.root)
    (case.path / "head").write_text(asked.head)

    checked = subprocess.run(
        ["openssl", "ts", "-verify", "-in", made.file, "-data", case.path / "head",
         "-CAfile", case.path / FOLDER / "T-001.pem"],
        capture_output=True, check=False,
    )  # fmt: skip

    assert checked.returncode == 0, checked.stderr
    assert b"Verification: OK" in checked.stdout


def test_nothing_but_a_digest_of_the_head_is_in_a_request(case):
    data = ask(case).file.read_bytes()

    assert len(data) < 120
    for secret in (case.incident.head, case.incident.id, "example/study", "breachkit"):
        assert secret.encode() not in data
    assert bytes.fromhex(case.events()[0].hash) not in data


def test_an_answer_that_is_for_something_else_or_by_somebody_else_is_refused(
    case, authority, stranger
):
    asked = ask(case)
    request = asked.file.read_bytes()
    good = authority.answer(request)
    other = request_stamp("0" * 64)
    again = request_stamp(asked.head)  # the same head, another number
    before = case.events()

    for answer, trusted in (
        (good, stranger.root),
        (stranger.answer(request), authority.root),
        (authority.answer(other.data), authority.root),
        (authority.answer(again.data), authority.root),
        (good[:-1] + bytes([good[-1] ^ 1]), authority.root),
        (good[:50], authority.root),
        (b"", authority.root),
        (b"<html>", authority.root),
    ):
        with pytest.raises(StampRefusedError) as caught:
            take(case, answer, trusted)
        assert caught.value.exit_code == 7
    for trusted in (b"", b"no certificate", (authority.folder / "tsa.crt").read_bytes()):
        with pytest.raises(NoCertificateError):
            take(case, good, trusted)
    assert case.events() == before
    take(case, good, authority.root)


def test_an_answer_that_carries_its_certificates_in_another_order_than_der_is_taken(case, tmp_path):
    refused = []
    for number in range(3):  # each with keys of its own: by chance the order can be right
        authority = Authority(tmp_path / str(number), chain=True)
        answer = authority.answer(ask(case).file.read_bytes())
        try:
            rfc3161_client.decode_timestamp_response(answer)
        except ValueError:
            refused.append(number)
        made = take(case, answer, authority.root)
        assert made.stamp.authority == "CN=Time of Example"
        assert made.file.read_bytes() == answer  # kept as it came
    assert refused
    assert verify_log(case).exit_code == 0


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 9, 40, 200])
def test_bytes_that_are_no_answer_are_left_as_they_are(case, authority, cut):
    answer = authority.answer(ask(case).file.read_bytes())

    assert with_ordered_certificates(answer[:cut]) == answer[:cut]
    assert with_ordered_certificates(b"\x30\x84" + answer[:cut]) == b"\x30\x84" + answer[:cut]
    assert with_ordered_certificates(answer) == answer


def test_an_answer_finds_the_request_that_it_is_for(case, authority):
    first = ask(case)
    second = ask(case)
    assert second.entry == "ev-0002"

    made = take(case, authority.answer(first.file.read_bytes()), authority.root)

    assert made.asked.id == "T-001"
    assert (
        take(case, authority.answer(second.file.read_bytes()), authority.root).asked.id == "T-002"
    )
    with pytest.raises(NothingAskedError):
        take(case, authority.answer(first.file.read_bytes()), authority.root)


def test_a_host_is_asked_only_with_consent(case, authority):
    posted: list[bytes] = []

    def post(_url, request):
        posted.append(request)
        return b""

    for allow in ([], ["tsa.example.com"], ["example.org"]):
        with pytest.raises(NoConsentError, match=r"--allow tsa\.example\.org") as caught:
            send(case, "https://tsa.example.org/x", authority.root, allow, post)
        assert caught.value.exit_code == 6
    assert not posted
    assert len(case.events()) == 1


def test_an_authority_is_asked_over_http(case, authority):
    with authority.serving() as url:
        made = send(case, url, authority.root, ["127.0.0.1"], post_request)

    assert made.asked.id == "T-001"
    assert authority.asked[-1] == (case.path / "stamps/T-001.tsq").read_bytes()
    assert verify_log(case).stamps[0].problem is None


def test_a_server_that_answers_something_else_leaves_the_request_to_be_sent_again(case, authority):
    authority.media = "text/html"
    try:
        with authority.serving() as url, pytest.raises(NoAnswerError, match="--answer"):
            send(case, url, authority.root, ["127.0.0.1"], post_request)
    finally:
        authority.media = "application/timestamp-reply"

    with pytest.raises(WrongAddressError):
        send(case, "http://tsa.example.org", authority.root, ["tsa.example.org"], post_request)
    waiting = (case.path / "stamps/T-001.tsq").read_bytes()
    assert take(case, authority.answer(waiting), authority.root).asked.id == "T-001"


def test_a_stamp_whose_files_were_changed_does_not_hold_and_one_without_them_is_said(
    case, authority, stranger
):
    asked = ask(case)
    take(case, authority.answer(asked.file.read_bytes()), authority.root)
    answer, trusted = (case.path / FOLDER / f"T-001.{end}" for end in ("tsr", "pem"))

    trusted.write_bytes(stranger.root)
    report = verify_log(reopened(case))
    assert report.exit_code == 7
    assert "does not hold any more" in "\n".join(case_log.verdict_lines(report))

    trusted.write_bytes(b"no certificate")
    said = "\n".join(case_log.verdict_lines(verify_log(reopened(case))))
    assert "cannot be read as what they were, so it was not looked at" in said

    trusted.write_bytes(authority.root)
    answer.unlink()
    report = verify_log(reopened(case))
    assert report.exit_code == 0
    assert "was not looked at" in "\n".join(case_log.verdict_lines(report))


def test_a_stamp_of_a_head_that_the_journal_does_not_have_is_found_out(case, authority):
    other = a_case(case.path.parent / "other")
    case.record(
        "stamp.recorded", {"stamp": "T-001", "head": other.incident.head, "entry": "ev-0001"}
    )

    assert verify_log(case).exit_code == 7
    assert journal(case).exists()


def test_without_the_library_the_command_says_what_to_install(case, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "rfc3161_client", None)

    with pytest.raises(StampsMissingError, match=r"breachkit\[stamp\]") as caught:
        ask(case)
    assert caught.value.exit_code == 3
    assert len(case.events()) == 1
