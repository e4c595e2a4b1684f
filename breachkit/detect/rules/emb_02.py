"""EMB-02: data and markup of a web page that the page does not show."""

from collections.abc import Iterable, Sequence

from breachkit.detect import embedded
from breachkit.detect.rule import About, FileContext
from breachkit.documents.table import Embedded, Trait
from breachkit.model.findings import Confidence, Hit, Severity


_GRADES: embedded.Grades = {
    Trait.WIDGET_DATA: Severity.LOW,
    Trait.HIDDEN_MARKUP: Severity.LOW,
    Trait.HIDDEN_TEXT: Severity.LOW,
    Trait.COMMENTS: Severity.LOW,
    Trait.EMBEDDED_FILE: Severity.LOW,
}


class HiddenInMarkup:
    """Finds scripts, data of widgets and hidden markup in web pages."""

    about = About(
        id="EMB-02",
        title="Web page with data or markup that it does not show",
        severity=Severity.LOW,
        confidence=Confidence.MEDIUM,
        why=(
            "An interactive figure or table carries the data it was made from, often more of it "
            "than it shows: all rows behind a filter, exact values behind a tooltip. Comments and "
            "hidden rows are one 'view source' away. So only stripped pages are released."
        ),
        example=(
            "released_outputs/report.html with the data of an htmlwidget, or with rows that a "
            "style hides (low). A script alone is info: most are the boilerplate of nbconvert. "
            "Counts and rows of patients in such data are found by the rules about those."
        ),
        remedy=(
            "Strip the page to its text and tables, or release a static figure and a csv in place "
            "of it. If the data hold what may not be released, take the page out of the history."
        ),
        source=(
            "OpenSAFELY documentation bb528ec (2022-04-07): html is released stripped; 262 pages of "
            "24 study repositories: 28 % have scripts, 6 % data of widgets"
        ),
    )

    def check_embedded(self, found: Sequence[Embedded], context: FileContext) -> Iterable[Hit]:
        """Give at most one hit, which lists what there is."""
        return embedded.hits(self.about, found, _GRADES, context)
