"""Which rules can find anything in a table: most tables have no counts, and half the rules are about counts."""

from collections.abc import Iterable

from breachkit.detect.rule import Need, TableRule
from breachkit.documents.table import Origin, Table
from breachkit.sdc.counts import count_columns
from breachkit.sdc.suppressed import has_marks, marks_left_out


_Sight = tuple[bool, bool, bool]
"""Whether a table has counts, has marks, was printed."""


class Choice:
    """Some rules, and of these the ones that each kind of table needs to be judged by."""

    def __init__(self, rules: Iterable[TableRule]) -> None:
        """Choose among rules, whose order is kept."""
        self._rules = tuple(rules)
        self._chosen: dict[_Sight, tuple[TableRule, ...]] = {}

    def for_table(self, table: Table) -> tuple[TableRule, ...]:
        """Give the rules that may find something; all, where it cannot be told what a table has."""
        try:
            counts = bool(count_columns(table))
            marks = has_marks(table) or bool(marks_left_out(table))
        except Exception:  # noqa: BLE001 - rules that ask the same will fail, and that is reported
            return self._rules
        sight = (counts, marks, table.origin is Origin.PRINTED)
        if sight not in self._chosen:
            self._chosen[sight] = tuple(rule for rule in self._rules if _may_find(rule, *sight))
        return self._chosen[sight]


def _may_find(rule: TableRule, counts: bool, marks: bool, printed: bool) -> bool:  # noqa: FBT001
    has = {
        None: True,
        Need.COUNTS: counts,
        Need.MARKS: marks,
        Need.COUNTS_OR_MARKS: counts or marks,
        Need.PRINTED: printed,
        Need.NOT_PRINTED: not printed,
    }
    return has[getattr(rule, "needs", None)]
