"""Queries for the functions' log, in Log Service's query language.

The functions write one JSON object per line. Function Compute puts it into the field ``message``,
so queries refer to its keys as ``message.KEY``. A ``|`` separates search and SQL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from infra.model.environment import Environment
from infra.model.names import Names
from thaw.errors import FATAL_ERRORS
from thaw.outcomes import AFTER_THAW, Outcome

FieldType = Literal["text", "long"]

LOG_FIELD: Final = "message"  # the field of Function Compute's log lines

# The indexed fields and their types: only leaves (docs: query and analyze JSON logs).
FIELDS: Final[Mapping[str, FieldType]] = {
    "message": "text",
    "level": "text",
    "function": "text",
    "request": "text",
    "run": "text",
    "bucket": "text",
    "page": "long",
    "group": "long",
    "scanned": "long",
    "listed": "long",
    "groups": "long",
    **{f"outcomes.{outcome}": "long" for outcome in Outcome if outcome not in AFTER_THAW},
    "outcome": "text",
    "code": "text",
    "objects": "long",
    "failed": "long",
    "unaccounted": "long",
    "ending": "text",
    "target": "text",
    "error": "text",
    "ms": "long",
    "retries": "long",
    "throttled": "long",
}

_RUN_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")
_PLACEHOLDER: Final = re.compile(r"\{(\w+(?:\.\w+)?)\}")

Chart = Literal["table", "line", "bar"]


class InvalidRunIdError(ValueError):
    """The string is not a valid run name."""


@dataclass(frozen=True)
class Query:
    """A log query.

    Attributes:
        name: its name on the command line.
        title: a description of the result.
        sql: the SQL, with each log field in braces.
        chart: the chart type on a dashboard.
        x: columns on the x axis; empty for a table.
        y: columns on the y axis, or the columns of a table.
    """

    name: str
    title: str
    sql: str
    chart: Chart = "table"
    x: tuple[str, ...] = ()
    y: tuple[str, ...] = ()

    def text(self, run: str | None = None) -> str:
        """Return the query in Log Service's syntax.

        Args:
            run: the run to query; None for all runs.

        Raises:
            InvalidRunIdError: ``run`` is not a valid run name.
        """
        if run is not None and not _RUN_ID.fullmatch(run):
            raise InvalidRunIdError(f"{run!r} is not a run name: letters, digits, '_' and '-'")
        search = "*" if run is None else f"{LOG_FIELD}.run: {run}"
        sql = _PLACEHOLDER.sub(lambda match: f'"{LOG_FIELD}.{match[1]}"', self.sql)
        return f"{search} | {' '.join(sql.split())}"


def queries(environment: Environment) -> tuple[Query, ...]:
    """Return the queries for an environment's log."""
    return (
        Query(
            "progress",
            "How far runs have come",
            """
            SELECT {run} AS run, max({page}) + 1 AS pages, sum({scanned}) AS scanned,
              sum({outcomes.requested}) AS requested, sum({outcomes.failed}) AS failed,
              from_unixtime(max(__time__)) AS last_line
            WHERE {message} = 'page listed' OR {message} = 'group restored'
            GROUP BY run ORDER BY last_line DESC LIMIT 100
            """,
        ),
        Query("unfinished", "Runs that have not ended, longest silent first", _unfinished()),
        Query(
            "failures",
            "Objects that failed, by code",
            """
            SELECT {run} AS run, {outcome} AS outcome, {code} AS code, sum({objects}) AS objects
            WHERE {message} = 'objects failed'
            GROUP BY run, outcome, code ORDER BY objects DESC LIMIT 100
            """,
        ),
        Query(
            "errors",
            "What went wrong, the latest first",
            """
            SELECT from_unixtime(__time__) AS moment, {run} AS run, {function} AS function,
              {error} AS error, {message} AS what
            WHERE {level} = 'ERROR'
            ORDER BY moment DESC LIMIT 100
            """,
        ),
        Query(
            "throttling",
            "Requests that OSS refused for now, by minute",
            """
            SELECT date_trunc('minute', __time__) AS minute, sum({throttled}) AS throttled,
              sum({retries}) AS retries
            WHERE {message} = 'page listed' OR {message} = 'group restored'
              OR {message} = 'objects looked at'
            GROUP BY minute ORDER BY minute LIMIT 10000
            """,
            chart="line",
            x=("minute",),
            y=("throttled", "retries"),
        ),
        Query(
            "slow-pages",
            "The slowest pages",
            """
            SELECT {run} AS run, {page} AS page,
              max(CASE WHEN {message} = 'page listed' THEN {ms} ELSE 0 END) / 1000.0
                AS list_seconds,
              max(CASE WHEN {message} = 'group restored' THEN {ms} ELSE 0 END) / 1000.0
                AS slowest_group_seconds, sum({throttled}) AS throttled
            WHERE {message} = 'page listed' OR {message} = 'group restored'
            GROUP BY run, page ORDER BY slowest_group_seconds DESC, list_seconds DESC LIMIT 20
            """,
        ),
        Query("cost", "Calls and GB-seconds of the functions", _cost(environment)),
    )


def _unfinished() -> str:
    fatal = ", ".join(f"'{error}'" for error in FATAL_ERRORS)
    return f"""
        SELECT {{run}} AS run, from_unixtime(min(__time__)) AS first_line,
          from_unixtime(max(__time__)) AS last_line,
          (to_unixtime(now()) - max(__time__)) / 3600.0 AS silent_hours
        WHERE {{run}} <> ''
        GROUP BY run
        HAVING sum(CASE WHEN {{message}} = 'run summarized' OR {{ending}} <> ''
          OR {{error}} IN ({fatal}) THEN 1 ELSE 0 END) = 0
        ORDER BY silent_hours DESC LIMIT 100
        """


def _cost(environment: Environment) -> str:
    """Return the cost query; a call's duration is that in its last line, without the start-up."""
    sizes = " ".join(
        f"WHEN '{_logged(name)}' THEN {environment.functions.size_of(name).memory}"
        for name in Names(environment).deployed
    )
    return f"""
        SELECT function, count(1) AS calls, sum(ms) / 1000.0 AS seconds,
          sum(ms / 1000.0 * CASE function {sizes} ELSE 0 END) / 1024 AS gb_seconds
        FROM (
          SELECT {{function}} AS function, {{request}} AS request, max({{ms}}) AS ms
          FROM log WHERE {{function}} <> '' GROUP BY function, request
        )
        GROUP BY function ORDER BY gb_seconds DESC LIMIT 100
        """  # noqa: S608 - names of our own


def _logged(name: str) -> str:
    """Return a function's name as it appears in its log, such as ``list_archive_files``."""
    return re.sub(r"([A-Z])", lambda match: f"_{match[1].lower()}", name)
