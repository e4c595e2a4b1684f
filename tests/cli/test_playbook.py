"""`playbook`: a playbook of one's own in ten minutes, and every command that looks into it."""

import json
import re
from pathlib import Path

import pytest

from breachkit.workflows.playbooks import DEFAULT_ORGANISATION, default_playbook, using
from tests.support.command_line import study


PAGE = Path(__file__).parents[2] / "playbooks" / "README.md"

POLICY = """
[[profile]]
name = "2020"
since = 2020-01-01
threshold = {0}
rounding = "none"
rounding_bases = []
midpoint_bases = []
file_types = []
source = "a rule book, 2020-01-01"
[strict]
name = "strict"
since = 2020-01-01
threshold = {0}
rounding = "none"
rounding_bases = []
midpoint_bases = []
file_types = []
source = "the same"
"""
ANSWERS = {
    "playbook.toml": {"as_of": "2026-11-01", "reviewed": "2026-11-01"},
    "contacts.toml": {
        "as_of": "2026-11-01",
        "verified_on": "2026-11-01",
        "email": '"a@example.org"',
    },
}


def fill_in(folder):
    """Answer every blank as a person does: days without quotes, addresses, other names."""
    for file in folder.glob("*.toml"):
        given = ANSWERS.get(file.name, {})
        lines = file.read_text().splitlines()
        answered = [
            _answer(line, given, number) if '"FILL IN' in line else line
            for number, line in enumerate(lines)
            if not ('"FILL IN' in line and line.startswith("deputy"))
        ]
        file.write_text("\n".join(answered) + "\n")


def _answer(line, given, number):
    key = line.partition(" = ")[0]
    return f"{key} = " + given.get(key, f'"answer {number}"')


def kept(breachkit):
    """Give what the only case says of itself."""
    (file,) = breachkit.home.rglob("case.json")
    return json.loads(file.read_text())


@pytest.fixture
def own(breachkit, tmp_path):
    """Give the folder of playbooks with one that is ready."""
    breachkit.expect(0, "playbook", "new", "example-tre", "--into", tmp_path / "my-playbooks")
    fill_in(tmp_path / "my-playbooks" / "example-tre")
    return tmp_path / "my-playbooks"


def test_the_ten_minutes_of_the_page_work_as_they_stand_there(breachkit, tmp_path, monkeypatch):
    study(tmp_path / "study")
    monkeypatch.chdir(tmp_path)
    section = PAGE.read_text().split("## One for your organisation")[1].split("\n## ")[0]
    lines = "\n".join(re.findall(r"```\n(.*?)```", section, re.DOTALL)).splitlines()
    (export,) = [line for line in lines if line.startswith("export ")]
    begin, *commands = [line.split()[1:] for line in lines if line.startswith("breachkit ")]

    breachkit.expect(0, *begin)
    blank = breachkit.expect(3, *commands[0])
    assert blank.out.count("still to be filled in") == blank.out.count("\n") - 1
    fill_in(tmp_path / "my-playbooks" / "example-tre")
    for command in commands[1:3]:
        breachkit.expect(0, *command)

    value = export.partition("=")[2].strip('"').replace("$PWD", str(tmp_path))
    monkeypatch.setenv("BREACHKIT_PLAYBOOKS", value)
    *middle, open_ = commands[3:]
    assert "example-tre" in breachkit.expect(0, *middle[0]).out
    scanned = json.loads(breachkit("scan", "study", "--format", "json").out)
    assert scanned["policy"] == "example-tre:auto"
    breachkit.expect(0, *open_)
    assert kept(breachkit)["profile"] == "example-tre"


def test_inc_033_a_folder_of_playbooks_adds_names_and_a_playbook_is_used(breachkit, own, tmp_path):
    repository = study(tmp_path / "study")
    (own / "example-tre" / "policy.toml").write_text(POLICY.format(0))

    def found(*options):
        ran = breachkit("scan", repository, "--format", "json", *options)
        data = json.loads(ran.out)
        return data["policy"], any(each["rule"] == "CNT-01" for each in data["findings"])

    assert found() == ("auto", True)
    assert found("--playbooks", own) == ("auto", True)
    assert found("--playbooks", own / "example-tre") == ("example-tre:auto", False)
    assert found("--playbooks", own, "--policy", "example-tre:strict") == ("example-tre:strict", False)  # fmt: skip


def test_inc_033_a_case_keeps_the_rules_that_it_was_opened_with(breachkit, own, tmp_path):
    repository = study(tmp_path / "study")
    (own / "example-tre" / "policy.toml").write_text(POLICY.format(0))
    breachkit.expect(0, "open", repository, "--playbooks", own / "example-tre")

    assert kept(breachkit)["policy"] == "example-tre:auto"
    assert "no playbook 'example-tre'" in breachkit.expect(3, "scope").err
    assert "--playbooks DIR" in breachkit.expect(3, "scope").err


def test_inc_033_a_case_is_judged_by_the_rules_of_those_whose_contacts_it_chose(breachkit, own):
    breachkit.expect(0, "open", "owner/name", "--contacts", "example-tre", "--playbooks", own)
    assert kept(breachkit)["policy"] == "example-tre:auto"

    other = ["--another", "--contacts", "example-tre", "--playbooks", own]
    breachkit.expect(0, "open", "owner/name", *other, "--policy", "opensafely-2026:strict")
    files = sorted(breachkit.home.rglob("case.json"))
    assert json.loads(files[-1].read_text())["policy"] == "strict"


def test_a_case_goes_on_with_the_texts_and_the_checklist_of_its_playbook(breachkit, own):
    mail = own / "example-tre" / "mail"
    mail.mkdir()
    text = "Subject: [{{ tlp }}] [{{ case }}] Ours\n{{ tlp }}\n\nOUR WORDS about {{ repository }}\n\n{{ log_head }}\n{{ tlp }}\n"  # fmt: skip
    (mail / "internal-alert.txt.j2").write_text(text)
    (own / "example-tre" / "checklist.yaml").write_text(
        "items:\n  - {id: A77, group: A, text: Our own item, role: handler, evidence: ack}\n"
    )
    breachkit.expect(0, "open", "owner/name", "--contacts", "example-tre", "--playbooks", own)

    written = breachkit.expect(0, "notify", "render", "alert", "--playbooks", own, "--json")
    shown = breachkit.expect(0, "checklist", "show", "--all", "--playbooks", own).out

    (message,) = breachkit.home.rglob("message.txt")
    assert "OUR WORDS" in message.read_text()
    assert json.loads(written.out)
    assert "Our own item" in shown
    assert "no playbook 'example-tre'" in breachkit.expect(3, "checklist", "show").err


def test_inc_011_inc_012_nobody_is_told_before_contacts_are_chosen(breachkit):
    breachkit.expect(0, "open", "owner/name")

    ran = breachkit.expect(3, "notify", "render", "alert")
    assert "no contacts are chosen" in ran.err
    assert "opensafely-2021, opensafely-2026" in ran.err
    assert list(breachkit.home.rglob("message.*")) == []


def test_the_contacts_of_the_example_cannot_be_chosen(breachkit):
    ran = breachkit.expect(3, "open", "owner/name", "--contacts", "generic")

    assert "generic is an example" in ran.err


def test_inc_013_stale_contacts_are_said_with_every_message(breachkit, own):
    contacts = own / "example-tre" / "contacts.toml"
    contacts.write_text(
        re.sub(r"verified_on = .*", "verified_on = 2020-01-01", contacts.read_text())
    )
    breachkit.expect(0, "open", "owner/name", "--contacts", "example-tre", "--playbooks", own)

    for _ in range(2):
        ran = breachkit.expect(0, "notify", "render", "alert", "--playbooks", own)
        assert "was last verified on 2020-01-01" in ran.err


def test_inc_107_when_a_playbook_was_reviewed_and_drilled_is_shown(breachkit, own):
    about = own / "example-tre" / "playbook.toml"
    about.write_text(about.read_text() + "last_drilled = 2026-10-30\n")

    listed = breachkit.expect(0, "playbook", "list", "--playbooks", own)
    shown = json.loads(breachkit.expect(0, "playbook", "show", own / "example-tre", "--json").out)

    assert "(reviewed 2026-11-01, drilled 2026-10-30)" in listed.out
    assert "no drill noted" in listed.out
    assert (shown["reviewed"], shown["last_drilled"]) == ("2026-11-01", "2026-10-30")


def test_inc_024_months_to_publication_come_from_the_nearest_playbook_that_says(breachkit, own):
    def settings(name):
        return json.loads(breachkit.expect(0, "playbook", "show", name, "--json").out)

    assert settings("opensafely-2021")["settings"]["auto_publish_after_months"] == 12
    assert settings("opensafely-2021")["settings_from"]["auto_publish_after_months"] == "opensafely-2026"  # fmt: skip
    assert settings("generic")["settings"]["auto_publish_after_months"] is None


def test_what_applies_is_shown_with_the_playbook_that_each_file_is_from(breachkit):
    shown = json.loads(breachkit.expect(0, "playbook", "show", "opensafely-2021", "--json").out)
    origins = {each["file"]: each["from"] for each in shown["files"]}

    assert origins["contacts.toml"] == ["opensafely-2021"]
    assert origins["policy.toml"] == ["opensafely-2026"]
    assert origins["places.toml"] == ["opensafely-2026", "generic"]
    assert origins["support.md"] == ["generic"]
    assert (
        "contacts.toml                      opensafely-2021"
        in breachkit.expect(0, "playbook", "show", "opensafely-2021").out
    )


def test_problems_are_for_machines_too(breachkit, own):
    contacts = own / "example-tre" / "contacts.toml"
    contacts.write_text(contacts.read_text().replace("a@example.org", "a at b", 1))

    ran = breachkit.expect(3, "playbook", "check", "example-tre", "--playbooks", own, "--json")
    data = json.loads(ran.out)

    assert data["schema"] == "breachkit.playbook-check/1"
    assert data["ok"] is False
    (problem,) = data["problems"]
    assert (problem["file"], problem["key"]) == ("contacts.toml", "contact[1].email")
    assert contacts.read_text().splitlines()[problem["line"] - 1] == 'email = "a at b"'


@pytest.mark.parametrize(
    ("where", "words"),
    [("nowhere", "no playbook"), ("no/where", "no playbook at"), ("../x", "no playbook at")],
)
def test_a_playbook_that_is_not_there_is_said_with_exit_code_3(breachkit, where, words):
    assert words in breachkit.expect(3, "playbook", "check", where).err
    assert words in breachkit.expect(3, "playbook", "show", where).err


def test_a_playbook_may_not_take_the_name_of_a_shipped_one(breachkit, own):
    (own / "example-tre").rename(own / "opensafely-2026")

    ran = breachkit.expect(3, "open", "owner/name", "--playbooks", own, "--contacts", "opensafely-2026")  # fmt: skip
    assert "give yours a name of its own" in ran.err
    assert breachkit.expect(6, "playbook", "new", "generic", "--into", own)


def test_what_is_in_use_ends_with_the_command(own):
    with using(own / "example-tre"):
        assert default_playbook() == "example-tre"

    assert default_playbook() == DEFAULT_ORGANISATION


HOST = '[[host]]\nname = "{}"\nlabel = "x"\ntold = "an address"\nallow = {}\n'


@pytest.mark.parametrize(
    ("host", "more", "words"),
    [
        ("web.archive.org", "", "true needs `consent`"),
        ("web.archive.org", 'consent = "A. Person, SIRO, 2026-11-01"', "nothing wrong"),
        ("archive.softwareheritage.org", 'consent = "A. Person"', "agree to that for each case"),
        ("example.org", 'consent = "A. Person"', "nothing asks that host"),
        ("https://zenodo.org", 'consent = "A. Person"', "without https://"),
    ],
)
def test_inc_064_a_host_is_asked_by_a_playbook_only_with_somebodys_word(
    breachkit, own, host, more, words
):
    (own / "example-tre" / "hosts.toml").write_text(HOST.format(host, "true") + more)

    ran = breachkit("playbook", "check", own / "example-tre")
    assert words in ran.out
    assert ran.code == (0 if words == "nothing wrong" else 3)


def test_inc_064_no_shipped_playbook_lets_anybody_be_asked(breachkit):
    for name in ("generic", "opensafely-2021", "opensafely-2026"):
        shown = json.loads(breachkit.expect(0, "playbook", "show", name, "--json").out)
        assert [host["allow"] for host in shown["hosts"]] == [False, False, False]


SECRET = "CANARYVALUE"


def test_a_check_says_where_something_is_wrong_and_never_what_stands_there(breachkit, tmp_path):
    ours = tmp_path / "ours"
    (ours / "mail").mkdir(parents=True)
    for name in ("playbook.toml", "contacts.toml", "policy.toml", "hosts.toml", "places.toml"):
        for broken in ("", f'"""{SECRET}"""\n'):
            (ours / name).write_text(f'name = "{SECRET}"\nas_of = "{SECRET}"\n{broken}')
            assert SECRET not in breachkit("playbook", "check", ours, "-vv").all
    (ours / "checklist.yaml").write_text(f"items:\n  - role: {SECRET}\n    due: {SECRET}\n")
    (ours / "mail" / "update.txt.j2").write_text(f"Subject: {SECRET}\n{{{{ 1 + '{SECRET}' }}}}\n")
    for more in (["check", ours], ["check", ours, "--json"], ["show", ours], ["list", "--playbooks", tmp_path]):  # fmt: skip
        assert SECRET not in breachkit("playbook", *more).all
