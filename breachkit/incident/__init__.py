"""The case: states and guards, hash-chained journal, case folder. Reads and writes the disk."""
