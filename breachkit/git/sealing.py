"""Files that nobody can read without a key which lies elsewhere: age, as in backups.

For what has to be kept longer than the data and confirms guesses of them: lists of old ids. A salted or
slow digest of each id would not do: a redacted table has few possible fillings, so that whoever has salt
and digests tries them all, and a clone has too many objects for digests that are slow.
"""

from collections.abc import Sequence
from pathlib import Path

import pyrage

from breachkit.git.backup import BackupError, recipient_of, secret_of
from breachkit.model.errors import UsageError


_BEGINS = b"age-encryption.org/"


def is_sealed(content: bytes) -> bool:
    """Say whether a file's content is encrypted with age."""
    return content.startswith(_BEGINS)


def seal(content: bytes, recipients: Sequence[str]) -> bytes:
    """Encrypt for whoever has one of some keys.

    Args:
        content: What is to be kept.
        recipients: age public keys (`age1...`), at least one.

    Raises:
        UsageError: one of them is no age public key.
    """
    refusal = UsageError("one of --recipient is no age public key (age1...): correct it")
    return bytes(pyrage.encrypt(content, [recipient_of(each, refusal) for each in recipients]))


def unseal(content: bytes, key: Path) -> bytes:
    """Decrypt what `seal` made.

    Raises:
        BackupError: it is for another key, or damaged.
        ConfigurationError: the file of the key is no age key.
        RefusedError: others may read the key.
    """
    identity = secret_of(key)
    try:
        return bytes(pyrage.decrypt(content, [identity]))
    except pyrage.DecryptError:
        raise BackupError(
            "the sealed verifier does not open with this key, or is damaged: use the key that it was "
            "sealed for"
        ) from None
