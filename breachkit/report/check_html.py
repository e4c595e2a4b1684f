"""The check of a release as a page that stands alone, to be printed or sent with the request."""

from collections.abc import Iterator, Sequence

from breachkit.actions.release_checks import CheckResult, Concern, ItemResult, Outcome
from breachkit.detect.rule import About
from breachkit.report import check_words, escape, words
from breachkit.report.grouping import by_file
from breachkit.report.masking import Masking
from breachkit.report.page import page, table


_MOST_FILES = 20
_CLASSES = {Outcome.FAIL: "overdue", Outcome.PERSON: "", Outcome.PASS: "done"}


def to_html(result: CheckResult, about: Sequence[About], *, tool_version: str) -> str:
    """Give the page: verdict, checklist, findings by file, what was not examined."""
    made = _Page(result, about)
    lead = (
        check_words.verdict(result),
        f"{made.target}: {check_words.looked_at(result)}, with breachkit {tool_version}",
        check_words.policy(result),
    )
    return page("Check before release", lead, made.body())


class _Page:
    def __init__(self, result: CheckResult, about: Sequence[About]) -> None:
        self._result = result
        self._titles = {each.id: each.title for each in about}
        self._masking = Masking.of(result.scan)
        self.target = self._masking.target(result.scan.target)

    def body(self) -> Iterator[str]:
        yield "<h2>The checklist of the request</h2>\n"
        yield table(
            ("Outcome", "Item", "Why", "What to do"),
            (self._item(each) for each in self._result.items),
            widths=(10, 26, 36, 28),
        )
        yield from self._findings()
        yield from self._set_aside()
        yield from self._skipped()

    def _show(self, name: bytes | str) -> str:
        masked = self._masking.text(name) if isinstance(name, str) else self._masking.mask(name)
        return escape.html(masked)

    def _item(self, each: ItemResult) -> tuple[str, Sequence[str]]:
        label = escape.html(check_words.LABELS[each.outcome])
        shown = f'<span class="late">{label}</span>' if each.outcome is Outcome.FAIL else label
        source = f'<span class="how">{self._show(check_words.source(each))}</span>'
        note = f"<div>{self._show(each.note)}</div>" if each.note and not each.concerns else ""
        groups = check_words.alike(each.concerns)
        reasons = "".join(f"<div>{self._reason(group)}</div>" for group in groups)
        how = check_words.how_to_answer(each)
        end = f" <code>{escape.html(how)}</code>" if how else ""
        remedy = self._show(each.item.remedy) + end if each.open else ""
        title = f"{self._show(each.item.title)}{source}"
        return _CLASSES[each.outcome], (shown, title, reasons + note, remedy)

    def _reason(self, group: Sequence[Concern]) -> str:
        about = check_words.about(group, self._show, most=_MOST_FILES, show_path=self._code)
        ids = check_words.ids(group)
        said = self._show(group[0].what) + (f" ({ids})" if ids else "")
        told = f"{said}: {about}" if about else said
        if group[0].answer is None:
            return told
        return f'{told}<span class="how">{check_words.answer(group[0].answer, self._show)}</span>'

    def _code(self, name: bytes | str) -> str:
        return f"<code>{self._show(name)}</code>"

    def _findings(self) -> Iterator[str]:
        groups = by_file(self._result.scan.findings)
        if not groups:
            return
        rows = (
            ("", (self._code(group.path or b""), found.id, found.hit.severity.label, self._told(found.hit.rule, found.hit.message), words.where(found.hit.location, self._show)))
            for group in groups
            for rule in group.rules
            for found in rule.findings
        )  # fmt: skip
        yield "<h2>Findings, file by file</h2>\n<p class=\"meta\">Rows are counted from 1, below the header.</p>\n"  # fmt: skip
        yield table(
            ("File", "Finding", "Severity", "What", "Where"), rows, widths=(24, 9, 10, 37, 20)
        )

    def _told(self, rule: str, message: str) -> str:
        title = self._show(self._titles.get(rule, rule))
        return f'{self._show(rule)}: {title}<span class="how">{self._show(message)}</span>'

    def _set_aside(self) -> Iterator[str]:
        said = check_words.set_aside(self._result, self._show, self._code)
        if said:
            yield "<h2>What people said</h2>\n<ul>\n"
            yield from (f"<li>{each}</li>\n" for each in said)
            yield "</ul>\n"

    def _skipped(self) -> Iterator[str]:
        reasons = words.reasons(self._result.scan.skipped)
        if not reasons:
            return
        yield "<h2>Not examined, so not known to be clean</h2>\n<ul>\n"
        for reason, skipped in reasons:
            paths = [path for path, _ in words.versions(skipped)]
            named = check_words.files(paths, self._code, most=_MOST_FILES)
            yield f"<li>{len(skipped):,} &times; {self._show(reason)}{': ' if named else ''}{named}</li>\n"  # fmt: skip
        yield "</ul>\n"
