"""`check` on what is broken, hostile or in the middle of being written: a clear line each, and never "clean"."""

import io
import json
import os
import socket
import tempfile
from datetime import date
from pathlib import Path

import pytest

from breachkit.git.objects import Unread
from breachkit.git.plain_files import MOST_DEPTH, Beside, list_files, read_file
from breachkit.workflows.checking import CheckOptions, check_folder
from breachkit.workflows.checking_notes import ITEMS
from breachkit.workflows.playbooks import choose_policies
from tests.support.release_folders import ROUNDED, SMALL, a_release


def skipped(breachkit, folder, *args):
    """Check, and give why something was not read, by the path within the folder."""
    ran = breachkit("check", folder, "--json", *args)
    data = json.loads(ran.out)
    assert data["passes"] is False
    assert data["complete"] is False
    return {
        (each["path"] or "").removeprefix("release/"): each["reason"] for each in data["skipped"]
    }


def checked_while(folder, change):
    """Check a folder that is changed after it was listed and before it is read."""

    class Changing:
        def start(self, objects):
            del objects
            change()

        def advance(self, objects, size_bytes):
            del objects, size_bytes

    options = CheckOptions(
        policies=choose_policies("auto"), items=ITEMS.load(), today=date(2026, 1, 1), workers=1
    )
    return check_folder(folder, options, progress=Changing())


# --- Contents -----------------------------------------------------------------------------------


def workbook():
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (("region", "patients", "twice"), ("North", 120, "=B2*2"), ("South", 3, "=B3*2")):
        sheet.append(row)
    sheet.merge_cells("A5:C6")
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_truncated_workbook_is_not_read_and_said(breachkit, tmp_path):
    whole = workbook()
    folder = a_release(tmp_path, {"deaths.xlsx": whole[: len(whole) // 2], "a_b.csv": ROUNDED})

    assert list(skipped(breachkit, folder)) == ["deaths.xlsx"]


def test_formulas_and_merged_cells_hide_no_small_count(breachkit, tmp_path):
    folder = a_release(tmp_path, {"deaths.xlsx": workbook()})
    data = json.loads(breachkit("check", folder, "--json").out)

    assert "CNT-01" in {each["rule"] for each in data["findings"]}


def test_mixed_encodings_are_read(breachkit, tmp_path):
    mixed = SMALL.replace(b"North", b"N\xf6rth").replace(b"South", "Süd".encode())
    wide = SMALL.decode().encode("utf-16")
    folder = a_release(tmp_path, {"mixed.csv": mixed, "wide.csv": wide})
    data = json.loads(breachkit("check", folder, "--json").out)

    assert {each["path"] for each in data["findings"] if each["rule"] == "CNT-01"} == {
        "release/mixed.csv",
        "release/wide.csv",
    }


def test_a_million_columns_are_not_judged_and_said(breachkit, tmp_path):
    rows = b",".join([b"5"] * 1_000_000)
    folder = a_release(tmp_path, {"wide.csv": rows + b"\n" + rows + b"\n", "a_b.csv": ROUNDED})
    (reason,) = skipped(breachkit, folder).values()

    assert "columns" in reason


# --- Names and kinds ----------------------------------------------------------------------------


def test_links_are_not_followed(breachkit, tmp_path):
    folder = a_release(tmp_path, {"a_b.csv": ROUNDED})
    (tmp_path / "secret.csv").write_bytes(SMALL)
    (folder / "out.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "loop").symlink_to(folder)
    (folder / "dangling").symlink_to(tmp_path / "nowhere")
    found = skipped(breachkit, folder)
    data = json.loads(breachkit("check", folder, "--json").out)

    assert found == dict.fromkeys(("out.csv", "loop", "dangling"), Beside.LINK.value)
    assert "CNT-01" not in {each["rule"] for each in data["findings"]}
    assert data["stats"]["files"] == 1


def test_a_link_as_the_folder_itself_is_what_was_meant(breachkit, tmp_path):
    (tmp_path / "latest").symlink_to(a_release(tmp_path, {"a_b.csv": SMALL}))

    breachkit.expect(13, "check", tmp_path / "latest")


def test_pipes_sockets_and_devices_are_never_opened(breachkit, tmp_path):
    """Opening a pipe that nobody writes to would wait for ever."""
    folder = a_release(tmp_path, {"a_b.csv": ROUNDED})
    os.mkfifo(folder / "pipe.csv")
    with tempfile.TemporaryDirectory() as short:  # a socket's path has a limit
        place = Path(short) / "socket"
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind(str(place))
            place.rename(folder / "socket.csv")

    assert skipped(breachkit, folder) == dict.fromkeys(
        ("pipe.csv", "socket.csv"), Beside.SPECIAL.value
    )


def test_names_that_are_not_utf_8_are_shown_and_told(breachkit, tmp_path):
    folder = a_release(tmp_path, {"a_b.csv": ROUNDED})
    (folder / os.fsdecode(b"caf\xe9\x1b[31m.csv")).write_bytes(SMALL)
    for form in ("text", "json", "sarif", "markdown", "html"):
        ran = breachkit("check", folder, "--format", form)
        assert "\x1b[31m" not in ran.all
        assert "xe9" in ran.out or "%E9" in ran.out
    data = json.loads(breachkit("check", folder, "--json").out)

    assert {each["id"]: each["outcome"] for each in data["items"]}["file-names"] == "fail"


def test_a_history_within_a_release_is_not_clean(breachkit, tmp_path):
    folder = a_release(tmp_path, {"a_b.csv": ROUNDED, "sub/.git/HEAD": b"ref: refs/heads/main\n"})

    assert skipped(breachkit, folder) == {"sub/.git": Beside.REPOSITORY.value}


def test_folders_in_folders_without_end_are_said(breachkit, tmp_path):
    folder = a_release(tmp_path, {"a_b.csv": ROUNDED})
    here = folder
    before = Path.cwd()
    try:
        for _ in range(MOST_DEPTH + 3):
            here = Path("f" * 80)
            os.chdir(folder) if Path.cwd() == before else None
            here.mkdir()
            os.chdir(here)
        Path("deep.csv").write_bytes(SMALL)
    finally:
        os.chdir(before)
    (reason,) = skipped(breachkit, folder).values()

    assert reason == Beside.TOO_DEEP.value


def test_files_with_paths_longer_than_the_system_takes_are_read(tmp_path):
    """Every step is opened from the folder above it."""
    folder = a_release(tmp_path, {"a_b.csv": ROUNDED})
    before = Path.cwd()
    os.chdir(folder)
    try:
        for _ in range(MOST_DEPTH - 1):
            Path("f" * 80).mkdir()
            os.chdir("f" * 80)
        Path("deep.csv").write_bytes(SMALL)
    finally:
        os.chdir(before)
    found = list_files(os.fsencode(folder))

    assert len(found.files[-1].within) > 4096
    assert read_file(found.files[-1]) == SMALL
    assert found.others == ()


def test_many_files_are_each_checked(breachkit, tmp_path):
    folder = a_release(tmp_path, {f"{at % 50}/table_{at}.csv": ROUNDED for at in range(2_000)})
    (folder / "7" / "table_x.csv").write_bytes(SMALL)
    data = json.loads(breachkit("check", folder, "--json").out)

    assert data["stats"]["files_examined"] == 2_001
    assert [each["path"] for each in data["findings"]] == ["release/7/table_x.csv"]


def test_an_empty_folder_is_no_release(breachkit, tmp_path):
    breachkit.expect(12, "check", a_release(tmp_path, {}))


# --- Being written to ---------------------------------------------------------------------------


def test_what_changes_while_it_is_checked_is_not_clean(tmp_path):
    folder = a_release(
        tmp_path, {"changing.csv": ROUNDED, "going.csv": ROUNDED, "stays.csv": ROUNDED}
    )

    def change():
        (folder / "changing.csv").write_bytes(SMALL)
        (folder / "going.csv").unlink()
        (folder / "coming.csv").write_bytes(SMALL)

    result = checked_while(folder, change)
    reasons = {(each.path, each.reason) for each in result.scan.skipped}

    assert result.exit_code() == 5
    assert reasons == {
        (b"release/changing.csv", f"file {Unread.CHANGED.value}"),
        (b"release/changing.csv", Beside.NEW.value),
        (b"release/going.csv", f"file {Unread.GONE.value}"),
        (b"release/going.csv", Beside.GONE.value),
        (b"release/coming.csv", Beside.NEW.value),
    }


def test_a_link_that_takes_the_place_of_a_folder_is_not_followed(tmp_path):
    folder = a_release(tmp_path, {"sub/deaths.csv": ROUNDED})
    elsewhere = a_release(tmp_path, {"deaths.csv": SMALL}, "elsewhere")

    def change():
        (folder / "sub" / "deaths.csv").unlink()
        (folder / "sub").rmdir()
        (folder / "sub").symlink_to(elsewhere)

    result = checked_while(folder, change)

    assert (result.exit_code(), result.scan.findings) == (5, ())


def test_a_pipe_that_takes_the_place_of_a_file_is_not_opened(tmp_path):
    folder = a_release(tmp_path, {"deaths.csv": ROUNDED})

    def change():
        (folder / "deaths.csv").unlink()
        os.mkfifo(folder / "deaths.csv")

    assert checked_while(folder, change).exit_code() == 5


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs another user")
def test_what_this_user_may_not_read_is_said(breachkit):
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o755)
        folder = a_release(
            Path(name), {"locked.csv": SMALL, "shut/b.csv": SMALL, "a_b.csv": ROUNDED}
        )
        (folder / "locked.csv").chmod(0)
        (folder / "shut").chmod(0)
        here = (
            "--workers",
            "1",
        )  # in this process, which has loaded all it needs of what only we may read
        breachkit("check", folder, *here)
        os.seteuid(65534)
        try:
            found = skipped(breachkit, folder, *here)
        finally:
            os.seteuid(0)

    assert found == {
        "locked.csv": f"file {Unread.FORBIDDEN.value}",
        "shut": Beside.FORBIDDEN.value,
    }


def test_nothing_is_ever_changed(breachkit, tmp_path):
    folder = a_release(tmp_path, {"a_b.csv": SMALL, "sub/c.log": b"done\n"})
    before = {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in tmp_path.rglob("*")}
    for form in ("text", "json", "html"):
        breachkit("check", folder, "--format", form)

    assert before == {
        path: (path.stat().st_mtime_ns, path.stat().st_size) for path in tmp_path.rglob("*")
    }
