"""What a rule leaves open of redacted tables, and the plan that redacted them has proven.

SUP-01 has limits, since it judges whatever lies in a repository. Whoever redacts a table waits for the
proof that nobody works out what went, which then answers what the rule leaves open.
"""

from collections.abc import Iterable, Iterator

from breachkit.detect.grading import is_undecided
from breachkit.detect.rule import FileContext
from breachkit.detect.rules.sup_01 import RecoverableCells
from breachkit.documents.table import Table
from breachkit.model.findings import Hit
from breachkit.sdc.audit import Verdict, prove
from breachkit.sdc.cells import Share
from breachkit.sdc.count_grid import grid_of
from breachkit.sdc.recovery import counted_table
from breachkit.sdc.suppressed import marks_left_out


def answered_by_proof(tables: Iterable[Table], context: FileContext) -> Iterator[Hit]:
    """Give what SUP-01 leaves open of tables, and their proof has answered.

    Args:
        tables: Redacted ones whose plan `is_proven`, as they are now.
        context: That in which the rule judged them.
    """
    rule = RecoverableCells()
    for table in tables:
        hits = list(rule.check_table(table, context))
        if all(map(is_undecided, hits)) and _is_all_proven(table, context.policy.threshold):
            yield from hits


def _is_all_proven(table: Table, threshold: int) -> bool:
    """Say whether a plan's proof, which is about sums, is one of all that the rule looks at.

    A plan takes percentages out with their counts. What others of them tell is proven here.
    """
    grid = grid_of(table)
    if grid is None or marks_left_out(table):
        return False
    counted = counted_table(table, grid)
    if not any(isinstance(relation, Share) for relation in counted.relations):
        return True
    found = prove(counted, threshold)
    verdicts = (found.cells[place].verdict for place in grid.strong & found.cells.keys())
    return not counted.is_cut and found.decided and all(one is Verdict.SAFE for one in verdicts)
