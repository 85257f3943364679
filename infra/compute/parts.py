"""What the functions are made of, whatever the generation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from infra.bundle import Bundle
from infra.model import Environment, FunctionName
from infra.names import LOGSTORE, TELLER, Names
from infra.notify import function_variables
from infra.resources import Resource, Variables
from infra.version import VERSION

DESCRIPTIONS: Final[Mapping[FunctionName, str]] = {
    "prepareRun": "Checks a run's input and fills its defaults in",
    "listArchiveFiles": "Lists one page of archived objects",
    "restore": "Thaws one group of objects",
    "restoreStatus": "Tells whether a page is readable",
    "summarizeRun": "Adds a run's ledger up",
    "notifyRun": "Tells of the end of a run",
}


@dataclass(frozen=True, kw_only=True)
class LogConfig:
    """Where the functions' output goes."""

    project: str
    logstore: str


@dataclass(frozen=True)
class Parts:
    """What there is to make functions of.

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
    def log_config(self) -> LogConfig:
        return LogConfig(project=self.names.log_project, logstore=LOGSTORE)

    def variables(self, function: FunctionName) -> Variables:
        """A function's environment variables."""
        return {
            "OSS_RESTORE_VERSION": VERSION,  # not read by them, but on each of them
            "REPORT_BUCKET": self.names.report_bucket,
            "REPORT_PREFIX": self.environment.report.prefix,
            "REPORT_ENDPOINT": self.names.report_endpoint,
            "FOREACH_LIMIT": str(self.environment.limits.max_groups_per_page),
            **(self._telling() if function == TELLER else {}),
        }

    def _telling(self) -> Variables:
        """What the function that tells of the end of a run finds beside that."""
        env = self.environment
        targets = function_variables(env.notify, account=env.account, region=env.region)
        return {"ENVIRONMENT": env.name, **targets}
