"""Every rule breachkit has, in the order in which it is tried: one line a rule."""

from breachkit.detect.rule import EmbeddedRule, FileRule, HistoryRule, Rule, TableRule, TextRule
from breachkit.detect.rules.cnt_01 import SmallCounts
from breachkit.detect.rules.cnt_02 import CountsSmallToday
from breachkit.detect.rules.cnt_03 import SmallCountsInCategories
from breachkit.detect.rules.cnt_04 import Unrounded
from breachkit.detect.rules.cnt_05 import OddOneOut
from breachkit.detect.rules.cnt_06 import UnprotectedMeasures
from breachkit.detect.rules.cnt_07 import UnsuppressedMeasures
from breachkit.detect.rules.cnt_08 import MidpointNames
from breachkit.detect.rules.cnt_09 import NarrowRounded
from breachkit.detect.rules.code_01 import ValuesInCode
from breachkit.detect.rules.code_02 import RiskyCode
from breachkit.detect.rules.emb_01 import NotebookOutputs
from breachkit.detect.rules.emb_02 import HiddenInMarkup
from breachkit.detect.rules.emb_03 import HiddenInFigure
from breachkit.detect.rules.emb_04 import HiddenInImage
from breachkit.detect.rules.emb_05 import HiddenInDocument
from breachkit.detect.rules.emb_06 import StatisticsContainers
from breachkit.detect.rules.geo_01 import NamedPlaces
from breachkit.detect.rules.his_01 import LaterRedacted
from breachkit.detect.rules.his_02 import FewChanged
from breachkit.detect.rules.his_03 import TakenBack
from breachkit.detect.rules.his_04 import StillReachable
from breachkit.detect.rules.log_01 import ListedRecords
from breachkit.detect.rules.log_02 import PrintedCounts
from breachkit.detect.rules.log_03 import PrintedExtremes
from breachkit.detect.rules.meta_01 import MessagesAndNames
from breachkit.detect.rules.pat_01 import PatientIdentifiers
from breachkit.detect.rules.pat_02 import RowsOfPatients
from breachkit.detect.rules.pat_03 import NhsNumbers
from breachkit.detect.rules.pat_04 import PersonalData
from breachkit.detect.rules.prov_01 import ByHand
from breachkit.detect.rules.prov_02 import CommittedOutputs
from breachkit.detect.rules.prov_03 import EditedAfterRelease
from breachkit.detect.rules.rat_01 import TellingRates
from breachkit.detect.rules.rat_02 import RatiosOfRawCounts
from breachkit.detect.rules.rat_03 import LeftBeside
from breachkit.detect.rules.sup_01 import RecoverableCells
from breachkit.detect.rules.sup_02 import HalfSuppressed
from breachkit.detect.rules.sup_03 import Subtractable
from breachkit.detect.rules.type_01 import FileType
from breachkit.detect.rules.type_02 import Disguised
from breachkit.detect.rules.type_03 import FileSize
from breachkit.detect.rules.type_04 import TableRows
from breachkit.detect.rules.type_05 import Unexaminable
from breachkit.model.records import dataclass


FILE_RULES: tuple[FileRule, ...] = (
    FileType(),
    Disguised(),
    FileSize(),
    Unexaminable(),
)

# These judge tables and texts.
_NHS_NUMBERS = NhsNumbers()
_PERSONAL_DATA = PersonalData()

TABLE_RULES: tuple[TableRule, ...] = (
    SmallCounts(),
    CountsSmallToday(),
    SmallCountsInCategories(),
    Unrounded(),
    OddOneOut(),
    UnprotectedMeasures(),
    RecoverableCells(),
    HalfSuppressed(),
    TellingRates(),
    RatiosOfRawCounts(),
    LeftBeside(),
    UnsuppressedMeasures(),
    MidpointNames(),
    NarrowRounded(),
    PatientIdentifiers(),
    RowsOfPatients(),
    _NHS_NUMBERS,
    _PERSONAL_DATA,
    NamedPlaces(),
    TableRows(),
    ListedRecords(),
    PrintedCounts(),
    PrintedExtremes(),
)

TEXT_RULES: tuple[TextRule, ...] = (
    MessagesAndNames(),
    ValuesInCode(),
    RiskyCode(),
    _NHS_NUMBERS,
    _PERSONAL_DATA,
)

EMBEDDED_RULES: tuple[EmbeddedRule, ...] = (
    NotebookOutputs(),
    HiddenInMarkup(),
    HiddenInFigure(),
    HiddenInImage(),
    HiddenInDocument(),
    StatisticsContainers(),
)

# Each sees what the rules before it found.
HISTORY_RULES: tuple[HistoryRule, ...] = (
    LaterRedacted(),
    Subtractable(),
    TakenBack(),
    FewChanged(),
    ByHand(),
    CommittedOutputs(),
    EditedAfterRelease(),
    StillReachable(),
)

ALL_RULES: tuple[Rule, ...] = tuple(
    dict.fromkeys((*FILE_RULES, *TABLE_RULES, *TEXT_RULES, *EMBEDDED_RULES, *HISTORY_RULES))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules that judge one object at a time; tests pass others than the registered ones."""

    file: tuple[FileRule, ...] = ()
    table: tuple[TableRule, ...] = ()
    text: tuple[TextRule, ...] = ()
    embedded: tuple[EmbeddedRule, ...] = ()


REGISTERED = Rules(file=FILE_RULES, table=TABLE_RULES, text=TEXT_RULES, embedded=EMBEDDED_RULES)


def rule_by_id(rule_id: str) -> Rule | None:
    """Give the rule called `rule_id` (in any case, such as `cnt-01`), or None."""
    wanted = rule_id.strip().upper()
    return next((rule for rule in ALL_RULES if rule.about.id == wanted), None)
