"""The catalogue of what is said to operators, by subject. Commands for developers speak English."""
