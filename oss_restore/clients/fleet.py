"""Calls for all environments of a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

from infra.environment_files import InvalidEnvironmentError, environment_names
from infra.version import VERSION
from oss_restore.clients.context import DeploymentContext
from oss_restore.errors import ExitStatus, OperatorError, UsageError
from oss_restore.language import gettext as _

_AT_ONCE: Final = 8
T = TypeVar("T")


@dataclass(frozen=True)
class Member(Generic[T]):
    """An environment, and the result of a call for it.

    Attributes:
        name: name of the environment.
        account, region: account and region; empty if the environment's file is wrong.
        deployed_version: version of the deployment; empty if unknown.
        found: the result; None if there was an error.
        error: the error, if there was one.
    """

    name: str
    account: str = ""
    region: str = ""
    deployed_version: str = ""
    found: T | None = None
    error: OperatorError | None = None

    def to_json(self) -> dict[str, object]:
        """Convert it to JSON, without the result."""
        return {
            "environment": self.name,
            "account": self.account,
            "region": self.region,
            "version": self.deployed_version,
            "error": None if self.error is None else str(self.error),
        }

    @property
    def version_text(self) -> str:
        """The deployed version, and this version if it differs."""
        if self.deployed_version in {"", VERSION}:
            return self.deployed_version
        return _("{version}, here {here}").format(version=self.deployed_version, here=VERSION)


def look_at_all(
    context: DeploymentContext, look: Callable[[DeploymentContext], T]
) -> Iterator[Member[T]]:
    """Call a function for every environment of a folder, and yield the results, by name.

    Args:
        context: a context that names the folder, and no deployment.
        look: called with the context of each environment.

    Raises:
        OperatorError: a deployment is named, or the folder contains no environment.
    """
    if context.environment or context.flow:
        raise UsageError(_("--all is for all environments: name none, and no flow"))
    try:
        names = environment_names(context.folder)
    except InvalidEnvironmentError as error:
        raise UsageError(*map(str, error.faults)) from error
    contexts = [replace(context, environment=name) for name in names]
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        yield from pool.map(lambda named: _look(named, look), contexts)


def worst_status(members: Sequence[Member[T]]) -> ExitStatus:
    """Return the highest exit status of the errors."""
    statuses = [member.error.status for member in members if member.error is not None]
    return max(statuses, default=ExitStatus.OK)


def _look(context: DeploymentContext, look: Callable[[DeploymentContext], T]) -> Member[T]:
    member = Member[T](context.environment or "")
    try:
        environment = context.named_environment
        assert environment is not None
        member = replace(member, account=environment.account, region=environment.region)
        found = look(context)
        outputs = context.deployment.outputs
    except OperatorError as error:
        return replace(member, error=error)
    version = outputs.version if outputs is not None else ""
    return replace(member, deployed_version=version, found=found)
