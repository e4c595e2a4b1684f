"""`python -m breachkit`."""

import sys

from breachkit.cli.app import main


sys.exit(main())
