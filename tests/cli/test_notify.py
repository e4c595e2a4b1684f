"""What a person types to write messages, and what they are told: nothing is sent from here."""

import json
import re
from pathlib import Path

import pytest

from breachkit.actions.notify import KINDS
from breachkit.incident.store import CaseStore
from breachkit.model.time import SystemClock


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"


@pytest.fixture
def opened(breachkit):
    breachkit.expect(0, "open", "example/asthma-reviews", "--contacts", CONTACTS)
    return breachkit


def case_of(breachkit):
    return CaseStore(breachkit.home, SystemClock()).find(None)


def message(breachkit, notice_id):
    (file,) = case_of(breachkit).path.glob(f"notifications/{notice_id}-*/message.txt")
    return file.read_text(encoding="utf-8")


def test_the_help_names_every_kind_and_who_reads_it(breachkit):
    shown = breachkit.expect(0, "notify", "render", "--help").out

    listed = re.findall(
        r"^ {2,}([a-z-]+) {2,}\S", shown.split("Kinds, and who reads them:")[1], re.MULTILINE
    )
    assert [kind.alias for kind in KINDS] == listed[: len(KINDS)]


def test_a_kind_that_there_is_not_is_answered_with_those_there_are(opened):
    said = opened.expect(2, "notify", "render", "letter").err

    assert all(kind.alias in said for kind in KINDS)


def test_inc_072_the_short_alert_is_printed_as_addresses_to_click_on(opened):
    ran = opened.expect(0, "notify", "render", "alert", "--mailto", "--phone", "+44 20 7946 0000")
    lines = ran.out.splitlines()

    assert [line.split("?")[0] for line in lines] == [
        "mailto:incidents@example.org",
        "mailto:jo.bloggs@example.org",
    ]
    assert all(len(line) < 2000 for line in lines)
    assert "%2B44%2020%207946%200000" in lines[0]
    assert "asthma" not in lines[0].split("&body=")[0]


def test_all_writes_what_is_due_and_says_why_the_rest_is_not(opened):
    ran = opened.expect(0, "notify", "render", "all")

    for kind in (
        "internal-alert",
        "engineer-liaison",
        "freeze",
        "github-support",
        "dpo-factual",
        "public-summary",
    ):
        assert kind in ran.out
    for why in (
        "all-clear: it says that",
        "update: every update",
        "holders: the register",
        "forks: the register",
    ):
        assert f"not written: {why}" in ran.err
    assert "no address is known for N-004" in ran.err


def test_a_message_without_an_address_is_to_be_passed_on_and_never_in_public(opened):
    ran = opened.expect(0, "notify", "render", "freeze")

    assert "never by a public comment" in ran.err
    assert "Dear everybody who can push," in message(opened, "N-001")


def test_what_is_shown_is_what_the_reader_gets(opened):
    opened.expect(0, "notify", "render", "alert")
    shown = opened.expect(0, "notify", "show", "N-001")
    told = json.loads(opened.expect(0, "notify", "show", "N-001", "--json").out)

    assert message(opened, "N-001").strip() in shown.out
    assert "written, not sent" in shown.out
    assert "Next: breachkit notify mark-sent N-001" in shown.err
    assert told["schema"] == "breachkit.notice-text/1"
    assert told["text"] == message(opened, "N-001").rstrip("\n")
    assert "notify list" in opened.expect(2, "notify", "show", "N-9").err
    opened.expect(0, "notify", "mark-sent", "N-001")
    assert "Next: breachkit notify list" in opened.expect(0, "notify", "show", "N-001").err


def test_a_message_that_was_altered_is_not_shown(opened):
    opened.expect(0, "notify", "render", "alert")
    (file,) = case_of(opened).path.glob("notifications/N-001-*/message.txt")
    file.write_text(file.read_text(encoding="utf-8") + "and 4 patients\n", encoding="utf-8")

    ran = opened.expect(7, "notify", "show", "N-001")
    assert "4 patients" not in ran.all


def test_the_list_says_by_when_an_answer_is_due_and_what_is_late(opened):
    opened.expect(0, "notify", "render", "freeze")
    opened.expect(0, "notify", "render", "alert", "--reply-by", "2999-01-01T10:00Z")
    for number in ("N-001", "N-002"):
        opened.expect(0, "notify", "mark-sent", number)
    shown = opened.expect(0, "notify", "list").out.splitlines()
    told = json.loads(opened.expect(0, "notify", "list", "--json").out)["notices"]

    assert "       answer due 2999-01-01 10:00 UTC" in shown
    assert [each["audience"] for each in told] == ["writers", "named-contacts", "named-contacts"]
    assert told[1]["reply_by"] == "2999-01-01T10:00:00Z"


def test_a_day_that_is_past_is_not_the_day_an_answer_is_due(opened):
    opened.expect(0, "notify", "render", "alert", "--reply-by", "2001-01-01T10:00Z")

    assert "2001" not in message(opened, "N-001")
    assert "AS SOON AS YOU READ THIS" in message(opened, "N-001")


def test_inc_073_a_message_that_could_tell_is_refused_by_rule_and_line(opened):
    ran = opened.expect(6, "notify", "render", "alert", "--shared-with", "Mallory saw 4 patients")

    assert "number of people in line" in ran.err
    assert "Mallory" not in ran.all
    assert list(case_of(opened).path.glob("notifications/N-*")) == []


def test_inc_073_a_rule_is_set_aside_by_name_with_a_reason_and_never_one_about_values(opened):
    told = ["notify", "render", "alert", "--shared-with", "sam@example.net"]
    assert "e-mail address in line" in opened.expect(6, *told).err
    assert "with a reason" in opened.expect(6, *told, "--waive", "e-mail address").err
    assert "with a reason" in opened.expect(6, *told, "--override", "they need it").err
    assert (
        "cannot be set aside"
        in opened.expect(6, *told, "--waive", "object id", "--override", "x").err
    )

    opened.expect(
        0, *told, "--waive", "e-mail address", "--override", "they need it", "--by", "Ada"
    )
    assert "sam@example.net" in message(opened, "N-001")
    (entry,) = [each for each in case_of(opened).events() if each.kind == "override"]
    assert (entry.text("reason"), entry.text("decider")) == ("they need it", "Ada")


def test_inc_084_what_the_form_asks_is_said_once_and_kept(opened):
    opened.expect(
        0, "notify", "render", "dpo", "--say", "people_range=10 to 99", "--say", "cyber=no"
    )
    opened.expect(0, "notify", "render", "dpo", "--say", "training=yearly, last in May")
    text = message(opened, "N-001")

    assert "Data subjects       10 to 99" in text
    assert "Cyber incident      no" in text
    assert "Training            yearly, last in May" in text


@pytest.mark.parametrize(
    "said", ["people_range=57", "people_range=3", "weather=fine", "cyber", "cyber="]
)
def test_inc_084_a_number_of_people_is_refused_and_so_is_what_no_message_asks(opened, said):
    ran = opened.expect(2, "notify", "render", "dpo", "--say", said)

    assert "10 to 99" in ran.err or "FIELD=TEXT" in ran.err
    assert case_of(opened).incident.said == {}


def test_inc_079_an_update_needs_the_next_one(opened):
    opened.expect(0, "notify", "render", "alert")
    opened.expect(0, "notify", "mark-sent", "N-001")

    assert "--next-update TIME" in opened.expect(6, "notify", "render", "update").err
    opened.expect(0, "notify", "render", "update", "--next-update", "2999-01-01T10:00Z")
    assert "Next update by      2999-01-01 10:00 UTC" in message(opened, "N-003")


def test_inc_105_a_summary_is_published_only_once_that_is_decided(opened):
    ran = opened.expect(0, "notify", "render", "public")

    assert "publish it only once that is decided" in ran.err


@pytest.mark.parametrize(
    ("sender", "address"),
    [
        ("Hartley, Ada <ada@example.org>", b'From: "Hartley, Ada" <ada@example.org>'),
        ("ada@example.org", b"From: "),
    ],
)
def test_incident_trap_52_a_sender_with_a_comma_is_one_sender(opened, sender, address):
    opened.expect(0, "notify", "render", "alert", "--from", sender)
    (mail,) = case_of(opened).path.glob("notifications/N-001-*/message.eml")

    assert address in mail.read_bytes()
    assert mail.read_bytes().count(b"@example.org") == 2


def test_a_sender_that_is_no_address_is_refused(opened):
    assert "--from" in opened.expect(2, "notify", "render", "alert", "--from", "Ada").err
