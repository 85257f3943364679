"""Unsupported parts of the API 2019-03-15. Calls are refused with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_EXPRESS: Final = (
    "Express flows are left out: use StartExecution, then DescribeExecution with WaitTimeSeconds"
)
_SCHEDULES: Final = "schedules are left out: a clock that jumps would start them without end"
_VERSIONS: Final = "versions and aliases of flows are left out: a flow has its latest definition"
_MAPS: Final = "only flows in the newer language have distributed maps"

ACTIONS_LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "StartSyncExecution": _EXPRESS,
        **dict.fromkeys(
            (
                *("CreateSchedule", "UpdateSchedule", "DescribeSchedule", "DeleteSchedule"),
                "ListSchedules",
            ),
            _SCHEDULES,
        ),
        **dict.fromkeys(
            (
                *("PublishFlowVersion", "ListFlowVersions", "DeleteFlowVersion"),
                *("CreateFlowAlias", "UpdateFlowAlias", "DescribeFlowAlias", "DeleteFlowAlias"),
                "ListFlowAliases",
            ),
            _VERSIONS,
        ),
        **dict.fromkeys(("DescribeMapRun", "UpdateMapRun"), _MAPS),
    }
)

PARAMETERS_LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Qualifier": _VERSIONS,
        "FlowVersion": _VERSIONS,
        "MapRunName": _MAPS,
        "Environment": "variables of flows are for the newer language",
        "ExternalStorageLocation": "it is not documented what a flow does with it",
        "ResourceGroupId": "resource groups are left out",
    }
)
