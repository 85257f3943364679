"""What the functions consist of, in both generations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from infra.blueprint.resources import Resource, Variables
from infra.bundle.build import Bundle
from infra.model.environment import Environment, FunctionName
from infra.model.names import LOGSTORE, TELLER, Names
from infra.model.notification_targets import NotificationTargetConfig, mns_url
from infra.model.terraform_text import Variable
from infra.version import VERSION
from thaw.after_thaw import PERMISSIONS_VARIABLE
from thaw.notification_targets import TARGETS_VARIABLE

DESCRIPTIONS: Final[Mapping[FunctionName, str]] = {
    "prepareRun": "Checks a run's input and fills in defaults",
    "listArchiveFiles": "Lists one page of archived objects",
    "restore": "Thaws one group of objects",
    "restoreStatus": "Looks at the objects of pages",
    "planCopies": "Finds what is to be copied next",
    "copyObjects": "Copies or promotes what is readable",
    "summarizeRun": "Adds up a run's ledger",
    "notifyRun": "Sends notifications at the end of a run",
}


_SHARING: Final[tuple[FunctionName, ...]] = ("prepareRun", "summarizeRun")


@dataclass(frozen=True, kw_only=True)
class FunctionLogConfig:
    """Where the functions' output goes."""

    project: str
    logstore: str


@dataclass(frozen=True)
class FunctionSpec:
    """What functions are made from.

    Attributes:
        environment: what is deployed.
        bundle: the functions' code; its path is relative to the stack's folder.
        depends_on: what must be there before them: the role's policy, the logstore, the bucket.
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
        """A function's environment variables."""
        return {
            "OSS_RESTORE_VERSION": VERSION,  # not read by them, but on each of them
            "REPORT_BUCKET": self.names.report_bucket,
            "REPORT_PREFIX": self.environment.report.prefix,
            "REPORT_ENDPOINT": self.names.report_endpoint,
            "FOREACH_LIMIT": str(self.environment.limits.max_groups_per_page),
            **(self._allowance() if function in _SHARING else {}),
            **(self._after_thaw() if function == "prepareRun" else {}),
            **(self._notifications() if function == TELLER else {}),
        }

    def _allowance(self) -> Mapping[str, str]:
        """What the functions that share a run's work out over calls find beside that."""
        limits = self.environment.limits
        return {
            "INSTANCES": str(limits.instances),
            "OBJECTS_PER_SECOND": f"{limits.objects_per_second:g}",
            "STEPS_PER_SECOND": f"{limits.steps_per_second:g}",
        }

    def _after_thaw(self) -> Mapping[str, str]:
        """What runs may do after the thaw; nothing where the environment allows nothing."""
        promote = [bucket.name for bucket in self.environment.buckets if bucket.promote]
        foreign = self.environment.foreign_destinations
        destinations = [
            {
                "name": one.name,
                "prefixes": one.prefixes,
                "storageClass": one.storage_class,
                **({"account": one.account} if one in foreign else {}),
                **({"versions": True} if one.versions else {}),
            }
            for one in self.environment.destinations
        ]
        if not promote and not destinations:
            return {}
        allowed: dict[str, object] = {"promote": promote, "destinations": destinations}
        if removed := [one.name for one in self.environment.buckets if one.remove_archived]:
            allowed["removeArchived"] = removed
        return {PERMISSIONS_VARIABLE: json.dumps(allowed, separators=(",", ":"))}

    def _notifications(self) -> Variables:
        """The additional variables of the function that sends notifications."""
        env = self.environment
        targets = _notification_variables(env.notify, account=env.account, region=env.region)
        return {"ENVIRONMENT": env.name, **targets}


def _notification_variables(
    targets: Iterable[NotificationTargetConfig], *, account: str, region: str
) -> Variables:
    """The function's variables: the receivers, and references to their secrets."""
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
