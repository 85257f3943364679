"""The texts of the page in the language of the command, and the data of its deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from oss_restore.clients.deployment import Deployment
from oss_restore.console.feeds import Document
from oss_restore.language import N_, Language, current_language, gettext

_TAGS: Final[Mapping[Language, str]] = {"en": "en", "zh": "zh-Hans"}
_NAMES: Final[Mapping[Language, str]] = {"en": "English", "zh": "中文"}
_TEXTS: Final[Mapping[str, str]] = {
    "runs": N_("Runs"),
    "run": N_("Run"),
    "flow": N_("Flow"),
    "cloud": N_("Local cloud"),
    "readOnly": N_("read-only"),
    "live": N_("live"),
    "over": N_("ended"),
    "connecting": N_("connecting"),
    "disconnected": N_("disconnected, retrying"),
    "loading": N_("Loading …"),
    "filter": N_("Filter by name, bucket or date"),
    "status": N_("Status"),
    "all": N_("all"),
    "earlier": N_("Earlier runs"),
    "noRuns": N_("There is no such run."),
    "classes": N_("Storage classes"),
    "outcomes": N_("Outcomes"),
    "alerts": N_("Alerts"),
    "failures": N_("Failures"),
    "none": N_("None."),
    "whatToDo": N_("What to do"),
    "examples": N_("Examples"),
    "input": N_("Input"),
    "timeline": N_("Timeline"),
    "requested": N_("Requested"),
    "readable": N_("Known to be readable"),
    "noTimeline": N_("The history of the run has no timeline."),
    "showFlow": N_("Show the flow"),
    "showRun": N_("Show the run"),
    "parent": N_("Back to the parent execution"),
    "inputOutput": N_("Input and output"),
    "output": N_("Output"),
    "noPicture": N_("The definition of this flow cannot be drawn."),
    "notVisited": N_("The execution has not reached this step."),
    "close": N_("Close"),
    "show": N_("Show"),
    "more": N_("More"),
    "open": N_("Open"),
    "retries": N_("retries"),
    "running": N_("running"),
    "succeeded": N_("succeeded"),
    "failed": N_("failed"),
    "stopped": N_("stopped"),
    "failedAttempts": N_("Failed attempts"),
    "executionsOf": N_("Executions of"),
    "stop": N_("Stop this run"),
    "retry": N_("Retry what failed"),
    "confirmStop": N_("What the run has not requested yet stays frozen. Stop it?"),
    "buckets": N_("Buckets"),
    "objects": N_("Objects"),
    "clock": N_("Clock"),
    "meters": N_("Meters"),
    "resources": N_("Resources"),
    "faults": N_("Fault rules"),
    "addFault": N_("Add a fault rule"),
    "remove": N_("Remove"),
    "hold": N_("Hold the clock"),
    "release": N_("Release the clock"),
    "advanceBy": N_("Forward by"),
    "advance": N_("Advance"),
    "heldByOthers": N_("Held by others"),
    "realTime": N_("It does not jump: the cloud runs in real time."),
    "share": N_("To share this run:"),
    "notFound": N_("There is no such page."),
}


def page_document(
    deployment: Deployment, *, environment: str | None, is_local: bool, allow_actions: bool
) -> Document:
    """Return the data that every page starts with.

    Args:
        deployment: the deployment.
        environment: name of its environment; None if none is named.
        is_local: whether it is in a local cloud.
        allow_actions: whether pages may start actions.
    """
    return {
        "language": _TAGS[current_language()],
        "languages": [
            {"language": language, "tag": tag, "name": _NAMES[language]}
            for language, tag in _TAGS.items()
        ],
        "texts": {name: gettext(text) for name, text in _TEXTS.items()},
        "name": environment or deployment.main_flow,
        "region": deployment.region,
        "mainFlow": deployment.main_flow,
        "local": is_local,
        "actions": allow_actions,
    }
