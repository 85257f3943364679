"""A test of a deployment: everything exists, and a dry run succeeds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from fdl.document import same_values
from infra.blueprint.flows import render_flows
from infra.model.environment import Environment
from infra.model.names import Names
from oss_restore.checks.copy_proof import CopyProof
from oss_restore.clients.deployment import deployment_of
from oss_restore.clients.function_calls import exists
from oss_restore.clients.run_ledger import read_summary
from oss_restore.clients.target import Target
from oss_restore.clients.workflow import WorkflowClient
from oss_restore.errors import UsageError
from oss_restore.language import gettext as _
from oss_restore.reporting.verdict_text import sentence_of
from oss_restore.runs.result import Result
from oss_restore.runs.run_lookup import run_name, wait_for_end
from thaw.ledger_layout import SMOKE_RUN, run_folder

# Listings end at this key, so that one request is enough for any bucket.
_FIRST_KEY: Final = "!"
# These settings are given, since sampling the bucket to choose them costs requests.
_ONE_PAGE: Final = {"shards": "1", "maxKeys": 1000, "groupSize": 1000}
_THAWED: Final = frozenset({"requested", "already_thawing", "already_readable", "upgraded"})


@dataclass(frozen=True)
class Check:
    """A condition that a deployment must meet.

    Attributes:
        name: the checked part of the deployment.
        problem: why the condition is not met; empty if it is.
    """

    name: str
    problem: str = ""

    @property
    def ok(self) -> bool:
        """Whether the condition is met."""
        return not self.problem


@dataclass(frozen=True)
class ArchivedObject:
    """An object to thaw for real, which costs money."""

    bucket: str
    key: str

    @property
    def scope(self) -> Mapping[str, str]:
        """The scope of a run over the object, by JSON names."""
        return {"prefix": self.key, "until": self.key}

    @classmethod
    def parse(cls, url: str, environment: Environment) -> ArchivedObject:
        """Parse ``oss://BUCKET/KEY``.

        Raises:
            OperatorError: the URL is malformed, or no run of the environment may thaw the object.
        """
        parts = urlsplit(url)
        key = url.partition("://")[2].partition("/")[2]  # it may contain ? and #
        if parts.scheme != "oss" or not key:
            raise UsageError(_("{url} is not of the form oss://BUCKET/KEY").format(url=url))
        for bucket in environment.buckets:
            inside = not bucket.prefixes or key.startswith(tuple(bucket.prefixes))
            if bucket.name == parts.netloc and inside:
                return cls(bucket.name, key)
        raise UsageError(
            _("{url} is outside the buckets and prefixes of environment {environment}").format(
                url=url, environment=environment.name
            )
        )


class Smoke:
    """The checks of one deployment.

    Args:
        environment: the deployment's environment.
        target: endpoints and credentials.
    """

    def __init__(self, environment: Environment, target: Target) -> None:
        self._environment = environment
        self._names = Names(environment)
        self._deployment = deployment_of(environment)
        self._target = target
        self._workflow = WorkflowClient(target)

    def checks(
        self, thaw: ArchivedObject | None = None, copy: CopyProof | None = None
    ) -> Iterator[Check]:
        """Yield every check as soon as it is done; start runs only if everything exists.

        Args:
            thaw: object to thaw for real at the end.
            copy: object to put, thaw, copy and delete for real at the end.

        Raises:
            OperatorError: a call was refused, or a service did not respond.
        """
        in_place = [*self._in_place()]
        yield from in_place
        if not all(check.ok for check in in_place):
            return
        for bucket in self._environment.buckets:
            for prefix in bucket.prefixes or ("",):
                until = prefix or _FIRST_KEY
                run_input = {
                    "bucketName": bucket.name,
                    "prefix": prefix,
                    "until": until,
                    **_ONE_PAGE,
                }
                name, result = self._run({**run_input, "dryRun": True})
                where = f"oss://{bucket.name}/{prefix}"
                problem = _problem(result)
                yield Check(f"dry run over {where}: {name}", problem)
                if not problem:
                    yield self._ledger(name)
        if thaw is not None:
            yield self._thaw(thaw)
        if copy is not None:
            yield from self._copy(copy)

    def _in_place(self) -> Iterator[Check]:
        role = f"acs:ram::{self._environment.account}:role/{self._names.flows_role}"
        for rendered in render_flows(self._environment):
            deployed = self._workflow.flow(rendered.name)
            if deployed is None:
                problem = _("does not exist: deploy the environment")
            elif not same_values(deployed.definition, rendered.text):
                problem = _("differs from this version and environment file: deploy it again")
            elif deployed.role_arn != role:
                problem = _("has the role {role}, not {wanted}").format(
                    role=deployed.role_arn or "-", wanted=role
                )
            else:
                problem = ""
            yield Check(f"flow {rendered.name}", problem)
        for function in self._names.deployed:
            is_deployed = exists(self._target, self._deployment, function)
            problem = "" if is_deployed else _("does not exist: deploy the environment")
            yield Check(f"function {self._names.functions.path(function)}", problem)

    def _run(self, run_input: Mapping[str, object]) -> tuple[str, Result]:
        name, flow = f"{SMOKE_RUN}{run_name()}", self._deployment.main_flow
        endpoint = self._target.oss_for_functions_of(str(run_input["bucketName"]))
        document = {"endpoint": endpoint, **run_input}
        self._workflow.start(flow, name, json.dumps(document, ensure_ascii=False))
        return name, wait_for_end(self._workflow, flow, name)

    def _ledger(self, run: str) -> Check:
        folder = run_folder(self._deployment.report_prefix, run)
        where = f"ledger oss://{self._deployment.report_bucket}/{folder}"
        summary = read_summary(self._target, self._deployment, run)
        if summary is None:
            return Check(where, _("has no summary, although the run succeeded"))
        if summary.get("runId") != run or summary.get("outcomes"):
            return Check(
                where,
                _("has the summary of another run: {summary}").format(summary=json.dumps(summary)),
            )
        return Check(where)

    def _thaw(self, thaw: ArchivedObject) -> Check:
        run_input = {"bucketName": thaw.bucket, **thaw.scope}
        name, result = self._run(run_input)
        problem = _problem(result)
        if not problem and not _THAWED & set(result.outcomes):
            outcomes = ", ".join(result.outcomes) or _("no archived object")
            problem = _("the run found at that key: {outcomes}").format(outcomes=outcomes)
        return Check(f"thaw of oss://{thaw.bucket}/{thaw.key}: {name}", problem)

    def _copy(self, proof: CopyProof) -> Iterator[Check]:
        where = f"oss://{proof.bucket}/{proof.key}"
        proof.put()
        try:
            name, result = self._run(proof.run_input)
            problem = _problem(result)
            outcomes = result.summary.get("verdict", {}).get("all", {})
            if not problem and outcomes != {proof.outcome: 1}:
                problem = _("the run found at that key: {outcomes}").format(
                    outcomes=", ".join(outcomes)
                )
            yield Check(f"{proof.then} of {where}: {name}", problem)
        finally:
            left = "; ".join(proof.clean_up())
        yield Check(f"clean-up of {where}", left)


def _problem(result: Result) -> str:
    return sentence_of(result.verdict) if result.verdict.exit_code else ""
