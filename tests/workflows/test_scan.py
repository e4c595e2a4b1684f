"""What a scan says of a whole repository: counts, places, names, order, and what rules saw."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from breachkit.detect.engine import examine_name
from breachkit.detect.registry import HISTORY_RULES, TEXT_RULES, Rules
from breachkit.git.objects import ObjectEntry, Unread
from breachkit.git.parallel import map_objects
from breachkit.git.repository import open_repository
from breachkit.model.errors import IncompleteError
from breachkit.model.findings import Location, Severity
from breachkit.model.ids import ObjectId
from breachkit.workflows.examining import Examiner
from breachkit.workflows.gathering import _order, transitions_of
from breachkit.workflows.inventory import file_contexts, take_inventory
from breachkit.workflows.playbooks import load_policies
from breachkit.workflows.scan import ScanOptions, scan_repository, scan_target
from tests.support.command_line import OUTPUT, SAFE_COUNTS, SMALL_COUNTS
from tests.support.gitrepo import History, blob_oid, git, loose_object, oid, write_blob
from tests.support.reading import reading
from tests.support.responding import Recorded
from tests.support.results import finding, hit, object_id


NUMBER = b"nhs 9434765919"
IN_2021, IN_2024 = 1_620_000_000, 1_720_000_000
SEVENS = b"region,patients\nLondon,364\nEast,7\nWest,6\nNorth,128\n"
REDACTED = SMALL_COUNTS.replace(b",3\n", b",[REDACTED]\n").replace(b",2\n", b",[REDACTED]\n")


def scanned(repository, *, policy="auto", progress=None, **options):
    settings = ScanOptions(policies=load_policies().choose(policy), **options)
    return scan_target(str(repository), settings, progress=progress or Recorded())


def rules(result, path=None):
    return {each.hit.rule for each in result.findings if path is None or path in each.attribution.paths}  # fmt: skip


@pytest.fixture
def repository(tmp_path):
    history = History()
    first = history.commit({b"README.md": b"# A study\n", OUTPUT: SMALL_COUNTS})
    history.commit({OUTPUT: REDACTED}, message="Redact")
    history.commit({b"x": b"x\n"}, ref=b"refs/heads/side", parents=[first])
    history.tag("v1", first)
    return history.build(tmp_path / "r.git")


def test_every_object_is_counted_once_and_told_to_whoever_watches(repository):
    progress = Recorded()

    result = scanned(repository, progress=progress)

    count = int(git(repository, "count-objects").split()[0])
    trees = 7  # git walks them for the names in them; they are not read again
    assert (progress.objects, progress.advanced) == (count - trees, count - trees)
    assert result.stats.objects == count
    assert result.stats.commits == 3
    assert result.stats.refs == 3
    assert result.stats.blobs == result.stats.blobs_examined == 4
    sizes = git(repository, "cat-file", "--batch-all-objects", "--batch-check=%(objectsize)")
    assert result.stats.bytes_examined == sum(map(int, sizes.split()))
    assert 0 < result.stats.seconds < 60
    assert dict(result.coverage.refs) == {"heads": 2, "tags": 1}
    read = {kind: count.read for kind, count in result.coverage.objects.items()}
    assert read == {"commit": 3, "tree": trees, "blob": 4, "tag": 1}
    assert result.target == str(repository)
    assert result.policy.startswith("auto")
    assert result.complete


def test_the_time_counts_from_when_the_work_began(repository):
    options = ScanOptions(policies=load_policies().choose("auto"))
    with open_repository(str(repository)) as opened:
        long_ago = time.monotonic() - 1000
        scan = scan_repository(opened, options, progress=Recorded(), started=long_ago)
        alone = scan_repository(opened, options, progress=Recorded())

    assert scan.result.stats.seconds > 1000
    assert 0 < alone.result.stats.seconds < 60


def test_several_workers_find_what_one_finds_in_the_same_order(repository):
    one, two = scanned(repository), scanned(repository, workers=2)

    assert one.findings == two.findings
    assert [each.id for each in one.findings] == [f"F-{n:04}" for n in range(1, len(one.findings) + 1)]  # fmt: skip
    severities = [each.hit.severity for each in one.findings]
    assert severities == sorted(severities, reverse=True)


def test_what_was_not_examined_is_listed_in_one_order_whichever_worker_came_to_it(tmp_path):
    history = History()
    broken = {b"out/%d.xlsx" % number: b"PK\x03\x04%d" % number for number in range(60)}
    history.commit({**broken, b"out/last.csv": SMALL_COUNTS})
    made = history.build(tmp_path / "r.git")
    gaps = [scanned(made, workers=workers).skipped for workers in (1, 2, 3)]

    assert len(gaps[0]) == 60
    assert gaps[0] == gaps[1] == gaps[2] == tuple(sorted(gaps[0], key=lambda each: each.path))


def test_equal_findings_are_in_the_order_of_their_paths(tmp_path):
    history = History()
    history.commit({b"released_outputs/%d.csv" % n: SMALL_COUNTS + b"z%d,900\n" % n for n in (2, 3, 1)})  # fmt: skip

    found = scanned(history.build(tmp_path / "r.git")).findings

    paths = [each.attribution.paths[0] for each in found if each.hit.rule == "CNT-01"]
    assert paths == sorted(paths)
    assert len(paths) == 3


def test_a_table_that_was_redacted_later_is_compared_with_what_it_became(repository):
    result = scanned(repository)

    bad = blob_oid(repository, SMALL_COUNTS)
    assert {"CNT-01", "HIS-01"} <= {each.hit.rule for each in result.findings if each.object_id == bad}  # fmt: skip
    (finding,) = [each for each in result.findings if each.hit.rule == "CNT-01"]
    assert finding.size == len(SMALL_COUNTS)
    assert finding.attribution.commits >= 1
    assert finding.attribution.reach == "history"
    assert not finding.masked_path


def test_a_file_is_judged_by_the_rules_of_its_day(tmp_path):
    history = History()
    history.commit({b"released_outputs/old.csv": SEVENS}, when=IN_2021)
    history.commit({b"released_outputs/new.csv": SEVENS + b"South,900\n"}, when=IN_2024)
    repository = history.build(tmp_path / "r.git")

    result = scanned(repository)

    assert "CNT-01" not in rules(result, b"released_outputs/old.csv")
    assert "CNT-01" in rules(result, b"released_outputs/new.csv")
    assert "CNT-01" in rules(scanned(repository, policy="2023-07"), b"released_outputs/old.csv")


def test_a_file_is_as_old_as_the_first_commit_that_has_it(tmp_path):
    history = History()
    history.commit({b"released_outputs/a.csv": SEVENS}, when=IN_2021)
    history.commit({b"released_outputs/b.csv": SEVENS}, when=IN_2024)
    repository = history.build(tmp_path / "r.git")

    with open_repository(str(repository)) as opened:
        inventory = take_inventory(opened, unreachable=False)
        context = file_contexts(inventory, load_policies().choose("auto"))[
            ObjectId(blob_oid(repository, SEVENS))
        ]

    assert context.first_date == datetime.fromtimestamp(IN_2021, UTC)
    assert context.paths == (b"released_outputs/a.csv", b"released_outputs/b.csv")
    assert context.size == len(SEVENS)
    assert context.is_output
    assert "CNT-01" not in rules(scanned(repository))


def test_a_file_is_an_output_if_one_of_its_names_is(tmp_path):
    history = History()
    history.commit({b"analysis/x.csv": SMALL_COUNTS, OUTPUT: SMALL_COUNTS})
    history.commit({b"analysis/y.csv": SMALL_COUNTS + b"z,900\n"})

    found = scanned(history.build(tmp_path / "r.git")).findings

    severity = {each.attribution.paths[0]: each.hit.severity for each in found if each.hit.rule == "CNT-01"}  # fmt: skip
    assert severity == {b"analysis/x.csv": Severity.HIGH, b"analysis/y.csv": Severity.MEDIUM}


def test_owner_and_name_stand_for_github_and_a_path_here_for_itself(
    repository, tmp_path, monkeypatch
):
    """The proxy is a port at which nobody listens, so that no test reaches the network."""
    (tmp_path / "owner").mkdir()
    repository.rename(tmp_path / "owner" / "name")
    monkeypatch.chdir(tmp_path)
    assert scanned("owner/name").target == "owner/name"

    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(
        IncompleteError, match=r"https://github.com/elsewhere/name\.git: the network"
    ):
        scanned("elsewhere/name")


def test_findings_that_differ_in_nothing_else_are_in_the_order_of_their_parts():
    place = finding().attribution
    hits = [hit(), hit(location=Location()), hit(location=Location(part="b")), hit(location=Location(part="a"))]  # fmt: skip

    keys = [_order(each, object_id(1), place) for each in hits]

    assert sorted(keys) == [keys[0], keys[1], keys[3], keys[2]]


# --- names and messages ---------------------------------------------------------------------


def test_a_file_named_after_a_patient_is_found_and_its_name_is_evidence(tmp_path):
    path = b"out/" + NUMBER + b".csv"
    history = History()
    history.commit({path: SMALL_COUNTS, b"out/copy.csv": SMALL_COUNTS, b"README.md": b"#\n"})

    result = scanned(history.build(tmp_path / "r.git"))

    (named,) = [each for each in result.findings if each.hit.rule == "META-01"]
    assert named.hit.location is not None
    assert named.hit.location.part == "name"
    assert named.attribution.paths == (b"out/copy.csv", path)
    assert all(each.masked_path for each in result.findings)
    assert result.telling_names == (path,)


def test_a_missing_file_named_after_a_patient_is_evidence_although_nothing_can_be_found_in_it(
    tmp_path,
):
    path = b"out/" + NUMBER + b".csv"
    history = History()
    history.commit({path: SMALL_COUNTS})
    repository = history.build(tmp_path / "r.git")
    loose_object(repository, blob_oid(repository, SMALL_COUNTS)).unlink()

    result = scanned(repository)

    assert result.telling_names == (path,)
    assert [each for each in result.findings if path in each.attribution.paths] == []
    (gap,) = result.skipped
    assert (gap.reason, gap.path) == ("blob missing", path)
    assert result.coverage.objects["blob"].missing == 1


def test_a_branch_named_after_a_patient_is_found_at_what_it_leads_to(tmp_path):
    ref = b"refs/heads/" + NUMBER.replace(b" ", b"-")
    history = History()
    history.commit({b"README.md": b"#\n"}, ref=ref)
    history.commit({b"README.md": b"#\n"})
    repository = history.build(tmp_path / "r.git")

    result = scanned(repository)

    (named,) = [each for each in result.findings if each.hit.rule == "META-01"]
    assert named.object_id == oid(repository, ref.decode())
    assert result.telling_names == (ref,)


def test_a_damaged_branch_named_after_a_patient_leads_to_nothing_and_is_said(tmp_path):
    history = History()
    history.commit({b"README.md": b"#\n"})
    repository = history.build(tmp_path / "r.git")
    (repository / "refs" / "heads" / "nhs-9434765919").write_text("damaged\n")

    result = scanned(repository)

    assert result.findings == ()
    assert not result.complete


@pytest.mark.parametrize("where", ["message", "author", "committer", "tag", "tagger"])
def test_a_number_in_a_message_or_a_persons_name_is_found(tmp_path, where):
    history = History()
    plain, person = "Add results", "Ada <ada@example.org>"
    odd = f"For {NUMBER.decode()}"
    history.commit(
        {b"README.md": b"#\n"},
        message=odd if where == "message" else plain,
        author=f"{odd} <a@example.org>" if where == "author" else person,
        committer=f"{odd} <a@example.org>" if where == "committer" else person,
    )
    if where == "tag":
        history.tag("v1", 1, odd)
    repository = history.build(tmp_path / "r.git")
    if where == "tagger":
        tag = f"object {oid(repository)}\ntype commit\ntag v1\ntagger {odd} <a@example.org> 0 +0000\n\nx\n"
        made = git(repository, "hash-object", "-w", "-t", "tag", "--stdin", stdin=tag.encode())
        git(repository, "update-ref", "refs/tags/v1", made.decode().strip())

    (finding,) = scanned(repository).findings

    assert finding.hit.rule == "META-01"
    assert finding.attribution.paths == ()


# --- what could not be read -----------------------------------------------------------------


def test_what_cannot_be_read_in_part_is_not_counted_as_read(tmp_path):
    history = History()
    history.commit({b"released_outputs/cut.csv.gz": b"\x1f\x8b\x08\0cut", b"README.md": b"#\n"})

    result = scanned(history.build(tmp_path / "r.git"))

    (gap,) = result.skipped
    assert gap.path == b"released_outputs/cut.csv.gz"
    counts = result.coverage.objects["blob"]
    assert (counts.read, counts.skipped) == (1, 1)
    assert result.stats.blobs_examined == 1
    assert not result.complete


def test_a_ref_that_leads_nowhere_is_named(tmp_path):
    history = History()
    history.commit({b"README.md": b"#\n"})
    repository = history.build(tmp_path / "r.git")
    (repository / "refs" / "heads" / "lost").write_text("1" * 40 + "\n")

    result = scanned(repository)

    assert "the ref refs/heads/lost leads nowhere" in {each.reason for each in result.skipped}


def test_what_git_complains_of_forbids_clean_although_all_refs_can_be_read(tmp_path):
    history = History()
    history.commit({b"README.md": b"#\n"})
    repository = history.build(tmp_path / "r.git")
    lost = write_blob(repository, b"lost").encode() + b"\n"
    packs = str(repository / "objects" / "pack" / "pack")
    git(repository, "pack-objects", "-q", packs, stdin=lost)
    loose_object(repository, lost.decode().strip()).unlink()
    (index,) = (repository / "objects" / "pack").glob("*.idx")
    index.chmod(0o644)
    index.write_bytes(b"nonsense" * 200)

    result = scanned(repository)

    assert result.verdict == "incomplete"
    assert all(each.reason.startswith("git: ") for each in result.skipped)


def test_a_history_that_was_cut_is_a_gap_and_so_are_objects_nobody_can_read(repository):
    with open_repository(str(repository)) as opened:
        whole = take_inventory(opened, unreachable=False)
    cut = replace(whole.history, incomplete_reason="the history is cut")
    damaged = ObjectId("1" * 40)

    gaps = list(replace(whole, history=cut, damaged=(damaged,)).gaps())

    assert list(whole.gaps()) == []
    assert [(each.reason, each.object_id) for each in gaps] == [
        ("the history is cut", None),
        ("object damaged: git cannot read it", damaged),
    ]


@pytest.mark.parametrize(
    ("what", "kind", "path"),
    [
        ("HEAD~1", "commit", None),
        ("HEAD~1^{tree}", "tree", None),
        ("HEAD~1:out", "tree", None),
        ("HEAD~1:out/a.csv", "blob", b"out/a.csv"),
    ],
)
def test_what_history_misses_is_called_by_its_type_and_counted(tmp_path, what, kind, path):
    history = History()
    for content in (b"1\n", b"2\n", b"3\n"):
        history.commit({b"out/a.csv": content, b"out/b.csv": b"b\n"})
    repository = history.build(tmp_path / "r.git")
    lost = oid(repository, what)
    loose_object(repository, lost).unlink()

    result = scanned(repository)

    (gap,) = [each for each in result.skipped if each.object_id == lost]
    assert (gap.reason, gap.path) == (f"{kind} missing", path)
    missing = {name: count.missing for name, count in result.coverage.objects.items()}
    assert missing == {"commit": 0, "tree": 0, "blob": 0, "tag": 0} | {kind: 1}


@pytest.mark.parametrize("what", ["HEAD~1", "HEAD~1^{tree}", "HEAD~1:out", "HEAD~1:out/a.csv"])
def test_what_is_damaged_is_a_gap_once(tmp_path, what):
    history = History()
    for content in (b"1\n", b"2\n", b"3\n"):
        history.commit({b"out/a.csv": content})
    repository = history.build(tmp_path / "r.git")
    spoiled = oid(repository, what)
    file = loose_object(repository, spoiled)
    file.chmod(0o644)
    file.write_bytes(b"damaged")

    gaps = [each.reason for each in scanned(repository).skipped if each.object_id == spoiled]

    assert gaps == ["object damaged: git cannot read it"]


def test_a_file_that_only_a_tags_tree_holds_is_judged_by_its_name(tmp_path):
    history = History()
    history.commit({b"README.md": b"#\n"})
    history.commit({OUTPUT: SMALL_COUNTS}, ref=b"refs/heads/gone", parents=[])
    history.tag("tree", "refs/heads/gone^{tree}")
    history.forget(b"refs/heads/gone")
    repository = history.build(tmp_path / "r.git")

    with open_repository(str(repository)) as opened:
        inventory = take_inventory(opened, unreachable=False)
    contexts = file_contexts(inventory, load_policies().choose("auto"))

    context = contexts[ObjectId(blob_oid(repository, SMALL_COUNTS))]
    assert (context.paths, context.is_output, context.first_date) == ((OUTPUT,), True, None)


@pytest.mark.parametrize("unreachable", [False, True])
def test_a_damaged_object_is_a_gap_where_the_scan_is_about_it(tmp_path, unreachable):
    history = History()
    history.commit({b"README.md": b"#\n"})
    repository = history.build(tmp_path / "r.git")
    for one in (write_blob(repository, b"dangling"), blob_oid(repository, b"#\n")):
        file = loose_object(repository, one)
        file.chmod(0o644)
        file.write_bytes(b"damaged")

    damaged = [each for each in scanned(repository, unreachable=unreachable).skipped if each.reason.startswith("object damaged")]  # fmt: skip

    assert len(damaged) == 1 + unreachable


# --- one object -----------------------------------------------------------------------------


@pytest.fixture
def examiner(repository):
    with open_repository(str(repository)) as opened:
        inventory = take_inventory(opened, unreachable=False)
    policies = load_policies().choose("auto")
    return Examiner(
        contexts=file_contexts(inventory, policies),
        unnamed=policies.at(None),
        compared={ObjectId(blob_oid(repository, SMALL_COUNTS))},
        sketch_key=bytes(32),
    )


def entry(kind, one, size=1000):
    return ObjectEntry(oid=ObjectId(one), type=kind, size=size)


def test_a_table_costs_more_than_words_and_words_more_than_their_bytes(examiner, repository):
    table, words = blob_oid(repository, SMALL_COUNTS), blob_oid(repository, b"# A study\n")

    assert examiner.cost(entry("blob", table)) > examiner.cost(entry("blob", words)) > 1000
    assert examiner.cost(entry("blob", table, 2000)) == 2 * examiner.cost(entry("blob", table))
    assert examiner.cost(entry("commit", oid(repository))) == 1000


def test_versions_of_a_file_are_read_one_after_the_other_beside_files_of_its_kind(
    tmp_path, monkeypatch
):
    """What is found out of one need not be found out of the next."""
    history = History()
    for number in range(3):
        files = (b"b/one.csv", b"a/code.R", b"a/ONE.CSV", b"a/two.csv")
        history.commit({path: b"%b %d\n" % (path, number) for path in files})
    read = []

    def recorded(repository, entries, *args, **options):
        read.extend(entries)
        return map_objects(repository, entries, *args, **options)

    monkeypatch.setattr("breachkit.workflows.judging.map_objects", recorded)
    repository = history.build(tmp_path / "r.git")
    scanned(repository)

    order = [git(repository, "cat-file", "-p", each.oid).split()[0] for each in read if each.type == "blob"]  # fmt: skip
    assert order == [path for path in (b"a/ONE.CSV", b"a/two.csv", b"b/one.csv", b"a/code.R") for _ in range(3)]  # fmt: skip
    assert {each.type for each in read[:3]} == {"commit"}


def test_only_what_is_compared_is_sketched(examiner, repository):
    compared, other = blob_oid(repository, SMALL_COUNTS), blob_oid(repository, REDACTED)

    assert examiner(entry("blob", compared), SMALL_COUNTS).sketches
    assert not examiner(entry("blob", other), REDACTED).sketches


def test_an_object_that_could_not_be_read_says_why(examiner):
    one = entry("tree", "1" * 40)
    for reason in Unread:
        examined = examiner(one, reason)
        assert [gap.reason for gap in examined.unreadable] == [f"tree {reason.value}"]
        assert (examined.entry, examined.hits) == (one, ())


def test_a_tree_is_not_examined_for_its_bytes(examiner):
    telling = b"100644 x\n\nFor NHS number 943 476 5919"

    assert examiner(entry("commit", "1" * 40), telling).hits
    assert examiner(entry("tree", "1" * 40), telling).hits == ()


def test_what_no_path_names_is_known_by_its_size_alone(examiner):
    context = examiner.context(ObjectId("1" * 40), 12)

    assert (context.paths, context.size, context.first_date) == ((), 12, None)
    assert not context.is_output
    assert examiner.unknown().size == 0


def test_a_safe_table_is_no_finding(tmp_path):
    history = History()
    history.commit({OUTPUT: SAFE_COUNTS})

    assert scanned(history.build(tmp_path / "r.git")).verdict == "clean"


class Broken:
    """A rule with a mistake in it, whose error quotes what it was given."""

    def __init__(self, about):
        self.about = about

    def check_text(self, text, _context):
        raise ValueError(text.text)

    def check_history(self, view):
        raise ValueError(str(view.transitions))


def test_a_rule_that_fails_over_history_is_a_gap_and_not_the_end(tmp_path, monkeypatch):
    history = History()
    history.commit({OUTPUT: SAFE_COUNTS})
    target = history.build(tmp_path / "r.git")
    about = replace(HISTORY_RULES[0].about, id="HIS-99")
    monkeypatch.setattr(
        "breachkit.workflows.gathering.HISTORY_RULES", (Broken(about), *HISTORY_RULES)
    )

    result = scanned(target)

    assert [gap.reason for gap in result.skipped] == ["rule HIS-99 failed: ValueError"]
    assert result.verdict == "incomplete"


def test_a_name_that_no_rule_could_judge_is_a_gap(tmp_path, monkeypatch):
    history = History()
    history.commit({OUTPUT: SAFE_COUNTS})
    target = history.build(tmp_path / "r.git")
    broken = Rules(text=(Broken(TEXT_RULES[0].about),))
    monkeypatch.setattr(
        "breachkit.workflows.gathering.examine_name",
        lambda path, context: examine_name(path, context, rules=broken),
    )

    result = scanned(target)

    reasons = {gap.reason for gap in result.skipped}
    assert reasons == {"a name of a file or ref: rule META-01 failed: ValueError"}
    assert len(result.skipped) == 2  # the file's and the branch's
    assert result.verdict == "incomplete"


def test_a_long_subject_is_held_once_however_many_files_its_commit_changes(tmp_path):
    history = History()
    files = {b"out/%d.csv" % number: b"group,patients\na,90\n" for number in range(50)}
    history.commit(files, message="x" * 100_000)
    with reading(history.build(tmp_path / "r.git")) as found:
        inventory = SimpleNamespace(history=found.history)
        subjects = [each.subject for each in transitions_of(inventory)]  # type: ignore[arg-type] # only its history is asked

    assert len(subjects) == 50
    assert len({id(each) for each in subjects}) == 1
