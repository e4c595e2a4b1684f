"""The stories that can be practised, each with a lesson of its own."""
