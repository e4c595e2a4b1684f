"""What clones that turn up late are compared with: whether the case has it, and whether it is sealed.

`status` and `next` ask at every step, so nothing here loads what looks through clones or encrypts.
"""

from breachkit.actions.clone_list import Entry, entries_in
from breachkit.incident.case import Milestone
from breachkit.incident.folder import CaseFolder
from breachkit.workflows import case_files


SEALED_FILE = "verifier.age"
"""In the case's folder, outside the private part, which it outlives."""
SEAL_KEY = "-verifier.agekey"
"""How the key ends that is made for it, behind the case's id."""


def kept_entries(case: CaseFolder) -> tuple[Entry, ...]:
    """Give what was kept of this round and those before; nothing where nothing was."""
    file = case.private / case_files.CLONE_LIST
    return entries_in(file.read_text(encoding="ascii")) if file.exists() else ()


def has_whole_list(case: CaseFolder) -> bool:
    """Whether the list names all that no clone may hold: that is known from the rewrite on."""
    is_known = (case.private / case_files.REWRITTEN).exists() or bool(kept_entries(case))
    return case.incident.has(Milestone.REWRITTEN) and is_known


def needs_sealing(case: CaseFolder) -> bool:
    """Say whether what late clones are compared with goes with the private part, as it stands."""
    return has_whole_list(case) and not (case.path / SEALED_FILE).exists()
