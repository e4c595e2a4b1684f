import html
import json
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.actions import copies
from breachkit.actions.copies import (
    BrokenRegisterError,
    NoSuchCopyError,
    Proof,
    UnprovenError,
    from_json,
    merge,
    move,
    open_copies,
    rule_out,
    to_json,
)
from breachkit.actions.people import Trace, people_from
from breachkit.actions.trace import (
    BY_HAND,
    PlacesError,
    Sources,
    find_copies,
    places_from_mapping,
    shared_with,
)
from breachkit.report import copies_render
from breachkit.workflows.playbooks import read_text
from breachkit.workflows.trace import load_places


NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
PLACES = load_places()
HOSTILE = (
    "=cmd|x",
    "<script>alert(1)</script>",
    "| a |",
    "a\nb\0\u2028",
    "\x1b[2J",
    "@octo #12",
    "Bloggs, Jo",
    "\udcff",
)


def mention(name, email, role="author", at=NOW):
    return Trace(name=name, email=email, role=role, at=at)


def proof(note="mail of 2 March", by="Jo", kind="attestation"):
    return Proof(kind=kind, at=NOW, by=by, note=note)


def register(*people, refs=None, remotes=()):
    sources = Sources(
        refs=refs or {"heads": 2, "tags": 1}, remotes=remotes, people=people_from(people)
    )
    return merge((), find_copies(sources, PLACES, since=NOW))


def test_every_place_of_the_catalogue_is_in_the_register():
    assert {copy.place for copy in register()} == {place.code for place in PLACES}
    assert len(PLACES) == 46


def test_a_place_git_says_nothing_about_is_unknown_and_nothing_was_sent():
    heritage = next(copy for copy in register() if copy.place == "C40")
    assert (heritage.applies, heritage.state, heritage.signal) == ("unknown", "suspected", BY_HAND)


def test_each_person_is_one_holder_and_bots_are_listed_apart():
    made = register(
        mention("Jo", "jo@example.org"),
        mention("Jo Bloggs", "JO@example.org", "committer", NOW + timedelta(days=1)),
        mention("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com"),
    )
    holders = [copy for copy in made if copy.place == "C30"]
    assert [(copy.holder, copy.email, copy.state) for copy in holders] == [
        ("Jo Bloggs", "JO@example.org", "confirmed")
    ]
    bots = [copy for copy in made if copy.place == "C15"]
    assert [copy.holder for copy in bots] == [None]
    assert "dependabot" in bots[0].label


def test_noreply_addresses_of_one_login_are_one_person_who_has_to_be_reached_otherwise():
    (person,) = people_from(
        [
            mention("Jo", "123+jo@users.noreply.github.com"),
            mention("J", "jo@users.noreply.github.com"),
        ]
    )
    assert (person.key, person.login, person.email, person.mentions) == ("github:jo", "jo", None, 2)
    holder = next(
        c for c in register(mention("Jo", "1+jo@users.noreply.github.com")) if c.place == "C30"
    )
    assert "another way" in holder.signal


def test_a_namesake_with_an_address_is_named_and_not_merged():
    made = register(
        mention("Jo Bloggs", "1+jo@users.noreply.github.com"),
        mention("jo bloggs", "jo@example.org"),
    )
    holders = [copy for copy in made if copy.place == "C30"]
    assert len(holders) == 2
    assert "perhaps the same person as jo@example.org" in next(
        c.signal for c in holders if not c.email
    )


def test_another_name_is_no_namesake_and_a_single_word_is_not_enough():
    made = register(
        mention("Jo Bloggs", "1+jo@users.noreply.github.com"),
        mention("Sam Smith", "sam@example.org"),
        mention("root", "root@localhost"),
        mention("root", "root@example.org"),
    )
    assert not any("perhaps" in copy.signal for copy in made)


def test_people_without_any_address_are_told_apart_by_name():
    people = people_from([mention("Jo", ""), mention(" JO ", ""), mention("Sam", "")])
    assert [person.key for person in people] == ["name:jo", "name:sam"]


def test_copies_are_counted_by_state():
    made = register(mention("Jo", "jo@example.org"), mention("Sam", "sam@example.org"))
    jo, sam = (copy for copy in made if copy.place == "C30")
    moved = rule_out(move(made, [jo.id], "deleted", proof()), sam.id, proof())
    counted = copies.counts(moved)
    assert (counted["deleted"], counted["not_applicable"]) == (1, 1)
    assert counted["suspected"] == len(made) - 2


@pytest.mark.parametrize(
    "email",
    [
        "",
        "a@b@example.org",
        "jo",
        "jo@localhost",
        "jo@laptop.local",
        "a b@example.org",
        "j\u00f6@example.org",
        "jo@example.org, x@example.org",
        "noreply@example.org",
    ],
)
def test_what_takes_no_mail_is_no_address(email):
    assert people_from([mention("Jo", email)])[0].email is None


@pytest.mark.parametrize("name", ["github-actions", "web-flow", "renovate", "Study Bot"])
def test_automatic_accounts_are_known(name):
    assert people_from([mention(name, "x@example.org")])[0].bot


@pytest.mark.parametrize("name", ["Abbott", "Talbot", "Robot Smith", "Botham"])
def test_a_surname_makes_nobody_a_bot(name):
    assert not people_from([mention(name, "x@example.org")])[0].bot


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=6))
def test_malformed_idents_survive(idents):
    people = people_from([mention(name, email, at=None) for name, email in idents])
    assert sum(person.mentions for person in people) == len(idents)
    assert all(person.name for person in people)


def test_searching_again_changes_nothing():
    people = [mention("Jo", "jo@example.org"), mention("Sam", "sam@example.org")]
    first = register(*people)
    again = merge(
        first,
        find_copies(
            Sources(refs={"heads": 2, "tags": 1}, people=people_from(people)), PLACES, since=NOW
        ),
    )
    assert again == first


def test_what_people_decided_and_ids_survive_a_new_search():
    first = register(mention("Jo", "jo@example.org"))
    jo = next(copy for copy in first if copy.place == "C30")
    moved = move(first, [jo.id], "deleted", proof())
    people = people_from([mention("Al", "al@example.org"), mention("Jo B", "jo@example.org")])
    again = merge(moved, find_copies(Sources(refs={"heads": 2}, people=people), PLACES, since=NOW))
    kept = copies.copy_with_id(again, jo.id)
    shown = replace(proof(), state="deleted")
    assert (kept.state, kept.holder, kept.proof) == ("deleted", "Jo B", (shown,))
    assert {copy.id for copy in first} <= {copy.id for copy in again}
    assert len({copy.id for copy in again}) == len(again)


def test_a_place_nobody_looked_at_reads_differently_from_one_that_was_cleared():
    made = register()
    heritage = next(copy for copy in made if copy.place == "C40")
    assert "  C40  Software" in copies_render.export(made, "text").partition("Not looked at yet")[2]
    ruled_out = rule_out(made, heritage.id, proof())
    assert "C40" not in copies_render.export(ruled_out, "text")
    assert "not applicable" in copies_render.export(ruled_out, "csv")


def test_the_scope_makes_suspected_refs_certain():
    first = register(refs={"heads": 2, "pull": 3})
    sources = Sources(refs={"heads": 2, "pull": 3}, holding={"pull": 1})
    again = merge(first, find_copies(sources, PLACES, since=NOW))
    pull = next(copy for copy in again if copy.place == "C02")
    assert (pull.applies, pull.state) == ("yes", "confirmed")
    assert "1 of 3" in pull.signal


@pytest.mark.parametrize("state", ["deleted", "proven_clean", "residual_accepted"])
@pytest.mark.parametrize("lacking", [{"note": ""}, {"by": " "}])
def test_nothing_closes_without_evidence_and_a_name(state, lacking):
    made = register()
    with pytest.raises(UnprovenError):
        move(made, [made[0].id], state, proof(**lacking))


def test_a_decision_is_no_proof_of_deletion():
    made = register()
    with pytest.raises(UnprovenError):
        move(made, [made[0].id], "deleted", proof(kind="decision"))


@pytest.mark.parametrize(
    "state", ["cleaned", "refused", "unreachable", "acknowledged", "requested"]
)
def test_a_word_alone_leaves_the_copy_open(state):
    made = register()
    moved = move(made, [made[0].id], state, proof(note=""))
    assert len(open_copies(moved)) == len(open_copies(made))


def test_a_place_is_ruled_out_with_a_reason_only():
    made = register()
    with pytest.raises(UnprovenError):
        rule_out(made, made[0].id, proof(note=""))
    assert len(open_copies(rule_out(made, made[0].id, proof()))) == len(made) - 1


def test_unknown_copies_and_states_are_usage_errors():
    made = register()
    with pytest.raises(NoSuchCopyError):
        move(made, ["K-999"], "deleted", proof())
    with pytest.raises(NoSuchCopyError, match="residual_accepted"):
        move(made, [made[0].id], "gone", proof())


def test_a_copy_somebody_told_us_about_is_kept_once():
    place = next(p for p in PLACES if p.code == "C33")
    told = shared_with(place, "slides of May", holder="Al", email="al@example.org", since=NOW)
    once = merge(register(), [told])
    assert merge(once, [told]) == once
    assert once[-1].needs_request


@settings(deadline=None, max_examples=50)
@given(st.sampled_from(HOSTILE), st.sampled_from(HOSTILE))
def test_the_register_survives_its_file(name, url):
    made = register(mention(name, "jo@example.org"), remotes=[(name, url)])
    moved = move(made, [made[0].id], "deleted", proof(note=name))
    assert from_json(json.loads(json.dumps(to_json(moved)))) == moved


def damaged(key, value):
    data = json.loads(json.dumps(to_json(register())))
    if key in data:
        data[key] = value
    elif value is None:
        del data["copies"][0][key]
    else:
        data["copies"][0][key] = value
    return data


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("schema", "x/9"),
        ("copies", [1]),
        ("copies", None),
        ("state", "gone"),
        ("applies", "maybe"),
        ("risk", "huge"),
        ("due", "soon"),
        ("key", None),
    ],
)
def test_a_register_that_was_damaged_is_not_read(key, value):
    with pytest.raises(BrokenRegisterError):
        from_json(damaged(key, value))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("form", sorted(copies_render.FORMATS))
def test_no_export_acts_on_hostile_names(form, text):
    made = register(mention(text, "jo@example.org"), remotes=[(text, text)])
    shown = copies_render.export(made, form)
    assert "<script>" not in shown.replace("\\<script\\>", "") or form in {"text", "csv", "json"}
    assert all(line.isprintable() for line in shown.replace("\r\n", "\n").splitlines())
    assert '"=cmd' not in shown or form == "json"


def test_a_page_says_of_each_copy_how_it_is_found_closed_and_shown_to_be_gone():
    made = register(mention("Jo", "jo@example.org"))
    heritage = next(copy for copy in made if copy.place == "C40")
    shown = copies_render.export(made, "html", PLACES, of="BK-2026-0001")

    place = next(place for place in PLACES if place.code == "C40")
    for text in (place.find, place.action, place.proof, "of BK-2026-0001", "jo@example.org"):
        assert html.escape(text) in shown
    closed = copies_render.export(rule_out(made, heritage.id, proof(note="asked")), "html", PLACES)
    assert "asked" in closed.partition("Closed, or does not apply")[2]
    assert html.escape(place.action) not in closed


def test_no_export_holds_an_object_id():
    oid = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"
    made = register(remotes=[("origin", f"https://example.org/{oid}")])
    moved = move(made, [made[0].id], "deleted", proof(note=f"looked for {oid} and {oid[:9]}"))
    for form in copies_render.FORMATS:
        shown = copies_render.export(moved, form)
        assert oid not in shown
        assert oid[:9] not in shown


@pytest.mark.parametrize("form", sorted(set(copies_render.FORMATS) - {"text"}))
def test_an_export_names_its_maker_so_that_the_next_one_may_replace_it(form):
    assert b"breachkit" in copies_render.export(register(), form).encode()[:1024]


def test_a_catalogue_without_a_needed_place_is_refused():
    data = tomllib.loads(read_text("places.toml", "generic"))
    with pytest.raises(PlacesError, match="C30"):
        places_from_mapping({"place": [p for p in data["place"] if p["code"] != "C30"]})
    with pytest.raises(PlacesError, match="twice"):
        places_from_mapping({"place": [*data["place"], data["place"][0]]})
    with pytest.raises(PlacesError, match=r"C01.*risk"):
        places_from_mapping({"place": [{**data["place"][0], "risk": "huge"}]})
