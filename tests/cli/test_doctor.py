"""`doctor` notices what is broken, says how it is mended, and calls nothing well that it did not try."""

import json
import os
import shutil
import subprocess

import pytest
import trustme

from breachkit.cli import hosting
from breachkit.drill.hub.state import TokenLimits
from breachkit.workflows import doctor_git
from tests.support.gitrepo import git
from tests.support.hubs import served, small_hub
from tests.support.mailserver import Mailbox, ca_file, mail_server, server_context


@pytest.fixture(autouse=True)
def surroundings(tmp_path, monkeypatch):
    """A user of whom nothing is known."""
    for name in (*hosting.TOKENS, "BREACHKIT_GITHUB_API", "BREACHKIT_SMTP", "TZ"):
        monkeypatch.delenv(name, raising=False)
    for name in [name for name in os.environ if name.startswith(("GIT_", "BREACHKIT_SMTP"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)


def examined(breachkit, *args, code=0):
    """Give what `doctor` found, by id; of several under one id the last."""
    ran = breachkit.expect(code, "doctor", "--json", *args)
    found = json.loads(ran.out)
    assert found["schema"] == "breachkit.doctor/1"
    return {each["id"]: each for each in found["checks"]}


def health(found, name):
    return found[name]["health"]


# --- as a whole -----------------------------------------------------------------------------


def test_where_all_is_well_it_says_so_and_what_it_did_not_try(breachkit):
    ran = breachkit.expect(0, "doctor")

    assert "Nothing that was looked at stops a response here" in ran.out
    assert "not tried  github: there is no token" in ran.out
    assert "Next: breachkit drill" in ran.err


def test_offline_nothing_is_asked_and_nothing_unasked_is_called_well(breachkit, monkeypatch):
    monkeypatch.setenv("GH_TOKEN", "never-shown-4711")
    monkeypatch.setenv("BREACHKIT_SMTP", "127.0.0.1:9")
    ran = breachkit.expect(0, "doctor", "--offline", "--json", "--target", "example-org/study")
    found = {each["id"]: each["health"] for each in json.loads(ran.out)["checks"]}

    untried = ("github.account", "target.rights", "clock.skew", "mail.server")
    assert [found[name] for name in untried] == ["not tried"] * 4
    assert "4711" not in ran.all


def test_warnings_end_with_8_only_where_asked(breachkit):
    breachkit.expect(0, "doctor", "--offline")
    breachkit.expect(8, "doctor", "--offline", "--strict")


def test_nothing_is_left_behind_and_nothing_is_made(breachkit, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    breachkit.expect(0, "doctor", "--offline")

    assert sorted(tmp_path.rglob("*")) == before


def test_what_is_no_folder_is_said_once(breachkit):
    breachkit.home.write_bytes(b"")
    found = examined(breachkit, "--offline", code=3)

    assert health(found, "cases.place") == "fail"
    assert "cases.list" not in found


def test_a_wrong_address_or_name_is_a_line_and_keeps_no_other_away(breachkit, monkeypatch):
    for args in (["--target", "nowhere"], ["--github-api", "ftp://example.org"]):
        found = examined(breachkit, "--offline", *args, code=3)
        assert health(found, "github.account") == "fail"
        assert health(found, "mail.server") == "not tried"


# --- git ------------------------------------------------------------------------------------

GIT = shutil.which("git")

TRAPS = {
    "core.hooksPath=/secret": ("git.core.hookspath", "warn"),
    "core.fsmonitor=/secret/watch": ("git.core.fsmonitor", "warn"),
    "core.autocrlf=input": ("git.core.autocrlf", "warn"),
    "protocol.version=0": ("git.protocol.version", "warn"),
    "url.https://mirror.example.org/.insteadOf=https://github.com/": ("git.url.insteadof", "warn"),
    "url.git@example.org:.pushInsteadOf=https://github.com/": ("git.url.pushinsteadof", "warn"),
    "transfer.hideRefs=refs/pull": ("git.transfer.hiderefs", "warn"),
    "uploadpack.hideRefs=refs/pull": ("git.transfer.hiderefs", "warn"),
    "credential.helper=store --file /secret": ("git.credential.helper", "warn"),
    "http.https://github.com/.extraHeader=Authorization: Basic c2VjcmV0": ("git.http.extraheader", "warn"),
    "safe.directory=*": ("git.safe.directory", "warn"),
    "filter.crypt.smudge=decrypt": ("git.filter", "warn"),
    "http.sslVerify=false": ("git.http.sslverify", "fail"),
    "http.https://github.com/.sslVerify=0": ("git.http.sslverify", "fail"),
    "includeIf.gitdir:~/study/.path=other": ("git.includeif", "not tried"),
}  # fmt: skip


def git_checks():
    """Give what is found about git alone, by id."""
    found = doctor_git.judge(doctor_git.gather(os.environ))
    return {each.id: each for each in found}


def configure(tmp_path, key, value):
    config = tmp_path / ".gitconfig"
    subprocess.run(["git", "config", "--file", config, key, value], check=True)


@pytest.mark.parametrize("trap", TRAPS)
def test_a_git_setting_that_misleads_is_named_and_its_value_is_not_shown(tmp_path, trap):
    configure(tmp_path, *trap.split("=", 1))
    found = git_checks()
    name, expected = TRAPS[trap]

    assert found[name].health == expected
    assert "/secret" not in repr(found)
    assert "c2VjcmV0" not in repr(found)


BY_HAND = ("url.", "http.https://github.com/.extra", "filter.", "includeIf.")
"""Where only a person can say which of several is wrong, the repair is to look at them."""


@pytest.mark.parametrize("trap", [trap for trap in TRAPS if not trap.startswith(BY_HAND)])
def test_the_repair_of_a_git_setting_mends_it(tmp_path, trap):
    configure(tmp_path, *trap.split("=", 1))
    name, _ = TRAPS[trap]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}

    for repair in git_checks()[name].repairs:
        assert "sudo" not in repair
        subprocess.run(repair, shell=True, check=True, env=environment, cwd=tmp_path)

    assert name not in git_checks()


def test_the_repair_is_for_the_file_in_which_the_setting_stands(tmp_path):
    configure(tmp_path, "include.path", "other file")
    other = tmp_path / "other file"
    subprocess.run(["git", "config", "--file", other, "core.hooksPath", "/secret"], check=True)

    subprocess.run(git_checks()["git.core.hookspath"].repairs[0], shell=True, check=True)

    assert "git.core.hookspath" not in git_checks()


def test_git_lfs_that_is_set_up_and_not_there_is_named(tmp_path, monkeypatch):
    configure(tmp_path, "filter.lfs.required", "true")
    monkeypatch.setattr(shutil, "which", lambda name, **_more: None if name == "git-lfs" else GIT)
    assert git_checks()["git.lfs"].health == "warn"
    monkeypatch.setattr(shutil, "which", lambda *_name, **_more: GIT)
    assert "git.lfs" not in git_checks()


def test_a_git_setting_that_stops_a_response_ends_with_3(breachkit, tmp_path):
    configure(tmp_path, "http.sslVerify", "false")

    assert health(examined(breachkit, "--offline", code=3), "git.http.sslverify") == "fail"


def test_settings_that_change_nothing_are_called_well(tmp_path):
    for key, value in (
        ("core.autocrlf", "false"),
        ("core.fsmonitor", "true"),
        ("protocol.version", "2"),
        ("credential.helper", "cache"),
        ("http.sslVerify", "true"),
    ):
        configure(tmp_path, key, value)

    assert git_checks()["git.settings"].health == "ok"


def test_a_broken_git_configuration_stops_a_response(tmp_path):
    (tmp_path / ".gitconfig").write_text("[core\n", encoding="utf-8")

    assert git_checks()["git.settings"].health == "fail"


def test_variables_that_send_git_elsewhere_are_named(monkeypatch):
    monkeypatch.setenv("GIT_DIR", "/secret")
    monkeypatch.setenv("GIT_SSL_NO_VERIFY", "1")
    found = git_checks()
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_SSL_NO_VERIFY")

    assert git_checks()["git.variables"].health == "ok"
    assert "git.variables" not in found
    assert found["git.GIT_DIR"].repairs == ("unset GIT_DIR",)
    assert found["git.GIT_SSL_NO_VERIFY"].health == "warn"
    assert "/secret" not in repr(found)


# --- GitHub ---------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path):
    folder = tmp_path / "hub"
    folder.mkdir()
    return small_hub(folder)


@pytest.fixture
def server(small, monkeypatch):
    with served(small.world) as server:
        monkeypatch.setenv("BREACHKIT_GITHUB_API", server.api)
        yield server


@pytest.fixture
def hub(small, server):
    return small


def acts(monkeypatch, small, login, **options):
    token = small.world.token(small.people[login], **options)
    monkeypatch.setenv("BREACHKIT_GITHUB_TOKEN", token)
    return token


TARGET = ("--target", "example-org/study")


def test_a_token_that_may_do_everything_is_called_so(breachkit, hub, monkeypatch):
    token = acts(monkeypatch, hub, "ada")
    ran = breachkit("doctor", "--json", *TARGET)
    found = {each["id"]: each["health"] for each in json.loads(ran.out)["checks"]}

    wanted = ("github.token", "github.account", "target.restrict", "target.snapshot", "target.push")
    assert [found[name] for name in wanted] == ["ok"] * 5
    assert token not in ran.all


def test_asking_changes_nothing_on_the_platform_and_asks_little(
    breachkit, hub, server, monkeypatch
):
    acts(monkeypatch, hub, "ada")
    before = git(hub.study.git_dir, "for-each-ref")
    breachkit("doctor", *TARGET)

    assert git(hub.study.git_dir, "for-each-ref") == before
    assert {each.method for each in server.log} == {"GET"}
    assert len(server.log) < 15


def test_a_token_that_the_platform_does_not_know_stops_with_4(breachkit, hub, monkeypatch):
    monkeypatch.setenv("GH_TOKEN", "ghp_gone4711")
    found = examined(breachkit, *TARGET, code=3)

    assert health(found, "github.account") == "fail"
    assert health(found, "target.rights") == "not tried"
    assert "gone4711" not in json.dumps(found)


def test_an_account_that_only_writes_may_push_and_not_restrict(breachkit, hub, monkeypatch):
    acts(monkeypatch, hub, "cat")
    found = examined(breachkit, *TARGET, code=3)

    assert health(found, "target.restrict") == "fail"
    assert health(found, "target.push") == "ok"


def test_a_token_that_reads_alone_may_not_push(breachkit, hub, monkeypatch):
    acts(monkeypatch, hub, "ada", scopes=None, limits=TokenLimits(read_only=True))
    found = examined(breachkit, *TARGET, code=3)

    assert health(found, "target.push") == "fail"
    assert health(found, "target.writes") == "not tried"


def test_a_classic_token_without_the_scope_repo_stops_with_4(breachkit, hub, monkeypatch):
    acts(monkeypatch, hub, "gil", scopes="read:org")
    found = examined(breachkit, code=3)  # and the hub's clock is years behind

    assert health(found, "github.scopes") == "fail"


def test_two_tokens_are_one_too_many(breachkit, hub, monkeypatch):
    acts(monkeypatch, hub, "ada")
    monkeypatch.setenv("GH_TOKEN", "ghp_other")
    found = examined(breachkit, code=3)

    assert found["github.token"]["health"] == "warn"
    assert found["github.token"]["repairs"] == ["unset GH_TOKEN"]


def test_without_a_token_a_target_cannot_be_closed(breachkit, hub):
    ran = breachkit.expect(3, "doctor", *TARGET, "--json")
    found = {each["id"]: each for each in json.loads(ran.out)["checks"]}

    assert health(found, "github.token") == "fail"


def test_a_platform_that_does_not_answer_is_not_called_well(breachkit, monkeypatch):
    monkeypatch.setenv("BREACHKIT_GITHUB_API", "http://127.0.0.1:9")
    monkeypatch.setenv("GH_TOKEN", "ghp_x")

    assert health(examined(breachkit), "github.account") == "warn"
    assert health(examined(breachkit, *TARGET, code=3), "github.account") == "fail"


def test_a_clock_that_is_years_from_the_platforms_is_noticed(breachkit, hub, monkeypatch):
    acts(monkeypatch, hub, "ada")  # the hub lives in 2024
    found = examined(breachkit, code=3)

    assert health(found, "clock.skew") == "fail"
    assert "ahead of" in found["clock.skew"]["says"]


# --- mail -----------------------------------------------------------------------------------


def test_a_mail_server_is_reached_and_logged_in_to_and_gets_no_mail(
    breachkit, tmp_path, monkeypatch
):
    mailbox = Mailbox()
    monkeypatch.setenv("BREACHKIT_SMTP_PASSWORD", "sesame4711")
    with mail_server(mailbox, starttls=server_context(), login=("jo", "sesame4711")) as address:
        options = ("--smtp", address, "--ca-file", ca_file(tmp_path), "--user", "jo")
        ran = breachkit.expect(0, "doctor", "--json", *options, "--from", "Jo <jo@example.org>")
    found = {each["id"]: each for each in json.loads(ran.out)["checks"]}

    assert health(found, "mail.server") == health(found, "mail.sender") == "ok"
    assert mailbox.logins == [("jo", "sesame4711")]
    assert not mailbox.mails
    assert "sesame" not in ran.all


def test_a_mail_server_with_anothers_certificate_stops_the_mail(breachkit, tmp_path):
    stranger = server_context(issuer=trustme.CA())
    with mail_server(Mailbox(), starttls=stranger) as address:
        found = examined(breachkit, "--smtp", address, "--ca-file", ca_file(tmp_path), code=3)

    assert health(found, "mail.server") == "fail"
    assert "cannot prove who it is" in found["mail.server"]["says"]


def test_a_wrong_password_stops_with_4(breachkit, tmp_path, monkeypatch):
    monkeypatch.setenv("BREACHKIT_SMTP_PASSWORD", "wrong4711")
    with mail_server(Mailbox(), starttls=server_context(), login=("jo", "right")) as address:
        options = ("--smtp", address, "--ca-file", ca_file(tmp_path), "--user", "jo")
        found = examined(breachkit, *options, code=4)

    assert health(found, "mail.server") == "fail"
    assert "4711" not in json.dumps(found)


def test_no_mail_server_where_one_is_named_stops_the_mail(breachkit):
    found = examined(breachkit, "--smtp", "127.0.0.1:9", "--from", "nobody", code=3)

    assert health(found, "mail.server") == "fail"
    assert health(found, "mail.sender") == "fail"
    assert health(examined(breachkit, "--smtp", "a b", code=3), "mail.server") == "fail"
