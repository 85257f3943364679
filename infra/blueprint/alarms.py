"""The alarms of a deployment."""

from __future__ import annotations

from collections.abc import Sequence

from infra.blueprint.resources import AlarmEscalation, CmsAlarm, CmsAlarmContactGroup, Resource
from infra.model.environment import Environment
from infra.model.names import Names


def alarms(environment: Environment, *, depends_on: Sequence[Resource]) -> list[Resource]:
    """Return the environment's alarms, and the contact group that they notify.

    Args:
        environment: the environment to deploy.
        depends_on: the resources that the alarms watch.
    """
    config, names = environment.alarms, Names(environment)
    if config is None:
        return []
    groups, contacts = list(config.contact_groups), list[Resource]()
    if config.contacts:
        group = CmsAlarmContactGroup(
            alarm_contact_group_name=names.contact_group,
            contacts=list(config.contacts),
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
                silence_time=config.silence,
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
        for kind, rule in config.rules
    ]
    return [*contacts, *rules]
