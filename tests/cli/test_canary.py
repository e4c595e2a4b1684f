"""No value that was planted in the data appears in anything that any command gives back."""

import gzip
import shutil
from pathlib import Path

import pytest

from breachkit.model.time import SystemClock
from tests.cli.test_help import LEAVES
from tests.cli.test_json import ON_PLATFORM
from tests.support.gitrepo import History, git
from tests.support.releasing import ROUNDED, outputs


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"

CANARY = "quokka7731"
"""In every cell, message and comment below. Names of columns and files are shown by design."""
IDS = [f"{73_550_911 + 13 * number}" for number in range(40)]
NHS_NUMBER = "9434765919"

ROWS = f"region,patients\nLondon {CANARY},364\nNorth {CANARY},3\nSouth,2\n{CANARY},128\n"
REDACTED = f"region,patients\nLondon {CANARY},364\nNorth {CANARY},[REDACTED]\nSouth,[REDACTED]\n{CANARY},128\n"
PATIENTS = "patient_id,sex,postcode\n" + "".join(f"{one},F,{CANARY}\n" for one in IDS)
MEASURES = "measure,interval_start,interval_end,ratio,numerator,denominator,region\n" + "".join(
    f"m,2021-0{n}-01,2021-0{n}-28,0.{n}7,{n},3{n}7,{CANARY}\n" for n in range(1, 9)
)
FILES = {
    b"released_outputs/counts.csv": ROWS.encode(),
    b"released_outputs/wide.tsv": ROWS.replace(",", "\t").encode("utf-16"),
    b"released_outputs/bom.csv": ROWS.encode("utf-8-sig"),
    b"released_outputs/latin.csv": ROWS.replace("South", "S\xfcd").encode("latin-1"),
    b"released_outputs/counts.csv.gz": gzip.compress(ROWS.encode(), mtime=0),
    b"released_outputs/cut.csv.gz": gzip.compress(ROWS.encode(), mtime=0)[:-9],
    b"released_outputs/patients.csv": PATIENTS.encode(),
    b"released_outputs/measure_a.csv": MEASURES.encode(),
    b"released_outputs/headless.csv": "\n".join(ROWS.splitlines()[1:]).encode(),
    b"released_outputs/quote.csv": f'region,patients\n"{CANARY},3\n2,"{CANARY}"x,4\n'.encode(),
    b"released_outputs/nul.csv": ROWS.replace("South", "So\0uth").encode(),
    b"released_outputs/data.json": f'{{"{CANARY}": 3}}'.encode(),
    b"released_outputs/page.html": f"<td>{CANARY}</td>".encode(),
    b"released_outputs/run.log": f"tab sex {CANARY} 3".encode(),
    b"released_outputs/broken.xlsx": b"PK\x03\x04" + CANARY.encode(),
    b"analysis/code.py": f"x = '{CANARY}'  # n=3\n".encode(),
    f"released_outputs/nhs {NHS_NUMBER}.csv".encode(): b"a,b\n1,2\n",
}


@pytest.fixture
def server(tmp_path):
    history = History()
    first = history.commit(FILES, message=f"Add results for 3 patients in {CANARY}")
    redacted = {b"released_outputs/counts.csv": REDACTED.encode()}
    history.commit(redacted, message=f"Redact {CANARY}, n=4 patients")
    history.note(first, f"region,patients\n{CANARY},3\nx,2\n".encode())
    history.tag("v1", first, f"Two deaths in {CANARY}")
    return history.build(tmp_path / "server" / "study.git")


def commands(server, folder):
    """Give every command in an order in which each has something to say."""
    yield from scanned(server, folder)
    yield from swept(server, folder)
    yield from judged(server, folder / "scan.json", folder / "accepted.toml")
    yield from (["explain"], ["man"], ["man", "notify", "send", "--json"])
    yield from with_a_playbook(folder)
    yield ["open", server, "--contacts", CONTACTS, "--path", "released_outputs/counts.csv"]
    yield ["notify", "render", "alert", "-vv"]
    yield ["notify", "send", "--all-waiting", "-vv"]
    yield ["notify", "send", "--all-waiting", "--json"]
    yield ["notify", "send", "N-002", "--smtp", "127.0.0.1:1", "--execute", "--confirm", "x"]
    yield ["notify", "mark-sent", "N-001", "--by", "Jo"]
    yield ["notify", "chase", "N-001"]
    yield ["notify", "chase", "N-001", "--called", "no answer"]
    yield ["notify", "chase", "--json"]
    yield ["scope", "-vv", "--path", "released_outputs/*.csv"]
    yield from explained()
    yield ["rewrite", "-vv"]
    yield ["rewrite", "--json"]
    yield ["rewrite", "--execute", "--confirm", "study", "--override", "nobody else pushes", "-vv"]
    yield ["push", "--json"]
    yield ["push", "--execute", "--confirm", "study", "-vv"]
    yield ["verify", "-vv"]
    yield ["verify", "--json"]
    yield ["watch", "-vv"]
    yield from guarded(server, folder)
    yield from redacted(folder)
    yield from checked(folder)
    yield ["notify", "render", "support", "alert", "--again"]
    yield ["trace", "-vv"]
    yield ["trace", "--json"]
    yield ["verifier", "-vv"]
    yield ["verify-clone", server, "-vv", "--advice"]
    yield ["verify-clone", server, "--json", "--advice"]
    yield ["copies", "prove", "K-001", "--from", server / "HEAD"]
    yield from told()
    for form in ("md", "csv", "json", "html"):
        yield ["copies", "list", "--format", form]
    yield ["copies", "show", "K-001", "-vv"]
    looked = ["--kind", "mirror_blobset", "--mirror", server, "--note", "the server"]
    yield ["copies", "prove", "K-002", *looked, "-vv"]
    yield ["copies", "accept", "K-003", "--by", "R. L.", "--role", "SIRO", "--reason", "none"]
    yield ["copies", "rebuild", "-vv"]
    yield ["checklist", "import", server / "HEAD"]
    yield ["checklist", "export", "--public"]
    for form in ("md", "csv", "json", "html"):
        yield ["checklist", "export", "--format", form]
    yield ["checklist", "show"]
    for form in ("html", "md", "json"):
        for audience in ("internal", "dpo", "public"):
            yield ["report", "--audience", audience, "--format", form, "-vv"]
    yield ["report", "--audience", "review"]
    yield from kept(server)
    yield from (["scan", folder / "no\x1b[2Jsuch", "-vv"], ["open", server, "--another", "--json"])


def explained():
    """Give the commands that say what something means, and how things are set up here."""
    yield ["scope", "--json"]
    yield from (["explain", "F-0001"], ["explain", "F-0001", "--json"], ["explain", "A07"])
    yield from (["doctor", "--offline", "-vv"], ["doctor", "--offline", "--json"])
    yield from (["config", "show", "--origin"], ["config", "show", "--json"], ["config", "path"])


def told():
    """Give the commands by which people say what they know and what they decided."""
    word = ("--by", "R. L.", "--reason", "thought over")
    yield ["decide", "living", "--answer", "yes", *word, "-vv"]
    yield ["decide", "finding", "--finding", "F-0001", "--answer", "dismissed", *word, "-vv"]
    yield from (["decide"], ["decide", "list", "--json"])
    yield ["amend", "engineer", "Ada Hartley", "-vv"]
    yield ["amend", "shared-with", "the co-authors; a journal"]
    yield ["approve", "push", *word, "-vv"]
    yield ["close", "--reason", "none", "--decided-by", "R. L."]


def kept(server):
    """Give the commands that show what the case keeps of itself."""
    yield ["evidence", "add", server / "HEAD", "-vv"]
    yield ["evidence", "hand-over", "E-001", "--to", "Ann"]
    yield ["evidence", "list", "-vv"]
    yield from (["log", "anchor"], ["log", "export"], ["log", "export", "--public", "-vv"])
    yield ["log", "export", "--format", "jsonl"]
    yield from (["status"], ["status", "--json"], ["status", "--all"], ["next"])
    yield from (["respond"], ["respond", "--dry-run"], ["respond", "--dry-run", "--json"])
    yield from (["log", "show"], ["log", "verify"])
    yield from machines(server)


def machines(server):
    """Give what the other commands say to people, and what all of them say to programs."""
    word = ("--by", "Jo")
    yield from said_of_lists(word)
    allowed = checked_copy(server)
    yield ["guard", "install", allowed.parent, "--outputs", "-vv"]
    for more in ([], ["--json"]):
        yield from ([*each, *more] for each in (["log", "stamp"], ["guard", "workflow"]))
        yield ["guard", "allow", allowed, "--checked-by", "Jo", *more]
        yield from (["playbook", name, "generic", *more] for name in ("check", "show"))
        yield from (["config", name, *more] for name in ("path", "init", "check"))
        yield ["playbook", "new", "ours", "--into", server.parent / f"books{len(more)}", *more]
        yield ["drill", "--list", *more]
    shows = ("status", "next", "watch", "decide", "verifier", "evidence list", "log show")
    lists = ("log anchor", "log verify", "copies list", "checklist show", "notify list")
    for shown in (
        *shows,
        *lists,
        "log export",
        "checklist export",
        "playbook list",
        "release --list",
    ):
        yield [*shown.split(), "--json"]
    yield ["scan", server, "--unreachable", "--json"]
    yield ["sweep", server.parent, "--json", "--anew"]
    yield ["report", "--json"]
    yield ["notify", "render", "alert", "--again", "--json"]
    yield ["evidence", "add", server / "HEAD", *word, "--json"]
    yield ["evidence", "hand-over", "E-001", "--to", "Ann", *word, "--json"]
    yield ["amend", "engineer", "Ada Hartley", "--json"]
    yield ["approve", "push", *word, "--reason", "read", "--json"]
    yield ["close", "--reason", "none", "--decided-by", "R. L.", "--json"]
    yield from (["guard", name, server, "--json"] for name in ("install", "status", "remove"))


def checked_copy(server):
    """Clone the server, and give a folder in it with outputs that may be in it."""
    copy = server.parent / "copy"
    git(server.parent, "clone", "-q", str(server), str(copy))
    outputs(copy / "release", {"regions.csv": ROUNDED})
    return copy / "release"


def said_of_lists(word):
    """Give what people say about messages, copies and items, to people and to programs."""
    for more in ([], ["--json"]):
        yield ["notify", "list", *more]
        yield ["notify", "show", "N-001", *more]
        yield ["notify", "ack", "N-001", *word, *more]
        yield ["notify", "mark-sent", "N-001", *word, *more]
        yield ["checklist", "tick", "A12", "--evidence", "call", *word, *more]
        yield ["checklist", "na", "A09", "--reason", "no website", *word, *more]
        yield ["checklist", "reopen", "A09", "--reason", "there is one", *word, *more]
        yield ["checklist", "import", CONTACTS, *more]
        yield ["copies", "add", "C33", "a draft", "--holder", "Chen Li", *word, *more]
        yield ["copies", "set", "K-001", "requested", *word, *more]
        yield ["copies", "na", "K-002", "--note", "there is none", *word, *more]
        yield ["copies", "show", "K-001", *more]
        yield ["copies", "rebuild", *more]
        yield ["copies", "accept", "K-003", *word, "--role", "SIRO", "--reason", "none", *more]
        yield ["copies", "prove", "K-001", "--from", CONTACTS, *more]


def with_a_playbook(folder):
    """Give the commands on a playbook in which something stands that does not belong there."""
    ours = folder / "ours"
    for name in ("playbook.toml", "contacts.toml", "policy.toml", "hosts.toml", "places.toml"):
        ours.mkdir(exist_ok=True)
        (ours / name).write_text(f'name = "{CANARY}"\nas_of = "{CANARY}"\n"""{CANARY}"""\n')
        yield ["playbook", "check", ours, "-vv"]
        (ours / name).write_text(f'name = "{CANARY}"\nas_of = "{CANARY}"\n')
    (ours / "checklist.yaml").write_text(
        f"items:\n  - id: {CANARY}\n    role: {CANARY}\n  - *{CANARY}\n"
    )
    (ours / "mail").mkdir()
    (ours / "mail" / "update.txt.j2").write_text(f"Subject: {CANARY}\n{{{{ 1 + '{CANARY}' }}}}\n")
    yield ["playbook", "check", ours, "-vv"]
    yield ["playbook", "check", ours, "--json"]
    yield ["playbook", "list", "--playbooks", folder]
    yield ["playbook", "show", ours]
    shutil.rmtree(ours)


def guarded(server, folder):
    """Give the commands that keep it from coming back, on a folder that has it again."""
    for path, content in FILES.items():
        name = folder / "again" / path.decode()
        name.parent.mkdir(parents=True, exist_ok=True)
        name.write_bytes(content)
    yield ["guard", "install", server, "--contact", "help@example.org", "-vv"]
    yield ["guard", "status", server]
    yield ["guard", "check", folder / "again", "--min-severity", "low", "-vv"]
    yield ["guard", "check", folder / "again", "--min-severity", "low", "--json"]
    word = ("--by", "Jo", "--checked-by", "Jo", "-vv")
    yield ["release", folder / "again", "--to", server, *word]
    yield ["release", folder / "again", "--to", server, *word[:-1], "--json"]
    yield ["release", "--list", "-vv"]
    shutil.rmtree(folder / "again")
    yield ["guard", "remove", server]


def scanned(server, folder):
    """Scan in every form, for the terminal and into files."""
    for form in ("text", "json", "jsonl", "sarif", "markdown", "csv"):
        yield ["scan", server, "--unreachable", "-vv", "--format", form]
        yield ["scan", server, "--format", form, "--output", folder / f"scan.{form}"]


def swept(server, folder):
    """Sweep a folder with the server in it, and again when all of it is known, in every form."""
    forms = ("text", "json", "jsonl", "sarif", "html", "metrics")
    for number, store in enumerate(("first", "first", "second")):
        reports = (f"--report={form}={folder / f'sweep-{number}.{form}'}" for form in forms)
        each = f"--report=sarif={folder / f'sweep-{number}'}/"
        yield ["sweep", server.parent, "--store", folder / "sweeps" / store, *reports, each, "-vv"]
    for form in forms:
        yield ["sweep", server.parent, "--format", form]


def checked(folder):
    """Check a release of all files, and the same beside an earlier one in which some are redacted."""
    now, earlier = folder / "checked" / "release", folder / "checked" / "release_2025"
    for place, files in ((now, FILES), (earlier, {b"counts.csv": REDACTED.encode()})):
        place.mkdir(parents=True)
        for path, content in files.items():
            (place / path.decode().rpartition("/")[2]).write_bytes(content)
    for form in ("text", "json", "sarif", "markdown", "html"):
        yield ["check", now, "-vv", "--against", earlier, "--format", form]
        yield ["check", now, "--format", form, "--output", folder / f"check.{form}"]
    yield ["request", now, "-vv", "--against", earlier]
    yield ["request", now, "--json", "--output", folder / "request.docx"]
    yield ["request", now, "--output", folder / "request.md"]
    yield ["check", now, "--json", "--against", earlier]
    yield ["check", now / "counts.csv", "--reason", "run.log=needed", "--by", "Jo", "-vv"]
    shutil.rmtree(folder / "checked")


def redacted(folder):
    """Give the commands that take counts out of tables, on files that hold what no report may."""
    place = folder / "tables"
    for path, content in FILES.items():
        name = place / path.decode()
        name.parent.mkdir(parents=True, exist_ok=True)
        name.write_bytes(content)
    hides_nothing = {
        "data.json",
        f"nhs {NHS_NUMBER}.csv",
    }  # a name of a column, and one as it was given
    found = (path for path in place.rglob("*") if path.is_file())
    every = sorted(path for path in found if path.name not in hides_nothing)
    yield ["redact", *every, "-vv"]
    yield ["redact", *every, "--json"]
    yield ["redact", *every, "--round", "5", "--whole-table", "-o", folder / "redacted", "-vv"]
    yield ["redact", *every, "--write", "--skip-unreadable", "--reason", "practice", "-vv"]
    yield ["redact", "--list", "-vv"]
    yield ["redact", "--restore", "RD-0001", "-vv"]
    yield ["redact", *every, "--write", "--skip-unreadable", "--json"]
    yield ["redact", "--forget", "RD-0001"]
    shutil.rmtree(place)


def judged(server, report, file):
    """Give the commands that accept findings, and scans that are limited in every way."""
    until = SystemClock().now().date().isoformat()
    word = ("--by", "Jo", "--reason", "public anyway", "--until", until, "--file", file)
    yield ["accept", report, "F-0001", "F-0002", "F-0003", *word, "--really"]
    yield ["accept", report, "--rule", "META-01", "--path", "*", *word, "--json"]
    yield ["accept", "--list", "--file", file]
    limits = ("--acceptances", file, "--baseline", report, "--since", "2020-01-01")
    for form in ("text", "json", "jsonl", "sarif", "markdown", "csv"):
        yield ["scan", server, *limits, "--rule", "CNT-01", "--rule", "META-01", "--format", form]
        yield ["scan", server, "--acceptances", file, "--format", form, "-v"]


PRACTISED = {f"drill {name}" for name in ("enter", "serve", "check", "inbox", "answers", "reset")}
"""They show a world with data of its own, not these: tests/cli/test_practice.py holds the score to it."""


def name_of(args):
    """Give the command of a call."""
    two = " ".join(map(str, args[:2]))
    return two if tuple(two.split(" ")) in LEAVES else str(args[0])


def leaks(data):
    """Name what of the planted values is in some bytes."""
    planted = [CANARY, CANARY.upper(), NHS_NUMBER, *IDS]
    forms = {each: each.encode() for each in planted}
    forms |= {f"{each} (UTF-16)": each.encode("utf-16-le") for each in planted}
    return sorted(name for name, form in forms.items() if form in data)


def test_no_planted_value_is_in_anything_that_any_command_gives_back(
    breachkit, tmp_path, server, monkeypatch
):
    folder = tmp_path / "reports"
    folder.mkdir()
    monkeypatch.delenv("BREACHKIT_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    told: dict[bool, set[str]] = {False: set(), True: set()}
    for args in commands(server, folder):
        ran = breachkit(*args)
        if ran.code != 3:  # it had something to work on
            told["--json" in args].add(name_of(args))
        assert leaks(ran.all.encode()) == [], args
        assert ran.code not in {1, 2}, (args, ran.err)
        assert "Traceback" not in ran.err

    files = [path for path in (*breachkit.home.rglob("*"), *folder.rglob("*")) if path.is_file()]
    outside = [path for path in files if "mirror.git" not in path.parts]
    found = {path: set(leaks(path.read_bytes())) for path in outside}
    # A name that is evidence has to be known exactly to be acted on, so the private part holds it.
    named = {path: {NHS_NUMBER} if "private" in path.parts else set() for path in outside}
    assert {str(path): what for path, what in found.items() if what - named[path]} == {}
    assert len(outside) > 20
    every = {" ".join(name) for name in LEAVES} - ON_PLATFORM - PRACTISED
    assert {as_json: every - names for as_json, names in told.items()} == {
        False: set(),
        True: set(),
    }


def test_no_suggestion_tells_what_a_name_holds(breachkit, server):
    breachkit.expect(0, "open", server)
    near = f"released_outputs/nhs {NHS_NUMBER[:-1]}.csv"
    for args in (["scope", "--path", near], ["scope", "--path", "nhs.csv"]):
        ran = breachkit(*args)
        assert ran.code != 0
        assert leaks(ran.all.encode()) == [], args


def test_the_search_for_the_canary_can_find_it():
    assert leaks(ROWS.encode()) == [CANARY]
    assert leaks(ROWS.encode("utf-16")) == [f"{CANARY} (UTF-16)"]
    assert leaks(f"x {NHS_NUMBER}".encode()) == [NHS_NUMBER]
