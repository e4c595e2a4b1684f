import copy
import hashlib
import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.actions.contacts import (
    ROLES,
    ContactsError,
    normalised_address,
    phone_script,
    warnings_for,
)
from breachkit.workflows.playbook_contacts import contacts_from_text
from breachkit.workflows.playbooks import read_text
from tests.support.profiles import profile_of


TESTS = Path(__file__).resolve().parent.parent / "support" / "contacts.toml"


def data():
    return tomllib.loads(TESTS.read_text())


def profile(changed=None):
    return profile_of(changed or data())


def shipped(name):
    return contacts_from_text(read_text("contacts.toml", name), name)


def test_inc_012_the_profile_of_2021_names_the_three_contacts_of_that_time():
    assert [contact.email for contact in shipped("opensafely-2021").to_alert()] == [
        "amir.mehrkar@phc.ox.ac.uk",
        "ben.goldacre@phc.ox.ac.uk",
        "disclosurecontrol@opensafely.org",
    ]


def test_inc_012_the_profile_of_2026_names_the_incident_team():
    current = shipped("opensafely-2026")
    assert [contact.email for contact in current.to_alert()] == ["incidents@opensafely.org"]
    assert current.as_of == date(2026, 3, 26)


def test_inc_013_a_profile_nobody_checked_for_180_days_is_used_with_a_warning():
    checked = profile()
    assert warnings_for(checked, checked.verified_on + timedelta(days=180)) == ()
    (warning,) = warnings_for(checked, checked.verified_on + timedelta(days=181))
    assert "181 days ago" in warning


def test_a_profile_checked_in_the_future_is_doubted():
    checked = profile()
    assert "future" in warnings_for(checked, checked.verified_on - timedelta(days=1))[0]


def test_a_contact_who_can_only_be_phoned_is_pointed_out():
    changed = data()
    del changed["contact"][1]["email"]
    checked = profile(changed)
    assert warnings_for(checked, checked.verified_on) == (
        "Bloggs, Jo has no e-mail address: phone them",
    )


def test_inc_015_the_phone_list_begins_with_the_one_who_does_not_answer_and_their_deputy():
    checked = profile()
    script = phone_script(checked, checked.contacts[0])
    assert script[0].startswith("Incident Team: +44 20 7946 0000")
    assert script[1].startswith("Bloggs, Jo: +44 20 7946 0001")
    assert len(script) == 2


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        (("as_of",), "2026-03-01", "as_of"),
        (("source",), "", "source"),
        (("verified_on",), None, "verified_on"),
        (("alert_roles",), ["boss"], r"alert_roles\[1\]"),
        (("alert_roles",), ["legal"], "alert_roles"),
        (("contact",), [], "contact"),
        (("recipients",), 1, "recipients"),
        (("contact", 0, "email"), "a@example.org, b@example.org", r"contact\[1\].email"),
        (("contact", 0, "email"), "x@example.org\nBcc: y@example.org", r"contact\[1\].email"),
        (("contact", 1, "name"), "Incident Team", r"contact\[2\].name"),
        (("contact", 0, "deputy"), "Nobody", r"contact\[1\].deputy"),
        (("contact", 0, "deputy"), "Incident Team", r"contact\[1\].deputy"),
        (("contact", 2, "roles"), [], r"contact\[3\].roles"),
        (("contact", 2, "mail"), "x", r"contact\[3\].mail"),
        (("contact", 2), "Sam", r"contact\[3\]"),
    ],
)
def test_inc_011_an_error_names_the_key(path, value, key):
    changed = copy.deepcopy(data())
    place = changed
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    with pytest.raises(ContactsError, match=f"{key}:"):
        profile(changed)


def test_a_contact_without_address_needs_a_phone_number():
    changed = data()
    del changed["contact"][2]["email"]
    with pytest.raises(ContactsError, match="phone"):
        profile(changed)


def test_an_international_domain_becomes_ascii():
    assert normalised_address("jo@exämple.org") == "jo@xn--exmple-cua.org"


@pytest.mark.parametrize(
    "address",
    [
        "jö@example.org",
        "a@b@example.org",
        "<a@example.org>",
        "a b@example.org",
        "a@localhost",
        "@example.org",
        ".a@example.org",
        "a@-example.org",
        "a@example..org",
        "a@exa mple.org",
        "a@example.org\0",
    ],
)
def test_what_is_not_one_plain_address_is_refused(address):
    with pytest.raises(ValueError, match=r"address|domain"):
        normalised_address(address)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=60))
def test_an_accepted_address_is_one_ascii_word(text):
    try:
        address = normalised_address(text)
    except ValueError:
        return
    assert address.isascii()
    assert address.count("@") == 1
    assert not any(character.isspace() or character in '<>,;:"()' for character in address)


ALL_ROLES = (
    *("incident_team", "controller", "dpo", "siro", "caldicott_guardian", "ig_lead", "pi"),
    *("sponsor", "co_pilot", "engineer", "output_checker", "comms", "legal"),
)


def test_inc_014_every_role_can_have_a_phone_number_an_address_a_deputy_and_hours():
    changed = data()
    changed["contact"][0] |= {"roles": list(ALL_ROLES), "hours": "at any hour"}
    first = profile(changed).contacts[0]

    assert set(ROLES) == set(ALL_ROLES)
    assert first.roles == ALL_ROLES
    assert None not in {first.phone, first.email, first.deputy, first.hours}


def test_inc_011_a_profile_says_as_of_when_from_where_and_which_bytes():
    text = read_text("contacts.toml", "opensafely-2026")
    shipped_now = contacts_from_text(text, "opensafely-2026")

    assert shipped_now.as_of == date(2026, 3, 26)
    assert "reporting-a-data-breach.md" in shipped_now.source
    assert shipped_now.source_sha256
    assert len(shipped_now.source_sha256) == 64
    assert shipped_now.sha256 == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("digest", ["abc", "A" * 64, "g" * 64])
def test_a_digest_of_the_source_has_64_digits(digest):
    with pytest.raises(ContactsError, match="source_sha256"):
        profile({**data(), "source_sha256": digest})


def test_all_that_is_wrong_with_contacts_is_said_at_once_with_lines():
    text = (
        'as_of = 1\nsource = ""\nverified_on = 2026-01-01\n[[contact]]\nname = "A"\nroles = ["x"]\n'
    )
    with pytest.raises(ContactsError) as raised:
        contacts_from_text(text, "ours")

    for part in ("contacts.toml:1: as_of", ":2: source", ":6: contact[1].roles[1]", ":4: contact[1]: an e-mail"):  # fmt: skip
        assert part in str(raised.value)
