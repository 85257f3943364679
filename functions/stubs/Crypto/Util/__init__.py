"""In place of the package of that name."""

Counter = None
