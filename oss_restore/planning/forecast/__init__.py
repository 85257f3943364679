"""Forecasts of a run's time, calls and usage, calculated before it starts."""
