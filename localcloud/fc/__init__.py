"""Function Compute of the local cloud."""

from localcloud.fc.compute import FunctionCompute
from localcloud.fc.invocation import Invocation

__all__ = ["FunctionCompute", "Invocation"]
