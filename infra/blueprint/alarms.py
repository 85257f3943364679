"""The alarms of a deployment."""

from __future__ import annotations

from collections.abc import Sequence

from infra.blueprint.resources import AlarmEscalation, CmsAlarm, CmsAlarmContactGroup, Resource
from infra.model.environment import Environment
from infra.model.names import Names


def alarms(environment: Environment, *, depends_on: Sequence[Resource]) -> list[Resource]:
    """The environment's alarms, and the contact group that they are sent to.

    Args:
        environment: what is deployed.
        depends_on: what the alarms are about.
    """
    wanted, names = environment.alarms, Names(environment)
    if wanted is None:
        return []
    groups, contacts = list(wanted.contact_groups), list[Resource]()
    if wanted.contacts:
        group = CmsAlarmContactGroup(
            alarm_contact_group_name=names.contact_group,
            contacts=list(wanted.contacts),
        )
        contacts.append(Resource("contact_group", group))
        groups.append(names.contact_group)
    rules = [
        Resource(
            f"alarm_{kind}",
            CmsAlarm(
                name=names.alarm(kind),
                project=rule.project,
                metric=rule.metric,
                contact_groups=groups,
                metric_dimensions=names.metric_sources.of(rule),
                period=rule.period,
                silence_time=wanted.silence,
                escalations_critical=AlarmEscalation(
                    statistics=rule.statistics,
                    comparison_operator=">=",
                    threshold=str(rule.threshold),
                    times=rule.times,
                ),
                tags=names.tags,
            ),
            depends_on=(*depends_on, *contacts),
        )
        for kind, rule in wanted.rules
    ]
    return [*contacts, *rules]
