"""EMB-01: what a notebook keeps of the runs of its code."""

from collections.abc import Iterable, Sequence

from breachkit.detect import embedded
from breachkit.detect.rule import About, FileContext
from breachkit.documents.table import Embedded, Trait
from breachkit.model.findings import Confidence, Hit, Severity


_GRADES: embedded.Grades = {
    Trait.WIDGET_DATA: Severity.LOW,
    Trait.HIDDEN_MARKUP: Severity.LOW,
}


class NotebookOutputs:
    """Points at outputs that a notebook stores beside its code."""

    about = About(
        id="EMB-01",
        title="Notebook that stores the outputs of its code",
        severity=Severity.INFO,
        confidence=Confidence.HIGH,
        why=(
            "A notebook keeps what its cells printed or drew when they last ran: whole data "
            "frames, the points behind a figure, pictures. Committing the code commits the "
            "outputs too, though no output checker has seen them. Outputs that hold small counts "
            "or patients' rows are found by the rules about those; this one says that there are "
            "outputs at all."
        ),
        example=(
            "analysis/explore.ipynb stores the first rows of a data frame (info). The state of a "
            "widget, which no notebook shows until it runs, is low."
        ),
        remedy=(
            "Clear the outputs before committing (`jupyter nbconvert --clear-output --inplace FILE`, "
            "or nbstripout as a filter). Take earlier versions out of the history where "
            "another rule found something in them."
        ),
        source=(
            "224 notebooks of 24 study repositories (measured 2026): 89 % store outputs, 66 % a data "
            "frame; OpenSAFELY documentation b6d31a9 (2023-06-20): outputs are not committed"
        ),
    )

    def check_embedded(self, found: Sequence[Embedded], context: FileContext) -> Iterable[Hit]:
        """Give at most one hit, which lists what there is."""
        return embedded.hits(self.about, found, _GRADES, context)
