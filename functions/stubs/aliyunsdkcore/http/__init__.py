"""In place of the package of that name."""

format_type = None
method_type = None
