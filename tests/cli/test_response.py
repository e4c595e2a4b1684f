"""The whole response from the command line, judged from outside with plain git."""

import json
import os
from pathlib import Path

import pytest

from tests.support.command_line import OUTPUT, SAFE_COUNTS, SMALL_COUNTS
from tests.support.gitrepo import Executable, History, Symlink, blob_oid, git, refs
from tests.support.responding import OTHER, OTHER_COUNTS, colleagues_clone


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"
ODD = b"out/\xff n\xc3\xa9w\nline.csv"
PULL = b"refs/pull/7/head"
MESSAGE = "Add results \u00e9\n\nBody, with trailing spaces  \n"


@pytest.fixture
def server(tmp_path):
    """Bad tables in every kind of ref, beside much that has to stay."""
    history = History()
    first = history.commit({b"README.md": b"# A study\n", b"out/safe.csv": SAFE_COUNTS, b"run.sh": Executable(b"#!/bin/sh\n"), b"link": Symlink(b"README.md")}, author="Zo\u00eb <z@example.org>")  # fmt: skip
    bad = history.commit({OUTPUT: SMALL_COUNTS, b"out/copy.csv": SMALL_COUNTS}, message=MESSAGE)
    history.commit({OUTPUT: None, b"out/copy.csv": None, b"README.md": b"# More\n"})
    side = history.commit({ODD: OTHER_COUNTS}, ref=b"refs/heads/side", parents=[first])
    history.commit({b"README.md": b"# Merged\n"}, merge=[side], message="Merge side")
    history.commit({b"x": b"x\n"}, ref=b"refs/heads/untouched", parents=[first])
    history.commit({b"y": b"y\n"}, ref=PULL, parents=[bad])
    history.tag("v1", bad, "first release")
    history.tag("harmless", first, "before it")
    history.tag("data", history.blob(SMALL_COUNTS))
    history.note(first, b"looks fine")
    history.note(bad, SMALL_COUNTS)
    history.stash({b"out/wip.csv": SMALL_COUNTS}, base=first)
    made = history.build(tmp_path / "server" / "study.git")
    git(made, "config", "receive.hideRefs", "refs/pull")
    return made


def snapshot(repository, bad):
    """Give every ref's history as plain data without ids: commits in order, files without the bad."""
    said = {}
    for name in refs(repository):
        kind = git(repository, "cat-file", "-t", f"{os.fsdecode(name)}^{{}}").strip()
        if kind != b"commit":
            continue
        commits = git(repository, "rev-list", "--topo-order", name).decode().split()
        number = {one: place for place, one in enumerate(commits)}
        said[name] = [told(repository, one, number, bad) for one in commits]
    return said


def told(repository, commit, number, bad):
    form = "%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%B"
    about = git(repository, "show", "-s", "--date=raw", f"--format={form}", commit)
    parents = git(repository, "show", "-s", "--format=%P", commit).decode().split()
    listed = git(repository, "ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")
    files = {line for line in listed if line and line.split(b"\t")[0].split()[2].decode() not in bad}  # fmt: skip
    return about, [number[parent] for parent in parents], files


def objects(repository):
    listed = git(repository, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    return set(listed.decode().split())


def to_the_push(breachkit, server, *scope, policy="auto"):
    breachkit.expect(0, "open", server, "--contacts", CONTACTS, "--policy", policy)
    tell(breachkit)
    through_the_push(breachkit, *scope)


def tell(breachkit):
    written = json.loads(breachkit.expect(0, "notify", "render", "alert", "--json").out)
    for notice in written["notices"]:
        breachkit.expect(0, "notify", "mark-sent", notice["id"], "--by", "Jo")


def through_the_push(breachkit, *scope):
    breachkit.expect(0, "scope", *scope)
    breachkit.expect(0, "rewrite")
    breachkit.prepare()
    breachkit.expect(0, "rewrite", "--execute", "--confirm", "study")
    breachkit.expect(0, "push")
    breachkit.expect(0, "push", "--execute", "--confirm", "study")


def states_of_refs(breachkit):
    copies = json.loads(breachkit.expect(0, "copies", "list", "--json").out)["copies"]
    return {copy["state"] for copy in copies if copy["place"] in {"C01", "C02"}}


def test_the_whole_response_takes_the_data_out_and_nothing_else(breachkit, tmp_path, server):
    bad = {blob_oid(server, content) for content in (SMALL_COUNTS, OTHER_COUNTS)}
    before, names = snapshot(server, bad), set(refs(server))
    kept = {name: refs(server)[name] for name in (b"refs/heads/untouched", b"refs/tags/harmless")}

    to_the_push(breachkit, server, "--severity", "medium", "--path", os.fsdecode(ODD))
    ran = breachkit.expect(7, "verify", "--json")

    found = json.loads(ran.out)
    clone = found["places"]["clone"]
    assert found["outcome"] == "present"
    assert found["history_holds"] is True
    assert set(clone["leftover_refs"]) == {PULL.decode(), "refs/stash"}
    assert clone["platform_refs"] == clone["leftover_refs"]
    assert found["places"]["server"]["verdict"] == "present"

    breachkit.expect(0, "trace")
    assert "proven_clean" not in states_of_refs(breachkit)

    # The platform's support does its part.
    git(server, "update-ref", "-d", PULL)
    git(server, "update-ref", "-d", "refs/stash")
    git(server, "prune", "--expire=now")
    breachkit.expect(0, "verify")
    assert states_of_refs(breachkit) == {"proven_clean"}

    after = snapshot(server, bad)
    gone = {PULL, b"refs/stash"}
    assert after == {name: said for name, said in before.items() if name not in gone}
    assert set(refs(server)) == names - gone - {b"refs/tags/data"}
    assert {name: refs(server)[name] for name in kept} == kept
    assert not bad & objects(server)
    assert git(server, "fsck", "--full", "--strict") == b""
    tag = git(server, "cat-file", "tag", "refs/tags/v1")
    assert b"tag v1\n" in tag
    assert tag.endswith(b"first release\n")
    assert breachkit.expect(0, "scan", server, "--no-fail").out.startswith("CLEAN")


def test_what_comes_back_is_found_and_taken_out_again(breachkit, tmp_path):
    history = History()
    history.commit({b"README.md": b"# A study\n", b"out/safe.csv": SAFE_COUNTS})
    history.commit({OUTPUT: SMALL_COUNTS})
    server = history.build(tmp_path / "study.git")
    clone = colleagues_clone(server, tmp_path)
    to_the_push(breachkit, server)
    git(server, "prune", "--expire=now")
    breachkit.expect(0, "verify")
    assert "--again" in breachkit.expect(6, "scope").err

    git(clone, "push", "-q", "origin", "main:refs/heads/back")
    assert "refs/heads/back" in breachkit.expect(7, "verify").out
    assert "some clone still holds them" in breachkit.expect(0, "status").out
    assert "breachkit scope" in breachkit.expect(0, "next").out

    through_the_push(breachkit, "--again")
    git(server, "prune", "--expire=now")
    breachkit.expect(0, "verify")
    breachkit.expect(0, "log", "verify")
    assert OUTPUT not in git(server, "log", "--all", "--name-only", "--format=").split(b"\n")


def test_the_policy_chosen_at_the_opening_judges_in_the_scope(breachkit, tmp_path):
    """Seven is a small number under the rules of 2023 and none under those of 2020."""
    history = History()
    history.commit({OUTPUT: b"region,patients\nLondon,364\nEast,7\nWest,6\nNorth,120\n"})
    server = history.build(tmp_path / "study.git")
    breachkit.expect(0, "open", server, "--policy", "2020-12")
    breachkit.expect(3, "scope")
    breachkit.expect(0, "open", server, "--policy", "2023-07", "--another")

    breachkit.expect(0, "scope", "--case", newest(breachkit))


def newest(breachkit):
    return max(path.name for path in breachkit.home.glob("BK-*"))[:12]


def test_a_policy_that_does_not_exist_opens_no_case(breachkit, tmp_path):
    breachkit.expect(3, "open", "owner/name", "--policy", "1999-folklore")

    assert not list(breachkit.home.glob("BK-*"))


def test_findings_are_left_out_for_a_reason_and_named_by_their_number(breachkit, tmp_path):
    history = History()
    history.commit({OUTPUT: SMALL_COUNTS, OTHER: OTHER_COUNTS})
    server = history.build(tmp_path / "study.git")
    breachkit.expect(0, "open", server, "--path", "out/mistyped.csv")
    scan = json.loads(breachkit.expect(13, "scan", server, "--json").out)
    harmless = [each["id"] for each in scan["findings"] if each["path"] == OTHER.decode()]
    left_out = [word for one in harmless for word in ("--exclude", one)]

    breachkit.expect(2, "scope", *left_out)
    ran = breachkit.expect(0, "scope", *left_out, "--reason", "agreed with the checker")

    assert f"  {OUTPUT.decode()}  (CNT-01" in ran.out
    assert "Left where they are" in ran.out
    assert "No commit has the reported file out/mistyped.csv" in ran.out
    one = json.loads(breachkit.expect(0, "scope", "--severity", "critical", "--finding", harmless[0], "--json").out)  # fmt: skip
    assert one["paths"] == [OTHER.decode()]
    assert one["unmatched"] == ["out/mistyped.csv"]
    named = json.loads(breachkit.expect(0, "scope", "--severity", "critical", "--path", "*/by_age.*", "--json").out)  # fmt: skip
    assert named["paths"] == [OTHER.decode()]


def test_a_name_with_a_space_can_be_pasted(breachkit, tmp_path):
    history = History()
    history.commit({b"README.md": b"#\n"})
    history.commit({OUTPUT: SMALL_COUNTS})
    server = history.build(tmp_path / "my study.git")
    breachkit.expect(0, "open", server, "--contacts", CONTACTS)
    tell(breachkit)
    breachkit.expect(0, "scope")
    breachkit.prepare()

    assert "--confirm 'my study'" in breachkit.expect(0, "rewrite").err
