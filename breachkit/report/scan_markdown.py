"""A scan result as Markdown, for tickets and wikis. It carries no object ids."""

from collections.abc import Iterator, Sequence

from breachkit.detect.rule import About
from breachkit.model.findings import Finding, ScanResult
from breachkit.report import escape, words
from breachkit.report.grouping import FileGroup, RuleGroup, by_file
from breachkit.report.masking import Masking


def to_markdown(result: ScanResult, about: Sequence[About], *, tool_version: str) -> str:
    """Give the report: verdict, findings by file, what was not examined, what was looked at."""
    return "\n".join(_Page(result, about, tool_version).lines()) + "\n"


class _Page:
    """One report on its way to a page."""

    def __init__(self, result: ScanResult, about: Sequence[About], tool_version: str) -> None:
        self._result = result
        self._about = {each.id: each for each in about}
        self._tool_version = tool_version
        self._masking = Masking.of(result)

    def lines(self) -> Iterator[str]:
        result = self._result
        yield "# breachkit scan"
        yield ""
        yield f"**{escape.markdown(words.verdict(result))}**"
        if result.verdict == "findings" and not result.complete:
            yield ""
            yield f"**Also INCOMPLETE: {escape.markdown(words.unexamined(result))}**"
        yield ""
        target = escape.markdown(self._masking.target(result.target))
        yield f"Scanned {target} by policy {escape.markdown(words.policy(result.policy))}"
        yield f"with breachkit {escape.markdown(self._tool_version)}."
        for limit in words.limits(result):
            yield ""
            yield f"**{escape.markdown(limit)}**"
        for section in (
            self._findings,
            self._remedies,
            self._accepted,
            self._known,
            self._skipped,
            self._coverage,
        ):
            yield from section()

    def _show(self, name: bytes | str) -> str:
        masked = self._masking.text(name) if isinstance(name, str) else self._masking.mask(name)
        return escape.markdown(masked)

    def _findings(self) -> Iterator[str]:
        for group in by_file(self._result.findings):
            yield ""
            yield f"## {group.severity.label}: {self._file_name(group)}"
            yield ""
            if group.other_paths:
                yield f"Also named {', '.join(map(self._show, group.other_paths))}."
                yield ""
            yield "| rule | severity | what | where | versions | reach | when |"
            yield "|---|---|---|---|---|---|---|"
            for rule in group.rules:
                yield self._row(rule)

    def _file_name(self, group: FileGroup) -> str:
        return "messages and nameless objects" if group.path is None else self._show(group.path)

    def _row(self, group: RuleGroup) -> str:
        hit, place = group.told.hit, group.told.attribution
        cells = (
            hit.rule,
            group.severity.label,
            self._show(hit.message),
            words.where(hit.location, self._show),
            f"{len(group.findings):,}",
            words.reach(place, self._show),
            words.when(place),
        )
        return f"| {' | '.join(cells)} |"

    def _remedies(self) -> Iterator[str]:
        rules = [rule for rule in words.failing(self._result.findings) if rule in self._about]
        if rules:
            yield from ("", "## What to do", "")
        for rule in rules:
            yield f"- {rule}: {escape.markdown(self._about[rule].remedy)}"

    def _accepted(self) -> Iterator[str]:
        result = self._result
        if result.accepted or result.lapsed:
            yield from ("", "## Accepted", "")
        for lapsed in result.lapsed:
            yield f"- **no longer** {self._named(lapsed.finding)}: {self._show(lapsed.why)}"
        for accepted in result.accepted:
            said = self._show(words.acceptance(accepted.acceptance))
            yield f"- {self._named(accepted.finding)}, {said}"

    def _known(self) -> Iterator[str]:
        if self._result.known:
            yield from ("", "## Known from the baseline", "")
        for finding in self._result.known:
            yield f"- {self._named(finding)}"

    def _named(self, finding: Finding) -> str:
        path = next(iter(finding.attribution.paths), None)
        name = "a message or nameless object" if path is None else self._show(path)
        return f"{finding.hit.rule} {finding.hit.severity.label} in {name}"

    def _skipped(self) -> Iterator[str]:
        if self._result.skipped:
            yield from ("", "## Not examined, so not known to be clean", "")
        for reason, skipped in words.reasons(self._result.skipped):
            yield f"- {len(skipped):,} x {self._show(reason)}"
            for path, number in words.versions(skipped):
                yield f"  - {self._show(path)}" + f" ({number:,} versions)" * (number > 1)
        if self._result.coverage.never_fetched:
            yield ""
            yield f"What is missing was never fetched into this partial clone. In it: `{words.FETCH_MISSING}`"
            yield from filter(None, [words.not_fetched(self._result.coverage)])

    def _coverage(self) -> Iterator[str]:
        coverage = self._result.coverage
        yield from ("", "## What was looked at", "", "| | |", "|---|---|")
        kinds = (f"{self._show(kind)} {count:,}" for kind, count in coverage.refs.items())
        yield f"| refs | {', '.join(kinds) or 'none'} |"
        for kind, count in coverage.objects.items():
            yield f"| {kind}s | {words.fates(count)} |"
        if words.left_out(coverage):
            yield f"| left out | {words.left_out(coverage)} |"
        if words.partial_and_whole(coverage):
            yield f"| clone | {words.partial_and_whole(coverage)} |"
        yield f"| content | {words.size(self._result.stats.bytes_examined)} |"
