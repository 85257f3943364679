"""What the command line needs to know of a deployment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from infra.environment import Environment, InvalidEnvironmentError, load_environments
from infra.names import Names
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.outputs import Outputs


@dataclass(frozen=True)
class Deployment:
    """Names of what is deployed; where a flow is all, only it and the region are known.

    Attributes:
        report_bucket: where the runs' ledgers are.
        report_prefix: start of their keys: empty, or ends with a slash.
        environment: its file; None where it was not named by one.
        outputs: what the deployment tells of itself; None where nothing was found that tells.
    """

    region: str
    main_flow: str
    account_id: str = ""
    service: str = ""
    report_bucket: str = ""
    report_prefix: str = ""
    environment: Environment | None = None
    outputs: Outputs | None = None


def load_environment(name: str, folder: Path) -> Environment:
    """An environment.

    Raises:
        OperatorError: there is no such environment, or its file is wrong.
    """
    try:
        (environment,) = load_environments(folder, only=[name])
    except InvalidEnvironmentError as error:
        raise OperatorError(str(error), status=ExitStatus.USAGE) from error
    return environment


def by_environment(name: str, folder: Path) -> Deployment:
    """The deployment of an environment, by the names that its file gives it.

    Raises:
        OperatorError: there is no such environment, or its file is wrong.
    """
    environment = load_environment(name, folder)
    names = Names(environment)
    return Deployment(
        region=environment.region,
        main_flow=names.flow("mainRestoreFlow"),
        account_id=environment.account,
        service=names.service,
        report_bucket=names.report_bucket,
        report_prefix=environment.report.prefix,
        environment=environment,
    )


def by_outputs(outputs: Outputs, environment: Environment | None = None) -> Deployment:
    """The deployment that has these outputs."""
    return Deployment(
        region=outputs.region,
        main_flow=outputs.main_flow,
        account_id=outputs.account,
        service=outputs.service,
        report_bucket=outputs.report_bucket,
        report_prefix=outputs.report_prefix,
        environment=environment,
        outputs=outputs,
    )
