"""Unsupported parts of the API 2019-03-15. Requests are refused with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_EXPRESS: Final = (
    "Express flows are not supported: use StartExecution, then DescribeExecution with"
    " WaitTimeSeconds"
)
_SCHEDULES: Final = "schedules are not supported: a clock that jumps would start them endlessly"
_VERSIONS: Final = (
    "versions and aliases of flows are not supported: a flow has only its latest definition"
)
_MAPS: Final = "distributed maps only exist in the newer language"

UNSUPPORTED_ACTIONS: Final[Mapping[str, str]] = MappingProxyType(
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

UNSUPPORTED_PARAMETERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Qualifier": _VERSIONS,
        "FlowVersion": _VERSIONS,
        "MapRunName": _MAPS,
        "Environment": "variables of flows only exist in the newer language",
        "ExternalStorageLocation": "its effect on a flow is not documented",
        "ResourceGroupId": "resource groups are not supported",
    }
)
