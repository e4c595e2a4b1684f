"""What rules find only by putting files, commits and tables of a real repository together."""

import hashlib
import json

import pytest

from breachkit.model.findings import Severity
from breachkit.workflows.playbooks import load_policies
from breachkit.workflows.scan import ScanOptions, scan_target
from tests.support.gitrepo import History
from tests.support.responding import Recorded


IN_2021, IN_2024 = 1_620_000_000, 1_720_000_000
RELEASE = "Released from somewhere by someone\n\nOpensafely-released-from: host.invalid:/d \n"
ALL = (143, 232, 367, 411, 523, 677)
MEN = (71, 113, 188, 409, 262, 331)
TABLE = b"released_outputs/output/deaths_all.csv"
PART = b"released_outputs/output/deaths_male.csv"
MANIFEST = b"released_outputs/metadata/manifest.json"


def table(counts):
    rows = [f"Region {row},{count}" for row, count in enumerate(counts)]
    return "\n".join(["region,n", *rows, ""]).encode()


def manifest(content):
    listed = {"content_hash": hashlib.sha256(content).hexdigest()}
    return json.dumps({"outputs": {"output/deaths_all.csv": listed}}).encode()


def found(tmp_path, *commits, workers=1):
    history = History()
    for files, message, when in commits:
        history.commit(files, message=message, when=when)
    repository = history.build(tmp_path / "r.git")
    options = ScanOptions(policies=load_policies(), workers=workers)
    result = scan_target(str(repository), options, progress=Recorded())
    assert not [each for each in result.skipped if "rule" in each.reason]
    return {
        (each.hit.rule, each.hit.severity, each.attribution.paths[0])
        for each in result.findings
        if each.attribution.paths and each.hit.rule[:4] in {"PROV", "SUP-", "HIS-"}
    }


def test_a_release_and_what_came_by_hand_are_told_apart(tmp_path):
    hits = found(
        tmp_path,
        ({TABLE: table(ALL)}, RELEASE, IN_2021),
        ({b"released_outputs/more.csv": b"region,hr\nNorth,1.2\n"}, "add", IN_2021 + 100),
        ({b"released_outputs/late.csv": b"region,hr\nNorth,1.3\n"}, RELEASE, IN_2024),
    )

    assert {hit for hit in hits if hit[0].startswith("PROV")} == {
        ("PROV-01", Severity.LOW, b"released_outputs/more.csv"),
        ("PROV-02", Severity.LOW, b"released_outputs/late.csv"),
    }


@pytest.mark.parametrize(("content", "rules"), [(table(ALL), set()), (table(MEN), {"PROV-03"})])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_is_held_against_the_manifest_of_its_release(tmp_path, content, rules, workers):
    files = {MANIFEST: manifest(table(ALL)), TABLE: content}

    hits = found(tmp_path, (files, RELEASE, IN_2021), workers=workers)

    assert {rule for rule, _, _ in hits if rule.startswith("PROV")} == rules


@pytest.mark.parametrize("workers", [1, 2])
def test_files_of_strata_are_subtracted_though_they_have_one_version(tmp_path, workers):
    files = {TABLE: table(ALL), PART: table(MEN)}

    hits = found(tmp_path, (files, RELEASE, IN_2021), workers=workers)

    assert hits == {("SUP-03", Severity.MEDIUM, PART)}


def test_versions_are_subtracted(tmp_path):
    changed = table([ALL[0] + 2, *ALL[1:]])

    hits = found(
        tmp_path, ({TABLE: table(ALL)}, RELEASE, IN_2021), ({TABLE: changed}, RELEASE, IN_2021 + 9)
    )

    assert ("HIS-02", Severity.LOW, TABLE) in hits
