"""What a media type says about a file within a file, where its bytes do not tell."""

_SUFFIXES = {
    "image/png": b".png",
    "image/jpeg": b".jpg",
    "image/jpg": b".jpg",
    "image/gif": b".gif",
    "image/tiff": b".tiff",
    "image/webp": b".webp",
    "image/svg+xml": b".svg",
    "text/html": b".html",
    "application/xhtml+xml": b".html",
    "text/csv": b".csv",
    "application/csv": b".csv",
    "text/tab-separated-values": b".tsv",
    "text/plain": b".txt",
    "text/css": b".css",
    "text/javascript": b".js",
    "application/javascript": b".js",
    "application/x-javascript": b".js",
    "application/json": b".json",
    "application/xml": b".xml",
    "text/xml": b".xml",
    "application/pdf": b".pdf",
    "application/vnd.ms-excel": b".xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": b".xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": b".docx",
}


def suffix_of(media_type: str) -> bytes:
    """Give a name that tells the format of a file of this type; empty where it tells nothing."""
    suffix = _SUFFIXES.get(media_type.strip().lower())
    return b"file" + suffix if suffix else b""
