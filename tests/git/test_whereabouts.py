"""Where the data sat is read from a real repository: branches, fixes that fix nothing, moves, merges, odd refs."""

import pytest

from breachkit.actions.whereabouts import State, trace_refs
from breachkit.git.whereabouts import read_commits, read_default_branch, read_ref_notes
from breachkit.model.ids import ObjectId
from tests.support.command_line import OUTPUT, SAFE_COUNTS, SMALL_COUNTS
from tests.support.gitrepo import History, git


MAIN = b"refs/heads/main"
YEAR = 365 * 86_400
MONDAY = 1_609_718_400


def bad_in(repository, *contents):
    hashed = [git(repository, "hash-object", "--stdin", stdin=each) for each in contents]
    return frozenset(ObjectId(each.decode().strip()) for each in hashed)


def followed(repository, *contents, most=12):
    bad = bad_in(repository, *(contents or (SMALL_COUNTS,)))
    return trace_refs(
        read_commits(repository, bad),
        read_ref_notes(repository, bad),
        default=read_default_branch(repository),
        most=most,
    )


def states(lane):
    return [stretch.state for stretch in lane.stretches]


def marks(lane):
    return [(mark.kind, mark.files, mark.left) for mark in lane.marks]


@pytest.mark.parametrize(
    ("changes", "message", "way"),
    [
        ({OUTPUT: None}, "Remove results with small numbers", "delete"),
        ({OUTPUT: None}, 'Revert "Add results"', "revert"),
        ({OUTPUT: SAFE_COUNTS}, "Redact results", "overwrite"),
    ],
)
def test_a_commit_that_takes_the_file_away_leaves_it_in_the_history(
    tmp_path, changes, message, way
):
    history = History()
    history.commit({b"README.md": b"# A study\n"})
    history.commit({OUTPUT: SMALL_COUNTS}, message="Add results")
    history.commit(changes, message=message)
    history.commit({b"notes.md": b"later\n"})
    (lane,) = followed(history.build(tmp_path / "study.git")).lanes
    assert states(lane) == [State.CLEAN, State.FILES, State.HISTORY]
    assert marks(lane) == [("came", 1, 1), ("went", 1, 0)]
    assert lane.marks[1].way == way


def test_a_file_that_gets_another_name_neither_comes_nor_goes(tmp_path):
    history = History()
    history.commit({OUTPUT: SMALL_COUNTS})
    history.commit({OUTPUT: None, b"outputs/\xff.csv": SMALL_COUNTS})
    (lane,) = followed(history.build(tmp_path / "study.git")).lanes
    assert states(lane) == [State.FILES]
    assert marks(lane) == [("came", 1, 1), ("moved", 1, 1)]


def test_a_second_copy_of_the_content_counts_as_another_place(tmp_path):
    history = History()
    history.commit({OUTPUT: SMALL_COUNTS})
    history.commit({b"copy.csv": SMALL_COUNTS})
    history.commit({OUTPUT: None})
    (lane,) = followed(history.build(tmp_path / "study.git")).lanes
    assert states(lane) == [State.FILES]
    assert marks(lane) == [("came", 1, 1), ("came", 1, 2), ("went", 1, 1)]


def test_a_merge_says_from_which_branch_it_brought_the_data(tmp_path):
    history = History()
    base = history.commit({b"README.md": b"# A study\n"})
    side = history.commit({OUTPUT: SMALL_COUNTS}, ref=b"refs/heads/side", parents=[base])
    history.commit({OUTPUT: SMALL_COUNTS}, merge=[side], message="Merge side")
    found = followed(history.build(tmp_path / "study.git"))
    main, branch = found.lanes
    assert (main.name, branch.name) == (MAIN, b"refs/heads/side")
    assert (branch.parent, main.parent) == (0, None)
    assert [mark.source for mark in main.marks] == [1]
    assert states(branch) == [State.FILES]


def test_tags_pull_requests_and_refs_of_no_commit_lead_to_the_data_as_well(tmp_path):
    history = History()
    first = history.commit({OUTPUT: SMALL_COUNTS})
    history.commit({OUTPUT: None})
    history.tag("v1", first)
    history.ref(b"refs/pull/3/head", first)
    history.ref(b"refs/tags/table", history.blob(SMALL_COUNTS))
    history.commit({b"x": b"y"}, ref=b"refs/heads/clean", parents=[])
    found = followed(history.build(tmp_path / "study.git"))
    assert [(lane.namespace, lane.state) for lane in found.lanes] == [
        ("branch", State.HISTORY),
        ("tag", State.FILES),
        ("tag", State.FILES),
        ("pull request", State.FILES),
    ]
    assert found.tainted == 4
    assert found.clean == {"branch": 1}


def test_a_clean_default_branch_is_drawn_for_comparison(tmp_path):
    history = History()
    base = history.commit({b"README.md": b"# A study\n"})
    history.commit({OUTPUT: SMALL_COUNTS}, ref=b"refs/heads/side", parents=[base])
    repository = history.build(tmp_path / "study.git")
    git(repository, "symbolic-ref", "HEAD", "refs/heads/main")
    found = followed(repository)
    assert [(lane.name, lane.state) for lane in found.lanes] == [
        (MAIN, State.CLEAN),
        (b"refs/heads/side", State.FILES),
    ]
    assert found.tainted == 1


def test_of_two_hundred_branches_the_oldest_are_drawn_and_the_others_counted(tmp_path):
    history = History()
    base = history.commit({OUTPUT: SMALL_COUNTS}, when=MONDAY)
    for number in range(200):
        history.commit(
            {b"n.txt": b"%d" % number},
            ref=b"refs/heads/b%03d" % number,
            parents=[base],
            when=MONDAY + 60 * (number + 1),
        )
    found = followed(history.build(tmp_path / "study.git"))
    assert [lane.name for lane in found.lanes[:3]] == [MAIN, b"refs/heads/b000", b"refs/heads/b001"]
    assert len(found.lanes) == 12
    assert found.not_drawn == {"branch": 189}
    assert found.tainted == 201


def test_dates_that_cannot_be_right_are_counted_and_stand_where_the_commit_before_does(tmp_path):
    history = History()
    history.commit({OUTPUT: SMALL_COUNTS}, when=MONDAY)
    history.commit({b"a": b"1"}, when=0)
    history.commit({OUTPUT: None}, when=200 * YEAR)
    history.commit({b"a": b"2"}, when=MONDAY - 3600)
    found = followed(history.build(tmp_path / "study.git"))
    assert found.wrong_dates == 2
    assert (found.lanes[0].start, found.lanes[0].end) == (MONDAY, MONDAY)
    assert states(found.lanes[0]) == [State.FILES, State.HISTORY]


def test_a_subject_that_looks_like_a_line_of_the_log_changes_nothing(tmp_path):
    history = History()
    history.commit({OUTPUT: SMALL_COUNTS}, message=b":100644 100644 x\n\n:000000 100644 \xff")
    history.commit({OUTPUT: None}, message=b"\n:100644")
    (lane,) = followed(history.build(tmp_path / "study.git")).lanes
    assert marks(lane) == [("came", 1, 1), ("went", 1, 0)]


def test_a_lane_keeps_its_first_signs_and_says_how_many_more_there_are(tmp_path):
    history = History()
    for _ in range(20):
        history.commit({OUTPUT: SMALL_COUNTS})
        history.commit({OUTPUT: None})
    (lane,) = followed(history.build(tmp_path / "study.git")).lanes
    assert (len(lane.marks), lane.marks_left_out) == (24, 16)
