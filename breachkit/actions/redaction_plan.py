"""What is to be redacted, as plain data: which cells of which files, why, and what stands in them then.

Nothing here shows a number of a table: new texts are kept out of representations, since a rounded
count is a count.
"""

import dataclasses
import enum
from collections.abc import Mapping

from breachkit.detect.rule import FileContext
from breachkit.documents.editing.editable import HEADER, Spot
from breachkit.documents.table import Table
from breachkit.model.errors import ConfigurationError
from breachkit.model.findings import Hit, Severity
from breachkit.model.ids import GitPath
from breachkit.model.policy import Policy
from breachkit.model.records import dataclass, field
from breachkit.sdc.rounding import Regime


class Why(enum.Enum):
    """Why a cell changes. The words stand in previews and reports."""

    PRIMARY = "a count that is too small to release"
    DERIVED = "a statistic of a count that is taken out"
    COMPLEMENTARY = "taken out so that others cannot be worked out"
    STATED = "a small count stated in a name"
    ROUNDED = "rounded"
    TOTAL = "a total, computed again from what is still printed"
    RECOMPUTED = "a percentage or rate, computed again from rounded counts"
    WHOLE = "taken out with its whole table"

    @property
    def takes_out(self) -> bool:
        """Whether the cell is lost; otherwise it holds another number."""
        return self not in {Why.ROUNDED, Why.TOTAL, Why.RECOMPUTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTables:
    """The tables of one file, as they are planned together with those of others."""

    path: GitPath
    """Says who a table is about (`deaths_male.csv`), and is how the plan names the file."""
    tables: tuple[Table, ...] = field(repr=False)
    """All that can be changed, in the order of `Editable.tables`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a person decided beforehand."""

    rounding: Regime | None = None
    """How all counts are rounded; None leaves what is not small exact."""
    columns: frozenset[str] = frozenset()
    """Headers of columns that count people, whatever their names and numbers look like."""
    keep: frozenset[str] = frozenset()
    """Headers of columns that stay as they are: they count nobody, or may be released."""
    whole_table: bool = False
    """Take out whole tables where protecting them takes more than `most_lost` of their counts."""
    most_lost: float = 0.5
    """Share of the counts of a table, beyond which it is better left out as a whole."""

    def check(self, policy: Policy) -> None:
        """Refuse a way of rounding that the policy does not name.

        Raises:
            ConfigurationError: it is neither a multiple of one of its bases nor one of its midpoints.
        """
        regime = self.rounding
        if regime is None:
            return
        if regime.midpoint:
            allowed = regime.base in policy.midpoint_bases
        else:
            allowed = any(regime.base % base == 0 for base in policy.rounding_bases)
        if not allowed:
            message = f"policy {policy.name} does not allow rounding to {regime.label}"
            raise ConfigurationError(message)


@dataclass(frozen=True, slots=True)
class Change:
    """The new text of one cell."""

    text: str = field(repr=False)
    """All of it."""
    why: Why


class Asked(enum.Enum):
    """What a person has to decide or to do. The words stand in reports, after the columns concerned."""

    MAY_COUNT = "holds small whole numbers that may count people; name it if it does"
    MAY_BE_CODES = (
        "is named like a count, but its numbers may be codes; name it if it counts people"
    )
    USES_OF_CODES = (
        "counts by clinical code, which may be uses and not people; name it if it counts people"
    )
    NOT_RECOMPUTED = (
        "holds statistics of exact counts that cannot be computed again from rounded ones"
    )
    ESTIMATES_LEFT = "holds estimates of a model beside counts that are taken out"
    NAME_ROUNDING = "is rounded to midpoints, which its name has to say"
    WHOLE_TABLE = "loses so much that the table is better left out as a whole"
    CONTRADICTS = (
        "names totals that do not agree with each other; only what its numbers show was believed"
    )
    KEPT_TELLS = "is kept and tells cells that have to go: do not keep it, or leave the table out"
    NOT_TRIED = "is too large for all that may add up to be tried"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something about a table that only a person can settle."""

    asked: Asked
    columns: tuple[str, ...] = ()
    """Labels of the columns concerned, as reports may show them; none: the table as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePlan:
    """What happens to one table."""

    table: int
    """Which of the file's, counted from 0."""
    changes: Mapping[Spot, Change] = field(repr=False)
    """By cell; all of this table."""
    engine: str
    """Who chose the complementary cells, as reports say it: `HiGHS`, `nothing to do`."""
    counts: int
    """Cells that count people."""
    lost: int
    """Counts among them that are taken out now; statistics not included."""
    already: int
    """Counts that had been taken out before."""
    cost: int | None = None
    """What the complementary cells cost, where an engine said it."""
    least: int | None = None
    """No choice of them costs less; None where no bound is known."""
    least_with_others: int | None = None
    """The same of linked tables together, said of the first of them; 0 for the others."""
    is_linked: bool = False
    """Whether cells were chosen together with those of other tables, so that it has no bound of its own."""
    questions: tuple[Question, ...] = ()
    is_proven: bool = False
    """Whether each cell that is out is proven safe against all that was found to add up, and something was
    found for each, or all that may add up was tried."""
    open: tuple[Spot, ...] = ()
    """Cells that can still be worked out, or of which that is not decided: the plan has failed here."""

    @property
    def share_lost(self) -> float:
        """Share of the table's counts that are taken out, now or before."""
        return (self.lost + self.already) / self.counts if self.counts else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """What a rule still finds in a file once the plan is carried out."""

    table: int | None
    """Which table, counted from 0; None where it lies between tables or files."""
    hit: Hit


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlan:
    """What happens to one file."""

    path: GitPath
    tables: tuple[TablePlan, ...]
    """One for each table, in their order."""
    remaining: tuple[Remaining, ...] = ()

    @property
    def changes(self) -> Mapping[Spot, Change]:
        """Every cell that changes."""
        return {spot: change for table in self.tables for spot, change in table.changes.items()}

    @property
    def edits(self) -> Mapping[Spot, str]:
        """What `Editable.written` takes."""
        return {spot: change.text for spot, change in self.changes.items()}

    @property
    def open(self) -> tuple[Spot, ...]:
        """Cells of all tables that are not protected."""
        return tuple(spot for table in self.tables for spot in table.open)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionPlan:
    """What happens to all files of one call."""

    policy: Policy
    options: Options
    files: tuple[FilePlan, ...]
    """In the order in which they were given."""

    @property
    def is_empty(self) -> bool:
        """Whether no cell of any file changes."""
        return not any(table.changes for file in self.files for table in file.tables)

    @property
    def cost(self) -> int:
        """What the complementary cells of all tables cost."""
        return sum(table.cost or 0 for file in self.files for table in file.tables)

    @property
    def least(self) -> int | None:
        """No choice of them costs less; None where no bound of all of them is known."""
        every = [table for file in self.files for table in file.tables]
        bounds = [0 if table.is_linked else table.least for table in every]
        bounds += [table.least_with_others for table in every]
        return None if None in bounds else sum(filter(None, bounds))

    @property
    def is_linked(self) -> bool:
        """Whether tables were protected together, so that only all of them have a bound."""
        return any(table.is_linked for file in self.files for table in file.tables)

    @property
    def failed(self) -> tuple[tuple[GitPath, Spot], ...]:
        """Cells that are not protected: nothing of the plan may be taken for done while there are any."""
        return tuple((file.path, spot) for file in self.files for spot in file.open)

    @property
    def remaining(self) -> tuple[tuple[GitPath, Remaining], ...]:
        """What rules find at medium or worse once it is carried out; rounding may be still asked for."""
        return tuple((file.path, found) for file in self.files for found in file.remaining)

    @property
    def is_done(self) -> bool:
        """Whether what it leaves is protected, as far as the rules can tell."""
        return not self.failed and not self.remaining


LEAST_REMAINING = Severity.MEDIUM


def redacted(table: Table, changes: Mapping[Spot, Change]) -> Table:
    """Give a table with its changes, as the reader would read it from the new file."""
    if not changes:
        return table
    header, rows = list(table.header), [list(row) for row in table.rows]
    for spot, change in changes.items():
        row = header if spot.row == HEADER else rows[spot.row]
        row[spot.column] = change.text
    return dataclasses.replace(table, header=tuple(header), rows=tuple(map(tuple, rows)))


def released_context(policy: Policy) -> FileContext:
    """Give the context in which rules judge a file that is to be released: as an output.

    It has no path, since a name that sounds like invented data would make findings milder.
    """
    return FileContext(paths=(), size=0, first_date=None, policy=policy, is_output=True)
