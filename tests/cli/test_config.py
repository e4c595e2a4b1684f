"""A user's own defaults reach the options they may reach, in their place, and nothing else does."""

import json
import os
import sys
import tomllib

import platformdirs
import pytest
from typer.main import get_command

from breachkit.actions.own_settings import PATHS, REFUSED, SETTINGS
from breachkit.actions.settings_example import example
from breachkit.cli import hosting, settings, settings_shown
from breachkit.cli.app import program
from tests.support.command_line import clean_study, run_process, study


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Write the user's file, and give a function that does it again."""
    file = tmp_path / "own.toml"
    monkeypatch.setenv("BREACHKIT_CONFIG", str(file))
    for name in ("BREACHKIT_GITHUB_API", "BREACHKIT_SMTP", "BREACHKIT_PLAYBOOKS"):
        monkeypatch.delenv(name, raising=False)

    def write(text):
        file.write_text(text, encoding="utf-8")
        file.chmod(0o600)
        return file

    return write


def shown(breachkit, *args):
    """Give what `config show` says, by name."""
    found = json.loads(breachkit.expect(0, *args, "config", "show", "--json").out)
    assert found["schema"] == "breachkit.config/1"
    return {each["name"]: each for each in found["settings"]}


# --- precedence -----------------------------------------------------------------------------


def test_the_command_line_comes_before_the_file_and_the_file_before_the_default(
    breachkit, own, tmp_path
):
    server = study(tmp_path / "study.git")
    own('[scan]\nformat = "csv"\n')

    assert '"breachkit","id"' in breachkit("scan", server).out
    assert json.loads(breachkit("scan", server, "--format", "json").out)["schema"]
    assert breachkit("--no-config", "scan", server).out.startswith("NOT CLEAN")


def test_a_variable_comes_before_the_file(breachkit, own, monkeypatch):
    file = own('[defaults]\nsmtp = "file.example.org"\n')

    assert shown(breachkit)["smtp"]["value"] == "file.example.org"
    assert shown(breachkit)["smtp"]["origin"] == {"kind": "file", "where": f"{file}:2"}
    monkeypatch.setenv("BREACHKIT_SMTP", "variable.example.org")
    assert shown(breachkit)["smtp"]["value"] == "variable.example.org"
    assert shown(breachkit)["smtp"]["origin"]["where"] == "BREACHKIT_SMTP"


def test_the_table_of_a_command_comes_before_the_defaults(breachkit, own):
    own("[defaults]\nworkers = 3\n[scan]\nworkers = 2\n")
    found = shown(breachkit)

    assert (found["workers"]["value"], found["scan.workers"]["value"]) == (3, 2)


def test_a_group_of_commands_has_tables_of_its_own(breachkit, own):
    own('[notify.send]\nsmtp = "mail.example.org"\n')

    assert shown(breachkit)["notify.send.smtp"]["value"] == "mail.example.org"
    assert shown(breachkit)["smtp"]["value"] is None


def test_what_is_typed_is_shown_as_typed(breachkit, own, tmp_path):
    (tmp_path / "books").mkdir()
    own("")
    ran = breachkit.expect(0, "config", "show", "--playbooks", tmp_path / "books", "--origin")

    rows = ran.out.splitlines()
    (at,) = [number for number, row in enumerate(rows) if row.startswith("playbooks ")]
    assert " ".join(rows[at : at + 2]).partition("/books ")[2].split()[:2] == ["command", "line"]


def test_an_example_of_every_setting_reaches_its_option(breachkit, own):
    """Whatever `SETTINGS` promises is an option of some command."""
    options = {
        name
        for _, command in settings_shown.commands()
        for param in command.params
        for name in settings.names_of(param)
    }

    assert set(SETTINGS) <= options
    assert not set(SETTINGS) & set(REFUSED)
    assert set(SETTINGS) >= PATHS


def test_a_command_without_an_option_for_the_platform_goes_by_the_file_too(own, monkeypatch):
    own('[defaults]\ngithub-api = "https://file.example.org/api/v3"\n')

    assert hosting.api_in_force() == "https://file.example.org/api/v3"
    monkeypatch.setenv("BREACHKIT_GITHUB_API", "https://variable.example.org/api/v3")
    assert hosting.api_in_force() == "https://variable.example.org/api/v3"
    own("[scan]\nworkers = 2\n")
    monkeypatch.delenv("BREACHKIT_GITHUB_API")
    assert hosting.api_in_force() == hosting.DEFAULT_API


def test_a_command_that_another_one_runs_goes_by_the_same_file(breachkit, own, tmp_path):
    own("[defaults]\nworkers = 3\n")
    with get_command(program()).make_context("breachkit", ["--no-config", "next"]):
        assert shown(breachkit)["workers"]["value"] == 0
    assert shown(breachkit)["workers"]["value"] == 3


# --- what must not stand there --------------------------------------------------------------


@pytest.mark.parametrize("name", REFUSED)
def test_what_acts_names_a_person_hides_or_is_a_secret_is_refused_and_said_why(
    breachkit, own, name
):
    own(f'[defaults]\n\n{name} = "x4711"\n')
    ran = breachkit.expect(3, "explain")

    assert f"line 3: defaults.{name}: may not stand here: " in ran.err
    assert "4711" not in ran.all


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[scan]\nworkres = 2\n", "line 2: scan.workres: there is no such setting. Did you mean workers?"),
        ("[swep]\n", "line 1: swep: there is no such command. Did you mean sweep?"),
        ("workers = 2\n", "line 1: workers: belongs into a table"),
        ("token = 2\n", "line 1: token: may not stand here: a secret"),
        ("[scan]\nworkers = \"2\"\n", "line 2: scan.workers: needs a number"),
        ("[scan]\nworkers = 99\n", "line 2: scan.workers: does not fit: it takes 0 to 64"),
        ("[scan]\nunreachable = 1\n", "line 2: scan.unreachable: needs true or false"),
        ("[scan]\nformat = 'x4711'\n", "line 2: scan.format: needs one of text, json"),
        ("[scan]\nsmtp = 'x'\n", "line 2: scan.smtp: scan has no --smtp"),
        ("[defaults]\nformat = 'json'\n", "line 2: defaults.format: means something else at each"),
        ("[defaults]\nplaybooks = 'ours'\n", "line 2: defaults.playbooks: needs a whole path"),
        ("[defaults]\nworkers = [1]\n", "line 2: defaults.workers: needs one value"),
        ("[scan]\na-b = 1\na_b = 1\n", "line 2: scan.a-b"),
        ("[scan]\ndask-store = '/a'\ndask_store = '/b'\n", "is there twice"),
        ("[scan\n", "line 1: not TOML"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_with_its_line_and_without_its_value(
    breachkit, own, tmp_path, text, said
):
    file = own(text)
    ran = breachkit.expect(3, "scan", clean_study(tmp_path / "study.git"))

    assert said in ran.err
    assert str(file) in ran.err
    assert "--no-config" in ran.err
    assert "4711" not in ran.all


def test_a_file_that_others_may_write_is_not_believed(breachkit, own):
    own("[defaults]\n").chmod(0o620)

    assert "others may write" in breachkit.expect(6, "explain").err


def test_help_is_given_whatever_the_file_says(breachkit, own):
    own("[scan\n")

    breachkit.expect(0, "scan", "--help")
    breachkit.expect(0, "config", "path")


# --- where the file is ----------------------------------------------------------------------


def test_no_file_of_the_current_folder_is_read(breachkit, tmp_path, monkeypatch):
    scanned = tmp_path / "scanned"
    (scanned / ".config" / "breachkit").mkdir(parents=True)
    for name in ("breachkit.toml", "config.toml", ".config/breachkit/config.toml"):
        (scanned / name).write_text("[broken\n", encoding="utf-8")
    monkeypatch.chdir(scanned)
    monkeypatch.delenv("BREACHKIT_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "empty"))

    breachkit.expect(0, "explain")
    monkeypatch.setenv("BREACHKIT_CONFIG", "config.toml")
    assert "has to be a whole path" in breachkit.expect(3, "explain").err
    assert "not TOML" in breachkit.expect(3, "--config", "config.toml", "explain").err
    monkeypatch.delenv("BREACHKIT_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", ".config")
    monkeypatch.setenv("HOME", str(tmp_path))
    breachkit.expect(0, "explain")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere platformdirs itself is asked")
def test_the_users_folder_is_that_of_platformdirs(tmp_path, monkeypatch):
    monkeypatch.delenv("BREACHKIT_CONFIG")
    for named in ("", "  ", str(tmp_path / "there"), None):
        if named is None:
            monkeypatch.delenv("XDG_CONFIG_HOME")
        else:
            monkeypatch.setenv("XDG_CONFIG_HOME", named)
        expected = platformdirs.user_config_path("breachkit", appauthor=False)
        assert settings.place().file == expected / "config.toml"


def test_a_file_that_is_named_has_to_be_there(breachkit, own, tmp_path):
    assert "there are no settings at" in breachkit.expect(3, "explain").err
    breachkit.expect(3, "--config", tmp_path / "none.toml", "explain")


# --- the commands ---------------------------------------------------------------------------


def test_the_example_is_written_once_and_changes_nothing(breachkit, own, tmp_path, monkeypatch):
    file = tmp_path / "new" / "folder" / "config.toml"
    monkeypatch.setenv("BREACHKIT_CONFIG", str(file))
    breachkit.expect(0, "config", "init")

    assert file.stat().st_mode & 0o777 == 0o600
    assert not tomllib.loads(file.read_text(encoding="utf-8"))
    breachkit.expect(0, "config", "check")
    file.write_text("[scan]\nworkers = 2\n", encoding="utf-8")
    breachkit.expect(6, "config", "init")
    assert "workers = 2" in file.read_text(encoding="utf-8")


def test_every_line_of_the_example_can_be_taken_at_its_word(breachkit, own):
    lines = [line.removeprefix("# ") for line in example().splitlines()]
    taken = [line for line in lines if line.startswith("[") or " = " in line]
    own("\n".join(taken))

    assert "nothing is wrong" in breachkit.expect(0, "config", "check").out


def test_a_check_says_all_that_is_wrong_at_any_command(breachkit, own):
    own("[scan]\nsmtp = 'x'\n[notify.sned]\nsmtp = 'x'\n[sweep]\nbudget = 4\n")
    problems = json.loads(breachkit.expect(3, "config", "check", "--json").out)["problems"]

    assert [each["line"] for each in problems] == [2, 4, 6]


def test_secrets_are_shown_as_set_and_no_more(breachkit, own, monkeypatch):
    monkeypatch.setenv("GH_TOKEN", "ghp_4711")
    monkeypatch.setenv("BREACHKIT_SMTP_PASSWORD", "sesame4711")
    monkeypatch.setenv("BREACHKIT_SMTP", "smtps://jo:sesame4711@mail.example.org")
    own("[defaults]\n")
    ran = breachkit.expect(0, "config", "show", "--origin")

    assert "4711" not in ran.all
    assert any(line.startswith("GH_TOKEN = set ") for line in ran.out.splitlines())
    assert "smtps://mail.example.org" in ran.out


def test_what_a_playbook_lays_down_is_shown_with_the_playbook(breachkit, own):
    own("")

    assert shown(breachkit)["playbook.stale_after_days"]["origin"]["kind"] == "playbook"


def test_doctor_works_with_a_wrong_file_and_says_so(breachkit, own):
    own("[scan]\nworkres = 2\n")
    found = json.loads(breachkit.expect(3, "doctor", "--offline", "--json").out)["checks"]

    (line,) = [each for each in found if each["id"] == "settings.file"]
    assert (line["health"], line["repairs"]) == ("fail", ["breachkit config check"])


def test_the_practice_is_not_touched_by_defaults_of_real_work(monkeypatch, own, tmp_path):
    from breachkit.cli.drill import _environment

    own("[broken\n")
    with _environment(tmp_path, {}):
        assert os.environ["BREACHKIT_CONFIG"] == os.devnull
        assert not settings.is_there(settings.place())


def test_a_start_without_a_file_loads_no_reader_of_it(tmp_path):
    ran = run_process(
        ["config", "path"], {"XDG_CONFIG_HOME": str(tmp_path), "PYTHONPROFILEIMPORTTIME": "1"}
    )

    assert ran.code == 0
    assert "breachkit.cli.settings" in ran.err
    assert "breachkit.actions.own_settings" not in ran.err
    assert "platformdirs" not in ran.err


def test_every_command_takes_defaults(breachkit):
    leaves = dict(settings_shown.commands())

    assert len(leaves) > 60
    assert all(type(each).__name__ == "Command" for each in leaves.values())
    assert get_command(program()).name == "breachkit"


def test_an_example_whose_folder_cannot_be_made_is_not_an_unexpected_error(breachkit, tmp_path):
    (tmp_path / "file").touch()

    ran = breachkit.expect(3, "--config", tmp_path / "file" / "a" / "c.toml", "config", "init")

    assert "cannot be made: Not a directory; name another file" in ran.err


def test_where_a_long_path_is_from_stands_below_it_in_the_column_of_all(breachkit, monkeypatch):
    home = "/srv/" + "a-folder/" * 9
    monkeypatch.setenv("BREACHKIT_HOME", home)

    rows = breachkit.expect(0, "config", "show", "--origin").out.splitlines()

    at = rows.index(f"home = {home.rstrip('/')}")
    assert rows[at + 1] == " " * 44 + "$BREACHKIT_HOME"
    assert rows[at + 2].index("default") == 44
