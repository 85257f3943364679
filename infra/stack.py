"""What one environment's deployment consists of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cdktf
from constructs import Construct

from infra.alerting import add_alarms
from infra.bundle import Bundle
from infra.compute import add_functions
from infra.dashboard import charts
from infra.flows import FlowDefinition
from infra.model import Environment
from infra.names import LOGSTORE, FlowKind, Names, OutputKey
from infra.policies import flows_policy, functions_policy, trust
from infra.queries import FIELDS, LOG_FIELD, queries
from infra.resources import (
    Alicloud,
    AssumeRole,
    AssumeRoleWithOidc,
    FieldSearch,
    FnfFlow,
    FullText,
    JsonKey,
    LogDashboard,
    LogProject,
    LogStore,
    LogStoreIndex,
    OssBucket,
    ProviderConfig,
    RamPolicy,
    RamRole,
    RamRolePolicyAttachment,
    Resource,
)

_DESCRIPTIONS: Final[Mapping[FlowKind, str]] = {
    "awaitFlow": "Waits until a range of objects is readable",
    "restoreFlow": "Thaws one page of archived objects",
    "mainRestoreFlow": "Thaws the archived objects of a bucket",
}
_WORD_BREAKS: Final = ", '\";=()[]{}?@&<>/:\n\t\r"
# Terraform runs in OUTDIR/stacks/STACK, so these are the same on every machine.
_OUTDIR: Final = Path("../..")
_PROJECT: Final = _OUTDIR / ".."


class RestoreStack(cdktf.TerraformStack):
    """One environment: everything from the provider to the outputs.

    Args:
        scope: the app.
        environment: what is deployed.
        bundle: the functions' code; its path is taken from the app's output folder.
        flows: the environment's flows, a child before its parent.
    """

    def __init__(
        self,
        scope: Construct,
        environment: Environment,
        bundle: Bundle,
        flows: Iterable[FlowDefinition],
    ) -> None:
        self._environment = environment
        self._names = Names(environment)
        super().__init__(scope, self._names.stack)
        self._add_backend()
        self._add_provider()
        stores = [self._add_logs(), *self._add_report_bucket()]
        functions_role = self._add_role(
            "functions",
            "fc.aliyuncs.com",
            self._names.functions_role,
            functions_policy(environment),
        )
        flows_role = self._add_role(
            "flows", "fnf.aliyuncs.com", self._names.flows_role, flows_policy(environment)
        )
        code = Bundle(_OUTDIR / bundle.path, bundle.checksum)
        functions = add_functions(
            self,
            environment,
            code,
            role_arn=functions_role.arn,
            depends_on=[functions_role.attachment, *stores],
        )
        main_flow = self._add_flows(flows, flows_role, depends_on=functions)
        add_alarms(self, environment, self._names.metric_sources, depends_on=main_flow)
        self._add_outputs(functions_role, flows_role)

    def _add_backend(self) -> None:
        """Always a backend: the implicit one has a path of this machine in it."""
        backend = self._environment.backend
        if backend.local is not None:
            cdktf.LocalBackend(self, path=str(_PROJECT / backend.local.path))
        if backend.oss is not None:
            oss = backend.oss
            cdktf.OssBackend(
                self,
                bucket=oss.bucket,
                region=oss.region or self._environment.region,
                prefix=self._names.state_prefix,
                key=oss.key,
                encrypt=oss.encrypt,
                endpoint=oss.endpoint,
                tablestore_endpoint=oss.tablestore_endpoint,
                tablestore_table=oss.tablestore_table,
            )

    def _add_provider(self) -> None:
        provider = self._environment.provider
        role, oidc = provider.assume_role, provider.assume_role_with_oidc
        Alicloud(
            self,
            "alicloud",
            ProviderConfig(
                region=self._environment.region,
                account_id=self._environment.account,
                account_type=provider.account_type,
                protocol=provider.protocol,
                assume_role=AssumeRole(**role.model_dump()) if role else None,
                assume_role_with_oidc=AssumeRoleWithOidc(**oidc.model_dump()) if oidc else None,
                endpoints=provider.endpoints.model_dump(exclude_none=True) or None,
            ),
        )

    def _add_report_bucket(self) -> list[Resource]:
        if not self._environment.report.create:
            return []
        body = OssBucket(bucket=self._names.report_bucket, tags=self._names.tags)
        return [Resource(self, "reports", body)]

    def _add_logs(self) -> Resource:
        """The log project with its store and index; the index comes last."""
        names = self._names
        project = Resource(
            self,
            "log",
            LogProject(
                project_name=names.log_project,
                description="Logs of oss-restore",
                tags=self._names.tags,
            ),
        )
        store = Resource(
            self,
            "log_store",
            LogStore(
                project_name=names.log_project,
                logstore_name=LOGSTORE,
                retention_period=self._environment.logs.retention_days,
            ),
            depends_on=[project],
        )
        if self._environment.logs.dashboard:
            body = LogDashboard(
                project_name=names.log_project,
                dashboard_name=names.dashboard,
                display_name=f"oss-restore {self._environment.name}",
                char_list=charts(queries(self._environment)),
            )
            Resource(self, "dashboard", body, depends_on=[store])
        return Resource(
            self,
            "log_index",
            LogStoreIndex(
                project=names.log_project,
                logstore=LOGSTORE,
                full_text=FullText(token=_WORD_BREAKS),
                field_search=[
                    FieldSearch(name="functionName", type="text"),
                    FieldSearch(
                        name=LOG_FIELD,
                        type="json",
                        token=_WORD_BREAKS,
                        json_keys=[JsonKey(name=name, type=kind) for name, kind in FIELDS.items()],
                    ),
                ],
            ),
            depends_on=[store],
        )

    def _add_role(self, kind: str, host: str, name: str, policy: str) -> _Role:
        """A role that a service assumes, with its one policy of the same name."""
        tags = self._names.tags
        role = Resource(
            self,
            f"{kind}_role",
            RamRole(
                role_name=name,
                description=f"What the {kind} of oss-restore work with",
                assume_role_policy_document=trust(host),
                tags=tags,
            ),
        )
        rights = Resource(
            self,
            f"{kind}_policy",
            RamPolicy(
                policy_name=name,
                description=f"What the {kind} of oss-restore may do",
                policy_document=policy,
                tags=tags,
            ),
        )
        attachment = Resource(
            self,
            f"{kind}_attachment",
            RamRolePolicyAttachment(role_name=name, policy_name=name),
            depends_on=[role, rights],
        )
        return _Role(role.get_string_attribute("arn"), attachment)

    def _add_flows(
        self, flows: Iterable[FlowDefinition], role: _Role, *, depends_on: Sequence[Resource]
    ) -> Sequence[Resource]:
        """The flows, each after its children; returns the last."""
        before = [role.attachment, *depends_on]
        for flow in flows:
            body = FnfFlow(
                name=flow.name,
                description=_DESCRIPTIONS[flow.kind],
                definition=flow.text,
                role_arn=role.arn,
            )
            before = [Resource(self, flow.kind, body, depends_on=before)]
        return before

    def _add_outputs(self, functions: _Role, flows: _Role) -> None:
        names = self._names
        values: dict[OutputKey, str | Mapping[str, str]] = {
            OutputKey.ACCOUNT: self._environment.account,
            OutputKey.REGION: self._environment.region,
            OutputKey.MAIN_FLOW: names.flow("mainRestoreFlow"),
            OutputKey.MAIN_FLOW_ARN: names.flow_arn("mainRestoreFlow"),
            OutputKey.AWAIT_FLOW: names.flow("awaitFlow"),
            OutputKey.AWAIT_FLOW_ARN: names.flow_arn("awaitFlow"),
            OutputKey.RESTORE_FLOW: names.flow("restoreFlow"),
            OutputKey.RESTORE_FLOW_ARN: names.flow_arn("restoreFlow"),
            OutputKey.SERVICE: names.service,
            OutputKey.FUNCTION_ARNS: {name: names.function_arn(name) for name in names.functions},
            OutputKey.FUNCTIONS_ROLE_ARN: functions.arn,
            OutputKey.FLOWS_ROLE_ARN: flows.arn,
            OutputKey.LOG_PROJECT: names.log_project,
            OutputKey.LOGSTORE: LOGSTORE,
            OutputKey.REPORT_BUCKET: names.report_bucket,
            OutputKey.REPORT_PREFIX: self._environment.report.prefix,
        }
        for key, value in values.items():
            cdktf.TerraformOutput(self, key, value=value)


@dataclass(frozen=True)
class _Role:
    """A role in the stack: its ARN, and what gives it its rights."""

    arn: str
    attachment: Resource
