"""The environment: all settings of one deployment, as validated types.

Field names are the YAML keys. Names, ARNs and policies are derived from them in
``infra.model.names`` and ``infra.policies.runtime``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from infra.model.alarm_rules import Alarms
from infra.model.config_model import ConfigModel
from infra.model.field_types import (
    AccountId,
    BucketName,
    Endpoint,
    EnvironmentName,
    LogProjectName,
    NamePart,
    Prefix,
    Region,
    fault,
)
from infra.model.flow_limits import FlowLimits, RetryConfig
from infra.model.generations import (
    FunctionArnForm,
    Generation,
    Runtime,
    check_memory,
    check_runtime,
)
from infra.model.notification_targets import MAX_TARGETS, NotificationTargetConfig
from infra.model.operator_access import OperatorAccess
from infra.model.regions import nearest_with_flows
from infra.model.terraform_access import Backend, ProviderAccess
from thaw.json_reader import camel_case
from thaw.limits import (
    DEFAULT_MEMORY,
    FUNCTION_TIMEOUT_SECONDS,
    MAX_GROUP_SIZE,
    MAX_KEYS,
    MAX_WAIT_SECONDS,
    memory_of,
)

FunctionName = Literal[
    "prepareRun",
    "listArchiveFiles",
    "restore",
    "restoreStatus",
    "planCopies",
    "copyObjects",
    "summarizeRun",
    "notifyRun",
]


class BucketPrefixes(ConfigModel):
    """A bucket, or prefixes in it.

    Attributes:
        name: the bucket's name.
        prefixes: the only prefixes that the functions may access; empty for the whole bucket.
    """

    name: BucketName
    prefixes: Annotated[tuple[Prefix, ...], Field(strict=False)] = ()

    def covers(self, key: str) -> bool:
        """Return whether a key, or every key with a prefix, is covered."""
        return not self.prefixes or any(key.startswith(prefix) for prefix in self.prefixes)


class BucketConfig(BucketPrefixes):
    """A bucket that runs may list and thaw objects in.

    Attributes:
        versions: whether runs may also thaw older versions.
        promote: whether runs may change the storage class to Standard or IA after the thaw.
        remove_archived: whether runs may then remove archived versions, if the bucket keeps any.
        region: the bucket's region, if it is not the environment's: it is accessed through its
            public endpoint.
    """

    versions: bool = False
    promote: bool = False
    remove_archived: bool = False
    region: Region | None = None

    @model_validator(mode="after")
    def _require_promote(self) -> BucketConfig:
        if self.remove_archived and not self.promote:
            raise fault("requires promote: true", "remove_archived")
        return self


class DestinationConfig(BucketPrefixes):
    """A bucket that runs may copy objects to after the thaw.

    Attributes:
        storage_class: storage class of the copies, unless a run sets one.
        account: the account that owns the bucket; the environment's when left out. Another
            account's bucket grants access through its bucket policy.
        versions: whether runs may also copy older versions there; the bucket must keep versions.
    """

    storage_class: Literal["Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"] = (
        "Standard"
    )
    account: AccountId | None = None
    versions: bool = False


class ReportConfig(ConfigModel):
    """The location of the runs' ledgers.

    Attributes:
        bucket: the bucket's name; made from stack name, account, region and suffix when left out.
        create: whether the stack creates the bucket; otherwise it must exist.
        prefix: prefix of all keys written there; ends with ``/`` unless empty.
        endpoint: OSS endpoint that the functions use for the bucket; when left out the region's
            internal one, which has no traffic fees.
    """

    bucket: BucketName | None = None
    create: bool = True
    prefix: Prefix = ""
    endpoint: Endpoint | None = None

    @model_validator(mode="after")
    def _check(self) -> ReportConfig:
        if not self.create and self.bucket is None:
            raise fault("create is false, so name an existing bucket", "bucket")
        if self.prefix and not self.prefix.endswith("/"):
            raise fault(f"{self.prefix!r} must end with '/'", "prefix")
        return self


class Logs(ConfigModel):
    """The functions' logs.

    Attributes:
        project: name of the SLS project, unique across all accounts; derived when left out.
        retention_days: days that log lines are kept.
        dashboard: whether the project gets a dashboard with the queries.
    """

    project: LogProjectName | None = None
    retention_days: int = Field(default=30, ge=1, le=3650)
    dashboard: bool = False


class FunctionConfig(ConfigModel):
    """A function's memory in MiB and timeout in seconds.

    The functions stop on their own well before the shortest timeout accepted here.
    """

    memory: int = Field(default=DEFAULT_MEMORY, ge=128, le=32_768)
    timeout: int = Field(default=FUNCTION_TIMEOUT_SECONDS, ge=FUNCTION_TIMEOUT_SECONDS, le=86_400)


def _default(name: FunctionName) -> FunctionConfig:
    return FunctionConfig(memory=memory_of(name))


class Functions(ConfigModel):
    """Memory and timeout of each function."""

    prepareRun: FunctionConfig = _default("prepareRun")  # noqa: N815 - the function's own name
    listArchiveFiles: FunctionConfig = _default("listArchiveFiles")  # noqa: N815 - the function's own name
    restore: FunctionConfig = _default("restore")
    restoreStatus: FunctionConfig = _default("restoreStatus")  # noqa: N815 - the function's own name
    planCopies: FunctionConfig = _default("planCopies")  # noqa: N815 - the function's own name
    copyObjects: FunctionConfig = _default("copyObjects")  # noqa: N815 - the function's own name
    summarizeRun: FunctionConfig = _default("summarizeRun")  # noqa: N815 - the function's own name
    notifyRun: FunctionConfig = _default("notifyRun")  # noqa: N815 - the function's own name

    def size_of(self, name: FunctionName) -> FunctionConfig:
        """Return the memory and timeout of a function."""
        size: FunctionConfig = getattr(self, name)
        return size


class RunDefaults(ConfigModel):
    """Defaults for a run's input; what is left out here too is chosen, or the contract's default.

    Attributes:
        max_keys: archived objects per page.
        group_size: objects per ``restore`` task.
        workers: threads per ``restore`` task.
        poll_interval: seconds between status checks.
    """

    max_keys: int | None = Field(default=None, ge=1, le=MAX_KEYS)
    group_size: int | None = Field(default=None, ge=1, le=MAX_GROUP_SIZE)
    workers: int | None = Field(default=None, ge=1, le=100)
    poll_interval: int | None = Field(default=None, ge=1, le=MAX_WAIT_SECONDS)

    def to_json(self) -> dict[str, object]:
        """Return the defaults that are set, by their names in a run's input."""
        given = self.model_dump(exclude_none=True)
        return {camel_case(name): value for name, value in given.items()}


def _check_unique(names: Sequence[str], field: str) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise fault(f"{twice[0]!r} appears twice; put all of its prefixes in one entry", field)


class Environment(ConfigModel):
    """One deployment: name, account and region, and what belongs to it.

    Attributes:
        name: name of the environment and of its Terraform stack.
        account: id of the main account.
        region: region of everything deployed.
        stack_name: first part of every name.
        suffix: last part of every name; the environment's name when left out.
        buckets: buckets that runs may thaw objects in.
        manifests: where runs may read manifests, besides the report bucket.
        destinations: where runs may copy objects to after the thaw.
        backend: where Terraform keeps its state.
        wave: number of the wave that it is rolled out in; wave 0 is the canary.
        generation: generation of Function Compute, 2.0 or 3.0.
        runtime: the functions' runtime; python3.12 requires generation 3.
        function_arns: how the flows refer to functions of generation 3, since the form is not
            documented: the whole ARN, one without region and account, or one of version LATEST.
        functions: memory and timeout of each function.
        report: the location of the ledgers.
        logs: the functions' logs.
        limits: limits of an execution.
        run_defaults: defaults for a run's input.
        retry: how function calls are retried.
        notify: recipients of notifications at the end of a run.
        alarms: CloudMonitor alarms and their contacts; none when left out.
        provider: how Terraform accesses the account.
        operator: how the operator's commands access the account.
        tags: tags for all resources that take them, besides ``application`` and ``environment``.
    """

    name: EnvironmentName
    account: AccountId
    region: Region
    buckets: Annotated[tuple[BucketConfig, ...], Field(strict=False)]
    manifests: Annotated[tuple[BucketPrefixes, ...], Field(strict=False)] = ()
    destinations: Annotated[tuple[DestinationConfig, ...], Field(strict=False)] = ()
    backend: Backend
    stack_name: NamePart = "oss-restore"
    suffix: NamePart = Field(default_factory=lambda fields: str(fields["name"]))
    wave: int = Field(default=1, ge=0, le=99)
    generation: Generation = 2
    runtime: Runtime = "python3.10"
    function_arns: FunctionArnForm = "full"
    functions: Functions = Functions()
    report: ReportConfig = ReportConfig()
    logs: Logs = Logs()
    limits: FlowLimits = FlowLimits()
    run_defaults: RunDefaults = RunDefaults()
    retry: RetryConfig = RetryConfig()
    notify: Annotated[tuple[NotificationTargetConfig, ...], Field(strict=False)] = ()
    alarms: Alarms | None = None
    provider: ProviderAccess = ProviderAccess()
    operator: OperatorAccess = OperatorAccess()
    tags: dict[str, str] = Field(default={})

    @property
    def foreign_destinations(self) -> tuple[DestinationConfig, ...]:
        """Destinations in buckets of other accounts."""
        return tuple(one for one in self.destinations if one.account not in {None, self.account})

    @model_validator(mode="after")
    def _check_fields(self) -> Environment:
        if not self.buckets:
            raise fault("at least one is required", "buckets")
        names = [bucket.name for bucket in self.buckets]
        _check_unique(names, "buckets")
        _check_unique([destination.name for destination in self.destinations], "destinations")
        most_groups = self.limits.max_groups_per_page
        keys, size = self.run_defaults.max_keys, self.run_defaults.group_size
        groups = -(-keys // size) if keys and size else 0
        if groups > most_groups:
            raise fault(
                f"{keys} keys with group_size {size} make {groups} groups per page, over "
                f"limits.max_groups_per_page {most_groups}",
                "run_defaults.max_keys",
            )
        report = self.report.bucket
        if self.report.create and report in names:
            raise fault(
                f"{report!r} is in buckets, so it exists; set create: false or name another bucket",
                "report.bucket",
            )
        return self

    @model_validator(mode="after")
    def _check_generation(self) -> Environment:
        check_runtime(self.runtime, self.generation, self.region)
        for name in get_args(FunctionName):
            check_memory(self.functions.size_of(name).memory, self.generation, name)
        if self.generation == 2 and self.function_arns != "full":  # noqa: PLR2004 - its name
            raise fault("can only be set with generation 3", "function_arns")
        return self

    @model_validator(mode="after")
    def _check_targets(self) -> Environment:
        if len(self.notify) > MAX_TARGETS:
            raise fault(f"{len(self.notify)} targets, over the limit of {MAX_TARGETS}", "notify")
        names = [target.name for target in self.notify]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise fault(f"the name {twice[0]!r} appears twice", "notify")
        return self

    @model_validator(mode="after")
    def _check_region(self) -> Environment:
        nearest = nearest_with_flows(self.region)
        if nearest != self.region and self.provider.endpoints.fnf is None:
            raise fault(
                f"Serverless Workflow is not offered in {self.region}; the nearest region with it "
                f"is {nearest}, and an environment there can thaw buckets in any region. If it has "
                "become available since, set provider.endpoints.fnf",
                "region",
            )
        return self

    @model_validator(mode="after")
    def _check_account(self) -> Environment:
        if self.operator.role_arn is not None:
            account = self.operator.role_arn.split(":")[3]
            if account != self.account:
                raise fault(
                    f"{self.operator.role_arn!r} belongs to account {account}, but the deployment "
                    f"is in {self.account}",
                    "operator.role_arn",
                )
        if (last := self.provider.last_role) is not None:
            field, role = last
            account = role.role_arn.split(":")[3]
            if account != self.account:
                raise fault(
                    f"{role.role_arn!r} belongs to account {account}, so everything would be "
                    f"deployed there and not to {self.account}",
                    f"provider.{field}.role_arn",
                )
        return self

    @model_validator(mode="after")
    def _check_events(self) -> Environment:
        self.limits.check_events(self.retry)
        return self
