"""A file that lists what is swept: every way to write a line, and lines that name nothing."""

import os
import time

import pytest

from breachkit.git.process import mask_credentials
from breachkit.workflows.sweep_list import ListError, NothingToSweepError, in_file
from tests.support.command_line import SAFE_COUNTS, SMALL_COUNTS
from tests.support.gitrepo import History
from tests.support.sweep_fates import ORG, nights


@pytest.fixture
def night(tmp_path, breachkit, monkeypatch):
    with nights(tmp_path, breachkit, monkeypatch) as made:
        yield made


@pytest.fixture
def listed(tmp_path):
    def write(text, encoding="utf-8"):
        place = tmp_path / "lists" / "list.txt"
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(text.encode(encoding) if isinstance(text, str) else text)
        return place

    return write


def named(targets):
    return [(one.name, one.url) for one in targets.repositories]


def test_a_line_is_a_url_a_name_on_the_platform_or_a_path_from_where_the_list_lies(
    listed, tmp_path, monkeypatch
):
    (tmp_path / "lists" / "copies" / "a").mkdir(parents=True)
    (tmp_path / "b.git").mkdir()
    monkeypatch.chdir(tmp_path / "lists" / "copies")
    text = (
        "https://example.org/x/y.git\nexample-org/study\ncopies/a\n../b.git\ngit@example.org:x/z\n"
        "https://git.example.org:8443/study.git\nhttps://user:pass@example.org/alone\n"
    )
    places = named(in_file(listed(text)))

    assert places == [
        ("x/y", "https://example.org/x/y.git"),
        ("example-org/study", "https://github.com/example-org/study.git"),
        ("copies/a", str(tmp_path / "lists" / "copies" / "a")),
        ("../b.git", str(tmp_path / "b.git")),
        ("x/z", "git@example.org:x/z"),
        ("git.example.org:8443/study", "https://git.example.org:8443/study.git"),
        ("example.org/alone", "https://user:pass@example.org/alone"),
    ]


def test_comments_blank_lines_and_the_line_ends_of_windows_are_no_repositories(listed):
    text = "# all of them\r\n\r\n  a-b/one  # the first\r\n\ta-b/two\t#second\r\n./a#b\r\n"
    assert [name for name, _ in named(in_file(listed(text)))] == ["a-b/one", "a-b/two", "./a#b"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_editors_put_before_a_text_is_no_part_of_its_first_line(listed, encoding):
    assert named(in_file(listed("a-b/one\r\n", encoding)))[0][0] == "a-b/one"


def test_one_repository_is_swept_once_however_it_is_written(listed):
    text = (
        "a-b/one\nhttps://github.com/a-b/one\nhttps://GitHub.com/a-b/one.git/\n"
        "https://user:pass@github.com/a-b/one.git\na-b/one\n"
    )
    assert named(in_file(listed(text))) == [("a-b/one", "https://github.com/a-b/one.git")]


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "region,patients",
        "North East,3",
        "Note: look at these",
        "https://example.org",
        "https://example.org/x/y?token=canary",
        "https://",
        "http://[bad/x",
        "ext::sh -c id",
        "ftp://example.org/x/y",
        "https://example.org:port/x/y",
        "a\0b/c",
    ],
)
def test_a_line_that_names_nothing_is_told_by_its_number_alone(listed, line):
    with pytest.raises(ListError) as told:
        in_file(listed(f"a-b/one\n{line}\na-b/two\n"))
    assert "list.txt, line 2: neither a URL, nor owner/name, nor a path; nothing was swept" in str(
        told.value
    )
    assert line.strip("\0") not in str(told.value)


def test_of_many_lines_that_name_nothing_the_first_are_told(listed):
    with pytest.raises(ListError, match=r"lines 1, 2, 3, 4, 5 and 15 more: "):
        in_file(listed("what is this\n" * 20))


def test_a_list_of_nothing_and_one_that_is_no_text_are_refused(listed):
    with pytest.raises(NothingToSweepError, match="lists no repository"):
        in_file(listed("# nothing yet\n"))
    with pytest.raises(ListError, match="cannot be read"):
        in_file(listed(b"\xff\xfe\xfd\x00\x80"))
    with pytest.raises(ListError, match="too large"):
        in_file(listed(b"#" * (16 * 1024 * 1024 + 1)))


def test_a_list_of_a_hundred_thousand_lines_is_read_in_seconds(listed):
    lines = (f"https://example.org/x/r{n % 50_000}.git\n" for n in range(100_000))
    place, begun = listed("".join(lines)), time.process_time()

    assert len(in_file(place).repositories) == 50_000
    assert time.process_time() - begun < 30


def test_a_path_with_nothing_at_it_has_failed_and_is_not_called_gone(listed, breachkit, tmp_path):
    history = History()
    history.commit({b"released_outputs/t.csv": SAFE_COUNTS})
    history.build(tmp_path / "lists" / "here")
    place = listed("./here\n./typo\n")
    ran = breachkit.expect(5, "sweep", place)

    assert "./typo: there is nothing at this path" in ran.out
    assert "1 scanned, 1 failed" in ran.out


def test_a_repository_that_is_not_listed_any_more_is_told_as_long_as_findings_are_known(
    listed, breachkit, tmp_path
):
    for name, table in (("good", SAFE_COUNTS), ("bad", SMALL_COUNTS)):
        history = History()
        history.commit({b"released_outputs/t.csv": table})
        history.build(tmp_path / "lists" / name)
    place = listed("./good\n./bad\n")
    breachkit.expect(13, "sweep", place)
    listed("./good\n")

    for _ in range(2):
        ran = breachkit.expect(0, "sweep", place)
        assert "./bad: the list does not name it any more; findings known in it: 1" in ran.out
        assert "0 new, 1 known" in ran.out


@pytest.mark.parametrize("option", [["--no-forks"], ["--no-archived"], ["--only-topic", "a"]])
def test_what_only_the_platform_knows_is_refused_for_a_list(listed, breachkit, option):
    ran = breachkit.expect(2, "sweep", listed("a-b/one\n"), *option)
    assert "an account's repositories alone" in ran.err


SECRET = "canary@secret"


def test_credentials_of_a_url_are_shown_nowhere_and_reach_its_server(night, listed, breachkit):
    one = night.study("study", visibility="private")
    other = night.safe("other", visibility="private")
    night.organisation.members.clear()
    night.organisation.members[night.owner.id] = "admin"
    token = night.world.token(night.owner)
    base = night.server.base.removeprefix("http://")
    right = f"http://user:{token}@{base}/{one.full_name}.git"
    wrong = f"http://user:{SECRET}@{base}/{other.full_name}.git"
    later = night(target=listed(f"{right}\n{wrong}\n"))

    assert later.code == 13
    assert (later.standing("study"), later.standing("other")) == ("scanned", "failed")
    assert later.reason("other").startswith("not allowed; check the credentials")
    kept = b"".join(
        each.read_bytes() for each in sorted(breachkit.home.rglob("*")) if each.is_file()
    )
    for text in (later.all.encode(), str(later.json).encode(), kept):
        for secret in (token, "canary", "secret"):
            assert secret.encode() not in text


def test_a_password_with_an_at_sign_is_masked_whole():
    assert mask_credentials("https://u:p@ss@example.org/x/y@z") == "https://example.org/x/y@z"


def test_the_token_of_the_environment_is_shown_to_the_platform_that_was_named_alone(
    night, monkeypatch
):
    shown = []
    answer = night.server.answer

    def watched(request):
        shown.append((request.path, request.headers.get("authorization")))
        return answer(request)

    night.server.answer = watched
    night.safe("study")
    monkeypatch.setenv("BREACHKIT_GITHUB_TOKEN", night.world.token(night.owner))
    assert night().standing("study") == "scanned"
    git = [header for path, header in shown if ".git/" in path]
    assert git
    assert all(header and header.startswith("Basic ") for header in git)
    assert f"/{ORG}/study.git/info/refs" in [path for path, _ in shown]
    assert os.environ["BREACHKIT_GITHUB_TOKEN"] not in str(git)
