"""What the drill itself checks with plain git: a wrong rewrite must not get past it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from breachkit.drill.comparison import compare
from breachkit.drill.fastimport import SCAFFOLD, Change, History, Mark
from breachkit.drill.hub.support import Done
from breachkit.drill.plaingit import Repository, create_bare
from breachkit.drill.planted import blob_id, plant
from breachkit.drill.study import ADA, BEN
from breachkit.drill.support import act_on_request
from breachkit.drill.world import World, on_platform
from tests.support.drill import FixedClock, copied_world


BAD = b"region,patients\nNorth,3\n"
GOOD = b"print('hello')\n"
MAIN = "refs/heads/main"

Edit = Callable[[int, Change], Change | None]
"""Gets the number of a commit and the commit; gives it changed, or None to leave it out."""


@dataclass
class Pair:
    before: Repository
    folder: Path

    def after(self, edit: Edit) -> Repository:
        return build(self.folder / "after.git", edit)


def without_the_table(number: int, change: Change) -> Change:
    return replace(change, write={p: c for p, c in change.write.items() if c != BAD})


def build(folder: Path, edit: Edit) -> Repository:
    """Three commits: code, the bad table beside code, more code."""
    when = FixedClock().now()
    changes = (
        Change(message="Add code\n", author=ADA, when=when, write={"a.py": GOOD}),
        Change(message="Add table\n", author=BEN, when=when, write={"t.csv": BAD, "b.py": GOOD}),
        Change(message="Add more\n", author=ADA, when=when, write={"c.py": GOOD}),
    )
    history, tip = History(), None
    for number, change in enumerate(changes):
        edited = edit(number, change)
        if edited is not None:
            parents: tuple[Mark, ...] = () if tip is None else (tip,)
            tip = history.commit(edited, *parents)
    assert tip is not None
    history.ref(MAIN, tip)
    repository = create_bare(folder)
    repository.git("fast-import", "--quiet", "--done", stdin=history.take())
    repository.git("update-ref", "-d", SCAFFOLD)
    return repository


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(build(tmp_path / "before.git", lambda _, change: change), tmp_path)


def differences(pair: Pair, edit: Edit) -> tuple[str, ...]:
    return compare(pair.before, pair.after(edit), [MAIN], {blob_id(BAD)}).differences


def test_a_history_without_the_table_and_nothing_else_missing_is_the_same(pair: Pair) -> None:
    comparison = compare(pair.before, pair.after(without_the_table), [MAIN], {blob_id(BAD)})

    assert comparison.same
    assert comparison.commits == 3


def test_an_untouched_history_still_has_what_had_to_go(pair: Pair) -> None:
    assert "commit 0: a file is still there that had to go" in differences(pair, lambda _, c: c)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"message": "Add other code\n"}, "another message"),
        ({"author": BEN}, "another author"),
        ({"committer": BEN}, "another author, committer"),
        ({"when": FixedClock.moment.replace(hour=3)}, "or date"),
        ({"write": {"a.py": GOOD + b"#"}}, "files changed"),
        ({"write": {}, "delete": ()}, "files changed or went"),
        ({"write": {"a.py": GOOD, "z.py": GOOD}}, "files appeared"),
    ],
)
def test_anything_else_that_changed_is_noticed(
    pair: Pair, change: dict[str, object], said: str
) -> None:
    def edit(number: int, old: Change) -> Change:
        return without_the_table(number, replace(old, **change) if number == 0 else old)  # type: ignore[arg-type]

    assert any(said in difference for difference in differences(pair, edit))


def test_a_dropped_commit_is_noticed(pair: Pair) -> None:
    def edit(number: int, change: Change) -> Change | None:
        return None if number == 1 else without_the_table(number, change)

    assert "a commit has another number of parents" in differences(pair, edit)


def test_a_lost_branch_is_noticed(pair: Pair) -> None:
    after = pair.after(without_the_table)
    after.git("update-ref", "-d", MAIN)

    comparison = compare(pair.before, after, [MAIN], {blob_id(BAD)})

    assert not comparison.same
    assert comparison.differences == (f"{MAIN} is gone",)


def test_comparing_nothing_proves_nothing(pair: Pair) -> None:
    assert not compare(pair.before, pair.before, [], {blob_id(BAD)}).same


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[World]:
    with on_platform(copied_world(tmp_path), FixedClock()) as world:
        yield world


def support(world: World, text: str, ids: str) -> Done:
    assert world.platform is not None
    world.platform.hub.repositories.pop(world.platform.fork.id)  # it would be a reason to refuse
    return act_on_request(world.platform, text, ids)


def request(pulls: str) -> str:
    return f"Please help.\n\n  Pull requests       {pulls}\n\n  1. delete the pull requests listed"


def bad_commit_in_no_branch(world: World) -> str:
    return f"first changed commit: {world.commits['pull-7']}"


def test_support_removes_the_pull_requests_that_are_named_and_no_others(hosted: World) -> None:
    answer = support(hosted, request("#7"), bad_commit_in_no_branch(hosted))

    assert answer.removed == ("refs/pull/7/head",)
    assert "refs/pull/9/head" in hosted.server.refs()
    assert plant().single_year.blob not in hosted.server.object_ids()


def test_support_does_not_mistake_one_number_for_another(hosted: World) -> None:
    support(hosted, request("70, 77"), bad_commit_in_no_branch(hosted))

    assert "refs/pull/7/head" in hosted.server.refs()


def test_support_does_nothing_while_a_branch_still_holds_a_named_commit(hosted: World) -> None:
    answer = support(hosted, request("7, 9"), hosted.commits["release-1"])

    assert answer.removed == ()
    assert answer.refused is not None
    assert "refs/pull/7/head" in hosted.server.refs()


@pytest.mark.parametrize(("pulls", "ids"), [("none", "0" * 40), ("7, 9", "nothing pasted")])
def test_support_does_nothing_for_a_request_that_lacks_something(
    hosted: World, pulls: str, ids: str
) -> None:
    assert support(hosted, request(pulls), ids).refused is not None
    assert hosted.server.refs() == hosted.refs
