"""Function Compute of the local cloud."""

from localcloud.fc.api import fc_service
from localcloud.fc.compute import FunctionCompute
from localcloud.fc.invocation import InvocationResponse
from localcloud.fc.model import FunctionSettings, LogConfig, ServiceConfig

__all__ = [
    "FunctionCompute",
    "FunctionSettings",
    "InvocationResponse",
    "LogConfig",
    "ServiceConfig",
    "fc_service",
]
