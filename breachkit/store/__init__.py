"""Adapter: what scheduled scans remember from one night to the next, in SQLite."""
