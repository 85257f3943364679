"""Structured logs: one JSON object per line on standard output, where FC collects them."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone

_logger = logging.getLogger("functions")


class _JsonLines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        moment = datetime.fromtimestamp(record.created, timezone.utc)
        line = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        sys.stdout.write(json.dumps(line, default=str) + "\n")
        sys.stdout.flush()


def configure() -> None:
    """Set up the functions' logger once per process, without changing FC's root handler."""
    if not _logger.handlers:
        _logger.addHandler(_JsonLines())
        _logger.setLevel(logging.INFO)
        _logger.propagate = False


def _nothing() -> Mapping[str, object]:
    return {}


@dataclass(frozen=True)
class Log:
    """Writes log lines with common facts, such as the run's id and the page.

    Attributes:
        facts: facts in every line.
        so_far: returns further facts when a line is written.
    """

    facts: Mapping[str, object] = field(default_factory=dict)
    so_far: Callable[[], Mapping[str, object]] = _nothing

    def bind(self, **facts: object) -> Log:
        """Return a log with additional facts."""
        return replace(self, facts={**self.facts, **facts})

    def info(self, message: str, **facts: object) -> None:
        """Log a normal event."""
        _logger.info(message, extra={"facts": self._all(facts)})

    def error(self, message: str, **facts: object) -> None:
        """Log something that an operator has to look at."""
        _logger.error(message, extra={"facts": self._all(facts)})

    def _all(self, facts: Mapping[str, object]) -> Mapping[str, object]:
        return {**self.facts, **facts, **self.so_far()}
