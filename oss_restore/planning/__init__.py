"""Forecasts of what a run would find, take and cost, and what prevents it."""
