"""A scanned repository is hostile: nothing in it is executed, obeyed or changed."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from breachkit.git.history import read_history
from breachkit.git.objects import Unread, choose_objects, list_objects, read_objects
from breachkit.git.parallel import map_objects
from breachkit.git.rawobjects import TreeEntry, join_tree, object_id, write_objects
from breachkit.git.refs import list_refs, read_head
from breachkit.git.repository import open_repository
from breachkit.git.trees import tree_entries
from breachkit.model.errors import ConfigurationError
from breachkit.model.ids import ObjectId
from tests.support.gitrepo import (
    History,
    Symlink,
    blob_oid,
    git,
    head_commit,
    loose_object,
    oid,
    write_blob,
)
from tests.support.reading import reading


def read_all(path: Path | str, *, unreachable: bool = True) -> dict[str, bytes | Unread]:
    """Do everything a scan does with git, and give what came out."""
    with reading(path, unreachable=unreachable) as found:
        chosen = choose_objects(found.objects, found.reachable, unreachable=unreachable)
        for entry in chosen:
            found.attribute(entry.oid)
        head = read_head(found.repository).commit
        dict(tree_entries(found.repository, head) if head else ())
        list(map_objects(found.repository, chosen, lambda entry, content: None, workers=2))
        return {entry.oid: content for entry, content in read_objects(found.repository, chosen)}


def snapshot(directory: Path) -> dict[str, tuple[object, ...]]:
    """List everything below a directory, with times and content."""
    return {
        str(path): (
            status.st_mode,
            status.st_mtime_ns,
            status.st_ctime_ns,
            status.st_size,
            path.read_bytes() if path.is_file() else None,
        )
        for path in [directory, *sorted(directory.rglob("*"))]
        for status in [path.lstat()]
    }


@pytest.fixture
def marker(tmp_path: Path) -> Iterator[Path]:
    """A file that any planted command creates; it must not be there at the end."""
    path = tmp_path / "executed"
    yield path
    assert not path.exists()


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A work tree with some history, signed-looking commits and all kinds of refs."""
    history = History()
    first = history.commit(
        {b"out/a.csv": b"n\n3\n", b".gitattributes": b"* filter=evil diff=evil\n"}
    )
    history.commit({b"out/a.csv": b"n\n4\n"})
    history.note(first, b"a note")
    history.stash({b"out/a.csv": b"n\n5\n"}, base=first, untracked={b"u.csv": b"u\n"})
    history.tag("v1", first)
    return history.build(tmp_path / "victim", bare=False)


def test_nothing_that_a_configuration_names_is_executed(victim: Path, marker: Path) -> None:
    command = f"touch {marker}; false"
    git(victim, "-c", f"core.fsmonitor={command}", "status")
    assert marker.exists(), "the command does nothing: the test would prove nothing"
    marker.unlink()
    settings = {
        "alias.cat-file": f"!{command}",
        "alias.log": f"!{command}",
        "core.alternateRefsCommand": command,
        "core.askPass": command,
        "core.editor": command,
        "core.fsmonitor": command,
        "core.gitProxy": command,
        "core.hooksPath": str(victim / "hooks"),
        "core.pager": command,
        "core.sshCommand": command,
        "credential.helper": f"!{command}",
        "diff.evil.command": command,
        "diff.evil.textconv": command,
        "diff.external": command,
        "extensions.partialClone": "evil",
        "extensions.worktreeConfig": "true",
        "filter.evil.clean": command,
        "filter.evil.process": command,
        "filter.evil.smudge": command,
        "gpg.program": command,
        "gpg.ssh.program": command,
        "include.path": str(victim / "included"),
        "interactive.diffFilter": command,
        "log.showSignature": "true",
        "pager.log": command,
        "protocol.ext.allow": "always",
        "remote.evil.promisor": "true",
        "remote.evil.url": f"ext::sh -c {command!r}",
        "sequence.editor": command,
        "trace2.eventTarget": str(marker),
        "uploadpack.packObjectsHook": command,
    }
    missing = oid(victim, "refs/tags/v1^{}:out/a.csv")
    loose_object(victim, missing).unlink()
    for key, value in settings.items():
        git(victim, "config", "--file", str(victim / ".git/config"), key, value)
    (victim / "included").write_text(f'[core]\n\tfsmonitor = "{command}"\n[bad\n')
    (victim / ".git/config.worktree").write_text(f'[core]\n\tfsmonitor = "{command}"\n')

    contents = read_all(victim)

    assert len(contents) > 10
    with reading(victim) as found:
        assert found.repository.is_partial
        assert found.reachable.missing == {missing}


def test_no_hook_runs(victim: Path, marker: Path) -> None:
    for name in ("post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc"):
        for directory in (victim / "hooks", victim / ".git/hooks"):
            directory.mkdir(exist_ok=True)
            (directory / name).write_text(f"#!/bin/sh\ntouch {marker}\n")
            (directory / name).chmod(0o755)

    assert read_all(victim)


def test_commands_in_the_environment_do_not_reach_git(
    victim: Path, marker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = History()
    elsewhere.commit({b"other": b"other"})
    other = elsewhere.build(victim.parent / "other.git")
    for name in ("GIT_EXTERNAL_DIFF", "GIT_PAGER", "PAGER", "GIT_SSH_COMMAND", "GIT_ASKPASS"):
        monkeypatch.setenv(name, f"touch {marker}")
    monkeypatch.setenv("GIT_TRACE2_EVENT", str(marker))
    monkeypatch.setenv("GIT_DIR", str(other))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other / "objects"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"touch {marker}")

    contents = read_all(victim)

    assert blob_oid(victim, b"n\n3\n") in contents
    assert blob_oid(victim, b"other") not in contents


def test_reading_changes_nothing_in_the_repository(victim: Path) -> None:
    git(victim, "worktree", "add", "-q", "--detach", str(victim.parent / "linked"))
    before = snapshot(victim), snapshot(victim.parent / "linked")

    read_all(victim)
    read_all(victim.parent / "linked")

    assert (snapshot(victim), snapshot(victim.parent / "linked")) == before


def test_attributes_hide_no_path_and_no_blob(tmp_path: Path) -> None:
    history = History()
    history.commit(
        {b".gitattributes": b"*.csv -diff -text binary export-ignore\n", b"a.csv": b"1\n"}
    )
    history.commit({b"a.csv": b"2\n"})
    path = history.build(tmp_path / "r", bare=False)
    (path / ".git/info").mkdir(exist_ok=True)
    (path / ".git/info/attributes").write_text("* -diff\n")

    with reading(path) as found:
        pairs = found.pairs

    assert {(b"a.csv", blob_oid(path, b"1\n")), (b"a.csv", blob_oid(path, b"2\n"))} <= pairs


def test_a_blob_hidden_by_a_replace_ref_is_read_as_it_is(tmp_path: Path) -> None:
    history = History()
    commit = history.commit({b"a.csv": b"real\n"})
    fake = history.blob(b"fake\n")
    path = history.build(tmp_path / "r.git")
    real = oid(path, "HEAD:a.csv")
    git(path, "update-ref", f"refs/replace/{real}", blob_oid(path, b"fake\n"))
    assert git(path, "cat-file", "blob", real) == b"fake\n"  # git itself is taken in

    assert read_all(path)[real] == b"real\n"
    assert commit != fake


def test_a_commit_hidden_by_a_replace_ref_is_still_in_the_history(tmp_path: Path) -> None:
    history = History()
    bad = history.commit({b"a.csv": b"bad\n"})
    history.commit({b"a.csv": None, b"b": b"b"})
    clean = history.commit({b"b": b"b"}, ref=b"refs/heads/clean", parents=[])
    path = history.build(tmp_path / "r.git")
    bad_id, clean_id = oid(path, "HEAD~1"), oid(path, "refs/heads/clean")
    git(path, "update-ref", f"refs/replace/{bad_id}", clean_id)

    with reading(path) as found:
        assert found.paths(blob_oid(path, b"bad\n")) == {b"a.csv"}
    assert bad != clean


def test_replace_refs_in_a_circle_end_nothing(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"1"})
    history.commit({b"a": b"2"})
    path = history.build(tmp_path / "r.git")
    one, two = oid(path, "HEAD:a"), oid(path, "HEAD~1:a")
    git(path, "update-ref", f"refs/replace/{one}", two)
    git(path, "update-ref", f"refs/replace/{two}", one)

    contents = read_all(path)

    assert (contents[one], contents[two]) == (b"2", b"1")


def test_a_graft_cuts_no_history_off(tmp_path: Path) -> None:
    history = History()
    history.commit({b"bad.csv": b"bad\n"})
    history.commit({b"bad.csv": None, b"b": b"b"})
    path = history.build(tmp_path / "r.git")
    (path / "info").mkdir(exist_ok=True)
    (path / "info/grafts").write_text(head_commit(path) + "\n")

    with reading(path) as found:
        assert found.paths(blob_oid(path, b"bad\n")) == {b"bad.csv"}


def test_a_commit_graph_that_lies_hides_nothing(tmp_path: Path) -> None:
    history = History()
    history.commit({b"bad.csv": b"bad\n"})
    history.commit({b"bad.csv": None, b"b": b"b"})
    path = history.build(tmp_path / "r.git")
    git(path, "commit-graph", "write", "--reachable")
    graph = path / "objects/info/commit-graph"
    tip = bytes.fromhex(head_commit(path))
    content, trees = graph.read_bytes(), bytes.fromhex(oid(path, "HEAD~1^{tree}"))
    lie = content.replace(bytes.fromhex(oid(path, "HEAD^{tree}")), trees)
    graph.chmod(0o644)
    graph.write_bytes(lie)
    assert lie != content
    assert tip in content

    with reading(path) as found:
        assert (b"b", blob_oid(path, b"b")) in found.pairs


def test_a_reverse_index_that_lies_hides_nothing(tmp_path: Path) -> None:
    history = History()
    history.commit({b"f%d" % number: b"%d" % number for number in range(20)})
    path = history.build(tmp_path / "r.git")
    loose = write_blob(path, b"dangling")
    git(path, "-c", "pack.writeReverseIndex=true", "repack", "-q", "-a", "-d", "-k")
    (reverse,) = (path / "objects/pack").glob("*.rev")
    content = reverse.read_bytes()
    reverse.chmod(0o644)
    reverse.write_bytes(content[:12] + bytes(len(content) - 52) + content[-40:])
    listing = ["cat-file", "--batch-all-objects", "--unordered", "--batch-check"]
    assert len(git(path, *listing).splitlines()) < 5  # git itself is taken in

    assert len(read_all(path)) == 23
    assert read_all(path)[loose] == b"dangling"
    assert len(read_all(path, unreachable=False)) == 22


def test_a_multi_pack_index_that_lies_hides_nothing(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"a"})
    path = history.build(tmp_path / "r.git", packed=True)
    git(path, "multi-pack-index", "write")
    midx = path / "objects/pack/multi-pack-index"
    blob = oid(path, "HEAD:a")
    content = midx.read_bytes()
    midx.chmod(0o644)
    midx.write_bytes(content.replace(bytes.fromhex(blob), b"\xff" * 20))
    assert content.count(bytes.fromhex(blob)) == 1

    assert read_all(path)[blob] == b"a"


def test_packed_refs_out_of_order_hide_no_ref(tmp_path: Path) -> None:
    history = History()
    first = history.commit({b"a": b"first"})
    history.ref(b"refs/heads/z", first)
    history.commit({b"a": b"second"}, ref=b"refs/heads/z", parents=[])
    path = history.build(tmp_path / "r.git")
    tips = [oid(path, "refs/heads/main"), oid(path, "refs/heads/z")]
    names = ["refs/heads/z", "refs/heads/b", "refs/heads/main", "AAA", "refs/heads/a", "refs/x"]
    lines = [f"{tips[number % 2]} {name}\n" for number, name in enumerate(names)]
    (path / "packed-refs").write_text(
        "# pack-refs with: peeled fully-peeled sorted \n" + "".join(lines)
    )

    with reading(path) as found:
        assert {ref.name.decode() for ref in found.refs} == set(names)
        assert {ref.peeled for ref in found.refs} == set(tips)


def test_an_alternate_is_read_whether_relative_or_absolute(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a.csv": b"in the alternate\n"})
    base = history.build(tmp_path / "base.git")
    for name, line in {"rel": "../../base.git/objects", "abs": str(base / "objects")}.items():
        path = tmp_path / f"{name}.git"
        git(tmp_path, "init", "-q", "--bare", "--template=", str(path))
        (path / "objects/info/alternates").write_text(line + "\n")
        git(path, "update-ref", "refs/heads/master", head_commit(base))

        with reading(path) as found:
            assert found.paths(blob_oid(base, b"in the alternate\n")) == {b"a.csv"}
            assert not found.reachable.missing


def test_what_a_missing_alternate_held_is_reported_as_missing(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a.csv": b"in the alternate\n"})
    base = history.build(tmp_path / "base.git")
    path = tmp_path / "borrower"
    git(tmp_path, "clone", "-q", "--bare", "--shared", str(base), str(path))
    base.rename(tmp_path / "gone.git")

    with reading(path) as found:
        assert found.objects.complaints
        assert found.reachable.missing
        assert any(ref.is_damaged for ref in found.refs)


def test_content_with_any_bytes_in_names_and_messages_is_read_exactly(tmp_path: Path) -> None:
    names = [
        b"[red]x[/].csv",
        b"\x1b]8;;http:example.org\x07x.csv",
        b"new\nline.csv",
        b"tab\there.csv",
        b":100644 100644 0 0 M",
        b"\n:000000 100644",
        b"\xff\xfe.csv",
        b"bidi\xe2\x80\xae.csv",
        b"-rf",
        b" ",
        b'"quoted".csv',
        b"back\\slash",
        b"d" * 200 + b"/" + b"/".join([b"x" * 200] * 19),
    ]
    history = History()
    for number, name in enumerate(names):
        content = b"content %d" % number
        message = b":000000 100644 0 0 A\n\x01\x1b[31m\xff\t\t " + name
        history.commit({name: content}, message=message, author=b"\xff\x1b[0m <a@example.org>")
    path = history.build(tmp_path / "r.git")

    with reading(path) as found:
        for number, name in enumerate(names):
            assert found.paths(blob_oid(path, b"content %d" % number)) == {name}
        assert len(found.history.commits) == len(names)


def test_no_message_is_converted_because_its_commit_says_so(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a.csv": b"1\n"})
    path = history.build(tmp_path / "r.git")
    head = b"tree %s\n" % oid(path, "HEAD^{tree}").encode()
    who = b"Ada <ada@example.org> 1600000000 +0000"
    for encoding in (b"UTF-7", b"ISO-8859-1", b"UTF-16"):
        about = b"author %s\ncommitter %s\nencoding %s\n" % (who, who, encoding)
        raw = head + about + b"\nx+AAA-:000000 \xe9"
        commit = git(path, "hash-object", "-t", "commit", "-w", "--stdin", stdin=raw).decode()
        git(path, "update-ref", "refs/heads/trap", commit.strip())

        with reading(path) as found:
            assert found.history.commits[ObjectId(commit.strip())].subject == b"x+AAA-:000000 \xe9"
            assert {change.path for change in found.history.changes} == {b"a.csv"}


def test_a_header_that_looks_like_a_change_is_none(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a.csv": b"1\n"})
    path = history.build(tmp_path / "r.git")
    head = b"tree %s\n" % oid(path, "HEAD^{tree}").encode()
    who = b"author A <a> 1 +0000\ncommitter A <a> 1 +0000\n"
    trap = b":000000 100644 %s %s A\n" % (b"0" * 40, b"1" * 40)
    for number, raw in enumerate(
        [
            head + who + trap + b"\n  subject\n",
            head + b"parent %s\n" % head_commit(path).encode() + who + trap + b"\n" + trap,
            head + who + trap,
            head + who + b"\n",
        ]
    ):
        literal = ["hash-object", "-t", "commit", "-w", "--stdin", "--literally"]
        commit = git(path, *literal, stdin=raw).decode().strip()
        git(path, "update-ref", f"refs/heads/trap{number}", commit)

    with reading(path) as found:
        assert found.history.incomplete_reason is None
        assert found.pairs == {(b"a.csv", oid(path, "HEAD:a.csv"))}
        assert len(found.history.commits) == 5
        assert len(found.history.changes) == 4  # all but the one with a parent bring the file
        subjects = sorted(info.subject for info in found.history.commits.values())
        assert subjects == [b"", b"", b"  subject", trap.strip(), b"Add outputs"]


def test_links_out_of_the_repository_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a file of the user's own")
    history = History()
    history.commit({b"link": Symlink(os.fsencode(secret))})
    path = history.build(tmp_path / "r", bare=False)

    contents = read_all(path)

    assert os.fsencode(secret) in contents.values()
    assert b"a file of the user's own" not in contents.values()


@pytest.mark.parametrize(
    "place", ["HEAD", "refs/heads/x", "packed-refs", "objects/ab/cd", "shallow"]
)
def test_a_fifo_in_place_of_a_file_makes_nobody_wait(tmp_path: Path, place: str) -> None:
    history = History()
    history.commit({b"a": b"a"})
    path = history.build(tmp_path / "r.git")
    (path / place).parent.mkdir(exist_ok=True)
    (path / place).unlink(missing_ok=True)
    os.mkfifo(path / place)

    with pytest.raises(ConfigurationError, match="special file"), open_repository(str(path)):
        pass


def test_a_fifo_behind_a_link_makes_nobody_wait_and_links_in_a_circle_end(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"a"})
    path = history.build(tmp_path / "r.git")
    (path / "refs/circle").symlink_to(path / "refs")
    (tmp_path / "elsewhere").mkdir()
    (path / "refs/heads/link").symlink_to(tmp_path / "elsewhere")
    with open_repository(str(path)):
        pass
    os.mkfifo(tmp_path / "elsewhere/x")

    with pytest.raises(ConfigurationError, match="special file"), open_repository(str(path)):
        pass


def test_trees_that_hold_themselves_many_times_over_are_cut_and_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("breachkit.git.history.MOST_WALKED_CHANGES", 1000)
    monkeypatch.setattr("breachkit.git.history.LOG_MEMORY_BYTES", 100 << 20)
    history = History()
    history.commit({b"a": b"a"})
    path = history.build(tmp_path / "r.git")
    below = write_blob(path, b"bomb")
    kind, mode = "blob", "100644"
    for _ in range(12):
        lines = "".join(f"{mode} {kind} {below}\td{n}\n" for n in range(10))
        below = git(path, "mktree", stdin=lines.encode()).decode().strip()
        kind, mode = "tree", "040000"
    bomb = git(path, "commit-tree", "-m", "bomb", below).decode().strip()
    git(path, "update-ref", "refs/heads/bomb", bomb)

    with reading(path) as found:
        assert found.history.incomplete_reason is not None
        assert blob_oid(path, b"bomb") in found.reachable.oids


def test_a_hundred_thousand_files_are_no_trouble(tmp_path: Path) -> None:
    history = History()
    history.commit({b"d%d/f%d" % (n % 100, n): b"same" for n in range(100_000)})
    path = history.build(tmp_path / "r.git")

    with reading(path) as found:
        assert len(found.paths(blob_oid(path, b"same"))) == 100_000


def nested_folders(path: Path, leaf: bytes, depth: int) -> str:
    """Commit folders of ten folders each, which are one and the same; `leaf` is the innermost."""
    trees = [leaf]
    for _ in range(depth):
        inner = object_id("tree", trees[-1])
        trees.append(join_tree(TreeEntry(b"40000", b"%d" % n, inner) for n in range(10)))
    write_objects(path, [("tree", data) for data in trees])
    return git(path, "commit-tree", "-m", "x", object_id("tree", trees[-1])).decode().strip()


@pytest.mark.parametrize("held", ["commit", "tree"])
def test_folders_that_hold_each_other_many_times_over_and_no_file_hold_nothing_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: str
) -> None:
    path = History().build(tmp_path / "r.git")
    commit = nested_folders(path, b"", 12)
    git(path, "update-ref", f"refs/odd/{held}", f"{commit}^{{{held}}}")
    monkeypatch.setattr("breachkit.git.history.LOG_SECONDS", 1)
    monkeypatch.setattr("breachkit.git.trees.TREE_SECONDS", 1)
    monkeypatch.setattr("breachkit.git.walk.MOST_FOLDERS", 1000)

    with open_repository(str(path)) as repository:
        history = read_history(repository, list_refs(repository), list_objects(repository))

    assert history.incomplete_reason
