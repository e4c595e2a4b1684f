"""EMB-05: what spreadsheets and documents carry beside their pages."""

from collections.abc import Iterable, Sequence

from breachkit.detect import embedded
from breachkit.detect.rule import About, FileContext
from breachkit.documents.table import Embedded, Trait
from breachkit.model.findings import Confidence, Hit, Severity


_GRADES: embedded.Grades = {
    Trait.HIDDEN_SHEET: Severity.MEDIUM,
    Trait.VERY_HIDDEN_SHEET: Severity.MEDIUM,
    Trait.PIVOT_CACHE: Severity.MEDIUM,
    Trait.HIDDEN_CELLS: Severity.LOW,
    Trait.EXTERNAL_LINK: Severity.LOW,
    Trait.EMBEDDED_FILE: Severity.LOW,
    Trait.PLOTTED_DATA: Severity.LOW,
    Trait.THUMBNAIL: Severity.LOW,
    Trait.TRAILING_BYTES: Severity.LOW,
    Trait.TRACKED_CHANGES: Severity.LOW,
    Trait.HIDDEN_TEXT: Severity.LOW,
    Trait.COMMENTS: Severity.LOW,
    Trait.MACROS: Severity.LOW,
}


class HiddenInDocument:
    """Finds hidden sheets, caches, links, comments, deleted text and files in documents."""

    about = About(
        id="EMB-05",
        title="Document or spreadsheet with hidden content",
        severity=Severity.MEDIUM,
        confidence=Confidence.HIGH,
        why=(
            "Hidden data in spreadsheets is among the commonest causes of data breaches. A hidden "
            "sheet is two clicks away; a pivot table keeps the rows it was made from; a link to "
            "another workbook keeps that one's cells; tracked changes keep what was deleted, "
            "and a chart in a document may hold the whole workbook."
        ),
        example=(
            "released_outputs/tables.xlsx with a hidden sheet that holds data, or with the cache "
            "of a pivot table (medium). Comments, tracked changes, links, hidden rows and embedded "
            "files are low, names of authors info, and nothing is worse than low where no "
            "outputs are kept."
        ),
        remedy=(
            "Open the document's inspector ('Inspect Document'), look at what it lists, and take it "
            "out of the history if it may not be public. Release each table as a csv of its own."
        ),
        source=(
            "Cabinet Office, Information Security Review (2023): hidden data in spreadsheets; "
            "OpenSAFELY documentation bb528ec (2022-04-07): office files are not released"
        ),
    )

    def check_embedded(self, found: Sequence[Embedded], context: FileContext) -> Iterable[Hit]:
        """Give at most one hit, which lists what there is."""
        return embedded.hits(self.about, found, _GRADES, context)
