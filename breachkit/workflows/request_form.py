"""The questions of a release request, out of playbooks."""

from breachkit.actions.request import Form
from breachkit.actions.request_form import REQUEST, form_from_mapping
from breachkit.workflows.playbook_layers import Layered


FORM = Layered(file=REQUEST, read=form_from_mapping)
"""The form of a release request."""


def form_for(policy: str) -> Form:
    """Read the form of the playbook that a policy is named with; of the one in use without such.

    Args:
        policy: As `--policy` takes it, such as `example-tre:auto`.
    """
    playbook, _, _ = policy.rpartition(":")
    return FORM.load(playbook or None)
