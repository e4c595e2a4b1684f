"""A sweep's result as a page that stands alone: what is new, how it went over time, and every repository.

The table of repositories can be sorted by any column and searched by name, and each of them opens to what
was found in it: where, never what. Without scripts it is the same page, sorted by what is new.
"""

from collections.abc import Iterator, Sequence

from breachkit.actions.sweeping import Life, Record, Standing, Sweep, Swept
from breachkit.model.findings import Severity
from breachkit.model.time import rfc3339
from breachkit.report import escape, sweep_words
from breachkit.report.page import page
from breachkit.report.sweep_spark import spark
from breachkit.report.sweep_style import SCRIPT, STYLE
from breachkit.report.sweep_trend import Course, trend
from breachkit.report.words import counted


_OVER_TIME = "Open over time"
_COLUMNS = (
    ("Repository", ""),
    *((life.value.capitalize(), "n") for life in Life),
    (_OVER_TIME, "n"),
    ("Worst new", "n"),
    ("Looked at", ""),
    ("Not read", "n"),
)
_SORTED_BY = "Worst new"
_MOST = 200
"""Findings of one repository that the page lists."""


def to_html(made: Sweep, course: Course, *, notes: Sequence[str] = (), tool_version: str) -> str:
    """Give the page.

    Args:
        made: The sweep.
        course: The sweeps of the same repositories, this one the last.
        notes: What whoever reads it has to know.
        tool_version: breachkit's own.
    """
    lead = (
        (
            f"{made.target}: sweep {made.number}, ended {rfc3339(made.ended_at)}, by policy {made.policy}, "
            f"with breachkit {tool_version}"
        ),
        _verdict(made),
        *notes,
    )
    return page("Sweep of study repositories", lead, _body(made, course), script=SCRIPT)


def _verdict(made: Sweep) -> str:
    found = sweep_words.found(made)
    told = found[:1].upper() + found[1:]
    if made.complete:
        return f"{told}; everything was looked at."
    why = f": {made.unfinished}" if made.unfinished else ""
    return f"{told}; not everything was looked at{why}. See the column “Looked at”."


def _body(made: Sweep, course: Course) -> Iterator[str]:
    yield STYLE
    yield from _numbers(made)
    yield trend(course.runs)
    yield "<h2>Repositories</h2>\n"
    yield (
        '<p class="find" hidden><label>Find <input type="search" autocomplete="off"></label> '
        '<label><input type="checkbox"> only with something new</label> <output></output></p>\n'
    )
    yield '<table class="sweep">\n<caption>The worst new findings first; rows are counted from 1, below the header.</caption>\n'
    yield f"<thead><tr>{''.join(_head(*each) for each in _COLUMNS)}</tr></thead>\n<tbody>\n"
    yield from (_row(one, course) for one in sweep_words.worst_first(made))
    yield "</tbody>\n</table>\n"


def _head(name: str, kind: str) -> str:
    order = ' aria-sort="descending"' if name == _SORTED_BY else ""
    return f'<th scope="col" class="{kind}"{order}>{escape.html(name)}</th>'


def _numbers(made: Sweep) -> Iterator[str]:
    """Give what it came to in numbers that are read from afar, and the new ones by severity."""
    new = [record.seen.severity for one in made.repositories for record in one.of(Life.NEW)]
    unread = sum(one.outcome.unread for one in made.repositories)
    failed = len(made.standing(Standing.FAILED))
    tiles = [
        (life.value, made.count(life), "bad worst" if life is Life.NEW else "") for life in Life
    ]
    tiles += [
        ("repositories", len(made.repositories), ""),
        ("failed", failed, "bad"),
        ("skipped", len(made.standing(Standing.SKIPPED)), ""),
        ("objects not read", unread, "bad"),
    ]
    yield '<dl class="numbers">\n'
    for name, number, kind in tiles:
        shown = f' class="{kind}"' if kind and number else ""
        yield f"<div{shown}><dt>{name}</dt><dd>{number:,}</dd></div>\n"
    yield "</dl>\n"
    if new:
        each = (
            f"{_badge(severity)} {new.count(severity):,}" for severity in sorted(set(new))[::-1]
        )
        yield f'<p class="severities">New: {" &nbsp; ".join(each)}</p>\n'


def _badge(severity: Severity) -> str:
    return f'<span class="badge {severity.label}">{severity.label}</span>'


def _row(one: Swept, course: Course) -> str:
    outcome = one.outcome
    worst = sweep_words.worst_new(one)
    name = f"{escape.html_shown(outcome.name)}{_details(one)}"
    standing = str(list(Standing).index(outcome.standing))
    cells = [
        _cell(outcome.name, name, "Repository", "name"),
        *(_number(len(one.of(life)), life.value.capitalize(), is_bad=life is Life.NEW) for life in Life),
        _over_time(one, course),
        _cell(str(worst.value), _badge(worst) if worst else "", _SORTED_BY, "n"),
        _cell(standing, _standing(one), "Looked at", "bad" if _is_bad(one) else ""),
        _number(outcome.unread, "Not read", is_bad=True),
    ]  # fmt: skip
    return f"<tr>{''.join(cells)}</tr>\n"


def _over_time(one: Swept, course: Course) -> str:
    change, picture = spark(course.runs, course.tallies.get(one.outcome.key, ()))
    return _cell(str(change), picture, _OVER_TIME, "n")


def _cell(key: str, shown: str, label: str, kind: str) -> str:
    return (
        f'<td class="{kind}" data-label="{label}" data-key="{escape.html_shown(key)}">{shown}</td>'
    )


def _number(number: int, label: str, *, is_bad: bool) -> str:
    kind = "n bad" if is_bad and number else "n" if number else "n zero"
    return _cell(str(number), f"{number:,}", label, kind)


def _is_bad(one: Swept) -> bool:
    return one.outcome.standing is Standing.FAILED


def _standing(one: Swept) -> str:
    reason = escape.html_shown(one.outcome.reason)
    shown = escape.html(one.outcome.standing.value)
    return f'{shown}<span class="how">{reason}</span>' if reason else shown


def _details(one: Swept) -> str:
    records = sweep_words.in_order(one.records)
    if not records:
        return ""
    items = "".join(map(_item, records[:_MOST]))
    rest = len(records) - _MOST
    more = f"<li>and {rest:,} more: see the report as JSON</li>" if rest > 0 else ""
    title = escape.html(counted(len(records), "finding"))
    return f"<details><summary>{title}</summary><ul>{items}{more}</ul></details>"


def _item(record: Record) -> str:
    seen = record.seen
    place = sweep_words.where(seen)
    where = f"; {escape.html_shown(place)}" if place else ""
    path = escape.html_shown(seen.path or sweep_words.NAMELESS)
    life = f"{record.life.value} since {record.since:%Y-%m-%d}"
    return (
        f"<li>{_badge(seen.severity)} {escape.html(seen.rule)} <code>{path}</code>"
        f'<span class="how">{escape.html_shown(seen.message)}{where}; {life}</span></li>'
    )
