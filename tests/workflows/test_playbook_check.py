"""A playbook is judged as a whole: all mistakes at once, each with file, line and key."""

import os
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from breachkit.actions.playbook_samples import HOSTILE, hostile_facts, known_facts, unknown_facts
from breachkit.model.errors import ConfigurationError
from breachkit.workflows import playbook_files
from breachkit.workflows.playbook_check import check_playbook
from breachkit.workflows.playbook_contacts import read_contacts
from breachkit.workflows.playbook_files import Home
from breachkit.workflows.playbook_new import PlaybookExistsError, begin_playbook
from breachkit.workflows.playbooks import load_policies, load_values, read_text
from breachkit.workflows.trace import load_places


TODAY = date(2026, 11, 22)
SHIPPED = ("generic", "opensafely-2021", "opensafely-2026")
ROOT = Path(__file__).parents[2]

ABOUT = """\
name = "example-tre"
title = "An example"
extends = "generic"
organisation = "example-tre"
as_of = 2026-11-01
source = "a document"
reviewed = 2026-11-01
"""
CONTACTS = """\
as_of = 2026-11-01
source = "a page"
verified_on = 2026-11-01

[[contact]]
name = "Incident Team"
roles = ["incident_team", "dpo", "controller"]
email = "incidents@example.org"
phone = "+44 20 7946 0000"
deputy = "Jo Bloggs"

[[contact]]
name = "Jo Bloggs"
roles = ["engineer"]
email = "jo@example.org"
"""


@pytest.fixture
def own(tmp_path):
    """Give the folder of a sound playbook."""
    folder = tmp_path / "example-tre"
    folder.mkdir()
    (folder / "playbook.toml").write_text(ABOUT)
    (folder / "contacts.toml").write_text(CONTACTS)
    return folder


def check(folder):
    return check_playbook(folder.name, TODAY, folder=folder.parent)


def said(folder):
    return [str(problem) for problem in check(folder).problems]


@pytest.mark.parametrize("name", SHIPPED)
def test_inc_012_the_shipped_playbooks_are_sound(name):
    assert check_playbook(name, TODAY).problems == ()


def test_a_sound_playbook_has_neither_problems_nor_warnings(own):
    checked = check(own)

    assert (checked.problems, checked.warnings) == ((), ())
    assert checked.files == ("contacts.toml", "playbook.toml")


def test_all_mistakes_are_said_at_once_each_with_its_line_and_key(own):
    (own / "contacts.toml").write_text(
        CONTACTS.replace("2026-11-01\nsource", '"soon"\nsource', 1)
        .replace("incidents@example.org", "incidents at example")
        .replace('"engineer"', '"enginer"')
        .replace("deputy =", "deputi =")
    )
    (own / "playbook.toml").write_text(ABOUT + "stale_after_days = 0\nupdate_hour = 3\n")
    (own / "policy.toml").write_text("[strict]\nname = 1\nthreshold = -1\n")

    found = said(own)

    assert "contacts.toml:1: as_of: a day such as 2026-03-26 is needed, without quotes" in found
    assert (
        "contacts.toml:8: contact[1].email: not one plain address such as jo@example.org" in found
    )
    assert any(line.startswith("contacts.toml:10: contact[1].deputi: unknown key; did you mean deputy?") for line in found)  # fmt: skip
    assert any(line.startswith("contacts.toml:14: contact[2].roles[1]: not one of those known; did you mean engineer?") for line in found)  # fmt: skip
    assert "playbook.toml:8: stale_after_days: a whole number from 1 to 3650 is needed" in found
    assert any(line.startswith("playbook.toml:9: update_hour: unknown key; did you mean update_hours?") for line in found)  # fmt: skip
    assert "policy.toml:1: at least one [[profile]] is needed" in found
    assert "policy.toml:2: strict.name: a text is needed" in found
    assert "policy.toml:3: strict.threshold: a whole number from 0 to 1000 is needed" in found
    assert any(line.startswith("policy.toml:1: strict: source: a text") for line in found)


CHECKLIST = """\
items:
  - id: A01
    group: A
    text: one
    role: king
    due: tomorrow
    evidence: hope
    colour: red
  - id: Z01
    group: Z
    text: two
    role: handler
    evidence: ack
  - id: A02
    group: A
    text: three
    role: handler
    evidence: ack
    condition: is_raining
  - just words
remove: [A03, X99]
"""


def test_every_mistake_in_a_checklist_is_said_at_once(own):
    (own / "checklist.yaml").write_text(CHECKLIST)

    lines = [(problem.line, problem.key.rpartition(".")[2]) for problem in check(own).problems]

    assert lines == [
        (5, "role"),
        (6, "due"),
        (7, "evidence"),
        (8, "colour"),
        (10, "group"),
        (19, "condition"),
        (20, "items[4]"),
        (21, "remove[2]"),
    ]


def test_every_mistake_in_a_catalogue_of_places_is_said_at_once(own):
    (own / "places.toml").write_text(
        '[[place]]\ncode = "C90"\nlabel = "x"\nfind = "x"\naction = ""\nproof = "x"\n'
        'risk = "grave"\ndue_hours = "3"\n[[place]]\ncode = "C90"\n'
    )

    found = said(own)

    assert "places.toml:5: place[1].action: a text is needed" in found
    assert any(line.startswith("places.toml:7: place[1].risk: choose one of") for line in found)
    assert "places.toml:8: place[1].due_hours: a whole number from 1 to 8760 is needed" in found
    assert "places.toml:10: place[2].code: stands twice: give each place its own" in found
    assert "places.toml:9: place[2]: label: a text is needed" in found


def test_places_are_added_replaced_and_left_out_by_their_code(own):
    place = 'label = "ours"\nfind = "x"\naction = "x"\nproof = "x"\nrisk = "low"\ndue_hours = 1\n'
    text = f'remove = ["C19"]\n[[place]]\ncode = "C90"\n{place}[[place]]\ncode = "C20"\n{place}'
    (own / "places.toml").write_text(text)
    assert said(own) == []

    before = {place.code for place in load_places("generic")}
    after = {place.code: place for place in load_places("example-tre", folder=own.parent)}
    assert after.keys() == before - {"C19"} | {"C90"}
    assert after["C20"].label == "ours"

    (own / "places.toml").write_text('remove = ["C01"]\n')
    assert said(own) == ["places.toml:1: no place C01: put it back"]


@pytest.mark.parametrize(
    ("template", "line", "words"),
    [
        ("Subject: [{{ tlp }}] x\n{{ tlp }}\n{{ repositry }}\n{{ tlp }}\n", 3, "did you mean repository?"),
        ("Subject: [{{ tlp }}] x\n{{ tlp }}\n{% if false %}\n{{ nonsense }}\n{% endif %}", 4, "there is no fact nonsense"),
        ("Subject: [{{ tlp }}] x\n{{ tlp }}\n{% set a = 1 %}\n", 3, "not allowed"),
        ("Subject: [{{ tlp }}] x\n{{ tlp }}\n{% if x %}\n", 3, "Unexpected end"),
        ("no subject\n", 1, "first line"),
        ("Subject: [{{ tlp }}] x\n{{ tlp }}\n"+"deadbeef" * 5+"\n{{ tlp }}\n", 1, "is refused"),
        ("Subject: [{{ tlp }}] x\n{{ tlp }}\n{{ done.x }}\n{{ tlp }}\n", 1, "correct the template"),
    ],
)  # fmt: skip
def test_incident_trap_58_a_template_that_no_message_could_be_written_with_is_refused(
    own, template, line, words
):
    (own / "mail").mkdir()
    (own / "mail" / "internal-alert.txt.j2").write_text(template)

    (problem, *_) = check(own).problems

    assert (problem.file, problem.line) == ("mail/internal-alert.txt.j2", line)
    assert words in problem.problem


def test_templates_are_tried_with_facts_that_are_known_unknown_and_hostile():
    assert all(getattr(known_facts(), name) is not None for name in known_facts().__slots__)
    assert unknown_facts().found_by is None
    assert hostile_facts().found_by == HOSTILE
    assert hostile_facts().repository == HOSTILE


@pytest.mark.parametrize(
    ("name", "content", "line", "words"),
    [
        ("contacts.toml", b"a = 1\n\xff", 2, "not UTF-8"),
        ("policy.toml", b"a = 1\n\0", 2, "null character"),
        ("policy.toml", b"#" * 1_048_577, None, "larger than 1048576 bytes"),
        ("checklist.yaml", b"items: &a [*a]\n", 1, "anchors and aliases"),
        ("checklist.yaml", b"items: []\nitems: []\n", 2, "stands twice"),
        ("checklist.yaml", b"a: !!python/name:os.system x\n", 1, "tags"),
        ("hosts.toml", b"[[host]]\n[[host]]\nname = 1\nname = 2\n", 4, "not TOML"),
        ("contact.toml", b"", None, "did you mean contacts.toml?"),
        ("mail/alert.txt.j2", b"", None, "nothing reads a file of that name"),
        ("mail/update.txt.j2", b"Subject: \xff", 1, "not UTF-8"),
    ],
)  # fmt: skip
def test_a_hostile_or_misnamed_file_is_named_and_not_read_further(own, name, content, line, words):
    (own / name).parent.mkdir(exist_ok=True)
    (own / name).write_bytes(content)

    (problem, *_) = [each for each in check(own).problems if each.file == name]

    assert problem.line == line
    assert words in problem.problem


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(own):
    for file in ("playbook.toml", "contacts.toml"):
        text = (own / file).read_text().replace("\n", "\r\n")
        (own / file).write_bytes(b"\xef\xbb\xbf" + text.encode())

    assert said(own) == []

    (own / "contacts.toml").write_bytes((own / "contacts.toml").read_bytes() + b"x = 1\r\n")
    assert any(line.startswith("contacts.toml:16: contact[2].x: unknown key") for line in said(own))


def test_a_link_out_of_the_playbook_is_not_followed(own, tmp_path):
    secret = tmp_path / "secret.toml"
    secret.write_text("a = 1")
    (own / "policy.toml").symlink_to(secret)

    assert said(own) == ["policy.toml: a link out of the playbook: put the file itself there"]
    with pytest.raises(ConfigurationError, match="a link out of the playbook"):
        read_text("policy.toml", "example-tre", folder=tmp_path)


def test_a_link_within_the_playbook_is_read(own):
    (own / "ours.md").write_text("x")
    (own / "README.md").symlink_to("ours.md")

    assert said(own) == []


def test_a_folder_that_is_a_link_elsewhere_is_no_playbook(own, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    shutil.move(own, elsewhere)
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "example-tre").symlink_to(elsewhere)

    with pytest.raises(ConfigurationError, match="no playbook 'example-tre'"):
        check_playbook("example-tre", TODAY, folder=inner)


def test_a_pipe_is_not_waited_for(own):
    os.mkfifo(own / "policy.toml")

    assert said(own) == ["policy.toml: no plain file: put one there"]


def test_what_is_missing_in_all_of_the_line_is_named(own):
    (own / "playbook.toml").write_text(ABOUT.replace('extends = "generic"\n', ""))
    (own / "contacts.toml").unlink()

    found = said(own)

    assert "checklist.yaml: is missing in example-tre: add it" in found
    assert "mail/all-clear.txt.j2: is missing in example-tre: add it" in found
    assert "contacts.toml: is missing: no other organisation's contacts are taken" in found


@pytest.mark.parametrize("parent", ["nobody", "example-tre", "../generic"])
def test_a_playbook_that_extends_what_is_not_there_is_refused_on_that_line(own, parent):
    (own / "playbook.toml").write_text(ABOUT.replace('"generic"', f'"{parent}"'))

    (problem,) = check(own).problems
    assert (problem.file, problem.line, problem.key) == ("playbook.toml", 3, "extends")


def test_inc_013_stale_contacts_and_reviews_are_warned_of(own):
    checked = check_playbook("example-tre", date(2028, 1, 1), folder=own.parent)

    assert checked.problems == ()
    assert any("was last verified on 2026-11-01, 426 days ago" in each for each in checked.warnings)
    assert any("last reviewed on 2026-11-01, 426 days ago" in each for each in checked.warnings)

    early = check_playbook("example-tre", date(2026, 1, 1), folder=own.parent)
    assert sum("in the future" in each for each in early.warnings) == 3


def test_inc_013_the_organisation_says_when_contacts_are_stale(own):
    (own / "playbook.toml").write_text(ABOUT + "stale_after_days = 10\n")

    assert any("21 days ago" in each for each in check(own).warnings)


def test_inc_014_inc_015_missing_roles_deputies_and_numbers_are_warned_of(own):
    text = CONTACTS.replace('"dpo", "controller"', '"pi"').replace('deputy = "Jo Bloggs"\n', "")
    (own / "contacts.toml").write_text(text.replace('phone = "+44 20 7946 0000"\n', ""))

    assert check(own).warnings == (
        "nobody has the role dpo, controller: what is meant for them goes to nobody",
        "Incident Team has no phone number: mail is not read at night",
        "Incident Team has no deputy: nobody is named for when they do not answer",
    )


def test_a_new_playbook_is_refused_until_every_blank_is_filled_in(tmp_path):
    begun = begin_playbook("example-tre", tmp_path, like="generic")
    refused = check(begun.folder).problems

    assert {f"{each.file}:{each.line}" for each in refused} == set(begun.blanks)
    assert all("still to be filled in" in each.problem for each in refused)
    with pytest.raises(ConfigurationError, match="still to be filled in"):
        read_contacts("example-tre", folder=tmp_path)


@pytest.mark.parametrize("like", SHIPPED)
@pytest.mark.parametrize("whole", [False, True])
def test_a_copy_of_any_playbook_lacks_nothing_but_the_blanks(tmp_path, like, whole):
    begun = begin_playbook("example-tre", tmp_path, like=like, whole=whole)

    problems = check(begun.folder).problems
    assert {f"{each.file}:{each.line}" for each in problems} == set(begun.blanks)
    if like != "generic":
        assert "opensafely.org" not in (begun.folder / "contacts.toml").read_text()
        assert load_policies("example-tre", folder=tmp_path).at(None).threshold == 7


def test_a_copy_keeps_the_comments(tmp_path):
    begun = begin_playbook("example-tre", tmp_path, like="generic", whole=True)

    for file in ("policy.toml", "places.toml", "checklist.yaml"):
        theirs = (ROOT / "playbooks" / "generic" / file).read_text()
        ours = (begun.folder / file).read_text()
        assert [line for line in theirs.splitlines() if "#" in line] == [
            line for line in ours.splitlines() if "#" in line
        ]


@pytest.mark.parametrize("name", ["generic", "example-tre"])
def test_a_name_that_is_taken_is_refused(tmp_path, name):
    (tmp_path / "example-tre").mkdir()

    with pytest.raises(PlaybookExistsError):
        begin_playbook(name, tmp_path, like="generic")


def test_a_new_playbook_whose_folder_cannot_be_made_is_refused_with_another_way(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(ConfigurationError, match="cannot be made: Not a directory; name another"):
        begin_playbook("example-tre", tmp_path / "file", like="generic")


def test_nothing_is_left_of_a_copy_that_cannot_be_written(tmp_path, monkeypatch):
    def full(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        begin_playbook("example-tre", tmp_path, like="generic")

    assert not (tmp_path / "example-tre").exists()


def test_a_playbook_is_not_looked_for_and_read_anew_for_every_file_it_may_give(own, monkeypatch):
    read: Counter[tuple[str, str]] = Counter()
    looked_for = []
    plain, find = Home.read, playbook_files.homes

    def reading(home, name):
        read[home.name, name] += 1
        return plain(home, name)

    def looking(folder):
        looked_for.append(folder)
        return find(folder)

    monkeypatch.setattr(Home, "read", reading)
    monkeypatch.setattr(playbook_files, "homes", looking)

    checked = check_playbook("example-tre", TODAY, folder=own.parent)

    assert checked.problems == ()
    assert max(read.values()) <= 2  # once for its lines, once for what it extends
    assert len(looked_for) == len(("example-tre", "generic"))


def test_what_was_read_of_a_playbook_is_forgotten_once_it_was_checked(own):
    check_playbook("example-tre", TODAY, folder=own.parent)
    (own / "playbook.toml").write_text(ABOUT.replace("An example", "Another"))

    assert load_values("example-tre", folder=own.parent)["title"] == "Another"
