"""Puts similar files of a release together under one pattern, such as `release/rates_by_*.csv`.

Files are similar where they are of one kind, have the same headers, and share a word of their names;
they may lie in several folders, with one name in each. A pattern is taken only if it captures exactly them of all files of the folder,
whether or not capitals count: the servers on which outputs are checked do not tell them apart.

Source: OpenSAFELY documentation, 'Requesting release of research outputs': where necessary similar
files can be grouped, with a wildcard and the number of files that it captures.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from breachkit.actions.request import Output, Section
from breachkit.model.ids import GitPath


_BOUNDARY = re.compile(r"(?<=[_\-. ])|(?=[_\-. ])")
_WORD = re.compile(r"[^\W\d_]{3,}")
_ALONE = frozenset({"HTML", "notebook", "program or prose"})
"""Reports with text and outputs in them are requested one by one."""
_GENERIC = frozenset(
    {
        "figure",
        "figures",
        "fig",
        "plot",
        "plots",
        "image",
        "chart",
        "graph",
        "output",
        "outputs",
        "results",
        "table",
        "final",
    }
)
_MOST_CUTS = 24
_Cut = tuple[str, str]
"""What stands before and behind the `*` of a pattern, with the folder."""


def sections_of(outputs: Sequence[Output]) -> tuple[Section, ...]:
    """Give every file in exactly one section, by path."""
    names = {_text(each.path): each for each in outputs}
    sections = [section for bucket in _buckets(outputs) for section in _groups(bucket, names)]
    taken = {path for section in sections for path in section.paths}
    sections += [
        Section(outputs=(each,), pattern=escaped(_text(each.path)))
        for each in outputs
        if each.path not in taken
    ]
    return tuple(sorted(sections, key=lambda each: each.paths))


def _text(path: GitPath) -> str:
    return path.decode("utf-8", "surrogateescape")


def escaped(name: str) -> str:
    """Give a pattern that captures this name alone, whatever it holds."""
    return _SPECIAL.sub(r"[\1]", name)


_SPECIAL = re.compile(r"([*?\[])")


def captured(pattern: str, names: Iterable[str]) -> tuple[str, ...]:
    """Give the names that a pattern matches where capitals count, or where they do not."""
    return tuple(
        name
        for name in names
        if fnmatchcase(name, pattern) or fnmatchcase(name.casefold(), pattern.casefold())
    )


def _buckets(outputs: Sequence[Output]) -> Iterator[list[str]]:
    """Give the names of files that may belong together."""
    found: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for each in outputs:
        facts = each.facts
        if each.is_masked or facts.unread or facts.kind in _ALONE:
            continue
        path = _text(each.path)
        _, suffix = _taken_apart(path.rpartition("/")[2])
        found[path.count("/"), suffix, facts.kind, facts.signature].append(path)
    yield from (sorted(names) for names in found.values() if len(names) > 1)


def _groups(bucket: Sequence[str], names: dict[str, Output]) -> Iterator[Section]:
    members: dict[_Cut, set[str]] = defaultdict(set)
    for name in bucket:
        for cut in _cuts(name, is_named=not names[name].facts.signature):
            members[cut].add(name)
    left = set(bucket)
    for cut in sorted(members, key=lambda cut: (-len(members[cut]), -len(cut[0] + cut[1]), cut)):
        own = members[cut]
        if len(own) > 1 and own <= left and _is_exact(cut, own, names):
            left -= own
            files = tuple(names[name] for name in sorted(own))
            yield Section(outputs=files, pattern=_pattern(cut))


def _pattern(cut: _Cut) -> str:
    return f"{escaped(cut[0])}*{escaped(cut[1])}"


def _is_exact(cut: _Cut, own: set[str], names: Iterable[str]) -> bool:
    first, last = cut[0].casefold(), cut[1].casefold()
    alike = (name.casefold() for name in names)
    number = sum(name.startswith(first) and name.endswith(last) for name in alike)
    return number <= len(own) and set(captured(_pattern(cut), names)) == own


def _taken_apart(name: str) -> tuple[str, str]:
    """Give a name without its suffix, and the suffix with its dot."""
    stem, dot, suffix = name.rpartition(".")
    return (stem, dot + suffix) if dot else (name, "")


def _cuts(path: str, *, is_named: bool) -> Iterator[_Cut]:
    """Give every way in which a part of one name in a path, between two of its words, can be left open.

    Args:
        path: Folders and name.
        is_named: Whether its name alone says to what it is similar: then it has to say more than
            that it is a figure.
    """
    parts = path.split("/")
    for at, part in enumerate(parts):
        is_last = at == len(parts) - 1
        if at == 0 and not is_last:
            continue  # the folder that is released
        stem, suffix = _taken_apart(part) if is_last else (part, "")
        lead = "".join(f"{each}/" for each in parts[:at])
        behind = suffix + "".join(f"/{each}" for each in parts[at + 1 :])
        for first, last in _open_parts(stem):
            left = f"{stem[:first]} {stem[last:]}" if is_last else _taken_apart(parts[-1])[0]
            words = {word.lower() for word in _WORD.findall(left)}
            if words - (_GENERIC if is_named else frozenset()):
                yield lead + stem[:first], stem[last:] + behind


def _open_parts(stem: str) -> Iterator[tuple[int, int]]:
    places = sorted({0, len(stem), *(found.start() for found in _BOUNDARY.finditer(stem))})
    for first in places[:_MOST_CUTS]:
        for last in places[-_MOST_CUTS:]:
            if first < last:
                yield first, last
