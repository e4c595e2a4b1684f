"""Bytes to what a person would see, one reader per format. Pure; content never raises."""
