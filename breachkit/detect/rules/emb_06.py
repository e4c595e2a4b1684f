"""EMB-06: what files of statistics packages carry beside a data set."""

from collections.abc import Iterable, Sequence

from breachkit.detect import embedded
from breachkit.detect.rule import About, FileContext
from breachkit.documents.table import Embedded, Trait
from breachkit.model.findings import Confidence, Hit, Severity


_GRADES: embedded.Grades = {
    Trait.PLOTTED_DATA: Severity.LOW,
    Trait.OBJECTS: Severity.LOW,
}


class StatisticsContainers:
    """Finds stored estimates, plotted data and objects that nobody can check by eye."""

    about = About(
        id="EMB-06",
        title="Stored statistics, plotted data or objects",
        severity=Severity.LOW,
        confidence=Confidence.MEDIUM,
        why=(
            "A saved model holds its coefficients with all their digits, the number of people in "
            "each stratum and often the rows it was fitted to; a saved graph holds every "
            "point, to the last patient. Nobody can read either by eye, so that "
            "nobody has checked them."
        ),
        example=(
            "released_outputs/km.gph, a graph of Stata with the time of every death, or a model in an "
            ".rds (low). Estimates in a .ster and labels of variables are info. Tables that can "
            "be read out of such files are judged by the rules about tables."
        ),
        remedy=(
            "Release the estimates as a rounded csv and the graph as a picture; take the file out "
            "of the history unless somebody can show that it holds neither rows nor small counts."
        ),
        source=(
            "OpenSAFELY pipeline, LEVEL4_FILE_TYPES (2023-11-03): none of these may be released; "
            "934 .ster, 81 .rds and 53 .gph in 24 study repositories"
        ),
    )

    def check_embedded(self, found: Sequence[Embedded], context: FileContext) -> Iterable[Hit]:
        """Give at most one hit, which lists what there is."""
        return embedded.hits(self.about, found, _GRADES, context)
