"""How much of what is planted a scan finds, and how often it cries wolf.

    python tests/bench/bench_detection.py REPOSITORY [REPOSITORY ...] [--seed 1]

Into a copy of each repository, which borrows its objects and is thrown away, every kind of breach is
planted in every format, each in another hiding place; and the plainest formats in every one.
Found is what a finding of one of the expected rules, of medium severity or worse, points at.

Decoys disclose nothing and are planted beside them: none of them may raise medium or worse.

The alert load is the share of an untouched repository's data files that raise medium or worse. Its
findings are counted and never shown.
"""

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from random import Random
from typing import Any

from breachkit.documents.kinds import Reading, is_codelist_path, kind_by_name
from tests.bench.planting.breaches import KINDS
from tests.bench.planting.decoys import files as decoy_files
from tests.bench.planting.formats import FORMATS, Content
from tests.bench.planting.places import PLACES, Planted, Planter, borrowed_clone


EVERYWHERE = ("csv", "tsv", "json records", "html")
"""Formats that are hidden in every place."""
AT_LEAST = {"medium", "high", "critical"}


@dataclass(frozen=True, slots=True)
class Plant:
    """What was hidden where."""

    kind: str
    format: str
    place: str
    blob: str
    rules: frozenset[str]


def main() -> None:
    """Measure each repository named on the command line, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--missed", action="store_true", help="list every plant not found")
    asked = parser.parse_args()
    found: dict[Plant, bool] = {}
    for number, repository in enumerate(asked.repositories):
        found |= _planted(repository, asked.seed + number)
    _print_recall(found, missed=asked.missed)
    _print_decoys(asked.repositories[0], asked.seed)
    _print_alerts(asked.repositories)


def _planted(repository: Path, seed: int) -> dict[Plant, bool]:
    with tempfile.TemporaryDirectory() as folder:
        clone = borrowed_clone(repository, Path(folder) / "clone.git")
        plants, files = choose(seed)
        Planter(clone).plant(files)
        findings = scan(clone, "--unreachable")["findings"]
    said: dict[str, set[str]] = defaultdict(set)
    for finding in findings:
        if finding["severity"] in AT_LEAST:
            said[finding["blob"]].add(finding["rule"])
    return {plant: bool(said[plant.blob] & plant.rules) for plant in plants}


def _print_decoys(repository: Path, seed: int) -> None:
    """Plant what discloses nothing, and name every decoy that was raised: it is invented."""
    decoys = decoy_files(Random(seed))
    with tempfile.TemporaryDirectory() as folder:
        clone = borrowed_clone(repository, Path(folder) / "clone.git")
        files = [Planted(path=path, content=text, place="HEAD") for path, text in decoys.items()]
        Planter(clone).plant(files)
        findings = scan(clone)["findings"]
    blobs = {blob_id(text): path for path, text in decoys.items()}
    raised = {
        (blobs[each["blob"]], each["rule"], each["message"])
        for each in findings
        if each["blob"] in blobs and each["severity"] in AT_LEAST
    }
    print(f"Decoys: {len(decoys)}; raised at medium or worse: {len({path for path, *_ in raised})}")
    for path, rule, message in sorted(raised):
        print(f"  {path}: {rule}: {message}")
    print()


def choose(seed: int) -> tuple[list[Plant], list[Planted]]:
    """Make up what is planted: every kind of breach in every format, with the files that hold them."""
    random = Random(seed)
    places = itertools.cycle(PLACES)
    plants, files = [], []
    for number, (kind, form, place) in enumerate(_combinations(places)):
        breach = KINDS[kind](random)
        suffix, write = FORMATS[form]
        content = write(Content(breach.header, breach.rows))
        later = write(Content(breach.header, breach.later)) if breach.later else None
        path = f"released_outputs/planted/result_{number}.{suffix}"
        files.append(Planted(path=path, content=content, place=place, later=later))
        plants.append(Plant(kind, form, place, blob_id(content), breach.rules))
    return plants, files


def _combinations(places: Iterator[str]) -> Iterator[tuple[str, str, str]]:
    for kind, form in itertools.product(KINDS, FORMATS):
        if form in EVERYWHERE:
            yield from ((kind, form, place) for place in PLACES)
        else:
            yield kind, form, next(places)


def blob_id(content: bytes) -> str:
    """Give the id of a blob with this content."""
    return sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def scan(repository: Path, *options: str) -> Any:
    """Scan a repository with the command line of this breachkit, and give its JSON."""
    command = [sys.executable, "-m", "breachkit", "scan", str(repository), "--json", *options]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode not in {0, 5, 11, 12, 13, 14}:
        raise SystemExit(done.stderr.decode())
    return json.loads(done.stdout)


def _print_recall(found: Mapping[Plant, bool], *, missed: bool) -> None:
    print(f"Planted: {len(found)}; found: {_share(found.values())}\n")
    for name in ("kind", "format", "place"):
        groups: dict[str, list[bool]] = defaultdict(list)
        for plant, was in found.items():
            groups[getattr(plant, name)].append(was)
        print(f"{name:<28} {'planted':>8} {'found':>8}")
        for group, results in groups.items():
            print(f"{group:<28} {len(results):>8} {_share(results):>8}")
        print()
    for plant, was in found.items() if missed else ():
        if not was:
            print(f"missed: {plant.kind}; {plant.format}; {plant.place}")


def _print_alerts(repositories: Sequence[Path]) -> None:
    print(f"{'untouched repository':<45} {'data':>6} {'alerts':>8} {'csv':>6} {'alerts':>8}")
    total: Counter[str] = Counter()
    for repository in repositories:
        counts = alert_load(repository)
        total += counts
        _print_load(str(repository)[-45:], counts)
    _print_load("all", total)


def _print_load(name: str, counts: Mapping[str, int]) -> None:
    data, csv = counts["data"], counts["csv"]
    print(
        f"{name:<45} {data:>6} {counts['data alerts'] / max(data, 1):>7.1%}"
        f" {csv:>6} {counts['csv alerts'] / max(csv, 1):>7.1%}"
    )


def alert_load(repository: Path) -> Counter[str]:
    """Count a repository's data files, and those with a finding of medium severity or worse."""
    raised = {
        finding["blob"]
        for finding in scan(repository)["findings"]
        if finding["severity"] in AT_LEAST
    }
    counts: Counter[str] = Counter()
    for blob, paths in data_files(repository).items():
        kinds = (
            ["data", "csv"] if all(path.lower().endswith(b".csv") for path in paths) else ["data"]
        )
        for kind in kinds:
            counts[kind] += 1
            counts[f"{kind} alerts"] += blob in raised
    return counts


def data_files(repository: Path) -> dict[str, set[bytes]]:
    """Give every blob that could hold results, by its names, codelists left out."""
    command = ["git", "--git-dir", str(repository), "log", "--all", "--raw", "-z", "--no-abbrev",
               "-m", "--root", "--no-renames", "--full-history", "--format="]  # fmt: skip
    said = subprocess.run(command, capture_output=True, check=True).stdout.split(b"\0")
    paths: dict[str, set[bytes]] = defaultdict(set)
    for about, path in itertools.pairwise(said):
        if about.startswith(b":") and _is_data(path):
            paths[about.split()[3].decode()].add(path)
    paths.pop("0" * 40, None)
    return paths


def _is_data(path: bytes) -> bool:
    if is_codelist_path(path):
        return False
    kind = kind_by_name(path)
    return kind is not None and kind.reading is not Reading.TEXT


def _share(results: Iterable[bool]) -> str:
    every = list(results)
    return f"{sum(every) / max(len(every), 1):.1%}"


if __name__ == "__main__":
    main()
