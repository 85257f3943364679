"""The documents' tables that are derived from code; ``python -m tests.docs.tables`` writes them."""

from __future__ import annotations

import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout, suppress
from dataclasses import MISSING
from pathlib import Path
from typing import Any

import pytest

from fdl.graph.mermaid import mermaid
from fdl.graph.model import SeriesGraph, graph_of
from fdl.parse import parse
from infra.blueprint.flows import render_flows
from infra.blueprint.queries import queries
from infra.environment_files import load_environments
from infra.model.alarm_rules import FNF_PROJECT, AlarmRule, Alarms
from infra.model.names import FlowKind
from infra.plan_checks.rules import RULES
from infra.policies.deployer import WILDCARD_REASONS as DEPLOYER_REASONS
from infra.policies.runtime import WILDCARD_REASONS, flows_policy, functions_policy
from localcloud.cms.api import OPERATIONS as CMS_OPERATIONS
from localcloud.fc import fc2_routes, fc3_routes
from localcloud.fnf.api import OPERATIONS as FNF_OPERATIONS
from localcloud.fnf.api import FnfOperation
from localcloud.fnf.unsupported import UNSUPPORTED_ACTIONS as FNF_ACTIONS
from localcloud.fnf.unsupported import UNSUPPORTED_PARAMETERS as FNF_PARAMETERS
from localcloud.location.api import OPERATIONS as LOCATION_OPERATIONS
from localcloud.oss.route import SOURCE
from localcloud.oss.routes import ROUTES as OSS_ROUTES
from localcloud.ram.api import OPERATIONS as RAM_OPERATIONS
from localcloud.ram.sts import OPERATIONS as STS_OPERATIONS
from localcloud.request_body import RequestBody
from localcloud.rpc_operations import RpcOperation
from localcloud.settings import switches
from localcloud.sls.routes import ROUTES as SLS_ROUTES
from oss_restore.cli.main import main as run_command
from oss_restore.cli.program import COMMANDS
from thaw.json_reader import camel_case
from thaw.run_input import input_fields

DOCS = Path(__file__).parents[2] / "docs"


def run_input() -> str:
    """Return the table of a run's input fields."""
    rows = ["| field | default | meaning |", "|---|---|---|"]
    for field in input_fields():
        default = "required" if field.default is MISSING else _default(field.default)
        if field.metadata.get("chosen"):
            default = "chosen"
        rows.append(f"| `{camel_case(field.name)}` | {default} | {field.metadata['meaning']} |")
    return "\n".join(rows)


def _default(value: object) -> str:
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "all three"
    return f"`{value}`" if value != "" else '`""`'


def switch_values() -> str:
    """Return the table of the local cloud's switches."""
    head = "| switch | values, the default first |\n|---|---|"
    rows = [
        f"| `{name}` | {', '.join(f'`{value}`' for value in values)} |"
        for name, values in switches().items()
    ]
    return "\n".join([head, *rows])


def operations(rows: Iterable[tuple[str, str, Iterable[str]]]) -> str:
    """Return the table of operations: their names, requests, and what they understand."""
    cells = (
        f"| {name} | `{request}` | {', '.join(f'`{word}`' for word in understands)} |"
        for name, request, understands in rows
    )
    return "\n".join(["| operation | request | understands |", "|---|---|---|", *cells])


def rpc_operations(served: Iterable[RpcOperation[Any, Any] | FnfOperation[Any]]) -> str:
    """Return the table of operations of an RPC service."""
    return operations(
        (
            operation.name,
            f"Action={operation.name}",
            [f.alias or name for name, f in operation.parameters.model_fields.items()],
        )
        for operation in served
    )


def fc_operations() -> str:
    """Return the table of operations of Function Compute, in both versions."""
    return operations(
        (
            route.name,
            f"{route.method} /{version.VERSION}{route.path}",
            (*sorted(route.query), *sorted(route.headers), *_fields(route.body)),
        )
        for version in (fc2_routes, fc3_routes)
        for route in version.ROUTES
    )


def fc_unsupported() -> str:
    """Return the table of what Function Compute refuses, in either version."""
    return unsupported(
        {
            f"{entry.feature} ({version.VERSION})": entry.reason
            for version in (fc2_routes, fc3_routes)
            for entry in version.UNSUPPORTED
        }
    )


def oss_operations() -> str:
    """Return the table of operations of OSS."""
    return operations(
        (
            route.name,
            f"{route.method} {route.level}"
            + (f"?{route.sub_resource}" if route.sub_resource else "")
            + (f" with {SOURCE}" if route.copies else ""),
            (
                *(["versionId"] if route.version_action else []),
                *sorted(route.parameters),
                *sorted(route.headers),
            ),
        )
        for route in OSS_ROUTES
    )


def sls_operations() -> str:
    """Return the table of operations of Log Service."""
    return operations(
        (
            route.name,
            f"{route.method} {route.path}"
            + ("" if route.in_host else ", without a project in the host"),
            (*sorted(route.query), *_fields(route.body)),
        )
        for route in SLS_ROUTES
    )


def _fields(body: type[RequestBody] | None) -> tuple[str, ...]:
    return body.names() if body else ()


def unsupported(reasons: Mapping[str, str]) -> str:
    """Return the table of what an API of the local cloud refuses, one row per reason."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    for name, reason in reasons.items():
        names[reason].append(f"`{name}`")
    rows = [f"| {', '.join(same)} | {reason} |" for reason, same in names.items()]
    return "\n".join(["| refused | why |", "|---|---|", *rows])


# Why each role has its permissions; one without a reason fails here.
WHY = {
    "oss:ListObjects": "to find archived objects and see which are readable; to add the ledger up",
    "oss:RestoreObject": "to thaw",
    "oss:GetObject": "to read the ledger",
    "oss:PutObject": "to write the ledger and the report",
    "log:PostLogStoreLogs": "to log",
    "fc:InvokeFunction": "to call the functions, with and without a qualifier",
    "fnf:StartExecution": "to start flows as children",
    "fnf:DescribeExecution": "to follow a child that a task waits for",
    "fnf:StopExecution": "to stop a child whose parent is stopped",
}


def role_rights() -> str:
    """Return the table of permissions of the example environment's roles."""
    (environment,) = load_environments(DOCS.parent / "environments")
    rows = ["| role | may | on | why |", "|---|---|---|---|"]
    documents = {
        "functions": functions_policy(environment),
        "flows": flows_policy(environment),
    }
    for role, document in documents.items():
        for statement in json.loads(document)["Statement"]:
            targets = ", ".join(f"`{target}`" for target in statement["Resource"][:2])
            more = len(statement["Resource"]) - 2
            on = targets + (f" and {more} more like these" if more > 0 else "")
            rows += [
                f"| {role} | `{action}` | {on} | {WHY[action]} |" for action in statement["Action"]
            ]
    return "\n".join(rows)


def _reasons(reasons: Mapping[str, str]) -> str:
    rows = [f"| `{action}` | {reason} |" for action, reason in reasons.items()]
    return "\n".join(["| permission | why it cannot be narrower |", "|---|---|", *rows])


def plan_rules() -> str:
    """Return the table of rules for plans."""
    rows = [f"| `{rule.id}` | {rule.description} |" for rule in RULES]
    return "\n".join(["| rule | what must hold |", "|---|---|", *rows])


def alarm_rules() -> str:
    """Return the table of alarms with their defaults."""
    rows = [
        "| rule | reports that | metric | threshold | what is documented |",
        "|---|---|---|---|---|",
    ]
    for name, rule in Alarms(contacts=("ann",)).rules:
        report = str(rule.__doc__).splitlines()[0].rstrip(".")
        metric = f"`{rule.project}` `{rule.metric}`"
        times = f", {rule.times} times in a row" if rule.times > 1 else ""
        least = f"{rule.threshold:,} in {rule.period} s{times}"
        rows.append(f"| `{name}` | {report} | {metric} | {least} | {_sure(name, rule)} |")
    return "\n".join(rows)


def _sure(name: str, rule: AlarmRule) -> str:
    if rule.project == FNF_PROJECT:
        return (
            "project and metric are documented; the metric's name in CloudMonitor and the dimension"
            " `flowName` are assumed"
        )
    if name == "throttling":
        return "project and dimensions are documented; the metric's name was seen in a console only"
    return "documented"


def log_queries() -> str:
    """Return the table of queries."""
    (environment,) = load_environments(DOCS.parent / "environments")
    rows = [f"| `{query.name}` | {query.title} |" for query in queries(environment)]
    return "\n".join(["| query | answers |", "|---|---|", *rows])


def flow_graph(kind: FlowKind) -> SeriesGraph:
    """Return a flow of the example environment as a Mermaid graph."""
    (environment,) = load_environments(DOCS.parent / "environments")
    (text,) = (flow.text for flow in render_flows(environment) if flow.kind == kind)
    return graph_of(parse(text))


def flow_picture(kind: FlowKind) -> str:
    """Return a link to a flow's picture."""
    return f"```mermaid\n{mermaid(flow_graph(kind))}```"


def help_texts() -> str:
    """Return the help of every command, in 80 columns."""
    return "\n\n".join(f"## {name}\n\n```text\n{_help(name)}\n```" for name in COMMANDS)


def _help(name: str) -> str:
    text = io.StringIO()
    with pytest.MonkeyPatch.context() as shell, redirect_stdout(text), suppress(SystemExit):
        shell.setenv("COLUMNS", "80")
        run_command([name, "--help"])
    return "\n".join(line.rstrip() for line in text.getvalue().rstrip().splitlines())


TABLES: Mapping[tuple[str, str], Callable[[], str]] = {
    ("runs.md", "input"): run_input,
    ("local-cloud.md", "switches"): switch_values,
    ("local-cloud.md", "fc operations"): fc_operations,
    ("local-cloud.md", "fc unsupported"): fc_unsupported,
    ("local-cloud.md", "fnf operations"): lambda: rpc_operations(FNF_OPERATIONS),
    ("local-cloud.md", "fnf unsupported"): lambda: unsupported({**FNF_ACTIONS, **FNF_PARAMETERS}),
    ("local-cloud.md", "OSS operations"): oss_operations,
    ("local-cloud.md", "RAM operations"): lambda: rpc_operations(RAM_OPERATIONS),
    ("local-cloud.md", "STS operations"): lambda: rpc_operations(STS_OPERATIONS),
    ("local-cloud.md", "SLS operations"): sls_operations,
    ("local-cloud.md", "CMS operations"): lambda: rpc_operations(CMS_OPERATIONS),
    ("local-cloud.md", "Location operations"): lambda: rpc_operations(LOCATION_OPERATIONS),
    ("observability.md", "alarms"): alarm_rules,
    ("observability.md", "queries"): log_queries,
    ("commands.md", "help"): help_texts,
    ("architecture.md", "restoreFlow"): lambda: flow_picture("restoreFlow"),
    ("architecture.md", "lookFlow"): lambda: flow_picture("lookFlow"),
    ("architecture.md", "awaitFlow"): lambda: flow_picture("awaitFlow"),
    ("security.md", "roles"): role_rights,
    ("security.md", "wide"): lambda: _reasons(DEPLOYER_REASONS),
    ("security.md", "rules"): plan_rules,
    ("security.md", "reasons"): lambda: _reasons(WILDCARD_REASONS),
}


def with_table(text: str, name: str, table: str) -> str:
    """Return the document with the table between its markers."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    return pattern.sub(lambda found: f"{found[1]}{table}\n{found[2]}", text, count=1)


def main() -> None:
    """Write the tables into their documents."""
    for (document, name), table in TABLES.items():
        path = DOCS / document
        path.write_text(with_table(path.read_text(), name, table()))


if __name__ == "__main__":
    main()
