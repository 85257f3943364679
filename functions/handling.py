"""Make FC handlers, which take an event in bytes, return JSON, and raise errors by class name.

The docstring of each handler shows its event and its response.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from functools import wraps

from functions import log
from functions.invocation import Invocation
from thaw.errors import RunError
from thaw.json_reader import Reader

Handler = Callable[[bytes, object], str]
Logic = Callable[[Invocation], Mapping[str, object]]

log.configure()


def handler(logic: Logic) -> Handler:
    """Make an FC handler of a function that takes an invocation and returns JSON."""

    @wraps(logic)
    def handle(event: bytes, context: object) -> str:
        request = getattr(context, "request_id", "")
        journal = log.Log({"function": logic.__name__, "request": request})
        try:
            invocation = Invocation.start(event, context, os.environ, logic.__name__)
            journal = invocation.log.bind(run=invocation.run_id)
            return json.dumps(logic(invocation), separators=(",", ":"))
        except RunError as error:
            journal.error(str(error), error=type(error).__name__)
            raise

    return handle


def caught_error(event: Reader) -> tuple[str, str]:
    """Return the name and the cause of an error that a flow has caught; empty if there is none."""
    return str(event.value("error") or ""), str(event.value("cause") or "")
