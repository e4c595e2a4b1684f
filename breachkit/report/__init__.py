"""Findings and incidents as text; decides nothing."""
