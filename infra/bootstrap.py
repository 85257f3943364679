"""Plain Terraform JSON for what an account needs before its first deployment.

The pipeline's account gets the bucket for the state, the table for the state's lock, and the
pipeline's roles. Every account gets the role that deploys to it, which the pipeline's role assumes.
Each of these roles has a reader beside it, which can plan but change nothing.
It is not a CDKTF stack: there is no bucket for its state yet, and it must not need Node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any

from infra.blueprint.resources import OssBucket, RamPolicy, RamRole, RamRolePolicyAttachment
from infra.model.environment import Environment
from infra.model.terraform_access import OssState, ProviderAccess
from infra.model.terraform_text import Attribute, encode
from infra.policies.deployer import Right, policies, reading, rights
from infra.policies.pipeline import READER, lock_instance, smoke_rights, state_rights
from infra.policies.statements import document
from infra.synthesis import provider

Document = dict[str, Any]  # Terraform JSON

_PIPELINE_ROLES = ("pipeline", "pipeline_reader")
_LONGEST_ROLE = 64  # maximum length of a role's name
_TAGS = {"application": "oss-restore", "environment": "bootstrap"}
_KEEP = {"prevent_destroy": True}  # losing one would lose every state or lock


class BootstrapError(Exception):
    """The environments cannot be deployed by the same pipeline."""


@dataclass(frozen=True)
class Oidc:
    """The issuer of the pipeline's tokens, and which tokens are accepted.

    Attributes:
        provider: the identity provider's name in RAM.
        issuer: its URL, as in the tokens' ``iss``.
        audience: the tokens' ``aud``.
        subjects: the ``sub`` values of tokens that may deploy.
        reader_subjects: the ``sub`` values of tokens that may plan; ``*`` and ``?`` are wildcards.
        fingerprints: fingerprints of the issuer's certificates.

    Raises:
        BootstrapError: a subject that may deploy has a wildcard.
    """

    provider: str
    issuer: str
    audience: str
    subjects: tuple[str, ...]
    reader_subjects: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for subject in self.subjects:
            if "*" in subject or "?" in subject:
                raise BootstrapError(
                    f"{subject!r} would let any branch deploy, as GitHub creates an environment "
                    "when a workflow names it: list each environment or branch that may"
                )


@dataclass(frozen=True)
class Pipeline:
    """The pipeline that the deployers trust.

    Attributes:
        role_arn: ARN of the pipeline's role.
        oidc: the tokens that may assume the role; None if the role already exists.
    """

    role_arn: str
    oidc: Oidc | None = None

    @property
    def account(self) -> str:
        """The account of the pipeline and of the state."""
        return self.role_arn.split(":")[3]

    @property
    def role(self) -> str:
        """The role's name."""
        return _role_name(self.role_arn)

    @property
    def readers(self) -> list[str]:
        """ARNs of the roles that may assume the deployers' readers."""
        own = [] if self.oidc is None else [f"{self.role_arn}{READER}"]
        return [self.role_arn, *own]


@dataclass
class _Account:
    """Builds an account's Terraform configuration.

    Attributes:
        id: the account's id.
        region: the region of regional resources.
        access: how Terraform accesses the account.
    """

    id: str
    region: str
    access: ProviderAccess
    resources: dict[str, Document] = field(default_factory=dict)
    outputs: Document = field(default_factory=dict)

    def add(self, kind: str, name: str, body: Document) -> None:
        self.resources.setdefault(kind, {})[name] = body

    def add_role(self, name: str, role: str, description: str, trust: str, **meta: object) -> None:
        body = RamRole(
            role_name=role,
            description=description,
            assume_role_policy_document=trust,
            tags=_TAGS,
        )
        self.add(body.TYPE, name, {**asdict(body), **meta})

    def grant(self, name: str, role: str, needed: Iterable[Right]) -> None:
        """Grant a role its permissions, in as many policies as RAM's size limit requires."""
        own = [f"alicloud_ram_role.{name}"] if name in self.roles else []
        for number, text in enumerate(policies(needed), 1):
            id_ = f"{name}_{number}"
            policy = RamPolicy(
                policy_name=f"{role}-{number}",
                description=f"What {role} may do",
                policy_document=text,
                tags=_TAGS,
            )
            self.add(policy.TYPE, id_, asdict(policy))
            attachment = RamRolePolicyAttachment(role_name=role, policy_name=policy.policy_name)
            after = {"depends_on": [*own, f"{policy.TYPE}.{id_}"]}
            self.add(attachment.TYPE, id_, {**asdict(attachment), **after})

    @property
    def roles(self) -> Document:
        """The account's roles, by their Terraform names."""
        return self.resources.get(RamRole.TYPE, {})

    @property
    def configuration(self) -> Document:
        """Return the configuration for a Terraform JSON file."""
        body = {
            "region": self.region,
            "account_id": self.id,
            "account_type": self.access.account_type,
            "protocol": self.access.protocol,
            "endpoints": self.access.endpoints.model_dump(exclude_none=True),
        }
        source = {"source": provider.SOURCE, "version": provider.VERSION}
        configuration = {
            "terraform": {"required_providers": {provider.NAME: source}},
            "provider": {provider.NAME: {key: value for key, value in body.items() if value}},
            "resource": self.resources,
            "output": self.outputs,
        }
        return {block: encode(inner) for block, inner in configuration.items()}


def bootstrap(environments: Sequence[Environment], pipeline: Pipeline) -> Mapping[str, Document]:
    """Return the Terraform configurations of the environments' accounts, by account.

    Raises:
        BootstrapError: the environments keep their states in different places or not in OSS, have
            no lock, or name no role in their account.
    """
    state = _shared_state(environments)
    access = environments[0].provider
    home = _Account(pipeline.account, state.region or environments[0].region, access)
    _add_state(home, state)
    _add_pipeline(home, environments, state, pipeline)
    accounts = {home.id: home}
    for arn, deployed in _by_role(environments):
        first = deployed[0]
        own = accounts.setdefault(
            first.account, _Account(first.account, first.region, first.provider)
        )
        _add_deployer(own, arn, deployed, pipeline)
    return {account.id: account.configuration for account in accounts.values()}


def _shared_state(environments: Sequence[Environment]) -> OssState:
    states = []
    for environment in environments:
        oss = environment.backend.oss
        if oss is None:
            raise BootstrapError(
                f"{environment.name} keeps its state in a file: a pipeline requires backend.oss"
            )
        if not (oss.tablestore_endpoint and oss.tablestore_table):
            raise BootstrapError(
                f"{environment.name} has no lock: set backend.oss.tablestore_endpoint and "
                "tablestore_table"
            )
        region = oss.region or environment.region
        states.append(oss.model_copy(update={"prefix": None, "key": "", "region": region}))
    first = states[0]
    for environment, state in zip(environments, states, strict=True):
        if state != first:
            raise BootstrapError(
                f"{environments[0].name} and {environment.name} keep their states in different "
                "places: bootstrap the environments of one place at a time"
            )
    return first


def _by_role(environments: Iterable[Environment]) -> list[tuple[str, list[Environment]]]:
    named = []
    for environment in environments:
        role = environment.provider.assume_role
        if role is None:
            raise BootstrapError(
                f"{environment.name} names no role: set provider.assume_role.role_arn, such as "
                f"acs:ram::{environment.account}:role/oss-restore-deployer"
            )
        named.append((role.role_arn, environment))
        if len(_role_name(role.role_arn)) > _LONGEST_ROLE - len(READER):
            raise BootstrapError(f"{role.role_arn} is too long: its reader's name adds {READER}")
    named.sort(key=lambda pair: (pair[0], pair[1].name))
    return [
        (arn, [environment for _, environment in members])
        for arn, members in groupby(named, lambda pair: pair[0])
    ]


def _add_state(account: _Account, state: OssState) -> None:
    """Add the state's bucket and lock table. The bucket is private by default, without an ACL."""
    bucket = {
        **asdict(OssBucket(bucket=state.bucket, tags=_TAGS)),
        "versioning": {"status": "Enabled"},  # allows a broken state to be rolled back
        "server_side_encryption_rule": {"sse_algorithm": "AES256"},
        "lifecycle": _KEEP,
    }
    account.add(OssBucket.TYPE, "state", bucket)
    instance = lock_instance(state.tablestore_endpoint or "")
    locks = {
        "name": instance,
        "description": "Locks of Terraform states",
        "instance_type": "HighPerformance",  # Capacity is not offered in every region
        "tags": _TAGS,
        "lifecycle": _KEEP,
    }
    account.add("alicloud_ots_instance", "locks", locks)
    table = {
        "instance_name": Attribute("alicloud_ots_instance.locks.name"),
        "table_name": state.tablestore_table,
        "primary_key": [{"name": "LockID", "type": "String"}],
        "time_to_live": -1,  # never expire
        "max_version": 1,
        "lifecycle": _KEEP,
    }
    account.add("alicloud_ots_table", "locks", table)
    account.outputs["state"] = {"value": f"oss://{state.bucket} in {account.region}"}


def _add_pipeline(
    account: _Account, environments: Iterable[Environment], state: OssState, pipeline: Pipeline
) -> None:
    states = {
        right
        for environment in environments
        for right in state_rights(environment, environment.backend.oss or state, pipeline.account)
    }
    deployers = {Right("sts:AssumeRole", arn) for arn, _ in _by_role(environments)}
    readers = {Right("sts:AssumeRole", f"{arn}{READER}") for arn, _ in _by_role(environments)}
    if pipeline.oidc is not None:
        _add_identities(account, pipeline, pipeline.oidc)
        reader = f"{pipeline.role}{READER}"
        account.grant("pipeline_reader", reader, {*_reading_state(states), *readers})
        account.outputs["reader_role"] = {"value": f"{pipeline.role_arn}{READER}"}
    account.grant("pipeline", pipeline.role, {*states, *deployers, *readers})
    account.outputs["pipeline_role"] = {"value": pipeline.role_arn}


def _reading_state(states: Iterable[Right]) -> Iterator[Right]:
    """Yield the state permissions without those for the lock: reading takes no lock."""
    return (right for right in reading(states) if right.action.startswith("oss:"))


def _add_identities(account: _Account, pipeline: Pipeline, oidc: Oidc) -> None:
    identity = {
        "oidc_provider_name": oidc.provider,
        "description": "Signs the tokens of a pipeline",
        "issuer_url": oidc.issuer,
        "client_ids": [oidc.audience],
        **({"fingerprints": [*oidc.fingerprints]} if oidc.fingerprints else {}),
    }
    account.add("alicloud_ims_oidc_provider", "pipeline", identity)
    exactly = {"oidc:iss": [oidc.issuer], "oidc:aud": [oidc.audience]}
    deploys = {"StringEquals": {**exactly, "oidc:sub": [*oidc.subjects]}}
    plans = {"StringEquals": exactly, "StringLike": {"oidc:sub": [*oidc.reader_subjects]}}
    for name, role, purpose, condition in (
        ("pipeline", pipeline.role, "deploys as", deploys),
        ("pipeline_reader", f"{pipeline.role}{READER}", "plans as", plans),
    ):
        statement = {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {
                "Federated": [f"acs:ram::{pipeline.account}:oidc-provider/{oidc.provider}"]
            },
            "Condition": condition,
        }
        account.add_role(
            name,
            role,
            f"Role that the pipeline of oss-restore {purpose}",
            document([statement]),
            depends_on=["alicloud_ims_oidc_provider.pipeline"],
        )


def _add_deployer(
    account: _Account, arn: str, environments: Sequence[Environment], pipeline: Pipeline
) -> None:
    role = _role_name(arn)
    name = f"deployer_{role.replace('.', '_')}"
    deploy = {right for environment in environments for right in rights(environment)}
    smoke = {right for environment in environments for right in smoke_rights(environment)}
    for id_, role_name, purpose, trusted, needed in (
        (name, role, "Deploys oss-restore", [pipeline.role_arn], deploy | smoke),
        (
            f"{name}_reader",
            f"{role}{READER}",
            "Plans deployments of oss-restore",
            pipeline.readers,
            {*reading(deploy)},
        ),
    ):
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": trusted}}
        # The roles that it trusts must exist first.
        before = [f"alicloud_ram_role.{role}" for role in _PIPELINE_ROLES if role in account.roles]
        after = {"depends_on": before} if before else {}
        account.add_role(id_, role_name, purpose, document([trust]), **after)
        account.grant(id_, role_name, needed)
    account.outputs[name] = {"value": arn}


def _role_name(arn: str) -> str:
    return arn.partition(":role/")[2]


def github_subjects(
    repository: str, environments: Iterable[Environment], branch: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the subjects of a GitHub repository's tokens that may deploy, and that may plan.

    Jobs may deploy in GitHub environments with the same names as ours; pull requests and the
    branch may plan (GitHub's reference of OIDC subjects).

    Args:
        repository: the repository as ``ORGANISATION/REPOSITORY``.
        environments: the environments deployed from it.
        branch: the branch they are deployed from.
    """
    of = f"repo:{repository}"
    deploy = tuple(f"{of}:environment:{environment.name}" for environment in environments)
    return deploy, (f"{of}:pull_request", f"{of}:ref:refs/heads/{branch}")
