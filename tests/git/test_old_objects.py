"""What is asked for is told by its exact paths, whatever these hold."""

from pathlib import Path

import pytest

from breachkit.actions.bad_set import BadBlob, BadSet
from breachkit.git.old_objects import old_objects
from breachkit.model.ids import GitPath, ObjectId
from tests.support.gitrepo import History, blob_oid, oid


BAD = b"group,patients\na,3\n"


@pytest.mark.parametrize("name", [b"a\rb.csv", b"a\x0bb.csv", b"a b.csv", b"a missing"])
def test_a_file_is_asked_for_at_each_path_that_it_had_and_no_other(
    tmp_path: Path, name: bytes
) -> None:
    history = History()
    history.commit({b"first.csv": BAD})
    history.commit({b"first.csv": None, name: BAD})
    mirror = history.build(tmp_path / "mirror.git")
    after = History()
    after.commit({b"other": b"1"})
    commits = tuple(ObjectId(oid(mirror, one)) for one in ("HEAD~1", "HEAD"))
    blob = BadBlob(
        id=ObjectId(blob_oid(mirror, BAD)),
        paths=(GitPath(b"first.csv"), GitPath(name)),
        introduced_by=commits,
        first_date=None,
    )

    found = old_objects(
        mirror, after.build(tmp_path / "after.git"), (), BadSet(blobs=(blob,), refs=())
    )

    assert [(one.commit, one.path) for one in found.files] == [
        (commits[0], b"first.csv"),
        (commits[1], name),
    ]
    assert found.not_placed == 0
