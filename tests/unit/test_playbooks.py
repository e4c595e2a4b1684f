import importlib.resources

import pytest

import breachkit
from breachkit.model.errors import ConfigurationError
from breachkit.workflows.playbooks import load_policies, organisations, read_text


ONE_PROFILE = """
[[profile]]
name = "2021"
since = 2021-01-01
threshold = 9
rounding = "none"
rounding_bases = []
midpoint_bases = []
file_types = []
source = "a rule book, 2021-01-01"
[strict]
name = "strict"
since = 2021-01-01
threshold = 9
rounding = "required"
rounding_bases = [5]
midpoint_bases = []
file_types = [".csv"]
source = "the same"
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "example-tre").mkdir()
    (tmp_path / "example-tre" / "playbook.toml").write_text('name = "example-tre"')
    (tmp_path / "example-tre" / "policy.toml").write_text(ONE_PROFILE)
    return tmp_path


def test_the_shipped_playbook_is_there_without_any_setting():
    assert organisations() == ("generic", "opensafely-2021", "opensafely-2026")
    assert "[[profile]]" in read_text("policy.toml")


def test_the_same_files_are_found_where_a_wheel_puts_them(tmp_path, monkeypatch):
    packaged = tmp_path / "_playbooks" / "opensafely-2026"
    packaged.mkdir(parents=True)
    (packaged / "playbook.toml").write_text('name = "opensafely-2026"')
    (packaged / "policy.toml").write_text(ONE_PROFILE)
    monkeypatch.setattr(importlib.resources, "files", lambda _package: tmp_path)

    assert load_policies().profiles[0].threshold == 9


def test_an_installation_without_playbooks_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.resources, "files", lambda _package: tmp_path)
    monkeypatch.setattr(breachkit, "__file__", str(tmp_path / "b" / "__init__.py"))

    with pytest.raises(ConfigurationError, match="install it again"):
        load_policies()


def test_a_folder_of_ones_own_adds_an_organisation(folder):
    assert organisations(folder=folder) == (
        "example-tre",
        "generic",
        "opensafely-2021",
        "opensafely-2026",
    )
    assert load_policies("example-tre", folder=folder).at(None).threshold == 9
    assert load_policies(folder=folder).at(None).threshold == 7


def extending(folder, *, organisation="", contacts=False):
    """Make `later`, which extends `example-tre`."""
    (folder / "later").mkdir()
    about = f'extends = "example-tre"\norganisation = "{organisation}"'
    (folder / "later" / "playbook.toml").write_text(about)
    (folder / "example-tre" / "playbook.toml").write_text('organisation = "tre"')
    (folder / "example-tre" / "contacts.toml").write_text("theirs")
    if contacts:
        (folder / "later" / "contacts.toml").write_text("ours")


def test_what_a_playbook_lacks_comes_from_the_one_it_extends(folder):
    extending(folder)

    assert load_policies("later", folder=folder).at(None).threshold == 9
    assert load_policies("opensafely-2021").profiles == load_policies().profiles


def test_a_file_of_its_own_wins_over_that_of_the_one_it_extends(folder):
    extending(folder, organisation="tre", contacts=True)

    assert read_text("contacts.toml", "later", folder=folder) == "ours"


def test_contacts_are_taken_from_the_same_organisation_alone(folder):
    extending(folder, organisation="tre")
    assert read_text("contacts.toml", "later", folder=folder) == "theirs"

    (folder / "later" / "playbook.toml").write_text('extends = "example-tre"\norganisation = "us"')
    with pytest.raises(ConfigurationError, match=r"later has no contacts\.toml"):
        read_text("contacts.toml", "later", folder=folder)


def test_playbooks_that_do_not_say_so_are_never_mixed(folder):
    (folder / "later").mkdir()
    (folder / "later" / "playbook.toml").write_text('name = "later"')
    (folder / "later" / "note.txt").write_text("ours")

    assert read_text("note.txt", "later", folder=folder) == "ours"
    with pytest.raises(ConfigurationError, match=r"example-tre has no note\.txt"):
        read_text("note.txt", "example-tre", folder=folder)


def test_playbooks_that_extend_each_other_are_refused(folder):
    extending(folder)
    (folder / "example-tre" / "playbook.toml").write_text('extends = "later"')

    with pytest.raises(ConfigurationError, match="come to no end"):
        load_policies("later", folder=folder)


def test_an_unknown_organisation_is_answered_with_those_that_exist(folder):
    with pytest.raises(ConfigurationError, match=r"nobody.*example-tre, generic, opensafely"):
        load_policies("nobody", folder=folder)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match="no folder of playbooks at"):
        load_policies(folder=tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../b", ""])
def test_a_name_cannot_leave_the_playbook(name):
    with pytest.raises(ConfigurationError, match="no name of a file"):
        read_text(name)


@pytest.mark.parametrize("organisation", ["../x", "Open", "", "a/b", "a b"])
def test_an_organisation_is_a_plain_name(organisation):
    with pytest.raises(ConfigurationError, match="no name of a playbook"):
        read_text("policy.toml", organisation)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[[profile]\n", "example-tre/policy.toml:1: not TOML"),
        (b"a = 1\ncaf\xe9", "example-tre/policy.toml:2: not UTF-8"),
        (b"", "example-tre/policy.toml: missing or wrong key: 'profile'"),
        (ONE_PROFILE.replace('"none"', '"some"').encode(), "rounding of profile '2021'"),
    ],
)
def test_a_broken_policy_names_its_file_and_what_is_wrong(folder, content, words):
    (folder / "example-tre" / "policy.toml").write_bytes(content)

    with pytest.raises(ConfigurationError) as raised:
        load_policies("example-tre", folder=folder)

    assert words in str(raised.value)


def test_a_file_that_may_not_be_read_is_named(folder, monkeypatch):
    def refuse(*_arguments, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)

    with pytest.raises(ConfigurationError, match=r"example-tre/playbook.toml.*Permission denied"):
        load_policies("example-tre", folder=folder)


def test_a_byte_order_mark_is_no_part_of_the_text(folder):
    (folder / "example-tre" / "policy.toml").write_bytes(b"\xef\xbb\xbf" + ONE_PROFILE.encode())

    assert load_policies("example-tre", folder=folder).at(None).threshold == 9
