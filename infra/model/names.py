"""All names and ARNs of a deployment, derived from its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, get_args

from infra.model.alarm_rules import MetricSources
from infra.model.environment import Environment, FunctionName
from infra.model.function_names import FunctionNames, function_names

FlowKind = Literal["awaitFlow", "restoreFlow", "lookFlow", "copyFlow", "mainRestoreFlow"]

NOTIFIER: Final[FunctionName] = "notifyRun"
FUNCTIONS: Final[tuple[FunctionName, ...]] = get_args(FunctionName)
FLOWS: Final[tuple[FlowKind, ...]] = get_args(FlowKind)  # children before parents
LOGSTORE: Final = "functions"
REQUIRED_TAGS: Final = ("application", "environment")


class OutputKey(StrEnum):
    """The names of the stack's outputs. Scripts depend on them."""

    VERSION = "version"
    ACCOUNT = "account"
    REGION = "region"
    MAIN_FLOW = "main_flow"
    MAIN_FLOW_ARN = "main_flow_arn"
    AWAIT_FLOW = "await_flow"
    AWAIT_FLOW_ARN = "await_flow_arn"
    RESTORE_FLOW = "restore_flow"
    RESTORE_FLOW_ARN = "restore_flow_arn"
    LOOK_FLOW = "look_flow"
    LOOK_FLOW_ARN = "look_flow_arn"
    COPY_FLOW = "copy_flow"
    COPY_FLOW_ARN = "copy_flow_arn"
    SERVICE = "service"
    FUNCTION_ARNS = "function_arns"
    FUNCTIONS_ROLE_ARN = "functions_role_arn"
    FLOWS_ROLE_ARN = "flows_role_arn"
    LOG_PROJECT = "log_project"
    LOGSTORE = "logstore"
    REPORT_BUCKET = "report_bucket"
    REPORT_PREFIX = "report_prefix"


@dataclass(frozen=True)
class Names:
    """The names and ARNs of an environment's deployment."""

    environment: Environment

    @property
    def stack(self) -> str:
        """Id of the Terraform stack, as in ``cdktf deploy STACK``."""
        return self.environment.name

    @property
    def provider_endpoints(self) -> Mapping[str, str]:
        """Explicit hosts of the service APIs that Terraform calls.

        Serverless Workflow's is always set: the provider has no default and would ask the location
        service, which may be unreachable from a closed network.
        """
        configured = self.environment.provider.endpoints.model_dump(exclude_none=True)
        return {"fnf": f"{self.environment.region}.fnf.aliyuncs.com", **configured}

    @property
    def functions(self) -> FunctionNames:
        return function_names(self.environment)

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags of every resource that supports tags; the environment's own take precedence."""
        ours = dict(zip(REQUIRED_TAGS, ("oss-restore", self.environment.name), strict=True))
        return {**ours, **self.environment.tags}

    @property
    def deployed(self) -> tuple[FunctionName, ...]:
        """The deployed functions."""
        return FUNCTIONS

    # RAM uses lower case for role names in ARNs.
    @property
    def functions_role(self) -> str:
        return self._ram("functions")

    @property
    def flows_role(self) -> str:
        return self._ram("flows")

    @property
    def functions_role_arn(self) -> str:
        return self._role_arn(self.functions_role)

    @property
    def flows_role_arn(self) -> str:
        return self._role_arn(self.flows_role)

    @property
    def roles(self) -> tuple[str, str]:
        """The names of both roles, and of their policies."""
        return self.functions_role, self.flows_role

    @property
    def log_project(self) -> str:
        return self.environment.logs.project or self._worldwide

    @property
    def report_bucket(self) -> str:
        return self.environment.report.bucket or self._worldwide

    @property
    def report_endpoint(self) -> str:
        """OSS endpoint that the functions use for the report bucket."""
        internal = f"https://oss-{self.environment.region}-internal.aliyuncs.com"
        return self.environment.report.endpoint or internal

    @property
    def state_prefix(self) -> str:
        """Folder of Terraform's state in its bucket."""
        oss = self.environment.backend.oss
        configured = oss.prefix if oss else None
        return f"oss-restore/{self.environment.name}" if configured is None else configured

    @property
    def code_folder(self) -> str:
        """Prefix of the keys of the functions' code in the report bucket."""
        return f"{self.environment.report.prefix}code/"

    def code_key(self, checksum: str) -> str:
        """Return a bundle's key, which changes with the code so that the change is noticed."""
        return f"{self.code_folder}functions-{self.environment.runtime}-{checksum}.zip"

    def flow(self, kind: FlowKind) -> str:
        """Return a flow's name."""
        return f"{self.environment.stack_name}-{kind}-{self.environment.suffix}"

    def flow_arn(self, kind: FlowKind) -> str:
        """Return a flow's ARN as used by RAM and the APIs."""
        return self._arn("fnf", f"flow/{self.flow(kind)}")

    def log_project_arn(self) -> str:
        """Return the log project's ARN."""
        return self._arn("log", f"project/{self.log_project}")

    def logstore_arn(self) -> str:
        """Return the ARN of the functions' logstore."""
        return f"{self.log_project_arn()}/logstore/{LOGSTORE}"

    @property
    def whole(self) -> str:
        """Name for a resource of the deployment as a whole."""
        return f"{self.environment.stack_name}-{self.environment.suffix}"

    @property
    def contact_group(self) -> str:
        """Name of the contact group that alarms notify."""
        return self.whole

    def alarm(self, kind: str) -> str:
        """Return an alarm's name."""
        return f"{self.whole}-{kind.replace('_', '-')}"

    @property
    def metric_sources(self) -> MetricSources:
        """The deployment's dimensions in CloudMonitor metrics."""
        env = self.environment
        whose = {"userId": env.account, "region": env.region}
        functions = [
            {**whose, **self.functions.metric_dimensions(function)} for function in self.deployed
        ]
        return MetricSources(functions, [{**whose, "flowName": self.flow("mainRestoreFlow")}])

    @property
    def dashboard(self) -> str:
        """Name of the log project's dashboard."""
        return self.whole.lower()

    def dashboard_arn(self, name: str) -> str:
        """Return the ARN of a dashboard in the log project."""
        return f"{self.log_project_arn()}/dashboard/{name}"

    def mns_arn(self, path: str) -> str:
        """Return the ARN of a Message Service topic or queue, given its API path."""
        return self._arn("mns", path)

    @property
    def _worldwide(self) -> str:
        """Name that is unique across all accounts and regions."""
        env = self.environment
        return f"{env.stack_name}-{env.account}-{env.region}-{env.suffix}".lower()

    def _ram(self, kind: str) -> str:
        return f"{self.environment.stack_name}-{kind}-{self.environment.suffix}".lower()

    def _role_arn(self, name: str) -> str:
        return f"acs:ram::{self.environment.account}:role/{name}"

    def _arn(self, service: str, resource: str) -> str:
        return f"acs:{service}:{self.environment.region}:{self.environment.account}:{resource}"
