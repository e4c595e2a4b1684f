"""What the drill looks up about scans and scopes: that they name what was planted, and nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from breachkit.drill.plaingit import Repository
from breachkit.drill.planted import PlantedFile
from breachkit.drill.proofs import PRIVATE
from breachkit.drill.report import Check
from breachkit.drill.stage import Scene


def scan_finds_everything(scene: Scene) -> Iterator[Check]:
    """Run the same scan for machines, and compare it with what was planted."""
    result = _scan(scene, scene.world.server.git_dir)
    loud = _loud(result)
    found = {finding["blob"] for finding in loud}
    planted = scene.world.planted
    for file in planted.files:
        yield Check(name=f"found: {file.name}", ok=file.blob in found)
    allowed = planted.blobs | {_blob_of(scene, content) for content in planted.harmless}
    yield Check(name="nothing harmless was reported", ok=found <= allowed)
    yield Check(name="the whole history was examined", ok=result["complete"] is True)


def loud_findings(scene: Scene) -> list[dict[str, Any]]:
    """Scan the server for machines and give what is medium or worse."""
    return _loud(_scan(scene, scene.world.server.git_dir))


def _loud(result: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in result["findings"] if one["severity"] in {"medium", "high", "critical"}]


def paths_in_scope(scene: Scene) -> frozenset[str]:
    """Give the paths of what the case says has to go."""
    file = min(scene.world.home.glob(f"*/{PRIVATE}/bad-set.json"))
    bad = json.loads(file.read_text(encoding="utf-8"))
    return frozenset(path for one in bad["blobs"] for path in one["paths"])


def reached_by_a_pull_request_alone(scene: Scene, file: PlantedFile) -> Check:
    """Check that a scan says of a file that no branch has it."""
    result = _scan(scene, scene.world.server.git_dir)
    reach = {finding["reach"] for finding in result["findings"] if finding["blob"] == file.blob}
    return Check(name="the file that only a pull request holds is named so", ok=reach == {"pull"})


def fresh_clone_scans_clean(scene: Scene, folder: Path) -> Iterator[Check]:
    """Scan a clone for machines and look at every object it holds."""
    result = _scan(scene, folder)
    held = planted_in_clone(scene, folder)
    yield Check(name="the clone holds no planted object", ok=not held)
    named = {finding["blob"] for finding in result["findings"]} & scene.world.planted.blobs
    yield Check(name="the scan names no planted object", ok=not named)
    yield Check(name="the whole history was examined", ok=result["complete"] is True)


def planted_in_clone(scene: Scene, folder: Path) -> frozenset[str]:
    """Give the planted objects that a clone with a work tree holds."""
    return Repository(folder / ".git").object_ids() & scene.world.planted.blobs


def _scan(scene: Scene, target: Path) -> dict[str, Any]:
    return scene.json_of("scan", str(target), "--format", "json", "--no-fail")


def _blob_of(scene: Scene, content: bytes) -> str:
    return scene.world.server.git("hash-object", "--stdin", stdin=content).decode().strip()
