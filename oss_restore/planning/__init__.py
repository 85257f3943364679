"""Plans of runs: the objects, time and cost to expect, and obstacles."""
