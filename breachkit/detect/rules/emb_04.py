"""EMB-04: what an image carries beside its picture."""

from collections.abc import Iterable, Sequence

from breachkit.detect import embedded
from breachkit.detect.rule import About, FileContext
from breachkit.documents.table import Embedded, Trait
from breachkit.model.findings import Confidence, Hit, Severity


_GRADES: embedded.Grades = {
    Trait.TRAILING_BYTES: Severity.LOW,
    Trait.THUMBNAIL: Severity.LOW,
    Trait.EMBEDDED_FILE: Severity.LOW,
}


class HiddenInImage:
    """Finds bytes behind an image's end, thumbnails, and text or EXIF in its metadata."""

    about = About(
        id="EMB-04",
        title="Image that carries more than its picture",
        severity=Severity.LOW,
        confidence=Confidence.HIGH,
        why=(
            "Whatever stands behind the end of an image is ignored by every viewer and may be "
            "anything, even another file. A thumbnail shows the picture as it was before it was "
            "cropped or blackened. Metadata can hold the title, the person and the program's input."
        ),
        example=(
            "A PNG figure of which the lower half was cut off because it showed small counts, and "
            "whose thumbnail still has it (low). Text and EXIF in metadata are info."
        ),
        remedy=(
            "Write the image again without metadata (`exiftool -all= FILE`), look at what was "
            "there, and take the old one out of the history if it may not be public."
        ),
        source=(
            "PNG specification (W3C, 2003) section 11.3, EXIF 2.32 (2019); 450 PNGs of 24 study "
            "repositories: 24 % carry EXIF, one in 450 bytes behind its end"
        ),
    )

    def check_embedded(self, found: Sequence[Embedded], context: FileContext) -> Iterable[Hit]:
        """Give at most one hit, which lists what there is."""
        return embedded.hits(self.about, found, _GRADES, context)
