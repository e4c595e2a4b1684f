"""What git says of its progress reaches whoever listens, and what is wrong reaches the errors alone."""

import io
import subprocess
import sys
import time

import pytest

from breachkit.git.clone import mirror_url
from breachkit.git.mirror import local_refs
from breachkit.git.telling import follow, option
from breachkit.model.doing import counted, listening
from breachkit.model.errors import BreachkitError
from tests.support.gitrepo import History


class Heard:
    """Keeps what is told."""

    def __init__(self):
        self.begun, self.told = [], []

    def begin(self, what):
        self.begun.append(what)
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def tell(self, done, total=None, *, note=""):
        self.told.append((done, total, note))


SAID = (
    b"Cloning into bare repository '/srv/x'...\nremote: Enumerating objects: 9, done.\n"
    b"remote: Counting objects:  33% (3/9)\rremote: Counting objects: 100% (9/9), done.\n"
    b"Receiving objects:  50% (5/10), 1.20 MiB | 2.00 MiB/s\rReceiving objects: 100% (10/10), 2.40 MiB, done.\n"
    b" * [new branch]      connection-timed-out -> x\nerror: RPC failed; curl 56\nfatal: early EOF"
)


def test_progress_is_told_and_what_is_wrong_is_kept():
    heard = Heard()

    out, errors = follow(io.BytesIO(b"out"), io.BufferedReader(io.BytesIO(SAID)), heard)

    assert out == b"out"
    assert errors == b"error: RPC failed; curl 56\nfatal: early EOF"
    assert heard.told == [
        (9, None, "enumerating objects"),
        (3, 9, "counting objects"),
        (9, 9, "counting objects"),
        (5, 10, "receiving objects, 1.20 MiB"),
        (10, 10, "receiving objects, 2.40 MiB"),
    ]


def test_a_server_that_never_ends_a_line_fills_no_memory_twice():
    endless = b"x" * 300_000

    _, errors = follow(io.BytesIO(), io.BufferedReader(io.BytesIO(endless)), Heard())

    assert errors == endless


def test_a_server_that_says_ever_more_fills_no_memory_and_why_it_ended_is_kept():
    said = b"remote: and so on\n" * 200_000 + b"fatal: the remote end hung up"

    _, errors = follow(io.BytesIO(), io.BufferedReader(io.BytesIO(said)), Heard())

    assert len(errors) < 2_000_000 < len(said)
    assert errors.endswith(b"remote: and so on\nfatal: the remote end hung up")


def test_a_server_that_counts_beyond_all_measure_is_read_on():
    huge = b"9" * 5_000  # more digits than Python reads
    said = b"remote: Counting objects: %b\rReceiving objects:   1%% (%b/%b)\rfatal: early EOF" % (
        (huge,) * 3
    )

    _, errors = follow(io.BytesIO(), io.BufferedReader(io.BytesIO(said)), Heard())

    assert errors.endswith(b"fatal: early EOF")


class Interrupted(io.BytesIO):
    """Somebody presses Ctrl-C while it is read."""

    def read(self, _size=-1):
        raise KeyboardInterrupt


def test_an_interruption_does_not_wait_for_a_command_that_goes_on():
    goes_on = [sys.executable, "-c", "import time; time.sleep(20)"]
    with subprocess.Popen(goes_on, stderr=subprocess.PIPE) as process:
        begun = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            follow(Interrupted(), process.stderr, Heard())
        took = time.monotonic() - begun
        process.kill()

    assert took < 10


def test_git_is_asked_to_say_how_far_it_is_only_where_somebody_hears_of_it():
    assert option() == "--quiet"
    with listening(Heard()):
        assert option() == "--progress"


@pytest.fixture
def server(tmp_path):
    history = History()
    for number in range(30):
        history.commit({b"file-%d" % number: b"%d\n" % number})
    return history.build(tmp_path / "study.git")


def test_a_copy_is_the_same_with_and_without_somebody_who_hears_of_it(server, tmp_path):
    heard = Heard()
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    mirror_url(server.as_uri(), tmp_path / "one")
    with listening(heard):
        mirror_url(server.as_uri(), tmp_path / "other")

    assert local_refs(tmp_path / "one") == local_refs(tmp_path / "other") != {}
    assert heard.begun == ["Copying the repository"]
    assert any(total and "objects" in note for _, total, note in heard.told)


def test_a_copy_that_fails_says_the_same_whoever_hears_of_it(tmp_path):
    said = set()
    for listener in (None, Heard()):
        with listening(listener), pytest.raises(BreachkitError) as raised:
            mirror_url((tmp_path / "none.git").as_uri(), tmp_path / "to")
        said.add((type(raised.value), str(raised.value)))

    assert len(said) == 1


def test_things_are_counted_as_they_are_done():
    heard = Heard()

    assert list(counted("abc", heard, 3)) == ["a", "b", "c"]
    assert [done for done, _, _ in heard.told] == [0, 1, 2]
