"""The alarms of a stack."""

from __future__ import annotations

from collections.abc import Sequence

import cdktf
from constructs import Construct

from infra.alarms import MetricSources
from infra.model import Environment
from infra.names import Names
from infra.resources import CmsAlarm, CmsAlarmContactGroup, Escalation, Resource


def add_alarms(
    scope: Construct,
    environment: Environment,
    sources: MetricSources,
    *,
    depends_on: Sequence[cdktf.TerraformResource],
) -> None:
    """Puts the alarms that an environment wants into its stack.

    Args:
        scope: the stack.
        environment: what is deployed.
        sources: what the metrics are asked of.
        depends_on: what the alarms are about.
    """
    alarms, names = environment.alarms, Names(environment)
    if alarms is None:
        return
    groups, before = list(alarms.contact_groups), [*depends_on]
    if alarms.contacts:
        body = CmsAlarmContactGroup(
            alarm_contact_group_name=names.contact_group,
            contacts=list(alarms.contacts),
            describe=f"Who is told of oss-restore {environment.name}",
        )
        before.append(Resource(scope, "contact_group", body))
        groups.append(names.contact_group)
    for kind, rule in alarms.rules:
        alarm = CmsAlarm(
            name=names.alarm(kind),
            project=rule.project,
            metric=rule.metric,
            contact_groups=groups,
            metric_dimensions=sources.of(rule),
            period=rule.period,
            silence_time=alarms.silence,
            escalations_critical=Escalation(
                statistics=rule.statistics,
                comparison_operator=">=",
                threshold=str(rule.threshold),
                times=rule.times,
            ),
            tags=names.tags,
        )
        Resource(scope, f"alarm_{kind}", alarm, depends_on=before)
