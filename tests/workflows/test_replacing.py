"""Redacted files, words and names that somebody gives to a rewrite, from the plan to the proof."""

import json
import shutil
from pathlib import Path

import pytest

from breachkit.incident.folder import CaseFolder
from breachkit.model.errors import ConfigurationError, RefusedError, UsageError
from breachkit.workflows import case_files, rewrite
from breachkit.workflows.replacing import NotRedactedError, WantedEdits
from tests.support.cases import SOMEBODY
from tests.support.command_line import OUTPUT, SAFE_COUNTS, SMALL_COUNTS
from tests.support.gitrepo import History, git
from tests.support.responding import breached, responding


REDACTED = b"region,patients\nLondon,364\nNorth East,[REDACTED]\nSouth West,[REDACTED]\nEast,128\n"
NAME = OUTPUT.decode()


@pytest.fixture
def response(tmp_path: Path):
    response = responding(tmp_path)
    response.scope()
    return response


def a_file(folder: Path, content: bytes, name: str = "given") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def carried_out(response, wanted: WantedEdits, **options):
    rewrite.plan(response.case, wanted, **options)
    return rewrite.execute(response.case, response.clock, response.keys)


def shown(response, revision: str) -> bytes:
    return git(response.private("rewritten.git"), "show", revision)


def test_a_redacted_file_takes_the_place_of_the_bad_one(response, tmp_path: Path):
    file = a_file(tmp_path, REDACTED)

    result = carried_out(response, WantedEdits(files=((NAME, file),)))

    assert shown(response, f"main~1:{NAME}") == REDACTED
    assert result.proof.ok
    assert result.proof.counts.replaced == 1
    assert response.events("rewrite.planned")[-1].detail["replaced"] == 1


def test_the_guesses_that_an_old_id_makes_possible_are_reckoned(response, tmp_path: Path):
    file = a_file(tmp_path, REDACTED)

    plan = rewrite.plan(response.case, WantedEdits(files=((NAME, file),)))

    (each,) = plan.edits.replacements
    assert each.bits is not None
    assert 4 <= each.bits <= 6  # two counts from 1 to 5, or to 7


def test_a_finding_names_the_file_too(response, tmp_path: Path):
    (first, *_) = json.loads(response.case.read_private("scan.json"))["findings"]

    result = carried_out(response, WantedEdits(files=((first["id"], a_file(tmp_path, REDACTED)),)))

    assert result.proof.counts.replaced == 1


def two_versions() -> History:
    history = breached()
    history.commit({OUTPUT: SMALL_COUNTS.replace(b"East,128", b"East,130")})
    return history


def test_one_of_several_versions_is_named_by_its_number_from_the_oldest(tmp_path: Path):
    response = responding(tmp_path, two_versions())
    response.scope()
    file = a_file(tmp_path, REDACTED)

    with pytest.raises(UsageError, match=r"2 versions of .*@1 for the oldest to .*@2"):
        rewrite.plan(response.case, WantedEdits(files=((NAME, file),)))
    result = carried_out(response, WantedEdits(files=((f"{NAME}@1", file),)))

    assert shown(response, f"main~2:{NAME}") == REDACTED
    assert NAME.encode() not in git(response.private("rewritten.git"), "ls-tree", "-r", "main")
    assert (result.proof.counts.replaced, result.proof.counts.removed) == (1, 1)


@pytest.mark.parametrize("what", ["nowhere.csv", "F-9999", f"{NAME}@0", f"{NAME}@3", "@1"])
def test_what_is_not_bad_cannot_be_replaced(response, tmp_path: Path, what: str):
    with pytest.raises(UsageError, match="not among what has to go"):
        rewrite.plan(response.case, WantedEdits(files=((what, a_file(tmp_path, REDACTED)),)))


def test_a_file_is_given_one_redacted_version(response, tmp_path: Path):
    file = a_file(tmp_path, REDACTED)

    with pytest.raises(UsageError, match="given two"):
        rewrite.plan(response.case, WantedEdits(files=((NAME, file), (NAME, file))))


def test_a_redacted_file_that_is_not_there_is_said(response, tmp_path: Path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        rewrite.plan(response.case, WantedEdits(files=((NAME, tmp_path / "none"),)))


def test_the_bad_file_itself_is_no_redacted_one(response, tmp_path: Path):
    with pytest.raises(NotRedactedError, match="as it is"):
        rewrite.plan(response.case, WantedEdits(files=((NAME, a_file(tmp_path, SMALL_COUNTS)),)))


@pytest.mark.parametrize(
    "content",
    [SMALL_COUNTS.replace(b"364", b"365"), b"\x00\x01\x02\x03" * 50],
    ids=["small counts", "not examined"],
)
def test_a_file_that_is_not_safe_takes_a_reason(response, tmp_path: Path, content: bytes):
    wanted = WantedEdits(files=((NAME, a_file(tmp_path, content)),))

    with pytest.raises(NotRedactedError, match="not redacted enough"):
        rewrite.plan(response.case, wanted)
    rewrite.plan(response.case, wanted, override="seen by two people")

    (event,) = response.events("override")
    assert event.detail["reason"] == "seen by two people"


def test_the_redacted_file_is_kept_with_the_case_and_may_be_gone_elsewhere(
    response, tmp_path: Path
):
    file = a_file(tmp_path, REDACTED)
    rewrite.plan(response.case, WantedEdits(files=((NAME, file),)))
    file.unlink()

    rewrite.execute(response.case, response.clock, response.keys)

    assert shown(response, f"main~1:{NAME}") == REDACTED
    kept = response.private(case_files.REPLACEMENTS)
    assert [path.stat().st_mode & 0o777 for path in kept.iterdir()] == [0o600]


def test_a_redacted_file_that_was_changed_in_the_case_is_not_used(response, tmp_path: Path):
    rewrite.plan(response.case, WantedEdits(files=((NAME, a_file(tmp_path, REDACTED)),)))
    (kept,) = response.private(case_files.REPLACEMENTS).iterdir()
    kept.write_bytes(SAFE_COUNTS)

    with pytest.raises(RefusedError, match="plan again"):
        rewrite.execute(response.case, response.clock, response.keys)

    assert not response.private("rewritten.git").exists()


def test_trap_15_words_and_names_go_with_the_files(tmp_path: Path):
    history = breached()
    history.commit({b"out/p Smithers.csv": SAFE_COUNTS}, message="for Smithers")
    response = responding(tmp_path, history)
    response.scope()
    words = a_file(tmp_path, b"Smithers\n", "words")
    names = a_file(tmp_path, b"out/p Smithers.csv==>out/p.csv\n", "names")

    result = carried_out(response, WantedEdits(words=words, names=names))

    log = git(response.private("rewritten.git"), "log", "--all", "--name-only", "--format=%s")
    assert b"Smithers" not in log
    assert b"for [REDACTED]" in log
    assert result.proof.ok
    detail = response.events("rewrite.planned")[-1].detail
    assert (detail["reworded"], detail["renamed"]) == (1, 1)
    assert all("Smithers" not in str(event.detail) for event in response.case.events())


def test_a_later_plan_without_options_takes_the_file_out(response, tmp_path: Path):
    rewrite.plan(response.case, WantedEdits(files=((NAME, a_file(tmp_path, REDACTED)),)))

    result = response.rewrite()

    assert result.proof.counts.replaced == 0
    assert result.proof.counts.removed == 1


def test_a_case_that_was_copied_still_has_its_redacted_files(response, tmp_path: Path):
    rewrite.plan(response.case, WantedEdits(files=((NAME, a_file(tmp_path, REDACTED)),)))
    shutil.copytree(response.case.path, tmp_path / "moved")
    moved = CaseFolder(tmp_path / "moved", response.clock, SOMEBODY)

    rewrite.execute(moved, response.clock, response.keys)

    assert (tmp_path / "moved" / "private" / "rewritten.git").exists()
