"""The check of a release as Markdown, for a request's ticket. It carries no digests and no object ids."""

from collections.abc import Iterator, Sequence

from breachkit.actions.release_checks import CheckResult, ItemResult
from breachkit.detect.rule import About
from breachkit.model.findings import Severity
from breachkit.report import check_words, escape, words
from breachkit.report.grouping import by_file
from breachkit.report.masking import Masking


_MOST_FILES = 20


def to_markdown(result: CheckResult, about: Sequence[About], *, tool_version: str) -> str:
    """Give the report: verdict, checklist, findings by file, what was not examined."""
    return "\n".join(_Page(result, about, tool_version).lines()) + "\n"


class _Page:
    def __init__(self, result: CheckResult, about: Sequence[About], tool_version: str) -> None:
        self._result = result
        self._titles = {each.id: each.title for each in about}
        self._version = tool_version
        self._masking = Masking.of(result.scan)

    def lines(self) -> Iterator[str]:
        result = self._result
        target = self._show(result.scan.target)
        yield "# Check before release"
        yield ""
        yield f"**{escape.markdown(check_words.verdict(result))}**"
        yield ""
        yield f"Checked {target}: {escape.markdown(check_words.looked_at(result))},"
        yield f"with breachkit {escape.markdown(self._version)}."
        yield ""
        yield self._show(check_words.policy(result))
        yield ""
        yield "| outcome | item | why | what to do | source |"
        yield "|---|---|---|---|---|"
        for each in result.items:
            yield self._item(each)
        yield from self._findings()
        yield from self._set_aside()
        yield from self._skipped()

    def _show(self, name: bytes | str) -> str:
        masked = self._masking.text(name) if isinstance(name, str) else self._masking.mask(name)
        return escape.markdown(masked)

    def _item(self, each: ItemResult) -> str:
        label = check_words.LABELS[each.outcome]
        shown = f"**{label}**" if each.open else label
        cells = (
            shown,
            self._show(each.item.title),
            "; ".join(self._reasons(each)) or self._show(each.note),
            self._remedy(each),
            self._show(check_words.source(each)),
        )
        return f"| {' | '.join(cells)} |"

    def _remedy(self, each: ItemResult) -> str:
        how = check_words.how_to_answer(each)
        end = f" `{how}`" if how else ""
        return f"{self._show(each.item.remedy)}{end}" if each.open else ""

    def _reasons(self, each: ItemResult) -> Iterator[str]:
        for group in check_words.alike(each.concerns):
            about = check_words.about(group, self._show, most=_MOST_FILES)
            ids = check_words.ids(group)
            said = self._show(group[0].what) + (f" ({ids})" if ids else "")
            answer = group[0].answer
            settled = "" if answer is None else f"; {check_words.answer(answer, self._show)}"
            yield (f"{said}: {about}" if about else said) + settled

    def _findings(self) -> Iterator[str]:
        for group in by_file(self._result.scan.findings):
            yield ""
            yield f"## {group.severity.label}: {self._show(group.path or b'')}"
            yield ""
            yield "| finding | rule | severity | what | where |"
            yield "|---|---|---|---|---|"
            for rule in group.rules:
                for found in rule.findings:
                    hit = found.hit
                    title = self._show(self._titles.get(hit.rule, hit.rule))
                    where = words.where(hit.location, self._show)
                    yield f"| {found.id} | {hit.rule} | {hit.severity.label} | {title}: {self._show(hit.message)} | {where} |"  # fmt: skip
        if any(each.hit.severity > Severity.INFO for each in self._result.scan.findings):
            yield ""
            yield "Rows are counted from 1, below the header."

    def _set_aside(self) -> Iterator[str]:
        said = check_words.set_aside(self._result, self._show)
        if said:
            yield ""
            yield "## What people said"
            yield ""
            yield from (f"- {each}" for each in said)

    def _skipped(self) -> Iterator[str]:
        reasons = words.reasons(self._result.scan.skipped)
        if not reasons:
            return
        yield ""
        yield "## Not examined, so not known to be clean"
        yield ""
        for reason, skipped in reasons:
            paths = [path for path, _ in words.versions(skipped)]
            named = check_words.files(paths, self._show, most=_MOST_FILES)
            yield f"- {len(skipped):,} x {self._show(reason)}{': ' if named else ''}{named}"
