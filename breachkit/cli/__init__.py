"""The command line."""

import gc


# A command lives for seconds and makes few cycles, but millions of objects to look through. It
# begins with those of the modules that it loads.
gc.set_threshold(100_000, 50, 100)
