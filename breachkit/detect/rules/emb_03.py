"""EMB-03: what a figure in SVG carries beside what it draws."""

from collections.abc import Iterable, Sequence

from breachkit.detect import embedded
from breachkit.detect.rule import About, FileContext
from breachkit.documents.table import Embedded, Trait
from breachkit.model.findings import Confidence, Hit, Severity


_GRADES: embedded.Grades = {
    Trait.HIDDEN_TEXT: Severity.LOW,
    Trait.HIDDEN_MARKUP: Severity.LOW,
    Trait.SCRIPT: Severity.LOW,
    Trait.WIDGET_DATA: Severity.LOW,
    Trait.EMBEDDED_FILE: Severity.LOW,
}


class HiddenInFigure:
    """Finds text outside a figure's canvas, descriptions, scripts and pictures in SVG."""

    about = About(
        id="EMB-03",
        title="Figure with text that it does not show",
        severity=Severity.LOW,
        confidence=Confidence.LOW,
        why=(
            "SVG is text. A label that is transparent, of size nothing or beside the canvas is "
            "not seen and can be read; titles and descriptions of shapes say what they stand for, "
            "sometimes with the exact number; a script can hold the data."
        ),
        example=(
            "A survival curve whose numbers at risk were moved off the canvas in place of being taken "
            "out (low). Metadata, comments of the program that drew it and embedded pictures "
            "are info. Ticks of axes are none of this."
        ),
        remedy=(
            "Draw the figure again without the text, or turn it into a PNG. Take the old one out "
            "of the history if what it hides may not be released."
        ),
        source=(
            "OpenSAFELY documentation, 'Disclosure control' (2023): figures are redacted like tables; "
            "517 figures of 24 study repositories: 92 % hold text, 5 % metadata"
        ),
    )

    def check_embedded(self, found: Sequence[Embedded], context: FileContext) -> Iterable[Hit]:
        """Give at most one hit, which lists what there is."""
        return embedded.hits(self.about, found, _GRADES, context)
