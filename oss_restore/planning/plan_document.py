"""A plan as one JSON object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from oss_restore.planning.choices import KINDS, RunPlan, TierChoice
from oss_restore.planning.copies import money_document
from oss_restore.planning.survey import Survey
from thaw.page_chunks import Tally


def document(plan: RunPlan, commands: list[str]) -> dict[str, Any]:
    """Convert a plan to its JSON object.

    Args:
        plan: the plan.
        commands: for each choice, the command that starts it.
    """
    return {
        "bucket": plan.run.bucket_name,
        "input": plan.run.to_json(),
        "found": None if plan.survey is None else _survey(plan.survey),
        "pricesNoted": plan.terms.prices.noted,
        "choices": [
            _choice(choice, command) for choice, command in zip(plan.choices, commands, strict=True)
        ],
        "afterwards": plan.copy_costs and plan.copy_costs.to_json(),
        "obstacles": [
            {"problem": str(error), "whatToDo": error.hint} for error in plan.preflight.obstacles
        ],
        "notes": plan.preflight.notes,
    }


def _survey(survey: Survey) -> dict[str, Any]:
    return {
        "scanned": survey.scanned,
        "classes": {
            name: {
                "toThaw": _load(survey.frozen.get(name)),
                "toUpgrade": _load(survey.upgraded.get(name)),
                "toExtend": _load(survey.extended.get(name)),
                "thawing": _load(survey.thawing.get(name)),
                "readable": _load(survey.readable.get(name)),
                "nothingToThaw": _load(survey.nothing_to_thaw.get(name)),
                "leftOut": {
                    reason: _load(load) for reason, load in survey.filtered.get(name, {}).items()
                },
            }
            for name in survey.classes
        },
        "others": _load(survey.others),
        "vanished": survey.vanished,
        "wrongRows": survey.wrong_rows,
    }


def _load(load: Tally | None) -> Mapping[str, int]:
    load = load or Tally()
    return {"objects": load.objects, "bytes": load.bytes}


def _choice(choice: TierChoice, command: str) -> dict[str, Any]:
    forecast, usage = choice.forecast, choice.forecast.usage
    return {
        "tier": choice.tier,
        "objects": dict(choice.objects),
        "leaves": list(choice.leaves),
        "days": dict(choice.days),
        "submitSeconds": round(forecast.submit_seconds, 1),
        "waitSeconds": round(forecast.wait_seconds, 1),
        "copiedSeconds": forecast.copied_seconds and round(forecast.copied_seconds, 1),
        "totalSeconds": round(forecast.total_seconds, 1),
        "bound": forecast.bound.name.lower(),
        "listers": forecast.plan.listers,
        "pages": forecast.plan.listers * forecast.plan.pages,
        "groups": forecast.plan.listers * forecast.plan.groups,
        "executions": forecast.plan.listers * forecast.plan.legs,
        "ossRequests": round(usage.all_requests),
        "stepTransitions": round(usage.transitions),
        "functionCalls": round(usage.invocations),
        "vcpuSeconds": round(usage.vcpu_seconds, 1),
        "gbSeconds": round(usage.gb_seconds, 1),
        "currency": choice.bill.currency,
        "money": {kind: money_document(choice.bill_of(kind)) for kind in KINDS},
        "total": money_document(choice.bill),
        "bill": [asdict(item) for item in choice.bill.items],
        "concerns": list(forecast.concerns),
        "settings": forecast.run.settings(),
        "command": command,
    }
