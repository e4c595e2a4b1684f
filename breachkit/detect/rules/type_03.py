"""TYPE-03: outputs larger than what may be released."""

from collections.abc import Iterable

from breachkit.detect.rule import About, FileContext
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.sdc.dummy import is_released_path


class FileSize:
    """Finds outputs above the size limit of their date."""

    about = About(
        id="TYPE-03",
        title="Output larger than the limit",
        severity=Severity.MEDIUM,
        confidence=Confidence.HIGH,
        why=(
            "A result is small. A file of many megabytes is more than a person can check, and "
            "is usually data rather than a result."
        ),
        example="released_outputs/rates.csv of 40 MB, committed after the limit of 16 MB came.",
        remedy=(
            "See what it holds. Where it is data, take it out of the history; where it is a result, "
            "release what is needed of it."
        ),
        source="OpenSAFELY documentation (2023-09-22), job-runner 5c9cf6a (2023-09-28): 16 MB",
    )

    def check_file(self, content: bytes, context: FileContext) -> Iterable[Hit]:  # noqa: ARG002 - the protocol's
        """Give one hit for an output above the limit; `content` may be cut, the size is not."""
        limit = context.policy.max_size_bytes
        if limit is None or not context.is_output or context.size <= limit:
            return
        released = any(map(is_released_path, context.paths))
        yield Hit(
            rule=self.about.id,
            severity=Severity.MEDIUM if released else Severity.LOW,
            confidence=self.about.confidence,
            message=(
                f"larger than the {_size(limit)} that policy {context.policy.name} allows: "
                "more than anybody can check"
            ),
        )


def _size(limit: int) -> str:
    megabytes, rest = divmod(limit, 2**20)
    return f"{limit:,} bytes" if rest else f"{megabytes} MB"
