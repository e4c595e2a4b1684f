"""TYPE-05: content that is not here, or that nobody can open."""

import re
from collections.abc import Iterable

from breachkit.detect.rule import About, FileContext
from breachkit.model.findings import Confidence, Hit, Severity


class Unexaminable:
    """Finds pointers to content kept elsewhere, and encrypted content."""

    about = About(
        id="TYPE-05",
        title="Content that could not be examined",
        severity=Severity.INFO,
        confidence=Confidence.HIGH,
        why=(
            "What was not read is not clean. A pointer of Git LFS, git-annex or DVC stands for a "
            "file on another server: neither this scan nor a rewrite of this history touches it. "
            "Encrypted content may be anything. Missing, damaged and oversized objects, "
            "and types without a reader, are listed under 'skipped' and block 'clean' too."
        ),
        example="A released_outputs/cohort.csv of 130 bytes that names a Git LFS object.",
        remedy=(
            "Fetch the content and check it by itself. If it has to go, it must be deleted from "
            "the other server as well: for Git LFS on GitHub, by a request to support."
        ),
        source="Git LFS specification v1, git-annex and DVC documentation (read 2026-11)",
    )

    def check_file(self, content: bytes, context: FileContext) -> Iterable[Hit]:  # noqa: ARG002 - the protocol's
        """Give one hit, in words, for content that is elsewhere or locked."""
        reason = why_unexaminable(content)
        if reason is not None:
            yield Hit(
                rule=self.about.id,
                severity=self.about.severity,
                confidence=self.about.confidence,
                message=f"not examined: {reason}",
            )


_HEAD = 4096
_LOOKS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (
        re.compile(rb"version https://(?:git-lfs\.github\.com|hawser\.github\.com)/spec/"),
        "a pointer to a file kept by Git LFS",
    ),
    (
        re.compile(rb"(?:/annex/objects/|(?:\.\./)*\.git/annex/objects/)\S"),
        "a pointer to a file kept by git-annex",
    ),
    (
        re.compile(rb"(?:[^\n]*\n){0,4}outs:\s*\n(?:[^\n]*\n){0,3}?[ -]*md5:", re.IGNORECASE),
        "a pointer to a file kept by DVC",
    ),
    (re.compile(rb"-----BEGIN PGP MESSAGE-----"), "encrypted with OpenPGP"),
    (
        re.compile(rb"age-encryption\.org/v|-----BEGIN AGE ENCRYPTED FILE-----"),
        "encrypted with age",
    ),
    (re.compile(rb"\0GITCRYPT\0"), "encrypted with git-crypt"),
    (re.compile(rb"\$ANSIBLE_VAULT;"), "encrypted with Ansible Vault"),
    (re.compile(rb"Salted__"), "encrypted with OpenSSL"),
)
_LOCAL_FILE_HEADER = b"PK\x03\x04"
_OFFICE_ENCRYPTION = "EncryptedPackage".encode("utf-16-le")


def why_unexaminable(content: bytes) -> str | None:
    """Say in words why content cannot be examined, or None where nothing speaks against it."""
    head = content[:_HEAD]
    for look, reason in _LOOKS:
        if look.match(head):
            return reason
    if head.startswith(_LOCAL_FILE_HEADER) and len(head) > 6 and head[6] & 1:
        return "a zip archive with a password"
    if head.startswith(b"\xd0\xcf\x11\xe0") and _OFFICE_ENCRYPTION in content:
        return "an office file with a password"
    return None
