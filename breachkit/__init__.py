"""Find insufficiently redacted research outputs in git histories, and take them out properly."""

__version__ = "0.1.0"
