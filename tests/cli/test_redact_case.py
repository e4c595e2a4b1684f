"""In a case: the redacted version of what has to go, made from its mirror, into the rewritten history."""

import json
import shlex
from pathlib import Path

import pytest

from tests.support.command_line import OUTPUT, SMALL_COUNTS, study
from tests.support.gitrepo import History, git


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"
NAME = OUTPUT.decode()
REDACTED = b"region,patients\nLondon,364\nNorth East,[REDACTED]\nSouth West,[REDACTED]\nEast,128\n"
WITH_TOTAL = SMALL_COUNTS.replace(b",2\n", b",21\n") + b"Total,516\n"


def scoped(breachkit, server):
    """Open a case up to its scope, with everybody told."""
    breachkit.expect(0, "open", server, "--contacts", CONTACTS)
    breachkit.expect(0, "notify", "render", "alert")
    breachkit.expect(0, "notify", "mark-sent", "N-001", "--by", "Jo")
    breachkit.expect(0, "scope")
    breachkit.prepare()
    (case,) = breachkit.home.glob("BK-*")
    return case


@pytest.mark.parametrize(
    ("bad", "redacted"),
    [
        (SMALL_COUNTS, REDACTED),
        (
            WITH_TOTAL,
            b"region,patients\nLondon,364\nNorth East,[REDACTED]\nSouth West,[REDACTED]\nEast,128\nTotal,516\n",
        ),
    ],
)
def test_what_has_to_go_is_redacted_and_stands_in_the_rewritten_history(
    breachkit, tmp_path, bad, redacted
):
    case = scoped(breachkit, study(tmp_path / "study.git", bad))
    (finding, *_) = json.loads((case / "private" / "scan.json").read_text())["findings"]

    ran = breachkit.expect(0, "redact", finding["id"], "--case", case.name, "--write")

    (command,) = [line for line in ran.err.splitlines() if "rewrite --case" in line]
    (kept,) = (case / "private" / "redacted").iterdir()
    assert kept.read_bytes() == redacted
    assert kept.stat().st_mode & 0o777 == 0o600
    breachkit.expect(0, *shlex.split(command.removeprefix("Next: breachkit ")))  # no --override
    breachkit.expect(0, "rewrite", "--execute", "--confirm", "study")
    rewritten = case / "private" / "rewritten.git"
    assert git(rewritten, "show", f"main~2:{NAME}") == redacted


def test_a_preview_writes_nothing_and_says_how_to_go_on(breachkit, tmp_path):
    case = scoped(breachkit, study(tmp_path / "study.git"))

    ran = breachkit.expect(0, "redact", NAME, "--case", case.name)

    assert "PREVIEW: 2 cells in 1 file" in ran.out
    assert f"Next: breachkit redact {NAME} --case {case.name[:12]} --write" in ran.err
    assert not (case / "private" / "redacted").exists()


def test_it_goes_where_somebody_says(breachkit, tmp_path):
    case = scoped(breachkit, study(tmp_path / "study.git"))
    place = tmp_path / "mine.csv"

    ran = breachkit.expect(0, "redact", NAME, "--case", case.name, "-o", place)

    assert place.read_bytes() == REDACTED
    assert place.stat().st_mode & 0o777 == 0o600
    assert f"--replace {NAME}={place}" in ran.err


def test_no_object_id_is_in_what_it_says(breachkit, tmp_path):
    case = scoped(breachkit, study(tmp_path / "study.git"))
    (finding, *_) = json.loads((case / "private" / "scan.json").read_text())["findings"]

    ran = breachkit.expect(0, "redact", NAME, "--case", case.name, "--write", "--json")

    assert finding["blob"][:8] not in ran.all
    assert json.loads(ran.out)["next"]["command"].startswith("breachkit rewrite --case")


def two_versions(path):
    history = History()
    history.commit({OUTPUT: WITH_TOTAL})
    history.commit({OUTPUT: WITH_TOTAL.replace(b"East,128", b"East,130").replace(b"516", b"518")})
    return history.build(path)


def test_two_versions_of_a_file_are_protected_together(breachkit, tmp_path):
    case = scoped(breachkit, two_versions(tmp_path / "study.git"))

    assert "2 versions of" in breachkit.expect(2, "redact", NAME, "--case", case.name).err
    assert "named twice" in breachkit.expect(2, "redact", f"{NAME}@1", f"{NAME}@1", "--case", case.name).err  # fmt: skip
    ran = breachkit("redact", f"{NAME}@1", f"{NAME}@2", "--case", case.name, "--write")

    written = sorted((case / "private" / "redacted").iterdir())
    assert len(written) == 2
    assert all(b"North East,[REDACTED]" in each.read_bytes() for each in written)
    assert ran.err.count("--replace") == 2


def test_a_path_that_is_evidence_is_named_by_its_finding(breachkit, tmp_path):
    history = History()
    path = b"released_outputs/nhs 9434765919.csv"
    history.commit({path: SMALL_COUNTS})
    case = scoped(breachkit, history.build(tmp_path / "study.git"))

    ran = breachkit("redact", path.decode(), "--case", case.name, "--write", "-v")

    assert "9434765919" not in ran.all
    assert "--replace F-0" in ran.err


def test_before_the_scope_is_known_there_is_nothing_to_redact(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"))
    (case,) = breachkit.home.glob("BK-*")

    assert "run `breachkit scope` first" in breachkit.expect(3, "redact", "F-0001", "--case", case.name).err  # fmt: skip
    breachkit.expect(3, "redact", "F-0001", "--case", "BK-1999-0001")


def test_what_is_not_bad_is_not_redacted(breachkit, tmp_path):
    case = scoped(breachkit, study(tmp_path / "study.git"))

    breachkit.expect(2, "redact", "F-9999", "--case", case.name)
    breachkit.expect(2, "redact", "README.md", "--case", case.name)
