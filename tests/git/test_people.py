"""Who a history names, on real repositories."""

from datetime import UTC, datetime

import pytest

from breachkit.git.people import people_since, refs_by_namespace, remotes
from breachkit.model.ids import ObjectId
from breachkit.model.time import from_epoch
from tests.support.gitrepo import START, History, git, oid


DAY = 86_400


def built(tmp_path, history):
    return history.build(tmp_path / "study.git")


def emails(people):
    return {person.email for person in people}


def test_who_committed_after_the_exposure_is_counted_and_who_left_before_is_not(tmp_path):
    history = History()
    history.commit({b"a": b"1"}, author="Early <early@example.org>", when=START)
    history.commit({b"b": b"2"}, author="Late <late@example.org>", when=START + 2 * DAY)
    git_dir = built(tmp_path, history)
    assert emails(people_since(git_dir, exposed_at=from_epoch(START + DAY))) == {"late@example.org"}
    assert emails(people_since(git_dir, exposed_at=None)) == {
        "early@example.org",
        "late@example.org",
    }


def test_who_worked_on_top_of_the_data_is_counted_whatever_their_clock_said(tmp_path):
    history = History()
    history.commit({b"a": b"1"}, author="Before <before@example.org>", when=START)
    bad = history.commit(
        {b"bad.csv": b"x"}, author="Intro <intro@example.org>", when=START + 5 * DAY
    )
    side = history.commit(
        {b"c": b"3"}, author="Slow Clock <slow@example.org>", when=START - 9 * DAY
    )
    history.commit(
        {b"d": b"4"},
        ref=b"refs/heads/other",
        parents=[side],
        author="Far <far@example.org>",
        when=START - 8 * DAY,
    )
    git_dir = built(tmp_path, history)
    introducer = ObjectId(oid(git_dir, f"refs/heads/main~{side - bad}"))
    people = people_since(
        git_dir, exposed_at=from_epoch(START + 5 * DAY), introduced_by=[introducer]
    )
    assert emails(people) == {"intro@example.org", "slow@example.org", "far@example.org"}


def test_committers_co_authors_reviewers_and_taggers_are_found(tmp_path):
    message = (
        "Add outputs\n\nCo-authored-by: Co Author <co@example.org>\n"
        "Signed-off-by: Sig <sig@example.org>\nreviewed-by:Rev <rev@example.org>\n"
        "Co-authored-by: =cmd|x <hostile@example.org>\n"
    )
    history = History()
    mark = history.commit(
        {b"a": b"1"},
        author="Au <au@example.org>",
        committer="Com <com@example.org>",
        message=message,
    )
    history.tag("v1", mark, "release")
    people = {
        person.email: person for person in people_since(built(tmp_path, history), exposed_at=None)
    }
    roles = {email: person.roles for email, person in people.items()}
    assert roles["au@example.org"] == ("author",)
    assert roles["com@example.org"] == ("committer",)
    assert roles["co@example.org"] == ("co-author",)
    assert roles["sig@example.org"] == ("signer",)
    assert roles["rev@example.org"] == ("reviewer",)
    assert "hostile@example.org" in roles
    assert any("tagger" in found for found in roles.values())


@pytest.mark.parametrize(
    "ref",
    [
        b"refs/pull/7/head",
        b"refs/notes/commits",
        b"refs/stash",
        b"refs/odd/place",
        b"refs/remotes/origin/x",
    ],
)
def test_people_of_every_kind_of_ref_are_found(tmp_path, ref):
    history = History()
    history.commit({b"a": b"1"})
    history.commit({b"b": b"2"}, ref=ref, parents=[], author="Hidden <hidden@example.org>")
    git_dir = built(tmp_path, history)
    assert "hidden@example.org" in emails(people_since(git_dir, exposed_at=None))
    assert refs_by_namespace(git_dir)[ref.split(b"/")[1].decode()] == 1


MALFORMED = [
    b"No Mail <>",
    b" <only@example.org>",
    b"Two <a@example.org> <b@example.org>",
    b"\xff\xfe <latin@example.org>",
    b"Tab\tName <tab@example.org>",
    b"U\xe2\x80\xa8S <ls@example.org>",
]


@pytest.mark.parametrize("ident", MALFORMED)
def test_a_malformed_ident_neither_stops_the_search_nor_hides_anybody(tmp_path, ident):
    git_dir = built(tmp_path, with_raw_commit(tmp_path, ident + b" 1600000000 +0000"))
    people = people_since(git_dir, exposed_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert len(people) >= 2
    assert "ada@example.org" in emails(people)


@pytest.mark.parametrize(
    "date", [b"", b"x", b"99999999999999999999 +0000", b"-1 +0000", b"12 +9999"]
)
def test_somebody_with_an_unreadable_date_is_still_counted(tmp_path, date):
    git_dir = built(tmp_path, with_raw_commit(tmp_path, b"Odd <odd@example.org> " + date))
    counted = emails(people_since(git_dir, exposed_at=datetime(2020, 1, 1, tzinfo=UTC)))
    readable_and_early = date in {b"-1 +0000", b"12 +9999"}
    assert ("odd@example.org" in counted) or readable_and_early


class RawHistory(History):
    """A history with one commit that fast-import would refuse."""

    ident = b""

    def build(self, path, **options):
        git_dir = super().build(path, **options)
        tree = git(git_dir, "rev-parse", "refs/heads/main^{tree}").strip()
        body = b"tree %s\nauthor %s\ncommitter %s\n\nodd\n" % (tree, self.ident, self.ident)
        asked = ["hash-object", "--literally", "-t", "commit", "-w", "--stdin"]
        made = git(git_dir, *asked, stdin=body).strip().decode()
        (git_dir / "refs" / "heads" / "odd").write_text(f"{made}\n")
        return git_dir


def with_raw_commit(_tmp_path, ident):
    history = RawHistory()
    history.ident = ident
    history.commit({b"a": b"1"})
    return history


def test_remotes_are_listed_without_passwords(tmp_path):
    history = History()
    history.commit({b"a": b"1"})
    git_dir = built(tmp_path, history)
    assert remotes(git_dir) == ()
    git(git_dir, "config", "remote.origin.url", "https://jo:secret@example.org/o/r.git")
    git(git_dir, "config", "remote.my.backup.pushurl", "/srv/backup\nx")
    assert remotes(git_dir) == (
        ("my.backup", "/srv/backup\nx"),
        ("origin", "https://example.org/o/r.git"),
    )


def test_an_empty_repository_names_nobody(tmp_path):
    git(tmp_path, "init", "-q", "--bare", "empty.git")
    git_dir = tmp_path / "empty.git"
    assert people_since(git_dir, exposed_at=None) == ()
    assert refs_by_namespace(git_dir) == {}
