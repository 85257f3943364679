"""Persistence: changes are recorded, committed in groups, and recovered at startup."""
