"""Decisions as plain data: plans, preconditions, inverse steps; ports as protocols. Pure."""
