"""Where a case's server is, what it is called, and what its private files give back."""

import stat

import pytest

from breachkit.actions.bad_set import BadSet
from breachkit.model.errors import ConfigurationError, RefusedError
from breachkit.workflows import case_files
from breachkit.workflows.case_files import NotYetError, confirmation_name, server_url
from tests.support.cases import a_case
from tests.support.gitrepo import History


@pytest.mark.parametrize(
    ("target", "url", "name"),
    [
        ("owner/name", "https://github.com/owner/name.git", "owner/name"),
        ("owner/name/", "https://github.com/owner/name.git", "owner/name"),
        ("owner/name.git", "https://github.com/owner/name.git", "owner/name"),
        ("own-er/na.me_1.js", "https://github.com/own-er/na.me_1.js.git", "own-er/na.me_1.js"),
        ("https://github.com/owner/name", None, "owner/name"),
        ("https://github.com/owner/name.git/", None, "owner/name"),
        ("https://user@example.org:8443/a/group/name.git", None, "group/name"),
        ("git@github.com:owner/name.git", None, "owner/name"),
        ("git@example.org:name.git", None, "git@example.org/name"),
        ("ssh://git@example.org:2222/owner/name.git", None, "owner/name"),
        ("git://example.org/owner/na.me", None, "owner/na.me"),
        ("file:///srv/git/study.git", None, "study"),
        ("file:///srv/git/study.git/", None, "study"),
        ("/srv/git/my study.git/", None, "my study"),
        ("/srv/owner/name", None, "name"),
    ],
)
def test_a_target_has_an_address_and_a_name_to_type(target, url, name):
    assert server_url(target) == (url or target)
    assert confirmation_name(target) == name


def test_a_folder_where_the_command_runs_does_not_change_what_a_case_is_about(
    tmp_path, monkeypatch
):
    History().build(tmp_path / "owner" / "name")
    monkeypatch.chdir(tmp_path)

    assert server_url("owner/name") == "https://github.com/owner/name.git"
    assert confirmation_name("owner/name") == "owner/name"


@pytest.mark.parametrize("target", ["ext::sh -c id", "ftp://example.org/x.git", ""])
def test_what_git_should_not_be_given_is_refused(target):
    with pytest.raises(ConfigurationError):
        server_url(target)


def test_a_clone_and_a_file_are_no_servers(tmp_path):
    clone = tmp_path / "clone"
    (clone / ".git").mkdir(parents=True)
    (tmp_path / "study.bundle").write_bytes(b"# v2 git bundle\n")

    for target in (clone, clone / ".git", f"file://{clone}", tmp_path / "study.bundle"):
        with pytest.raises(RefusedError):
            server_url(str(target))


def test_a_private_file_is_for_its_owner_alone_and_reads_back(tmp_path):
    case = a_case(tmp_path)

    named = case_files.save(case, "x.json", {"a": "é\udcff"})

    assert named == "private/x.json"
    path = case.path / named
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().isascii()
    assert path.read_bytes().endswith(b"}\n")
    assert case_files.load(case, "x.json", dict, "scope") == {"a": "é\udcff"}


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"schema": "breachkit.bad-set/1"}', b'{"schema": 7}', b"\xff"]
)
def test_a_private_file_that_is_damaged_names_the_command_that_writes_it(tmp_path, content):
    case = a_case(tmp_path)
    case.write_private("bad-set.json", content)

    with pytest.raises(ConfigurationError, match=r"breachkit scope|make it anew"):
        case_files.load_bad_set(case)


def test_what_an_earlier_step_has_not_left_names_that_step(tmp_path):
    case = a_case(tmp_path)
    for read, step in (
        (case_files.load_bad_set, "scope"),
        (case_files.mirror_of, "scope"),
        (case_files.load_plan, "rewrite"),
        (case_files.rewritten_of, "rewrite"),
    ):
        with pytest.raises(NotYetError, match=f"breachkit {step}"):
            read(case)
    assert case_files.telling_names(case) == frozenset()


def test_names_that_are_evidence_come_back_byte_by_byte(tmp_path):
    case = a_case(tmp_path)
    odd = {"b64": "b3V0L/8uY3N2", "shown": "x"}
    case_files.save(case, case_files.SCOPE, {"telling_names": ["a/9434765919.csv", odd]})

    assert case_files.telling_names(case) == {b"a/9434765919.csv", b"out/\xff.csv"}


def test_a_fingerprint_is_the_same_within_a_case_and_tells_outsiders_nothing(tmp_path):
    one, other = a_case(tmp_path / "1"), a_case(tmp_path / "2")

    first = case_files.fingerprint(one, "digest")

    assert first == case_files.fingerprint(one, "digest")
    assert first != case_files.fingerprint(one, "another")
    assert first != case_files.fingerprint(other, "digest")
    assert len(first) == 64


def test_a_bad_set_reads_back(tmp_path):
    case = a_case(tmp_path)
    empty = BadSet(blobs=(), refs=())
    case_files.save(case, case_files.BAD_SET, empty.to_json())

    assert case_files.load_bad_set(case) == empty


def test_rounds_are_counted_by_their_number_and_a_copy_of_one_is_none(tmp_path):
    case = a_case(tmp_path)
    assert case_files.next_round(case).name == "round-1"
    for name in ("round-1", "round-2", "round-10", "round-2-copy", "round-old"):
        (case.private / name).mkdir()
    (case.private / "round-12").touch()

    assert [each.name for each in case_files.rounds(case)] == ["round-1", "round-2", "round-10"]
    assert case_files.next_round(case).name == "round-11"
