"""Breaches to plant: what they are, how they are written, and where in a history they hide."""
