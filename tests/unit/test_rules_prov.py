"""Who brought a file into a study, and whether it is still what was released."""

import hashlib
import json
from datetime import date

import pytest

from breachkit.detect.provenance import digested_blobs, manifest_root, provenance_of
from breachkit.detect.rules.prov_01 import ByHand
from breachkit.detect.rules.prov_02 import CommittedOutputs
from breachkit.detect.rules.prov_03 import EditedAfterRelease
from breachkit.git.walk import parse_commit
from breachkit.model.findings import Severity
from breachkit.model.ids import GitPath
from tests.support.judging import Past


HAND, LATE, EDITED = ByHand(), CommittedOutputs(), EditedAfterRelease()
TABLE = "region,n\nNorth,40\nSouth,50\n"
OTHER = "region,n\nNorth,41\nSouth,50\n"
PATH = "released_outputs/output/table.csv"
MANIFEST = "released_outputs/metadata/manifest.json"


def past(*commits):
    history = Past()
    for changes, options in commits:
        history.commit("change", changes, **options)
    return history


def test_an_output_without_the_trailer_is_low():
    history = past(({PATH: TABLE}, {}))

    [(blob, hit)] = history.judge(HAND).items()

    assert blob == history.id_of(TABLE)
    assert (hit.rule, hit.severity) == ("PROV-01", Severity.LOW)


def test_all_outputs_of_a_commit_are_one_finding_at_the_first_by_name():
    history = past(({PATH: TABLE, "released_outputs/a.csv": OTHER}, {}))

    [(blob, hit)] = history.judge(HAND).items()

    assert blob == history.id_of(OTHER)
    assert hit.message.startswith("2 outputs")


@pytest.mark.parametrize(
    "commits",
    [
        [({PATH: TABLE}, {"is_release": True})],
        [({"released_outputs/x.csv": TABLE}, {}), ({PATH: TABLE}, {"is_release": True})],
        [({PATH: TABLE}, {"is_release": True}), ({"released_outputs/moved.csv": TABLE}, {})],
        [({PATH: TABLE}, {"day": date(2020, 10, 13)})],
        [({"released_outputs/dummy/table.csv": TABLE}, {})],
        [({"project.yaml": "x", "analysis/study.py": "x"}, {})],
        [({"project.yaml": "x", "output/make.py": "x"}, {})],
        [({"output/table.csv": TABLE}, {})],  # in a repository that is no study
    ],
)
def test_released_old_invented_and_other_files_are_none(commits):
    assert past(*commits).judge(HAND) == {}


def test_what_a_trial_run_may_have_made_is_info():
    history = past(({"project.yaml": "x", "output/table.csv": TABLE}, {}))

    assert [hit.severity for hit in history.judge(HAND).values()] == [Severity.INFO]


@pytest.mark.parametrize("is_release", [True, False])
def test_after_the_day_on_which_git_had_no_more_outputs_any_is_found(is_release):
    options = {"is_release": is_release, "day": date(2023, 6, 20)}
    history = past(({PATH: TABLE}, options))

    assert [hit.severity for hit in history.judge(LATE).values()] == [Severity.LOW]
    assert history.judge(HAND) == {}


def test_before_that_day_outputs_had_their_place_in_git():
    assert past(({PATH: TABLE}, {"day": date(2023, 6, 19)})).judge(LATE) == {}


def test_an_old_output_moved_later_is_not_brought_again():
    history = past(
        ({PATH: TABLE}, {}), ({"released_outputs/x.csv": TABLE}, {"day": date(2024, 1, 1)})
    )

    assert history.judge(LATE) == {}


def manifest(**listed):
    outputs = {
        f"output/{name}.csv": {"content_hash": hashlib.sha256(text.encode()).hexdigest()}
        for name, text in listed.items()
    }
    return json.dumps({"workspace": "Zq7CanaryXw", "outputs": outputs})


def test_a_file_that_differs_from_its_manifest_was_edited():
    history = past(({MANIFEST: manifest(table=TABLE), PATH: OTHER}, {}))

    [(blob, hit)] = history.judge(EDITED).items()

    assert blob == history.id_of(OTHER)
    assert (hit.rule, hit.severity) == ("PROV-03", Severity.LOW)


@pytest.mark.parametrize(
    "commits",
    [
        [({MANIFEST: manifest(table=TABLE), PATH: TABLE}, {})],
        [({MANIFEST: manifest(table=TABLE.replace("\n", "\r\n")), PATH: TABLE}, {})],
        [({MANIFEST: manifest(table=OTHER), PATH: OTHER}, {}), ({MANIFEST: manifest(table=TABLE), PATH: TABLE}, {})],
        [({PATH: OTHER}, {}), ({MANIFEST: manifest(table=TABLE), PATH: TABLE}, {})],  # older than any manifest
        [({MANIFEST: manifest(another=TABLE), PATH: OTHER}, {})],
        [({"analysis/manifest.json": manifest(table=TABLE), "analysis/output/table.csv": OTHER}, {})],
        [({MANIFEST: "{ no JSON", PATH: OTHER}, {})],
        [({MANIFEST: manifest(table=TABLE).replace('"content', '"excluded": true, "content'), PATH: OTHER}, {})],
    ],
)  # fmt: skip
def test_a_file_that_agrees_is_unlisted_or_is_older_is_none(commits):
    assert past(*commits).judge(EDITED) == {}


def test_an_edited_file_is_found_once_however_often_it_comes_back():
    history = past(
        ({MANIFEST: manifest(table=TABLE), PATH: TABLE}, {}),
        ({PATH: OTHER}, {}),
        ({PATH: TABLE}, {}),
        ({PATH: OTHER}, {}),
    )

    assert list(history.judge(EDITED)) == [history.id_of(OTHER)]


def test_only_files_beside_a_manifest_need_a_digest():
    without = past(({PATH: TABLE, "analysis/a.py": "x"}, {}))
    beside = past(({PATH: TABLE, MANIFEST: "{}", "analysis/a.py": "x"}, {}))

    assert digested_blobs(without.transitions) == frozenset()
    assert digested_blobs(beside.transitions) == {beside.id_of(TABLE), beside.id_of("{}")}


def test_neither_digests_nor_what_a_manifest_lists_are_shown():
    known = provenance_of(manifest(table=TABLE).encode(), [GitPath(MANIFEST.encode())])

    assert known.listed
    assert repr(known) == "Provenance()"


def test_a_manifest_is_read_to_its_end():
    digest = "a" * 64
    text = json.dumps({"files": {"t.csv": {"content_hash": digest}}, "others": [0] * 250_000})

    assert provenance_of(text.encode(), [GitPath(MANIFEST.encode())]).listed


def test_a_manifest_nested_without_end_is_no_manifest():
    deep = b'{"a":' * 100_000

    assert provenance_of(deep, [GitPath(MANIFEST.encode())]).listed == {}


@pytest.mark.parametrize(
    ("path", "root"),
    [
        (b"released_outputs/metadata/manifest.json", b"released_outputs/"),
        (b"released_outputs/a/manifest.json", b"released_outputs/a/"),
        (b"released_outputs/a/notmanifest.json", None),
        (b"manifest.json", None),
        (b"web/manifest.json", None),
    ],
)
def test_a_manifest_lists_the_files_of_its_folder(path, root):
    assert manifest_root(GitPath(path)) == root


@pytest.mark.parametrize(
    ("message", "is_release"),
    [
        (b"Released from here by someone\n\nOpensafely-released-from: host:/dir \n", True),
        (b"subject\n\nopensafely-Released-From: host\n", True),
        (b"subject\n\nIt was not Opensafely-released-from: anywhere\n", False),
        (b"subject\n", False),
    ],
)
def test_a_release_is_told_by_its_trailer(message, is_release):
    commit = parse_commit(b"tree " + b"0" * 40 + b"\ncommitter A <a@b> 1 +0000\n\n" + message)

    assert commit is not None
    assert commit.is_release is is_release
