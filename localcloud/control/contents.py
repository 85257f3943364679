"""The calls that show what a cloud contains and runs."""

from __future__ import annotations

import dataclasses
from collections import Counter

import orjson
from starlette.requests import Request
from starlette.responses import Response

from localcloud.cloud import LocalCloud
from localcloud.control.responses import json_response
from localcloud.fc.interpreters import RUNTIME_VERSIONS, interpreter


class Contents:
    """The calls, for one cloud."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud

    async def resources(self, _: Request) -> Response:
        return json_response(self._cloud.resources())

    async def configuration(self, _: Request) -> Response:
        """Return settings, resources, and by account the content of flows and policies."""
        accounts = self._cloud.accounts.items()
        return json_response(
            {
                "settings": self._cloud.core.settings.by_name(),
                "resources": self._cloud.resources(),
                "flows": {
                    account_id: {
                        flow.name: {"definition": flow.definition, "role_arn": flow.role_arn}
                        for flow in account.fnf.flows
                    }
                    for account_id, account in accounts
                },
                "policies": {
                    account_id: {
                        name: orjson.loads(policy.text)
                        for name, policy in account.ram.policies.items()
                    }
                    for account_id, account in accounts
                },
            }
        )

    async def executions(self, _: Request) -> Response:
        """List the executions in progress, by account."""
        return json_response(
            {
                account_id: [
                    {"flow": execution.flow, "name": execution.name}
                    for execution in account.fnf.under_way()
                ]
                for account_id, account in self._cloud.accounts.items()
            }
        )

    async def processes(self, _: Request) -> Response:
        return json_response(
            {
                account_id: [{"function": name, "pid": pid} for name, pid in account.fc.instances()]
                for account_id, account in self._cloud.accounts.items()
            }
        )

    async def runtimes(self, _: Request) -> Response:
        """Return the Python interpreter and the number of functions of each runtime."""
        counts: Counter[str] = Counter()
        for account in self._cloud.accounts.values():
            counts += account.fc.runtimes()
        return json_response(
            {
                python.runtime: {
                    "python": python.path,
                    "version": python.version,
                    "warning": python.warning,
                    "functions": counts[python.runtime],
                }
                for python in map(interpreter, RUNTIME_VERSIONS)
            }
        )

    async def messages(self, _: Request) -> Response:
        """List the messages that flows sent to topics and queues, by account."""
        return json_response(
            {
                account_id: [dataclasses.asdict(message) for message in account.fnf.messages.all]
                for account_id, account in self._cloud.accounts.items()
            }
        )

    async def warnings(self, _: Request) -> Response:
        """List problems that were not reported to any caller, by account."""
        return json_response(self._cloud.warnings())

    async def logs(self, _: Request) -> Response:
        """List the last lines of every logstore."""
        return json_response(
            {
                f"{account_id}/{project.name}/{logstore}": [
                    dataclasses.asdict(line)
                    for line in account.sls.query(project.name, logstore, limit=1000)
                ]
                for account_id, account in self._cloud.accounts.items()
                for project in account.sls.projects.values()
                for logstore in project.logstores
            }
        )
