"""Every rule breachkit has, in the order in which it is tried: one line a rule."""

from dataclasses import dataclass

from breachkit.detect.rule import FileRule, HistoryRule, Rule, TableRule, TextRule
from breachkit.detect.rules.cnt_01 import SmallCounts
from breachkit.detect.rules.cnt_05 import OddOneOut
from breachkit.detect.rules.cnt_06 import UnprotectedMeasures


FILE_RULES: tuple[FileRule, ...] = ()

TABLE_RULES: tuple[TableRule, ...] = (
    SmallCounts(),
    OddOneOut(),
    UnprotectedMeasures(),
)

TEXT_RULES: tuple[TextRule, ...] = ()

HISTORY_RULES: tuple[HistoryRule, ...] = ()

ALL_RULES: tuple[Rule, ...] = (*FILE_RULES, *TABLE_RULES, *TEXT_RULES, *HISTORY_RULES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules that judge one object at a time; tests pass others than the registered ones."""

    file: tuple[FileRule, ...] = ()
    table: tuple[TableRule, ...] = ()
    text: tuple[TextRule, ...] = ()


REGISTERED = Rules(file=FILE_RULES, table=TABLE_RULES, text=TEXT_RULES)


def rule_by_id(rule_id: str) -> Rule | None:
    """Give the rule called `rule_id` (in any case, such as `cnt-01`), or None."""
    wanted = rule_id.strip().upper()
    return next((rule for rule in ALL_RULES if rule.about.id == wanted), None)
