"""A sweep's result as a page that stands alone: what is new, every repository, and how it went over time.

The table of repositories can be sorted by any column, and each of them opens to what was found in it: where,
never what. Without scripts it is the same page, sorted by what is new.
"""

from collections.abc import Iterator, Sequence

from breachkit.actions.sweeping import Life, Record, Run, Standing, Sweep, Swept
from breachkit.model.findings import Severity
from breachkit.model.time import rfc3339
from breachkit.report import escape
from breachkit.report.page import page
from breachkit.report.sweep_words import where
from breachkit.report.words import counted


_STYLE = """<style>
.scroll { overflow-x: auto; } table.sweep { table-layout: auto; } table.sweep th button { all: unset; cursor: pointer; font-weight: 600; }
table.sweep th button:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
th[aria-sort=ascending] button::after { content: " \\2191"; } th[aria-sort=descending] button::after { content: " \\2193"; }
td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } details { margin: .15rem 0; } summary { cursor: pointer; }
details ul { margin: .3rem 0 .3rem 1.1rem; padding: 0; } details li { margin: .15rem 0; } svg.trend { max-width: 100%; height: auto; color: var(--late); }
.trend figcaption, figure { margin: .3rem 0; color: var(--soft); font-size: .92em; } td.bad { color: var(--late); font-weight: 600; }
@media screen and (max-width: 46rem) { table.sweep td.n { text-align: left; } }
@media print { details > *:not(summary) { display: block; } }
</style>
"""
_SCRIPT = """
document.querySelectorAll("table.sweep").forEach(function (table) {
  table.querySelectorAll("th").forEach(function (head, column) {
    head.querySelector("button").addEventListener("click", function () {
      var up = head.getAttribute("aria-sort") === "descending";
      table.querySelectorAll("th").forEach(function (each) { each.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      var body = table.tBodies[0], rows = Array.from(body.rows);
      rows.sort(function (one, other) {
        var a = one.cells[column].dataset.key, b = other.cells[column].dataset.key;
        var numbers = a !== "" && b !== "" && !isNaN(a) && !isNaN(b);
        var order = numbers ? a - b : a < b ? -1 : a > b ? 1 : 0;
        return up ? order : -order;
      });
      rows.forEach(function (row) { body.appendChild(row); });
    });
  });
});
"""
_HEADER = ("Repository", "New", "Known", "Accepted", "Gone", "Worst new", "Looked at", "Not read")
_MOST = 200
"""Findings of one repository that the page lists."""


def to_html(
    made: Sweep, earlier: Sequence[Run], *, notes: Sequence[str] = (), tool_version: str
) -> str:
    """Give the page.

    Args:
        made: The sweep.
        earlier: The sweeps of the same repositories, this one the last, oldest first.
        notes: What whoever reads it has to know.
        tool_version: breachkit's own.
    """
    lead = (
        f"{made.target}: sweep {made.number}, ended {rfc3339(made.ended_at)}, by policy {made.policy}",
        f"{counted(len(made.repositories), 'repository', 'repositories')}, with breachkit {tool_version}",
        _verdict(made),
        *notes,
    )
    return page("Sweep of study repositories", lead, _body(made, earlier), script=_SCRIPT)


def _verdict(made: Sweep) -> str:
    new = made.count(Life.NEW)
    told = (
        f"{counted(new, 'new finding')}, the worst {made.worst_new.label}" if new else "Nothing new"
    )
    gaps = (
        "everything was looked at" if made.complete else "not everything was looked at: see below"
    )
    return f"{told}; {made.count(Life.KNOWN)} known, {made.count(Life.ACCEPTED)} accepted, {made.count(Life.GONE)} gone; {gaps}."


def _body(made: Sweep, earlier: Sequence[Run]) -> Iterator[str]:
    yield _STYLE
    if len(earlier) > 1:
        yield "<h2>Over time</h2>\n"
        yield trend(earlier)
    yield "<h2>Repositories</h2>\n"
    yield '<div class="scroll"><table class="sweep">\n<thead><tr>'
    yield "".join(
        f'<th scope="col"><button type="button">{escape.html(name)}</button></th>'
        for name in _HEADER
    )
    yield "</tr></thead>\n<tbody>\n"
    yield from map(_row, sorted(made.repositories, key=_worst_first))
    yield "</tbody>\n</table></div>\n"


def _worst_first(one: Swept) -> tuple[object, ...]:
    new = one.of(Life.NEW)
    worst = max((record.seen.severity for record in new), default=Severity.INFO)
    return -worst, -len(new), one.outcome.name


def _row(one: Swept) -> str:
    outcome = one.outcome
    new = one.of(Life.NEW)
    worst = max((record.seen.severity for record in new), default=Severity.INFO)
    cells = [
        _cell(outcome.name, f"{escape.html(outcome.name)}{_details(one)}", "Repository"),
        *(
            _number(len(one.of(life)), life.value.capitalize(), is_bad=life is Life.NEW)
            for life in Life
        ),
        _cell(str(worst.value), escape.html(worst.label) if new else "", "Worst new"),
        _cell(outcome.standing.value, _standing(one), "Looked at", is_bad=_is_bad(one)),
        _number(outcome.unread, "Not read", is_bad=bool(outcome.unread)),
    ]
    return f"<tr>{''.join(cells)}</tr>\n"


def _cell(key: str, shown: str, label: str, *, is_bad: bool = False) -> str:
    kind = ' class="bad"' if is_bad else ""
    return f'<td{kind} data-label="{label}" data-key="{escape.html(key)}">{shown}</td>'


def _number(number: int, label: str, *, is_bad: bool) -> str:
    kind = "n bad" if is_bad and number else "n"
    return f'<td class="{kind}" data-label="{label}" data-key="{number}">{number}</td>'


def _is_bad(one: Swept) -> bool:
    return one.outcome.standing is Standing.FAILED


def _standing(one: Swept) -> str:
    reason = escape.html(one.outcome.reason)
    shown = escape.html(one.outcome.standing.value)
    return f'{shown}<span class="how">{reason}</span>' if reason else shown


def _details(one: Swept) -> str:
    records = sorted(one.records, key=_order)
    if not records:
        return ""
    items = "".join(map(_item, records[:_MOST]))
    more = (
        f"<li>and {len(records) - _MOST} more: see the report as JSON</li>"
        if len(records) > _MOST
        else ""
    )
    title = escape.html(counted(len(records), "finding"))
    return f"<details><summary>{title}</summary><ul>{items}{more}</ul></details>"


def _order(record: Record) -> tuple[object, ...]:
    return list(Life).index(record.life), -record.seen.severity, record.seen.path, record.seen.rule


def _item(record: Record) -> str:
    seen = record.seen
    path = f"<code>{escape.html(seen.path)}</code> " if seen.path else ""
    place = f" ({escape.html(where(seen))})" if where(seen) else ""
    told = escape.html(
        f"{seen.severity.label}, {record.life.value} since {record.since:%Y-%m-%d}: {seen.rule}"
    )
    return f"<li>{told} {path}{escape.html(seen.message)}{place}</li>"


_WIDE, _HIGH, _EDGE = 640, 90, 6


def trend(earlier: Sequence[Run]) -> str:
    """Give a line of what was open at the end of each sweep, and a bar for what was new in it, as safe HTML."""
    still = [_open(run) for run in earlier]
    new = [run.counts.get("findings new", 0) for run in earlier]
    most = max(*still, *new, 1)
    step = (_WIDE - 2 * _EDGE) / max(len(earlier) - 1, 1)
    scale = (_HIGH - 2 * _EDGE) / most

    def at(number: int, count: int) -> tuple[float, float]:
        return _EDGE + number * step, _HIGH - _EDGE - count * scale

    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*each) for each in enumerate(still)))
    bars = "".join(
        f'<rect x="{x - 2:.1f}" y="{y:.1f}" width="4" height="{_HIGH - _EDGE - y:.1f}" fill="currentColor"/>'
        for x, y in (at(*each) for each in enumerate(new))
    )
    said = (
        f"Open findings over {counted(len(earlier), 'sweep')}, from {earlier[0].began_at:%Y-%m-%d} "
        f"to {earlier[-1].began_at:%Y-%m-%d}: {still[0]} then, {still[-1]} now, at most {most}. Bars: new in that sweep."
    )
    return (
        f'<figure class="trend"><svg class="trend" role="img" viewBox="0 0 {_WIDE} {_HIGH}" width="{_WIDE}" height="{_HIGH}">'
        f"<title>{escape.html(said)}</title>{bars}"
        f'<polyline points="{line}" fill="none" stroke="var(--ink)" stroke-width="2"/></svg>'
        f"<figcaption>{escape.html(said)}</figcaption></figure>\n"
    )


def _open(run: Run) -> int:
    return run.counts.get("findings new", 0) + run.counts.get("findings known", 0)
