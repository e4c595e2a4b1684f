"""Small tables, contexts and histories to try single rules on."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha1

from breachkit.detect.provenance import digested_blobs, provenance_of
from breachkit.detect.rule import FileContext, HistoryRule, HistoryView, TableRule, Transition
from breachkit.documents.kinds import is_output_path
from breachkit.documents.table import Table
from breachkit.model.findings import Attribution, Confidence, Hit, Location, Reach, Severity
from breachkit.model.ids import GitPath, ObjectId
from breachkit.sdc.sketching import sketch
from breachkit.workflows.playbooks import load_policies


POLICIES = load_policies()
_KEY = b"the same in every test, secret in none"
_START = datetime(2021, 3, 1, 12, tzinfo=UTC)


def table_of(text: str, part: str | None = None) -> Table:
    """Read plain comma-separated lines, without quoting."""
    header, *rows = [tuple(line.strip().split(",")) for line in text.strip().splitlines()]
    return Table(header, rows, part)


def context_of(
    *paths: str, day: date = date(2021, 3, 1), size: int = 100, policy: str | None = None
) -> FileContext:
    """Describe a file that was first committed on `day`, judged by the policy of that day."""
    named = tuple(GitPath(path.encode()) for path in paths)
    policies = POLICIES.choose(policy) if policy else POLICIES
    return FileContext(
        paths=named,
        size=size,
        first_date=datetime(day.year, day.month, day.day, 9, tzinfo=UTC),
        policy=policies.at(day),
        is_output=any(map(is_output_path, named)),
    )


def hits_of(rule: TableRule, text: str, context: FileContext) -> list[Hit]:
    """Judge comma-separated lines."""
    return list(rule.check_table(table_of(text), context))


def place(found: Hit) -> Location:
    """Give the location of a hit that must have one."""
    assert found.location is not None
    return found.location


def hit(severity: Severity, rule: str = "CNT-01") -> Hit:
    """A finding of some other rule."""
    return Hit(rule=rule, severity=severity, confidence=Confidence.HIGH, message="found")


class Past:
    """Writes a history of files, one commit after the other, and shows it to a rule."""

    def __init__(self) -> None:
        self.transitions: list[Transition] = []
        self.content: dict[ObjectId, tuple[Table, ...]] = {}
        self.texts: dict[ObjectId, str] = {}
        self.paths: dict[ObjectId, set[GitPath]] = {}
        self.hits: dict[ObjectId, list[Hit]] = {}
        self.reach: dict[ObjectId, Reach] = {}
        self._now: dict[GitPath, ObjectId] = {}
        self._commits = 0

    def commit(
        self,
        subject: str,
        changes: Mapping[str, str | None],
        *,
        is_release: bool = False,
        day: date | None = None,
    ) -> None:
        """Record the files that a commit changes: their new content, or None to delete one.

        Commits follow one another by a day, unless `day` says when one was made.
        """
        self._commits += 1
        when = _START + timedelta(days=self._commits)
        if day is not None:
            when = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        commit = ObjectId(f"{self._commits:040x}")
        for name, text in changes.items():
            path = GitPath(name.encode())
            new = None if text is None else self._blob(text, path)
            self.transitions.append(
                Transition(
                    path=path,
                    commit=commit,
                    when=when,
                    old=self._now.pop(path, None),
                    new=new,
                    subject=subject,
                    is_release=is_release,
                )
            )
            if new is not None:
                self._now[path] = new

    def _blob(self, text: str, path: GitPath) -> ObjectId:
        blob = self.id_of(text)
        self.texts[blob] = text
        self.content[blob] = (table_of(text),) if text.strip() else ()
        self.paths.setdefault(blob, set()).add(path)
        return blob

    @staticmethod
    def id_of(text: str) -> ObjectId:
        """The id under which content is known here."""
        return ObjectId(sha1(text.encode()).hexdigest())

    def found(self, text: str, severity: Severity) -> None:
        """Let another rule have found something in this content."""
        self.hits.setdefault(self.id_of(text), []).append(hit(severity))

    def view(self, policy: str | None = None) -> HistoryView:
        """Give what a rule sees."""
        in_head = set(self._now.values())
        return HistoryView(
            transitions=tuple(self.transitions),
            sketches={
                blob: tuple(sketch(table, _KEY) for table in tables)
                for blob, tables in self.content.items()
            },
            hits=self.hits,
            context=lambda blob: context_of(
                *(path.decode() for path in sorted(self.paths.get(blob, ()))), policy=policy
            ),
            attribution=lambda blob: Attribution(
                reach=self.reach.get(blob, "head" if blob in in_head else "history")
            ),
            provenance={
                blob: provenance_of(self.texts[blob].encode(), self.paths[blob])
                for blob in digested_blobs(self.transitions)
            },
        )

    def judge(self, rule: HistoryRule, policy: str | None = None) -> dict[ObjectId, Hit]:
        """Give the hit of each blob; a blob with two is an error."""
        found: Sequence[tuple[ObjectId, Hit]] = list(rule.check_history(self.view(policy)))
        assert len({blob for blob, _ in found}) == len(found)
        return dict(found)


def lines(*rows: Iterable[object]) -> str:
    """Write rows as comma-separated lines."""
    return "\n".join(",".join(map(str, row)) for row in rows)
