"""`man`: the manual, shown or written."""

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit import __version__
from breachkit.cli import console, options
from breachkit.cli.command import command
from breachkit.model.errors import UsageError


if TYPE_CHECKING:
    from breachkit.report.man import Page


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("man")(command(man))


def man(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[COMMAND]...", help="Such as scan, or notify send; none: breachkit."
        ),
    ] = None,
    write: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write every page there, as man reads them.")
    ] = None,
    json_: options.Json = False,
) -> int:
    """Show the manual page of a command, or write all pages for `man`.

    On a terminal the page is opened by the program man; elsewhere, and where there is no such
    program, it comes as plain text. With --write DIR every page is written there. Programs in
    ~/.local/bin have their pages in ~/.local/share/man/man1, so that `man breachkit` finds them.

    Changes: nothing but the files in the folder that --write names.

    \b
    Examples:
      breachkit man                       the program, with all its commands
      breachkit man notify send | less    one command, as plain text
      breachkit man --write ~/.local/share/man/man1
    """
    if write is not None:
        if words:
            raise UsageError("--write writes every page: leave the command out")
        return _write(write, as_json=json_)
    page = _page(tuple(words or ()))
    from breachkit.report.man import to_text

    if json_ or not sys.stdout.isatty() or not _show(page):
        data = {"schema": "breachkit.man/1", "command": page.command, "text": to_text(page)}
        console.show(data, to_text(page), as_json=json_)
    console.following(f"{page.command} --help", "the same in short")
    return 0


def _page(words: tuple[str, ...]) -> "Page":
    from breachkit.cli import manual
    from breachkit.model.meant import meant

    wanted = words[1:] if words[:1] == manual.PROGRAM else words
    found = manual.page_of((*manual.PROGRAM, *wanted))
    if found is None:
        known = [" ".join(each[1:]) for each in manual.paths()]
        said = " ".join(wanted)
        raise UsageError(
            f"no command {said!r}: `breachkit --help` lists them.{meant(said, known, near=0.6)}"
        )
    return found


def _show(page: "Page") -> bool:
    """Open a page in `man`, and say whether there is such a program."""
    if shutil.which("man") is None:
        return False
    from breachkit.cli.paging import run_man
    from breachkit.report.man import to_roff

    with tempfile.TemporaryDirectory(prefix="breachkit-man-") as folder:
        file = Path(folder) / page.file
        file.write_bytes(to_roff(page, tool_version=__version__))
        return run_man(file)


def _write(folder: Path, *, as_json: bool) -> int:
    from breachkit.cli import manual
    from breachkit.report.man import to_roff

    written = [(page.file, to_roff(page, tool_version=__version__)) for page in manual.pages()]
    console.tell_of_link(folder)
    _put(folder, written)
    names = [name for name, _ in written]
    data = {"schema": "breachkit.man-pages/1", "folder": str(folder), "files": names}
    console.show(data, f"{folder}: {len(names)} pages", as_json=as_json)
    console.following(*_next(folder))
    return 0


def _put(folder: Path, files: Sequence[tuple[str, bytes]]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files:
            (folder / name).write_bytes(content)
    except OSError as problem:
        raise UsageError(
            f"pages cannot be written to {folder} ({problem.strerror}): name another folder"
        ) from None


def _next(folder: Path) -> Sequence[str]:
    """Give the command that shows a page that was written: by its name where man looks there."""
    if folder.name == "man1" and folder.parent.name == "man":
        return "man breachkit", f"or, where it is not found: man {folder / 'breachkit.1'}"
    return (
        f"man {folder / 'breachkit.1'}",
        "man finds pages by name in ~/.local/share/man/man1, among other places",
    )
