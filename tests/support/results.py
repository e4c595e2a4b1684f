"""Sample scan results, and a strategy that draws any."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import strategies as st

from breachkit.model.findings import (
    Accepted,
    Attribution,
    Confidence,
    Coverage,
    Finding,
    Hit,
    Lapsed,
    Location,
    ObjectCount,
    ScanResult,
    Severity,
    Skipped,
    Stats,
)
from breachkit.model.ids import GitPath, ObjectId, RefName
from breachkit.model.judgement import Acceptance, Baseline, Limits, Since
from breachkit.model.time import from_epoch


DAY = datetime(2021, 5, 3, 9, 30, tzinfo=UTC)

HOSTILE_PATHS = (
    b"out/[red]x[/red].csv",
    b"out/[/].csv",
    b"out/\x1b]8;;http://example.org\x07link\x1b]8;;\x07.csv",
    b"out/\x1b[2J\x1b[31mred.csv",
    "out/\u202ecsv.exe".encode(),
    b"out/\xff\xfe latin \xe9.csv",
    b"out/line\nbreak\r.csv",
    b"=cmd|'/C calc'!A0.csv",
    b"a|b`c`<script>alert(1)</script>**d**.csv",
    b"out/@octo #12 :smile:.csv",
    b"-rf",
    b"C:\\out\\x.csv",
    "out/naïve \u200bzero.csv".encode(),
    b"d/" * 2040 + b"deep.csv",
)

NUMBER = b"9434765919"
"""A made-up patient number that stands in a file's name; no report may show it."""


def object_id(number: int) -> ObjectId:
    return ObjectId(hashlib.sha1(b"%d" % number).hexdigest())


def hit(
    rule: str = "CNT-01",
    severity: Severity = Severity.HIGH,
    *,
    confidence: Confidence = Confidence.HIGH,
    message: str = "Counts of people from 1 to 5 stand in a count column.",
    location: Location | None = None,
) -> Hit:
    return Hit(
        rule=rule, severity=severity, confidence=confidence, message=message, location=location
    )


def finding(
    number: int = 1,
    *paths: bytes,
    hit: Hit | None = None,
    attribution: Attribution | None = None,
    masked_path: bool = False,
    blob: int | None = None,
) -> Finding:
    """A finding in `paths` (default: one plain path), reached from HEAD's history."""
    place = attribution or Attribution(
        paths=tuple(GitPath(path) for path in sorted(paths or (b"output/table.csv",))),
        first_commit=object_id(0xC0FFEE),
        first_date=DAY,
        last_commit=object_id(0xFADED),
        commits=2,
        refs=(RefName(b"refs/heads/main"),),
        reach="history",
    )
    return Finding(
        id=f"F-{number:04d}",
        hit=hit or globals()["hit"](),
        object_id=object_id(0xB10B0000 + (number if blob is None else blob)),
        size=2048,
        attribution=place,
        masked_path=masked_path,
    )


def coverage(**changes: bool) -> Coverage:
    return Coverage(
        refs={"heads": 3, "tags": 1, "pull": 2},
        objects={
            "commit": ObjectCount(read=412),
            "tree": ObjectCount(read=800),
            "blob": ObjectCount(read=1_203, cached=7),
            "tag": ObjectCount(read=1),
        },
        **changes,
    )


def result(
    *findings: Finding,
    skipped: tuple[Skipped, ...] = (),
    target: str = "/srv/studies/flu",
    **changes: bool,
) -> ScanResult:
    return ScanResult(
        target=target,
        policy="auto",
        coverage=coverage(**changes),
        stats=Stats(
            commits=412,
            refs=6,
            objects=2_416,
            blobs=1_210,
            blobs_examined=1_203,
            bytes_examined=45_100_000,
            seconds=0.8126,
        ),
        findings=findings,
        skipped=skipped,
    )


def lacking(**missing: int) -> ScanResult:
    """A scan of a partial clone that lacks so many objects of each type."""
    made = coverage(partial=True)
    for kind, number in missing.items():
        made.objects[kind].missing = number
    skipped = [Skipped(reason=f"{kind} missing") for kind, number in missing.items() if number]
    return replace(result(skipped=tuple(skipped)), coverage=made)


def hostile() -> ScanResult:
    """A finding and a skipped entry for every hostile name, in every place that shows a name."""
    location = Location(
        part="\x1b[31mmember[/]\u202e.csv",
        rows=(1, 2, 3, 7),
        columns=("=SUM(A1)", "[bold]n|x", "bell\x07"),
        cells=4,
    )
    findings = tuple(
        finding(
            number,
            hit=hit(message="[blink]see \x1b[5m`this`", location=location),
            attribution=Attribution(
                paths=(GitPath(path),),
                first_commit=object_id(1),
                first_date=DAY,
                refs=(RefName(b"refs/heads/[red]\x1b[0m"),),
                reach="branch",
                commits=1,
            ),
        )
        for number, path in enumerate(HOSTILE_PATHS, start=1)
    )
    skipped = tuple(
        Skipped(reason="not text [/red]\x1b[0m", object_id=object_id(number), path=GitPath(path))
        for number, path in enumerate(HOSTILE_PATHS, start=1)
    )
    return result(*findings, skipped=skipped, target="/srv/[red]x\x1b[2J\udcff")


def named_after_a_patient() -> ScanResult:
    """The number stands in names only: of a file, its copies, a member, a ref, a skipped file."""
    path = b"output/patient_" + NUMBER + b".csv"
    grouped = b"old/2021-05-03 943-476-5919.csv"
    place = Attribution(
        paths=(GitPath(grouped), GitPath(path)),
        first_commit=object_id(1),
        first_date=DAY,
        refs=(RefName(b"refs/heads/fix-" + NUMBER),),
        reach="branch",
        commits=1,
    )
    name_hit = hit("PAT-01", Severity.CRITICAL, location=Location(part="name"))
    return result(
        finding(1, hit=name_hit, attribution=place, masked_path=True),
        finding(2, attribution=place, blob=1),
        finding(
            3,
            b"archive/" + NUMBER + b".csv",
            hit=hit(location=Location(part=f"in/{NUMBER.decode()}.csv", columns=("n",), rows=(1,))),
        ),
        skipped=(Skipped(reason="not text", object_id=object_id(9), path=GitPath(path)),),
        target=f"/srv/{NUMBER.decode()}",
    )


_names = st.one_of(st.sampled_from(HOSTILE_PATHS), st.binary(min_size=1, max_size=30)).map(GitPath)
_words = st.text(max_size=30)
_ids = st.integers(0, 10**6).map(object_id)
_counts = st.integers(0, 10**6)
_dates = st.integers(0, 253_402_300_799).map(from_epoch)

_locations = st.builds(
    Location,
    part=st.none() | _words,
    rows=st.lists(st.integers(1, 10**6), max_size=50, unique=True).map(lambda r: tuple(sorted(r))),
    columns=st.lists(_words, max_size=5).map(tuple),
    cells=_counts,
)
_hits = st.builds(
    Hit,
    rule=st.sampled_from(("CNT-01", "PAT-01", "HIS-03", "NEW-99")),
    severity=st.sampled_from(Severity),
    confidence=st.sampled_from(Confidence),
    message=_words,
    location=st.none() | _locations,
)
_places = st.builds(
    Attribution,
    paths=st.lists(_names, max_size=3, unique=True).map(lambda paths: tuple(sorted(paths))),
    first_commit=st.none() | _ids,
    first_date=st.none() | _dates,
    last_commit=st.none() | _ids,
    commits=_counts,
    refs=st.lists(st.binary(min_size=1, max_size=20).map(RefName), max_size=3).map(tuple),
    reach=st.sampled_from(("head", "history", "branch", "tag", "pull", "other", "unreachable")),
)
_findings = st.builds(
    Finding,
    id=st.integers(1, 10**5).map("F-{:04d}".format),
    hit=_hits,
    object_id=_ids,
    size=_counts,
    attribution=_places,
    masked_path=st.booleans(),
)
_coverages = st.builds(
    Coverage,
    refs=st.dictionaries(st.sampled_from(("heads", "tags", "stash", "pull")), _counts),
    objects=st.dictionaries(
        st.sampled_from(("commit", "tree", "blob", "tag")),
        st.builds(ObjectCount, read=_counts, cached=_counts, skipped=_counts, missing=_counts),
    ),
    shallow=st.booleans(),
    partial=st.booleans(),
)
_stats = st.builds(
    Stats,
    commits=_counts,
    refs=_counts,
    objects=_counts,
    blobs=_counts,
    blobs_examined=_counts,
    bytes_examined=_counts,
    seconds=st.floats(0, 10**5),
)
_days = st.dates(date(2020, 1, 1), date(2030, 1, 1))
acceptances = st.builds(
    Acceptance,
    id=st.integers(0, 2**32 - 1).map("A-{:08x}".format),
    by=_words,
    reason=_words,
    on=_days,
    until=_days,
)
_limits = st.builds(
    Limits,
    rules=st.lists(st.sampled_from(("CNT-01", "PAT-01")), max_size=2, unique=True).map(tuple),
    min_severity=st.none() | st.sampled_from([each.label for each in Severity]),
    left_out=_counts,
    since=st.none() | st.builds(Since, words=_words, older=_counts),
)
_baselines = st.builds(
    Baseline, gone=st.none() | _counts, differences=st.lists(_words, max_size=2).map(tuple)
)
scan_results = st.builds(
    ScanResult,
    target=_words,
    policy=st.sampled_from(("auto", "strict", "2023-07")),
    coverage=_coverages,
    stats=_stats,
    findings=st.lists(_findings, max_size=4).map(tuple),
    skipped=st.lists(
        st.builds(Skipped, reason=_words, object_id=st.none() | _ids, path=st.none() | _names),
        max_size=3,
    ).map(tuple),
    accepted=st.lists(
        st.builds(Accepted, finding=_findings, acceptance=acceptances, is_known=st.booleans()),
        max_size=1,
    ).map(tuple),
    lapsed=st.lists(
        st.builds(Lapsed, finding=_findings, acceptance=acceptances, why=_words), max_size=1
    ).map(tuple),
    known=st.lists(_findings, max_size=1).map(tuple),
    baseline=st.none() | _baselines,
    limits=st.just(Limits()) | _limits,
)
"""Any result a scan could give, and many it could not."""
