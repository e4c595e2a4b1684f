"""What a sweep's page looks like, and what can be done with it where scripts run."""

STYLE = """<style>
:root { --critical: #7d0a2b; --high: #b3261e; --medium: #ffd35c; --low: #cfe0f5; --bar: #c4483f; --tile: #f4f4f2; }
@media screen and (prefers-color-scheme: dark) { :root { --bar: #e0776d; --tile: #222; } }
.badge { display: inline-block; border-radius: 4px; padding: 0 .45em; font-size: .85em; font-weight: 600; line-height: 1.55; white-space: nowrap; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.badge.critical { background: var(--critical); color: #fff; } .badge.high { background: var(--high); color: #fff; }
.badge.medium { background: var(--medium); color: #1b1b1b; } .badge.low { background: var(--low); color: #1b1b1b; }
dl.numbers { display: flex; flex-wrap: wrap; gap: .7rem; margin: 1rem 0 .6rem; }
dl.numbers div { background: var(--tile); border: 1px solid var(--line); border-radius: 8px; padding: .5rem .9rem; min-width: 5.5rem; }
dl.numbers dt { color: var(--soft); font-size: .85em; } dl.numbers dd { margin: 0; font-size: 1.75rem; font-weight: 650; font-variant-numeric: tabular-nums; line-height: 1.25; }
dl.numbers .bad dd { color: var(--late); } dl.numbers .worst { border-color: var(--late); }
p.severities { margin: .3rem 0; } p.severities .badge { margin-right: .35rem; }
figure { margin: .3rem 0; } figure.trend svg { max-width: 100%; height: auto; } figcaption { color: var(--soft); font-size: .92em; margin: .2rem 0; }
.trend .grid { stroke: var(--line); stroke-width: 1; } .trend .open { fill: none; stroke: var(--ink); stroke-width: 2; stroke-linejoin: round; }
.trend .dot { fill: var(--ink); } .trend .new { fill: var(--bar); } .trend text { fill: var(--soft); font-size: 12px; font-family: system-ui, sans-serif; } .trend text.now { fill: var(--ink); font-weight: 600; }
.spark { vertical-align: middle; overflow: visible; } .spark polyline { fill: none; stroke: var(--ink); stroke-width: 1.5; stroke-linejoin: round; } .spark circle { fill: var(--ink); }
.key-open { border-bottom: 2px solid var(--ink); } .key-new { border-bottom: 4px solid var(--bar); }
table.plain { width: auto; table-layout: auto; } table.plain td, table.plain th { padding: .1rem .9rem .1rem 0; } caption { text-align: left; color: var(--soft); font-size: .92em; padding: .2rem 0; }
table.sweep { table-layout: auto; } table.sweep th button { all: unset; cursor: pointer; font-weight: 600; } table.sweep th { white-space: nowrap; }
table.sweep th button:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; } table.sweep th.n { text-align: right; }
table.sweep th button::after { content: " \\2195"; content: " \\2195" / ""; color: var(--soft); } table.sweep th[aria-sort=ascending] button::after { content: " \\2191"; content: " \\2191" / ""; color: inherit; } table.sweep th[aria-sort=descending] button::after { content: " \\2193"; content: " \\2193" / ""; color: inherit; }
td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } td.zero { color: var(--done); } td.bad { color: var(--late); font-weight: 600; }
td.name { overflow-wrap: anywhere; min-width: 14rem; } details { margin: .15rem 0; } summary { cursor: pointer; color: var(--soft); font-size: .92em; }
details ul { margin: .3rem 0 .3rem 1.1rem; padding: 0; font-weight: 400; } details li { margin: .3rem 0; overflow-wrap: anywhere; }
.find { margin: .4rem 0; } .find input { font: inherit; padding: .2rem .4rem; max-width: 100%; } .find label { margin-right: 1.2rem; } [hidden] { display: none !important; }
@media screen and (max-width: 70rem) { table.sweep th { white-space: normal; vertical-align: bottom; } table.sweep th, table.sweep td { padding-left: .35rem; padding-right: .35rem; } td.name { min-width: 9rem; } table.sweep { font-size: .92em; } }
@media screen and (max-width: 46rem) { table.sweep td.n { text-align: left; } table.sweep caption { display: block; } td.name { min-width: 0; } table.plain td { padding: .1rem .7rem; } table.plain td::before { content: none; } .trend text { font-size: 20px; } }
@media print { .find { display: none; } details::details-content { content-visibility: visible; block-size: auto; } table.sweep th button::after { content: none; } tr { break-inside: auto !important; } }
</style>
"""

SCRIPT = """
(function () {
  "use strict";
  var table = document.querySelector("table.sweep"), body = table.tBodies[0];
  var heads = Array.from(table.tHead.rows[0].cells), rows = Array.from(body.rows);
  function key(row, column) { return row.cells[column].dataset.key; }
  function sort(column, down) {
    var isNumber = heads[column].classList.contains("n");
    rows.sort(function (one, other) {
      var a = key(one, column), b = key(other, column);
      var order = isNumber ? a - b : a < b ? -1 : a > b ? 1 : 0;
      return down ? -order : order;
    });
    rows.forEach(function (row) { body.appendChild(row); });
    heads.forEach(function (each) { each.removeAttribute("aria-sort"); });
    heads[column].setAttribute("aria-sort", down ? "descending" : "ascending");
  }
  heads.forEach(function (head, column) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.textContent = "";
    head.appendChild(button);
    button.addEventListener("click", function () {
      var now = head.getAttribute("aria-sort");
      sort(column, now ? now === "ascending" : head.classList.contains("n"));
    });
  });
  var find = document.querySelector(".find"), name = find.querySelector("[type=search]");
  var isNew = find.querySelector("[type=checkbox]"), told = find.querySelector("output");
  function choose() {
    var wanted = name.value.toLowerCase(), shown = 0;
    rows.forEach(function (row) {
      var has = key(row, 0).toLowerCase().indexOf(wanted) >= 0;
      row.hidden = !has || (isNew.checked && key(row, 1) === "0");
      shown += row.hidden ? 0 : 1;
    });
    told.textContent = shown + " of " + rows.length + " shown";
  }
  name.addEventListener("input", choose);
  isNew.addEventListener("change", choose);
  find.hidden = false;
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (each) { each.open = true; });
  });
})();
"""
