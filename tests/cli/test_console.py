"""What libraries say about a file quotes it, and reaches nobody."""

import subprocess
import sys

from tests.support.fuzzing import CANARY


TALKATIVE = f"""
import logging, warnings
from breachkit.cli import console
console.set_up(verbose=2, quiet=False)
logging.getLogger("breachkit.documents").info("12 objects")
logging.getLogger("pypdf").error("{CANARY}")
logging.getLogger().warning("{CANARY}")
warnings.warn("{CANARY}")
"""


def test_a_library_that_warns_and_logs_is_not_heard_even_where_everything_is():
    done = subprocess.run([sys.executable, "-c", TALKATIVE], capture_output=True, check=True)

    assert b"12 objects" in done.stderr
    assert CANARY.encode() not in done.stdout + done.stderr
