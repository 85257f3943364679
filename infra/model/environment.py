"""One environment: everything a user can say about one deployment, as validated types.

Field names are the YAML keys. What is derived from them (names, ARNs, policies) lives in
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
    FUNCTION_TIMEOUT_SECONDS,
    MAX_GROUP_SIZE,
    MAX_KEYS,
    USUAL_MEMORY,
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
    """A bucket, or places in it.

    Attributes:
        name: of the bucket.
        prefixes: the only places in it that the functions may touch; empty for all of it.
    """

    name: BucketName
    prefixes: Annotated[tuple[Prefix, ...], Field(strict=False)] = ()

    def covers(self, key: str) -> bool:
        """Whether a key, or all keys with a prefix, are in these places."""
        return not self.prefixes or any(key.startswith(prefix) for prefix in self.prefixes)


class BucketConfig(BucketPrefixes):
    """A bucket that runs may list and thaw objects in.

    Attributes:
        versions: whether runs may thaw older versions, too.
        promote: whether runs may change their objects' class to Standard or IA after the thaw.
        remove_archived: whether they may remove the archived version then, where it keeps versions.
        region: of the bucket, where it is not the environment's: it is reached by its public
            endpoint.
    """

    versions: bool = False
    promote: bool = False
    remove_archived: bool = False
    region: Region | None = None

    @model_validator(mode="after")
    def _removes_what_it_promotes(self) -> BucketConfig:
        if self.remove_archived and not self.promote:
            raise fault("is about what is promoted: say promote: true, too", "remove_archived")
        return self


class DestinationConfig(BucketPrefixes):
    """A bucket that runs may copy objects to after the thaw.

    Attributes:
        storage_class: of the copies, where a run does not say.
        account: whose bucket it is; the environment's when left out. In another account's bucket
            that bucket's policy gives the rights.
        versions: whether runs may copy older versions there, too; it must keep versions.
    """

    storage_class: Literal["Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"] = (
        "Standard"
    )
    account: AccountId | None = None
    versions: bool = False


class ReportConfig(ConfigModel):
    """Where the runs' ledgers go.

    Attributes:
        bucket: its name; derived from stack name, account, region and suffix when left out.
        create: whether the stack makes the bucket, or it exists already.
        prefix: of everything written there; ends with ``/`` unless empty.
        endpoint: OSS endpoint that the functions use for it; the region's internal one when left
            out, which carries no traffic fee.
    """

    bucket: BucketName | None = None
    create: bool = True
    prefix: Prefix = ""
    endpoint: Endpoint | None = None

    @model_validator(mode="after")
    def _fits(self) -> ReportConfig:
        if not self.create and self.bucket is None:
            raise fault("create is false, so an existing bucket must be named", "bucket")
        if self.prefix and not self.prefix.endswith("/"):
            raise fault(f"{self.prefix!r} must end with '/'", "prefix")
        return self


class Logs(ConfigModel):
    """The functions' log.

    Attributes:
        project: name of the SLS project, unique over all accounts; derived when left out.
        retention_days: how long lines are kept.
        dashboard: whether the project gets a dashboard of the queries.
    """

    project: LogProjectName | None = None
    retention_days: int = Field(default=30, ge=1, le=3650)
    dashboard: bool = False


class FunctionConfig(ConfigModel):
    """One function's resources. Memory in MiB, time in seconds.

    The functions end by themselves well before the shortest time that is accepted here.
    """

    memory: int = Field(default=USUAL_MEMORY, ge=128, le=32_768)
    timeout: int = Field(default=FUNCTION_TIMEOUT_SECONDS, ge=FUNCTION_TIMEOUT_SECONDS, le=86_400)


def _usual(name: FunctionName) -> FunctionConfig:
    return FunctionConfig(memory=memory_of(name))


class Functions(ConfigModel):
    """Memory and time of each function."""

    prepareRun: FunctionConfig = _usual("prepareRun")  # noqa: N815 - the function's own name
    listArchiveFiles: FunctionConfig = _usual("listArchiveFiles")  # noqa: N815 - likewise
    restore: FunctionConfig = _usual("restore")
    restoreStatus: FunctionConfig = _usual("restoreStatus")  # noqa: N815 - likewise
    planCopies: FunctionConfig = _usual("planCopies")  # noqa: N815 - likewise
    copyObjects: FunctionConfig = _usual("copyObjects")  # noqa: N815 - likewise
    summarizeRun: FunctionConfig = _usual("summarizeRun")  # noqa: N815 - likewise
    notifyRun: FunctionConfig = _usual("notifyRun")  # noqa: N815 - likewise

    def size_of(self, name: FunctionName) -> FunctionConfig:
        """Memory and time of one function."""
        size: FunctionConfig = getattr(self, name)
        return size


class RunDefaults(ConfigModel):
    """Defaults for a run's input; whatever is left out here, too, is chosen by the run.

    Attributes:
        max_keys: archived objects per page.
        group_size: objects per ``restore`` task.
        workers: threads in one ``restore`` task.
    """

    max_keys: int | None = Field(default=None, ge=1, le=MAX_KEYS)
    group_size: int | None = Field(default=None, ge=1, le=MAX_GROUP_SIZE)
    workers: int | None = Field(default=None, ge=1, le=100)

    def to_json(self) -> dict[str, object]:
        """Those that are given, under their names in a run's input."""
        given = self.model_dump(exclude_none=True)
        return {camel_case(name): value for name, value in given.items()}


def _check_unique(names: Sequence[str], field: str) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise fault(f"{twice[0]!r} appears twice; put all its prefixes in one entry", field)


class Environment(ConfigModel):
    """One deployment: name, account and region, and what belongs to it.

    Attributes:
        name: of the environment and of its Terraform stack.
        account: id of the main account.
        region: of everything deployed.
        stack_name: first part of every name.
        suffix: last part of every name; the environment's name when left out.
        buckets: where runs may thaw objects.
        manifests: where runs may read manifests, beside the report bucket.
        destinations: where runs may copy objects to after the thaw.
        backend: where Terraform keeps its state.
        wave: when it is rolled out, beside the others of its number; wave 0 is the canary.
        generation: of Function Compute: 2.0 or 3.0.
        runtime: of the functions; python3.12 is of generation 3 alone.
        function_arns: how the flows name functions of generation 3, as nothing shows which form the
            service takes: the whole ARN, one without region and account, or one of version LATEST.
        functions: the resources of each.
        report: where the ledgers go.
        logs: the functions' log.
        limits: what an execution may do.
        run_defaults: defaults for a run's input.
        retry: of every call of a function.
        notify: receivers of notifications at the end of a run.
        alarms: CloudMonitor alarms and their contacts; none when left out.
        provider: how Terraform reaches the account.
        operator: how the operator's commands reach it.
        tags: on every resource that takes tags, beside ``application`` and ``environment``.
    """

    name: EnvironmentName
    account: AccountId
    region: Region
    buckets: Annotated[tuple[BucketConfig, ...], Field(strict=False)]
    manifests: Annotated[tuple[BucketPrefixes, ...], Field(strict=False)] = ()
    destinations: Annotated[tuple[DestinationConfig, ...], Field(strict=False)] = ()
    backend: Backend
    stack_name: NamePart = "oss-restore"
    suffix: NamePart = Field(default_factory=lambda given: str(given["name"]))
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
    def _agree(self) -> Environment:
        if not self.buckets:
            raise fault("at least one is needed", "buckets")
        names = [bucket.name for bucket in self.buckets]
        _check_unique(names, "buckets")
        _check_unique([one.name for one in self.destinations], "destinations")
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
    def _fits_its_generation(self) -> Environment:
        check_runtime(self.runtime, self.generation, self.region)
        for name in get_args(FunctionName):
            check_memory(self.functions.size_of(name).memory, self.generation, name)
        if self.generation == 2 and self.function_arns != "full":  # noqa: PLR2004 - its name
            raise fault("only functions of generation 3 have several", "function_arns")
        return self

    @model_validator(mode="after")
    def _target_names_are_unique(self) -> Environment:
        if len(self.notify) > MAX_TARGETS:
            raise fault(f"{len(self.notify)} targets are more than {MAX_TARGETS}", "notify")
        names = [target.name for target in self.notify]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise fault(f"the name {twice[0]!r} appears twice", "notify")
        return self

    @model_validator(mode="after")
    def _is_where_flows_are(self) -> Environment:
        nearest = nearest_with_flows(self.region)
        if nearest != self.region and self.provider.endpoints.fnf is None:
            raise fault(
                f"Serverless Workflow is not offered in {self.region}; the nearest that has it is "
                f"{nearest}, and an environment there thaws buckets of any region. Where it has "
                "opened since, say provider.endpoints.fnf",
                "region",
            )
        return self

    @model_validator(mode="after")
    def _lands_in_its_account(self) -> Environment:
        if self.operator.role_arn is not None:
            account = self.operator.role_arn.split(":")[3]
            if account != self.account:
                raise fault(
                    f"{self.operator.role_arn!r} belongs to account {account}, and the deployment "
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
    def _events_suffice(self) -> Environment:
        self.limits.check_events(self.retry)
        return self
