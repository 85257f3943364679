"""The properties of the functions that both generations share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from infra.blueprint.resources import Resource, Variables
from infra.bundle.build import Bundle
from infra.model.environment import Environment, FunctionName
from infra.model.names import LOGSTORE, NOTIFIER, Names
from infra.model.notification_targets import NotificationTargetConfig, mns_url
from infra.model.terraform_text import Variable
from infra.version import VERSION
from thaw.after_thaw import PERMISSIONS_VARIABLE
from thaw.notification_targets import TARGETS_VARIABLE

DESCRIPTIONS: Final[Mapping[FunctionName, str]] = {
    "prepareRun": "Checks a run's input and fills in defaults",
    "listArchiveFiles": "Lists one page of archived objects",
    "restore": "Thaws one group of objects",
    "restoreStatus": "Checks which objects of pages are readable",
    "planCopies": "Finds the objects to copy next",
    "copyObjects": "Copies or promotes readable objects",
    "summarizeRun": "Adds up a run's ledger",
    "notifyRun": "Sends notifications at the end of a run",
}


_SHARING: Final[tuple[FunctionName, ...]] = ("prepareRun", "summarizeRun")


@dataclass(frozen=True, kw_only=True)
class FunctionLogConfig:
    """The destination of the functions' logs."""

    project: str
    logstore: str


@dataclass(frozen=True)
class FunctionSpec:
    """The inputs that all functions are made from.

    Attributes:
        environment: the environment to deploy.
        bundle: the functions' code, with a path relative to the stack's folder.
        depends_on: resources that must exist first: the role's policy, the logstore, the bucket.
    """

    environment: Environment
    bundle: Bundle
    depends_on: tuple[Resource, ...]

    @property
    def names(self) -> Names:
        return Names(self.environment)

    @property
    def log_config(self) -> FunctionLogConfig:
        return FunctionLogConfig(project=self.names.log_project, logstore=LOGSTORE)

    def variables(self, function: FunctionName) -> Variables:
        """Return a function's environment variables."""
        return {
            "OSS_RESTORE_VERSION": VERSION,  # not read by the code, but visible on each function
            "REPORT_BUCKET": self.names.report_bucket,
            "REPORT_PREFIX": self.environment.report.prefix,
            "REPORT_ENDPOINT": self.names.report_endpoint,
            "FOREACH_LIMIT": str(self.environment.limits.max_groups_per_page),
            **(self._allowance() if function in _SHARING else {}),
            **(self._after_thaw() if function == "prepareRun" else {}),
            **(self._notifications() if function == NOTIFIER else {}),
        }

    def _allowance(self) -> Mapping[str, str]:
        """Variables for the functions that divide a run's work into calls."""
        limits = self.environment.limits
        return {
            "INSTANCES": str(limits.instances),
            "OBJECTS_PER_SECOND": f"{limits.objects_per_second:g}",
            "STEPS_PER_SECOND": f"{limits.steps_per_second:g}",
        }

    def _after_thaw(self) -> Mapping[str, str]:
        """Variables that say what runs may do after the thaw; empty if nothing is allowed."""
        promote = [bucket.name for bucket in self.environment.buckets if bucket.promote]
        foreign = self.environment.foreign_destinations
        destinations = [
            {
                "name": destination.name,
                "prefixes": destination.prefixes,
                "storageClass": destination.storage_class,
                **({"account": destination.account} if destination in foreign else {}),
                **({"versions": True} if destination.versions else {}),
            }
            for destination in self.environment.destinations
        ]
        if not promote and not destinations:
            return {}
        allowed: dict[str, object] = {"promote": promote, "destinations": destinations}
        if removed := [
            bucket.name for bucket in self.environment.buckets if bucket.remove_archived
        ]:
            allowed["removeArchived"] = removed
        return {PERMISSIONS_VARIABLE: json.dumps(allowed, separators=(",", ":"))}

    def _notifications(self) -> Variables:
        """Additional variables for the function that sends notifications."""
        env = self.environment
        targets = _notification_variables(env.notify, account=env.account, region=env.region)
        return {"ENVIRONMENT": env.name, **targets}


def _notification_variables(
    targets: Iterable[NotificationTargetConfig], *, account: str, region: str
) -> Variables:
    """Return variables with the receivers and references to their secrets."""
    receivers = tuple(targets)
    entries = [
        {
            "name": target.name,
            "kind": target.kind,
            "when": list(target.when),
            "signed": target.signed,
            **({"url": mns_url(target.mns, account, region)} if target.mns else {}),
        }
        for target in receivers
    ]
    return {
        TARGETS_VARIABLE: json.dumps(entries, separators=(",", ":")),
        **{
            variable: Variable(variable.lower())
            for target in receivers
            for variable in target.variables
        },
    }
