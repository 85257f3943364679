"""What the command line needs to know of a deployment, found by its environment or its flow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from infra.environment import InvalidEnvironmentError, load_environments
from infra.model import Environment
from infra.names import Names
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.target import Target, cloud_target, local_target, read_endpoints


@dataclass(frozen=True)
class Deployment:
    """Names of what is deployed; where a flow is all, only it and the region are known.

    Attributes:
        report_bucket: where the runs' ledgers are.
        report_prefix: start of their keys: empty, or ends with a slash.
    """

    region: str
    main_flow: str
    account_id: str = ""
    service: str = ""
    report_bucket: str = ""
    report_prefix: str = ""


def by_environment(name: str, folder: Path) -> Deployment:
    """The deployment of an environment.

    Raises:
        OperatorError: there is no such environment, or its file is wrong.
    """
    return of_environment(read_environment(name, folder))


def read_environment(name: str, folder: Path) -> Environment:
    """The environment of that name.

    Raises:
        OperatorError: there is none, or its file is wrong.
    """
    try:
        (environment,) = load_environments(folder, only=[name])
    except InvalidEnvironmentError as error:
        raise OperatorError(str(error), status=ExitStatus.USAGE) from error
    return environment


def of_environment(environment: Environment) -> Deployment:
    """What an environment is deployed as."""
    names = Names(environment)
    return Deployment(
        region=environment.region,
        main_flow=names.flow("mainRestoreFlow"),
        account_id=environment.account,
        service=names.service,
        report_bucket=names.report_bucket,
        report_prefix=environment.report.prefix,
    )


def find(
    environment: str | None, folder: Path, *, flow: str | None, region: str | None
) -> Deployment:
    """The deployment that the arguments name: an environment, or a flow and its region.

    Raises:
        OperatorError: they name none, or both.
    """
    if environment and not flow:
        return by_environment(environment, folder)
    if flow and not environment:
        return Deployment(region or "", flow)
    raise OperatorError("name an environment, or a flow with --flow", status=ExitStatus.USAGE)


def target_of(deployment: Deployment, endpoints: Path | None) -> Target:
    """Where the deployment's calls go."""
    if endpoints is not None:
        return local_target(read_endpoints(endpoints))
    if not deployment.region:
        raise OperatorError("--flow needs --region", status=ExitStatus.USAGE)
    return cloud_target(deployment.region, deployment.account_id)
