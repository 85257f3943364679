"""What of a cloud is kept: changes are noted, committed in groups, and recovered at a start."""
