"""The control API, which real clouds do not have: clock, meters, faults and contents."""

from localcloud.control.app import control_app

__all__ = ["control_app"]
