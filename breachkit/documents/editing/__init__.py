"""Other words into the cells of a file's tables, and everything else back as it was, byte for byte."""
