"""The targets of tasks: resource names and actions (docs 122494)."""

from __future__ import annotations

import re
from typing import Literal

from fdl.errors import TargetSyntaxError
from fdl.tree import ApiTarget, FlowTarget, FunctionTarget, MessageTarget, Target

_NAME = r"[A-Za-z_][A-Za-z0-9_-]{0,127}"
_LOCATION = r"(?P<region>[a-z0-9-]*):(?P<account>[A-Za-z0-9-]*)"  # an account alias is accepted too
_FUNCTION = re.compile(
    rf"acs:fc:{_LOCATION}:services/(?P<service>{_NAME})(?:\.(?P<qualifier>[A-Za-z0-9_-]+))?"
    rf"/functions/(?P<function>{_NAME})"
)
# Published flows of the later language put a qualifier after a slash.
_FUNCTION_3 = re.compile(
    rf"acs:fc:{_LOCATION}:functions/(?P<function>{_NAME})(?:/(?P<qualifier>[A-Za-z0-9_-]+))?"
)
_FLOW = re.compile(rf"acs:fnf:{_LOCATION}:flow/(?P<flow>{_NAME})")
_MESSAGES = re.compile(
    rf"acs:mns:{_LOCATION}:/(?P<kind>topics|queues)/(?P<name>[A-Za-z0-9][A-Za-z0-9-]{{0,254}})/messages"
)
_OTHER = re.compile(r"acs:(?!fc:|fnf:)[a-z0-9-]+:[a-z0-9-]*:[A-Za-z0-9-]*:[^\s<>]+")
_ACTION = re.compile(r"[a-z][a-z0-9-]*:[A-Za-z][A-Za-z0-9]*")


def parse_resource(arn: str) -> Target:
    """Parse a ``resourceArn``.

    Raises:
        TargetSyntaxError: the ARN has an unknown form.
    """
    if match := _FUNCTION.fullmatch(arn):
        service, function = match["service"], match["function"]
        location = match["region"], match["account"]
        return FunctionTarget(service, match["qualifier"] or "", function, *location)
    if match := _FUNCTION_3.fullmatch(arn):
        location = match["region"], match["account"]
        return FunctionTarget("", match["qualifier"] or "", match["function"], *location)
    if match := _FLOW.fullmatch(arn):
        return FlowTarget(match["flow"], match["region"], match["account"])
    if match := _MESSAGES.fullmatch(arn):
        kind: Literal["topics", "queues"] = "topics" if match["kind"] == "topics" else "queues"
        return MessageTarget(kind, match["name"], match["region"], match["account"])
    if _OTHER.fullmatch(arn):
        return ApiTarget(arn)
    raise TargetSyntaxError(
        f"{arn!r} is not one of acs:fc:::services/SERVICE/functions/FUNCTION, acs:fnf:::flow/FLOW, "
        "acs:SERVICE:REGION:ACCOUNT:RESOURCE"
    )


def parse_action(action: str) -> Target:
    """Parse an ``action`` such as ``fnf:StartExecution``.

    Raises:
        TargetSyntaxError: the action does not have the form service:Operation.
    """
    if _ACTION.fullmatch(action):
        return ApiTarget(action)
    raise TargetSyntaxError(f"{action!r} does not have the form service:Operation")
