"""Function names and ARNs of a deployment, for each generation of Function Compute."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from infra.model.environment import Environment
from infra.model.generations import FunctionArnForm, Generation


@dataclass(frozen=True)
class FunctionNames(ABC):
    """Names and ARNs of one environment's functions.

    Attributes:
        log_with_role: whether the functions' own role needs permission to write their logs.
    """

    environment: Environment
    log_with_role: ClassVar[bool]

    @property
    @abstractmethod
    def service(self) -> str:
        """The functions' service; empty if the generation has no services."""

    @abstractmethod
    def name(self, function: str) -> str:
        """Return a function's name in the cloud."""

    def path(self, function: str) -> str:
        """Return a function's name in messages."""
        return f"{self.service}/{self.name(function)}".lstrip("/")

    @abstractmethod
    def arn(self, function: str) -> str:
        """Return a function's ARN as used by RAM and the APIs."""

    @abstractmethod
    def in_flows(self, function: str) -> str:
        """Return a function's ``resourceArn`` in a flow."""

    @abstractmethod
    def invoked(self, function: str) -> tuple[str, ...]:
        """Return the resources that RAM checks when a flow invokes a function."""

    @abstractmethod
    def metric_dimensions(self, function: str) -> Mapping[str, str]:
        """Return a function's dimensions in CloudMonitor metrics."""

    def _arn(self, resource: str) -> str:
        return f"acs:fc:{self.environment.region}:{self.environment.account}:{resource}"


class Fc2Names(FunctionNames):
    """Function Compute 2.0: the functions are in the deployment's own service."""

    log_with_role = True

    @property
    def service(self) -> str:
        return f"{self.environment.stack_name}-{self.environment.suffix}"

    def name(self, function: str) -> str:
        return function

    def arn(self, function: str) -> str:
        return self._arn(f"services/{self.service}/functions/{function}")

    def in_flows(self, function: str) -> str:
        # Without region and account, the flow's own apply (published samples).
        return f"acs:fc:::services/{self.service}/functions/{function}"

    def invoked(self, function: str) -> tuple[str, ...]:
        # RAM checks an invocation with a qualifier against the second form.
        return tuple(
            f"acs:fc:*:*:services/{form}/functions/{function}"
            for form in (self.service, f"{self.service}.*")
        )

    def metric_dimensions(self, function: str) -> Mapping[str, str]:
        return {"serviceName": self.service, "functionName": function}


class Fc3Names(FunctionNames):
    """Function Compute 3.0: without services, so function names are unique by themselves.

    Function Compute's service-linked role writes the logs (its docs on logs).
    """

    log_with_role = False

    @property
    def service(self) -> str:
        return ""

    def name(self, function: str) -> str:
        return f"{self.environment.stack_name}-{function}-{self.environment.suffix}"

    def arn(self, function: str) -> str:
        return self._arn(f"functions/{self.name(function)}")

    def in_flows(self, function: str) -> str:
        return _IN_FLOWS[self.environment.function_arns].format(
            arn=self.arn(function), name=self.name(function)
        )

    def invoked(self, function: str) -> tuple[str, ...]:
        return (self.arn(function),)

    def metric_dimensions(self, function: str) -> Mapping[str, str]:
        return {"functionName": self.name(function)}  # assumed: as in 2.0, without the service


# The first form is that of Function Compute's documentation.
_IN_FLOWS: Final[Mapping[FunctionArnForm, str]] = {
    "full": "{arn}",
    "short": "acs:fc:::functions/{name}",
    "latest": "{arn}/LATEST",
}

_OF_GENERATION: Final[Mapping[Generation, type[FunctionNames]]] = {2: Fc2Names, 3: Fc3Names}


def function_names(environment: Environment) -> FunctionNames:
    """Return the names of an environment's functions."""
    return _OF_GENERATION[environment.generation](environment)
