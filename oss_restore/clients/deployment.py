"""Descriptions of deployments, from environment files or outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.environment_files import Environment, InvalidEnvironmentError, load_environments
from infra.model.names import Names
from oss_restore.clients.outputs import Outputs
from oss_restore.errors import UsageError


@dataclass(frozen=True)
class Deployment:
    """The names of a deployment's resources; for --flow, only the main flow and the region.

    Attributes:
        report_bucket: bucket of the runs' ledgers.
        report_prefix: prefix of their keys: empty, or ending with a slash.
        service: service of the functions; empty if there is none, or it is unknown.
        functions: names of the deployed functions, by their names in this project.
        environment: the environment; None if none is named.
        outputs: outputs of the deployment; None if none were found.
    """

    region: str
    main_flow: str
    account_id: str = ""
    report_bucket: str = ""
    report_prefix: str = ""
    service: str = ""
    functions: Mapping[str, str] = field(default_factory=dict)
    environment: Environment | None = None
    outputs: Outputs | None = None


def load_environment(name: str, folder: Path) -> Environment:
    """Load an environment.

    Raises:
        OperatorError: there is no such environment, or its file is wrong.
    """
    try:
        (environment,) = load_environments(folder, only=[name])
    except InvalidEnvironmentError as error:
        raise UsageError(*map(str, error.faults)) from error
    return environment


def by_environment(name: str, folder: Path) -> Deployment:
    """Describe the deployment of an environment by the names that follow from its file.

    Raises:
        OperatorError: there is no such environment, or its file is wrong.
    """
    return deployment_of(load_environment(name, folder))


def deployment_of(environment: Environment) -> Deployment:
    """Describe the deployment of an environment by the names that follow from its file."""
    names = Names(environment)
    return Deployment(
        region=environment.region,
        main_flow=names.flow("mainRestoreFlow"),
        account_id=environment.account,
        report_bucket=names.report_bucket,
        report_prefix=environment.report.prefix,
        service=names.functions.service,
        functions={function: names.functions.name(function) for function in names.deployed},
        environment=environment,
    )


def by_outputs(outputs: Outputs, environment: Environment | None = None) -> Deployment:
    """Describe the deployment with these outputs."""
    return Deployment(
        region=outputs.region,
        main_flow=outputs.main_flow,
        account_id=outputs.account,
        service=outputs.service,
        functions={name: arn.rpartition("/")[2] for name, arn in outputs.function_arns.items()},
        report_bucket=outputs.report_bucket,
        report_prefix=outputs.report_prefix,
        environment=environment,
        outputs=outputs,
    )
