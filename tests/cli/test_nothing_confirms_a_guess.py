"""Whoever has everything that an outsider may get cannot find a redacted count by trying.

A count from 1 to 5 has five pre-images: every digest of it, of its table, or of a commit that holds the
table confirms a guess. The attacker here knows the redacted table, the cleaned history and every file
that leaves the case, and tries all fillings.
"""

import email
import email.policy
import hashlib
import itertools
import json
from pathlib import Path

import pytest

from breachkit.git.rawobjects import object_id
from tests.support.gitrepo import History, git
from tests.support.responding import colleagues_clone


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"
TABLE = b"released_outputs/by_region.csv"
COUNTS = (3, 2, 5)
REDACTED = (
    "region,patients,admitted\nLondon,364,120\nNorth East,[REDACTED],41\n"
    "South West,[REDACTED],88\nEast,128,[REDACTED]\n"
)
PREFIX = 7
"""As few letters of an id as git ever shows."""


def filled(counts):
    text = REDACTED
    for count in counts:
        text = text.replace("[REDACTED]", str(count), 1)
    return text.encode()


def digests(content):
    """Give every digest that a tool may take of a file, and its id as git gives it."""
    framed = b"blob %d\0%b" % (len(content), content)
    for name in ("sha1", "sha256", "md5", "sha512", "blake2b"):
        for data in (content, framed, content.strip(), content.replace(b"\n", b"\r\n")):
            yield hashlib.new(name, data, usedforsecurity=False).digest()


def read_cleaned(repository):
    """Read what holds the redacted table now: its folder, the folder above, the commit."""
    folder = TABLE.split(b"/")[0].decode()
    asked = (("tree", f"main~1:{folder}"), ("tree", "main~1^{tree}"), ("commit", "main~1"))
    return [git(repository, "cat-file", kind, name) for kind, name in asked]


def ids_above(cleaned, blob):
    """Give the ids of the trees and the commit that held the table, made from the cleaned ones."""
    inner, outer, commit = cleaned
    folder, name = TABLE.split(b"/")
    old_inner = object_id("tree", with_entry(inner, name, blob))
    old_outer = object_id("tree", with_entry(outer, folder, bytes.fromhex(old_inner)))
    of_tree = b"tree " + old_outer.encode() + b"\n"
    return [old_inner, old_outer, object_id("commit", of_tree + commit.split(b"\n", 1)[1])]


def with_entry(tree, name, one):
    start = tree.index(b" " + name + b"\0") + len(name) + 2
    return tree[:start] + one + tree[start + 20 :]


def guesses(repository):
    """Give, for each filling, how each of its digests begins."""
    cleaned = read_cleaned(repository)
    found = {}
    for counts in itertools.product(range(1, 6), repeat=len(COUNTS)):
        blob = object_id("blob", filled(counts))
        above = ids_above(cleaned, bytes.fromhex(blob))
        tried = [*(digest.hex() for digest in digests(filled(counts))), *above]
        found[counts] = {each[:PREFIX] for each in tried}
    return found


def confirmed(data, tried):
    """Give every filling of which some digest stands in a file."""
    text = data.decode("utf-8", "replace").lower()
    seen = {text[at : at + PREFIX] for at in range(len(text))}
    return {counts for counts, starts in tried.items() if starts & seen}


@pytest.fixture
def server(tmp_path):
    history = History()
    history.commit({b"README.md": b"# A study\n"})
    history.commit({TABLE: filled(COUNTS), b"released_outputs/other.csv": b"a,b\n1000,2000\n"})
    history.commit({b"analysis.py": b"print('better')\n"}, message="Improve the model")
    return history.build(tmp_path / "server" / "study.git")


def responded(breachkit, server, folder):
    """Take the table through the whole response, and give all that leaves the case by name."""
    redacted = folder / "redacted.csv"
    redacted.write_text(REDACTED, encoding="utf-8")
    path = TABLE.decode()
    told = {}
    for form in ("text", "sarif", "markdown", "csv"):
        told[f"scan {form}"] = breachkit("scan", server, "--format", form, "--no-fail").out
    breachkit.expect(0, "open", server, "--contacts", CONTACTS, "--path", path)
    breachkit.expect(0, "amend", "engineer", "Sam Engineer", "--reason", "named on the phone")
    send(breachkit, "alert")
    breachkit.expect(0, "scope", "--path", path)
    breachkit.expect(0, "trace")
    send(breachkit, "freeze")
    breachkit.expect(0, "rewrite", "--replace", f"{path}={redacted}")
    told["rewrite"] = breachkit.expect(0, "rewrite", "--execute", "--confirm", "study").all
    breachkit.expect(0, "push")
    told["push"] = breachkit.expect(0, "push", "--execute", "--confirm", "study").all
    git(server, "prune", "--expire=now")
    told["verify"] = breachkit.expect(0, "verify").all
    breachkit.expect(0, "trace")
    breachkit.expect(0, "notify", "render", "holders")
    for kind in ("engineer", "support", "dpo", "reminder"):
        breachkit("notify", "render", kind, "--again")
    breachkit.expect(0, "notify", "render", "update", "--next-update", "2100-01-01T12:00:00Z")
    for form in ("md", "csv", "json", "html"):
        told[f"checklist {form}"] = breachkit.expect(0, "checklist", "export", "--format", form).out
        told[f"public {form}"] = breachkit("checklist", "export", "--format", form, "--public").out
    for audience in ("internal", "dpo", "public"):
        for form in ("html", "md", "json"):
            ran = breachkit.expect(0, "report", "--audience", audience, "--format", form)
            told[f"report {audience} {form}"] = ran.out
    for form in ("timesketch", "cacao"):
        told[f"log {form}"] = breachkit.expect(0, "log", "export", "--format", form).out
    for words in (("status",), ("next",), ("copies", "list"), ("notify", "list")):
        told[" ".join(words)] = breachkit.expect(0, *words).all
    return told


def send(breachkit, kind):
    written = json.loads(breachkit.expect(0, "notify", "render", kind, "--json").out)
    for notice in written["notices"]:
        breachkit.expect(0, "notify", "mark-sent", notice["id"], "--by", "Jo")


def letters(case):
    """Give every message as its reader sees it, without what is attached for holders of clones."""
    for file in sorted((case / "notifications").rglob("message.*")):
        if file.suffix != ".eml":
            yield f"{file.parent.name}/{file.name}", file.read_bytes()
            continue
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        head = "\n".join(f"{name}: {value}" for name, value in message.items())
        body = message.get_body(("plain",))
        assert body is not None
        yield f"{file.parent.name}/{file.name}", f"{head}\n{body.get_content()}".encode()


def test_nobody_outside_can_find_a_redacted_count_by_trying(breachkit, tmp_path, server):
    clone = colleagues_clone(server, tmp_path)
    told = responded(breachkit, server, tmp_path)
    (case,) = (path for path in breachkit.home.glob("**/BK-*-*-*") if path.is_dir())
    files = {name: text.encode() for name, text in told.items()} | dict(letters(case))
    assert len(files) > 35
    assert not [name for name, data in files.items() if not data.strip() and "public" not in name]

    tried = guesses(server)
    found = {name: confirmed(data, tried) for name, data in files.items()}

    assert {name: counts for name, counts in found.items() if counts} == {}
    # The same search finds it in what must not leave, and in an old clone.
    private = b"".join(path.read_bytes() for path in (case / "private").glob("*.json"))
    assert confirmed(private, tried) == {COUNTS}
    assert confirmed(git(clone, "rev-list", "--all"), tried) == {COUNTS}
