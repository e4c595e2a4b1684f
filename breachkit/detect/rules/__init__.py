"""One rule a file, named after the rule's id."""
