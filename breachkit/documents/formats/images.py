"""Pictures: what they carry beside their pixels.

Nothing is decoded but texts. The pixels are for people to judge: a number that is drawn in a
picture is not found here.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from breachkit.documents.formats import image_parts as parts
from breachkit.documents.formats.exif import Exif, exif_of
from breachkit.documents.formats.image_parts import Piece, Role
from breachkit.documents.reader import Budget, Member, NotReadError, inside
from breachkit.documents.table import Document, Embedded, Text, TextKind, Trait, Unreadable


class _Format(NamedTuple):
    """How the files of one format begin, and what takes them apart."""

    begins: bytes
    pieces: Callable[[bytes, Budget], Iterator[Piece]]


_FORMATS = (
    _Format(b"\x89PNG\r\n\x1a\n", parts.of_png),
    _Format(b"\xff\xd8", parts.of_jpeg),
    _Format(b"GIF8", parts.of_gif),
    _Format(b"II*\0", parts.of_tiff),
    _Format(b"MM\0*", parts.of_tiff),
    _Format(b"RIFF", parts.of_webp),
)


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give the texts that a picture carries, and what else is beside its pixels."""
    pieces = next((form.pieces for form in _FORMATS if content.startswith(form.begins)), None)
    if pieces is None:
        raise NotReadError("no picture, though its name says it is")
    found = _Found(part)
    for piece in pieces(content, budget):
        found.take(piece)
    yield from found.documents()


class _Found:
    """Gathers what one picture carries."""

    def __init__(self, part: str | None) -> None:
        self._part = part
        self._texts: list[str] = []
        self._exif: list[Exif] = []
        self._thumbnails = 0
        self._behind: list[bytes] = []

    def take(self, piece: Piece) -> None:
        match piece.role:
            case Role.TEXT:
                self._texts.append(piece.content.decode("utf-8", "replace"))
            case Role.EXIF:
                self._exif.append(exif_of(piece.content))
            case Role.THUMBNAIL:
                self._thumbnails += 1
            case Role.BEHIND:
                self._behind.append(piece.content)

    def documents(self) -> Iterator[Document | Member]:
        texts = [*self._texts, *(text for exif in self._exif for text in exif.texts)]
        texts = [text.strip() for text in texts if text.strip()]
        if texts:
            yield Text("\n".join(texts), inside(self._part, "metadata"), TextKind.HIDDEN)
            yield Embedded(Trait.METADATA_TEXT, self._part, len(texts))
        if any(exif.is_telling for exif in self._exif):
            yield Embedded(Trait.EXIF, self._part)
        thumbnails = self._thumbnails + sum(exif.thumbnails for exif in self._exif)
        if thumbnails:
            yield Embedded(Trait.THUMBNAIL, self._part, thumbnails)
        if not all(exif.is_whole for exif in self._exif):
            yield Unreadable("picture: only the first entries of its EXIF were read", self._part)
        for number, content in enumerate(self._behind, start=1):
            yield Embedded(Trait.TRAILING_BYTES, self._part)
            name = inside(self._part, f"trailing bytes {number}")
            yield Member(content=content, path=b"", part=name)
