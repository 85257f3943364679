"""The functions' settings, from environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from functions.copy_permissions import CopyPermissions
from thaw.after_thaw import PERMISSIONS_VARIABLE
from thaw.chosen_settings import Allowance
from thaw.errors import InvalidDeployment
from thaw.limits import MAX_FOREACH


@dataclass(frozen=True)
class RuntimeSettings:
    """The settings of the deployment.

    Attributes:
        report_prefix: prefix of the reports' keys: empty, or ends with a slash.
        report_endpoint: OSS endpoint of the report bucket.
        foreach_limit: groups that the flow runs in parallel.
        allowance: a run's share of its account's quotas.
        environment: the deployment's name; only set for functions that send notifications.
        copies: permissions to copy and promote.
    """

    report_bucket: str
    report_prefix: str
    report_endpoint: str
    foreach_limit: int
    allowance: Allowance = field(default_factory=Allowance)
    environment: str = ""
    copies: CopyPermissions = field(default_factory=CopyPermissions)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> RuntimeSettings:
        """Read ``REPORT_BUCKET``, ``REPORT_PREFIX``, ``REPORT_ENDPOINT``, ``FOREACH_LIMIT``.

        ``ENVIRONMENT`` and ``AFTER_THAW`` are set for the functions that need them.

        Raises:
            InvalidDeployment: naming the variable that is missing or invalid.
        """
        limit = _required(environment, "FOREACH_LIMIT")
        if not limit.isdecimal() or not 1 <= int(limit) <= MAX_FOREACH:
            raise InvalidDeployment(f"FOREACH_LIMIT must be 1 to {MAX_FOREACH}, not {limit!r}")
        prefix = environment.get("REPORT_PREFIX", "")
        if prefix and not prefix.endswith("/"):
            raise InvalidDeployment(f"REPORT_PREFIX must end with a slash: {prefix!r}")
        return cls(
            report_bucket=_required(environment, "REPORT_BUCKET"),
            report_prefix=prefix,
            report_endpoint=_required(environment, "REPORT_ENDPOINT"),
            foreach_limit=int(limit),
            allowance=_allowance(environment, int(limit)),
            environment=environment.get("ENVIRONMENT", ""),
            copies=CopyPermissions.parse(environment.get(PERMISSIONS_VARIABLE, "{}")),
        )


def _allowance(environment: Mapping[str, str], groups: int) -> Allowance:
    """Read ``INSTANCES``, ``OBJECTS_PER_SECOND`` and ``STEPS_PER_SECOND``, which may be absent."""
    usual = Allowance()
    try:
        return Allowance(
            groups=groups,
            instances=int(environment.get("INSTANCES", usual.instances)),
            objects_per_second=float(
                environment.get("OBJECTS_PER_SECOND", usual.objects_per_second)
            ),
            steps_per_second=float(environment.get("STEPS_PER_SECOND", usual.steps_per_second)),
        )
    except ValueError as error:
        raise InvalidDeployment(
            f"INSTANCES, OBJECTS_PER_SECOND and STEPS_PER_SECOND must be numbers: {error}"
        ) from error


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "")
    if not value:
        raise InvalidDeployment(f"the function's environment variable {name} is not set")
    return value
