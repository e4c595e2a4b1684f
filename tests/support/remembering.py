"""A memory of verdicts that lives as long as a test."""

from breachkit.workflows.playbooks import load_policies
from breachkit.workflows.scan import ScanOptions, scan_target
from tests.support.responding import Recorded


class Remembering:
    """Keeps what it is given, and counts what it is asked for."""

    secret = b"a secret of the test"

    def __init__(self, rules: bytes = b"rules of today") -> None:
        self.rules = rules
        self.kept: dict[bytes, bytes] = {}

    def recall(self, keys):
        return {key: self.kept[key] for key in keys if key in self.kept}

    def keep(self, items):
        self.kept.update(items)


def scanned_with(memory, repository, *, policy="auto", workers=1):
    """Give the result of a scan, and how many objects it read."""
    progress = Recorded()
    options = ScanOptions(policies=load_policies().choose(policy), memory=memory, workers=workers)
    return scan_target(str(repository), options, progress=progress), progress.objects


def told(result):
    """Give everything that a scan says of a repository, but for how it came by it."""
    skipped = sorted(map(str, result.skipped))
    return result.findings, skipped, result.telling_names, result.verdict
