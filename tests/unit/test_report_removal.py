"""What scope, rewrite, push and verification say, word by word; never an object id."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from breachkit.actions.bad_set import BadBlob, BadSet
from breachkit.actions.edits import Edits, Renaming, Replacement, Wording
from breachkit.actions.push import LeaseReport, PushResult, RefOutcome
from breachkit.actions.rewrite import Losses, RefPlan, Removal, RewritePlan, Traces
from breachkit.actions.rewritten import RefChange
from breachkit.actions.verify import ObjectCheck, PlaceCheck, Proof, ProofCounts
from breachkit.model.findings import Attribution, Severity, Skipped
from breachkit.model.ids import GitPath, ObjectId, RefName
from breachkit.report import push_report, removal, verify_report
from breachkit.report.masking import Masking
from breachkit.report.name_lists import MOST
from tests.support.results import finding, hit, object_id, result


DAY = datetime(2024, 5, 1, 9, tzinfo=UTC)
NUMBER = b"9434765919"
NAMED = GitPath(b"out/nhs " + NUMBER + b".csv")
PLAIN = Masking.of_names([])
MASKING = Masking.of_names([NAMED])
MAIN, TAG, PULL, HOSTILE = (
    RefName(name)
    for name in (b"refs/heads/main", b"refs/tags/v1", b"refs/pull/7/head", b"refs/heads/\x1b[2Jx")
)


def blob(number, *paths, when=DAY):
    commits = (object_id(1000 + number),) if paths else ()
    names = tuple(map(GitPath, paths))
    first = when if paths else None
    return BadBlob(id=object_id(number), paths=names, introduced_by=commits, first_date=first)


def scope_view(*blobs, refs=(MAIN,), **changes):
    made = removal.ScopeView(
        bad=BadSet(blobs=blobs, refs=refs),
        chosen=(),
        left=(),
        not_files=(),
        unmatched=(),
        result=result(),
    )
    return replace(made, **changes)


def lines(text):
    assert not re.search(r"[0-9a-f]{20}", text)
    return text.split("\n")


# --- scope ----------------------------------------------------------------------------------


def test_a_scope_without_files_says_what_comes_next_and_what_is_left():
    said = lines(removal.scope_text(scope_view(not_files=(finding(11),)), MASKING))

    assert said[0].startswith("No file has to go: name words or names")
    assert said[1].startswith("NOT removed by a rewrite of files: 1 finding")


def test_a_scope_says_what_goes_and_why_what_is_left_and_what_nobody_saw():
    left = finding(7, b"out/b.csv", hit=hit("TYPE-05", Severity.LOW))
    same = finding(8, b"out/b.csv", hit=hit("TYPE-05", Severity.LOW))
    pathless = replace(
        finding(9, hit=hit("CNT-01", Severity.MEDIUM)),
        attribution=Attribution(refs=(TAG,), reach="tag"),
    )
    nameless = replace(pathless, id="F-0010", attribution=Attribution(reach="unreachable"))
    view = scope_view(
        blob(1, b"out/a.csv", NAMED),
        blob(2, b"out/by hand.csv"),
        refs=(MAIN, PULL, RefName(b"refs/pull/8/head")),
        chosen=(
            finding(1, b"out/a.csv", hit=hit("CNT-05")),
            finding(2, b"out/a.csv", NAMED, hit=hit("CNT-01")),
        ),
        left=(left, same, pathless, nameless),
        not_files=(finding(11),),
        unmatched=("none\x1b.csv", "nhs 9434765919.csv"),
        result=result(skipped=(Skipped(reason="blob missing"),) * 2),
    )

    assert lines(removal.scope_text(view, MASKING)) == [
        "What has to go: 2 versions of files under 3 names",
        "  out/a.csv  (CNT-01, CNT-05)",
        "  out/by hand.csv  (named)",
        "  out/nhs ##########.csv  (CNT-01)",
        "brought in by 2 commits, first on 2024-05-01;",
        "in the history of 3 refs:",
        "  refs/heads/main",
        "  2 refs of pull requests: 7-8",
        "Public since: not yet known. If the repository was public then, since 2024-05-01.",
        "Left where they are: 4 findings of lower severity or judged harmless, each rule and file once:",
        "  F-0007  low      TYPE-05  out/b.csv",
        "  F-0009  medium   CNT-01   refs/tags/v1",
        "  F-0010  medium   CNT-01   (no name)",
        "  Choose one with --finding ID, or a file with --path.",
        (
            "NOT removed by a rewrite of files: 1 finding in commit messages, tags or names. "
            "`breachkit scan` shows them."
        ),
        r"No commit has the reported file none\x1b.csv: check its spelling.",
        "No commit has the reported file nhs ##########.csv: check its spelling.",
        (
            "INCOMPLETE: 2 objects could not be examined; `breachkit scan` lists them. Name such files "
            "with --path if they have to go."
        ),
    ]
    data = removal.scope_to_json(view, MASKING)
    assert data == {
        "schema": "breachkit.scope/1",
        "blobs": 2,
        "paths": ["out/a.csv", "out/by hand.csv", "out/nhs ##########.csv"],
        "commits": 2,
        "refs": ["refs/heads/main", "refs/pull/7/head", "refs/pull/8/head"],
        "pull_requests": [7, 8],
        "first_exposure": "2024-05-01T09:00:00Z",
        "findings": ["F-0001", "F-0002"],
        "left": ["F-0007", "F-0008", "F-0009", "F-0010"],
        "not_files": ["F-0011"],
        "unmatched": [r"none\x1b.csv", "nhs ##########.csv"],
        "complete": False,
        "not_examined": 2,
    }


def test_a_scope_of_what_only_a_tag_holds_has_no_commit_and_no_date():
    view = scope_view(blob(1), refs=(TAG,))

    assert lines(removal.scope_text(view, PLAIN)) == [
        "What has to go: 1 version of files under 0 names",
        "in the history of 1 ref:",
        "  refs/tags/v1",
    ]
    data = removal.scope_to_json(view, PLAIN)
    assert (data["first_exposure"], data["complete"]) == (None, True)


def test_a_date_that_cannot_be_read_is_not_known():
    said = removal.scope_text(scope_view(blob(1, b"a", when=None)), PLAIN)

    assert "first on a day not yet known;" in said
    assert "Public since" not in said


def test_long_lists_are_counted():
    paths = [b"out/%02d.csv" % number for number in range(MOST + 2)]
    left = tuple(finding(n, b"left/%d.csv" % n) for n in range(MOST + 1))
    view = scope_view(blob(1, *paths), left=left)

    said = lines(removal.scope_text(view, PLAIN))

    assert sum(line.startswith("  out/") for line in said) == MOST
    assert "  and 2 more names; --json lists all" in said
    assert sum("left/" in line for line in said) == MOST
    assert "  and 1 more finding; --json lists all" in said
    assert len(removal.scope_to_json(view, PLAIN)["paths"]) == MOST + 2


# --- rewrite --------------------------------------------------------------------------------


def ref_plan(name, action):
    return RefPlan(name=name, old=object_id(1), action=action)


def plan(*refs, removals=((b"out/a.csv", 1),), rewritten=1, losses=None, traces=None):
    return RewritePlan(
        bad=(object_id(1), object_id(2)),
        removals=tuple(Removal(path=GitPath(path), blob=object_id(n)) for path, n in removals),
        introducers=(object_id(10),),
        rewritten=tuple(object_id(10 + n) for n in range(rewritten)),
        retreed=(),
        kept=1234,
        refs=refs,
        losses=losses or Losses(),
        traces=traces or Traces(),
        first_exposure=DAY,
    )


def test_a_plan_says_what_becomes_of_everything():
    made = plan(
        ref_plan(HOSTILE, "move"),
        ref_plan(TAG, "retag"),
        ref_plan(RefName(b"refs/tags/tree"), "retree"),
        ref_plan(RefName(b"refs/tags/data"), "delete"),
        ref_plan(PULL, "move"),
        ref_plan(RefName(b"refs/stash"), "move"),
        ref_plan(MAIN, "keep"),
        removals=((b"out/a.csv", 1), (b"out/a.csv", 2), (NAMED, 1)),
        rewritten=2,
        losses=Losses(signatures=1, mergetags=1, tag_signatures=2),
        traces=Traces(messages=2, notes=1, elsewhere=3),
    )

    assert lines(removal.plan_text(made, MASKING)) == [
        "Plan of the rewrite (nothing is changed yet)",
        "Taken out of every commit that has them: 2 versions of files",
        "  out/a.csv",
        "  out/nhs ##########.csv",
        "2 commits get a new id; 1,234 stay as they are, with ids and signatures.",
        "What every ref becomes:",
        r"  refs/heads/\x1b[2Jx: moves to the rewritten commit",
        "  refs/tags/v1: its tag is made again",
        "  refs/tags/tree: its tree is written again",
        "  refs/tags/data: is deleted: it points at what goes",
        "2 refs of the platform's own, which a push may not move:",
        "  refs/stash",
        "  1 ref of pull requests: 7",
        "  and 1 ref that stays as it is",
        "2 messages and 1 note that name old commits get the new ids.",
        (
            "NOT changed: 3 messages of commits and tags that stay as they are name a commit by its "
            "old id, by which a guess can be tested. `--words` takes it out."
        ),
        "What cannot be kept, beside the ids:",
        "  1 copy of a merged tag inside merge commits",
        "  3 signatures of rewritten commits and tags",
        "Every clone of the old history can bring the data back: `breachkit trace` lists the holders.",
    ]
    assert removal.plan_to_json(made, MASKING) == {
        "schema": "breachkit.rewrite-summary/1",
        "blobs": 2,
        "paths": ["out/a.csv", "out/nhs ##########.csv"],
        "replaced": [],
        "reworded": 0,
        "renamed": 0,
        "commits_rewritten": 2,
        "commits_kept": 1234,
        "refs": [
            {"name": r"refs/heads/\x1b[2Jx", "becomes": "move"},
            {"name": "refs/tags/v1", "becomes": "retag"},
            {"name": "refs/tags/tree", "becomes": "retree"},
            {"name": "refs/tags/data", "becomes": "delete"},
            {"name": "refs/pull/7/head", "becomes": "move"},
            {"name": "refs/stash", "becomes": "move"},
            {"name": "refs/heads/main", "becomes": "keep"},
        ],
        "pull_requests": [7],
        "refs_named_by_words": 0,
        "losses": {"signatures": 1, "mergetags": 1, "tag_signatures": 2},
        "traces": {"messages": 2, "notes": 1, "elsewhere": 3},
    }


def test_a_plan_that_loses_nothing_says_so():
    said = lines(removal.plan_text(plan(ref_plan(MAIN, "move")), PLAIN))

    assert said[3] == "1 commit gets a new id; 1,234 stay as they are, with ids and signatures."
    assert said[-3:-1] == ["What cannot be kept, beside the ids:", "  nothing"]


def test_a_plan_of_many_refs_and_files_is_counted():
    refs = [ref_plan(RefName(b"refs/heads/%d" % n), "move") for n in range(MOST + 3)]
    files = tuple((b"out/%d.csv" % n, n) for n in range(MOST + 4))

    said = lines(removal.plan_text(plan(*refs, removals=files), PLAIN))

    assert "  and 3 more refs; --json lists all" in said
    assert "  and 4 more files; --json lists all" in said
    assert sum("moves to" in line for line in said) == MOST
    assert sum(line.startswith("  out/") for line in said) == MOST


def test_refs_whose_ids_are_masked_stay_apart_in_json():
    odd = [ref_plan(RefName(b"refs/tags/fetched/" + object_id(n).encode()), "move") for n in (1, 2)]
    names = [each["name"] for each in removal.plan_to_json(plan(*odd), PLAIN)["refs"]]

    assert names == ["refs/tags/fetched/(id)"] * 2


def test_a_plan_says_what_is_put_in_the_place_of_what_and_how_many_guesses_undo_it():
    blob, by = object_id(1), object_id(9)
    edits = Edits(
        replacements=(
            Replacement(path=GitPath(b"out/a.csv"), blob=blob, by=by, bits=16.8),
            Replacement(path=GitPath(b"out/b.csv"), blob=object_id(2), by=by, bits=61.0),
            Replacement(path=GitPath(b"out/c.xlsx"), blob=object_id(3), by=by),
        ),
        wordings=(Wording(find=b"Smith"),),
        renamings=(Renaming(old=GitPath(b"old/"), new=GitPath(b"new/")),),
        whole_history=True,
    )
    removals = ((b"out/a.csv", 1), (b"out/b.csv", 2), (b"out/c.xlsx", 3), (b"d.csv", 1))
    made = replace(
        plan(ref_plan(MAIN, "move"), removals=removals, rewritten=2),
        edits=edits,
        reworded=(object_id(7),),
        renamed=(GitPath(b"old/x.csv"),),
    )

    text = lines(removal.plan_text(made, MASKING))

    start = text.index("Taken out of every commit that has them: 1 version of files")
    assert text[start : start + 16] == [
        "Taken out of every commit that has them: 1 version of files",
        "  d.csv",
        "Replaced by redacted files, in every commit: 3 versions of files",
        "  out/a.csv: 17 bits to guess  <-- too few",
        "  out/b.csv: 61 bits to guess",
        "  out/c.xlsx: no text, so that nobody can reckon the guesses",
        *text[start + 6 : start + 10],
        "Words replaced in 1 commit, and in the tags that hold them: 1 entry of your file of words",
        "Renamed in every commit: 1 file; the new names:",
        "  new/x.csv",
        "Every commit is made again, also where nothing changes, and loses its signature.",
        "2 commits get a new id; 1,234 stay as they are, with ids and signatures.",
        "What every ref becomes:",
    ]
    assert text[start + 6].startswith("  Fewer than 60 bits: whoever knows an old id")
    assert "Smith" not in "".join(text)
    assert "old/x.csv" not in "".join(text)
    summary = removal.plan_to_json(made, MASKING)
    assert summary["replaced"][0] == {"path": "out/a.csv", "bits": 16.8}
    assert (summary["reworded"], summary["renamed"]) == (1, 1)


def test_a_rewrite_says_what_was_proved_and_where_the_backup_is():
    counts = ProofCounts(commits=1000, trees=2000, removed=3, refs=4, objects=5000)
    backup = removal.BackupView(
        file=Path("/cases/private/b\x1b.age"), key=Path("/keys/k.agekey"), destroy_by=DAY
    )
    made = plan(ref_plan(MAIN, "move"), ref_plan(TAG, "keep"), rewritten=2)

    assert lines(removal.rewritten_text(made, Proof(counts=counts), backup)) == [
        "Rewritten in the private mirror, the server untouched: 2 commits, 1 ref.",
        "Proved, comparing the history before and after:",
        "  1,000 commits: author, committer, dates, message and parents as they were",
        "  2,000 trees, path by path: 3 planned removals and nothing else",
        "  4 refs where the plan puts them",
        "  5,000 objects: none of them holds the data",
        r"Encrypted backup of the history as it was: /cases/private/b\x1b.age",
        "  its key: /keys/k.agekey",
        "  destroy both by 2024-05-01: `age -d -i KEY BACKUP` opens it until then",
    ]
    assert removal.rewritten_to_json(Proof(counts=counts), backup) == {
        "schema": "breachkit.rewritten-summary/1",
        "ok": True,
        "counts": {
            "commits": 1000,
            "trees": 2000,
            "removed": 3,
            "replaced": 0,
            "renamed": 0,
            "refs": 4,
            "objects": 5000,
        },
        "failed": 0,
        "backup": {
            "file": r"/cases/private/b\x1b.age",
            "key": "/keys/k.agekey",
            "destroy_by": "2024-05-01T09:00:00Z",
        },
    }


# --- push -----------------------------------------------------------------------------------


def change(name, *, deleted=False):
    return RefChange(name=name, old=object_id(1), new=None if deleted else object_id(2))


CHANGES = (change(MAIN), change(TAG, deleted=True), change(PULL))


def test_the_plan_of_a_push_says_which_refs_only_the_platform_moves():
    said = lines(push_report.plan_text(CHANGES, LeaseReport(), PLAIN))

    assert said[:6] == [
        "Plan of the push (nothing is changed yet)",
        "All or none, each only if it is still what the mirror saw:",
        "  refs/heads/main becomes the rewritten history",
        "  refs/tags/v1 is deleted",
        "Then tried one by one; platforms such as GitHub refuse, and only their support can remove them:",
        "  1 ref of pull requests: 7",
    ]
    assert "can go ahead" in said[6]
    assert len(said) == 7
    assert push_report.plan_to_json(CHANGES, LeaseReport(), PLAIN) == {
        "schema": "breachkit.push-plan/1",
        "refs": [
            {"name": "refs/heads/main", "becomes": "rewritten", "platform": False},
            {"name": "refs/tags/v1", "becomes": "deleted", "platform": False},
            {"name": "refs/pull/7/head", "becomes": "rewritten", "platform": True},
        ],
        "leases_hold": True,
        "changed_on_server": [],
    }


def test_a_push_that_somebody_was_faster_than_is_stopped():
    leases = LeaseReport(moved=(MAIN,), appeared=(HOSTILE,), vanished=(TAG,))

    said = lines(push_report.plan_text(CHANGES[:2], leases, PLAIN))

    assert said[4:] == [
        "STOP: somebody changed refs on the server since the mirror was made:",
        "  moved: refs/heads/main",
        r"  new: refs/heads/\x1b[2Jx",
        "  gone: refs/tags/v1",
        "Ask the writers to stop, then run `breachkit scope` and `breachkit rewrite` again.",
    ]
    data = push_report.plan_to_json(CHANGES, leases, PLAIN)
    assert data["leases_hold"] is False
    assert data["changed_on_server"] == [r"refs/heads/\x1b[2Jx", "refs/heads/main", "refs/tags/v1"]


@pytest.mark.parametrize(
    ("changes", "already", "words"),
    [
        (CHANGES, (), "can go ahead"),
        (CHANGES, (MAIN,), "can go ahead"),
        (CHANGES, (MAIN, TAG), "Nothing is left to push but those"),
        (CHANGES, (MAIN, TAG, PULL), "would change nothing"),
        (CHANGES[2:], (), "Nothing is left to push but those"),
        (CHANGES[:2], (MAIN, TAG), "would change nothing"),
    ],
)
def test_a_push_that_was_made_already_is_told_from_one_that_can_go_ahead(changes, already, words):
    said = push_report.plan_text(changes, LeaseReport(), PLAIN, already)

    assert words in said.split("\n")[-1]
    assert said.count("is so already") == len({MAIN, TAG} & set(already))
    assert ("No branch, tag or note has to change." in said) is (changes == CHANGES[2:])


def test_a_push_of_many_refs_is_counted():
    many = [change(RefName(b"refs/heads/%d" % n)) for n in range(MOST + 1)]

    said = push_report.plan_text(many, LeaseReport(), PLAIN).split("\n")

    assert sum("becomes the rewritten" in line for line in said) == MOST
    assert "  and 1 more ref; --json lists all" in said


def test_what_became_of_every_ref_is_said_with_the_platforms_own_words():
    outcome = PushResult(
        outcomes=(
            RefOutcome(name=MAIN, state="done"),
            RefOutcome(name=TAG, state="already"),
            RefOutcome(name=PULL, state="platform", reason="deny \x1b updating a hidden ref"),
        )
    )

    assert lines(push_report.result_text(outcome, PLAIN)) == [
        "Pushed: 1 ref; 1 was there already.",
        "  refs/heads/main",
        (
            r"Refused, as expected (deny \x1b updating a hidden ref): 1 ref that only the platform's "
            "support can remove:"
        ),
        "  1 ref of pull requests: 7",
    ]
    assert push_report.result_to_json(outcome, PLAIN) == {
        "schema": "breachkit.push-result/1",
        "complete": True,
        "refs": [
            {"name": "refs/heads/main", "is": "done"},
            {"name": "refs/tags/v1", "is": "already"},
            {"name": "refs/pull/7/head", "is": "platform"},
        ],
    }
    assert "Refused" not in push_report.result_text(PushResult(outcomes=()), PLAIN)


# --- verify ---------------------------------------------------------------------------------


def place(name, *verdicts, **changes):
    checks = tuple(ObjectCheck(id=object_id(n), verdict=v) for n, v in enumerate(verdicts))
    return PlaceCheck(place=name, objects=checks, examined=1500, **changes)


def verify_view(*places, outcome="gone", history_holds=True):
    return verify_report.VerifyView(places=places, outcome=outcome, history_holds=history_holds)


CONTROL = ((ObjectId("1" * 40), "served"),)


def test_gone_is_said_with_what_was_looked_at():
    view = verify_view(
        place("mirror", "gone", "gone", history_intact=True),
        place("clone", "gone", "gone", history_intact=True),
        place("server", "gone", controls=CONTROL),
    )

    assert lines(verify_report.verify_text(view, PLAIN)) == [
        "GONE: every place was looked at and none holds the data.",
        "The rewritten mirror: GONE",
        "  1,500 objects looked at for 2 old ones: 0 found",
        "A fresh clone from the server: GONE",
        "  1,500 objects looked at for 2 old ones: 0 found",
        "The server, asked by object id: GONE",
        "  asked for 1 old object by id: 0 were served",
        "  control: a harmless object, asked for in the same way, was served",
        "Every other commit, file, author, date and message in the fresh clone is as the rewrite made it.",
    ]


def test_several_refs_that_are_still_there_are_spoken_of_as_several():
    view = verify_view(
        place(
            "clone",
            "present",
            leftover_refs=(MAIN, TAG, PULL, RefName(b"refs/pull/8/head")),
            wrong_refs=(MAIN, TAG),
        ),
        place("server", "present", "present"),
        outcome="present",
        history_holds=False,
    )

    said = lines(verify_report.verify_text(view, PLAIN))

    assert "  1,500 objects looked at for 1 old one: 1 found" in said
    assert (
        "  2 refs still lead to the data, and only the platform's support can remove them:" in said
    )
    assert "  2 refs still lead to the data; `breachkit next` says what to do:" in said
    assert "  2 refs not where the rewrite put them: somebody pushed:" in said
    assert "  asked for 2 old objects by id: 2 were served" in said


def test_what_is_still_there_is_named_with_who_can_remove_it():
    view = verify_view(
        place(
            "clone",
            "present",
            "gone",
            leftover_refs=(HOSTILE, PULL),
            wrong_refs=(TAG,),
            history_intact=False,
            problems=("it is \x1b shallow",),
        ),
        place("server", "present", "unknown", controls=((object_id(1), "refused"),)),
        outcome="present",
        history_holds=False,
    )

    assert lines(verify_report.verify_text(view, PLAIN)) == [
        "NOT GONE: see below where the data still are.",
        "A fresh clone from the server: NOT GONE",
        "  1,500 objects looked at for 2 old ones: 1 found",
        "  1 ref still leads to the data, and only the platform's support can remove it:",
        "    1 ref of pull requests: 7",
        "  1 ref still leads to the data; `breachkit next` says what to do:",
        r"    refs/heads/\x1b[2Jx",
        "  1 ref not where the rewrite put it: somebody pushed:",
        "    refs/tags/v1",
        "  commits are missing or are not as the rewrite made them",
        r"  could not be judged: it is \x1b shallow",
        "The server, asked by object id: NOT GONE",
        "  asked for 2 old objects by id: 1 was served",
        "  the server keeps what no ref shows until whoever runs it collects garbage: of a platform, its support",
    ]
    data = verify_report.verify_to_json(view, PLAIN)
    assert data == {
        "schema": "breachkit.verify-summary/1",
        "outcome": "present",
        "history_holds": False,
        "places": {
            "clone": {
                "verdict": "present",
                "examined": 1500,
                "asked": 2,
                "present": 1,
                "leftover_refs": [r"refs/heads/\x1b[2Jx", "refs/pull/7/head"],
                "platform_refs": ["refs/pull/7/head"],
                "wrong_refs": ["refs/tags/v1"],
                "history_intact": False,
                "problems": ["it is \x1b shallow"],
            },
            "server": {
                "verdict": "present",
                "examined": 1500,
                "asked": 2,
                "present": 1,
                "leftover_refs": [],
                "platform_refs": [],
                "wrong_refs": [],
                "history_intact": None,
                "problems": [],
            },
        },
    }
    json.dumps(data)


@pytest.mark.parametrize(("outcome", "word"), [("changed", "CHANGED"), ("unknown", "UNKNOWN")])
def test_every_outcome_begins_with_its_word(outcome, word):
    view = verify_view(place("server", "unknown"), outcome=outcome, history_holds=False)

    said = lines(verify_report.verify_text(view, PLAIN))

    assert said[0].startswith(f"{word}: ")
    assert said[1] == "The server, asked by object id: UNKNOWN"
    assert "control" not in "\n".join(said)
