"""CloudMonitor: alarm rules and groups of contacts.

The order of calls is the provider's own (its source, 1.289.0). Each call needs the right of its
name on all resources (docs: authorization of CloudMonitor).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from pydantic import Field

from localcloud.cms import Alarm, ContactGroup, Escalation
from localcloud.terraform.arguments import Arguments
from localcloud.terraform.resources.base import ResourceHandler, generated_name
from localcloud.terraform.session import Session
from localcloud.terraform.values import Object, Value

# The provider's own names of the operators, and the API's (its source, 1.289.0).
_OPERATORS: Final = {
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
    "<": "LessThanThreshold",
    "<=": "LessThanOrEqualToThreshold",
    "!=": "NotEqualToThreshold",
    "==": "EqualToThreshold",
}
_OWN_NAMES: Final = {name: operator for operator, name in _OPERATORS.items()}


class EscalationArguments(Arguments):
    """An ``escalations_critical`` block."""

    comparison_operator: str = ">"
    statistics: str = "Average"
    threshold: str = ""
    times: int = 3


class AlarmArguments(Arguments):
    """Arguments of ``alicloud_cms_alarm``."""

    name: str
    project: str
    metric: str
    contact_groups: tuple[str, ...]
    metric_dimensions: str = ""
    effective_interval: str = "00:00-23:59"
    period: int = 300
    silence_time: int = 86_400
    enabled: bool = True
    tags: dict[str, str] = Field(default={})
    escalations_critical: tuple[EscalationArguments, ...] = ()

    def alarm(self, id_: str) -> Alarm:
        """The arguments in CloudMonitor's form."""
        critical = [
            Escalation(
                e.statistics,
                _OPERATORS.get(e.comparison_operator, e.comparison_operator),
                e.threshold,
                e.times,
            )
            for e in self.escalations_critical
        ]
        return Alarm(
            id=id_,
            name=self.name,
            namespace=self.project,
            metric=self.metric,
            contact_groups=self.contact_groups,
            resources=self.metric_dimensions,
            period=self.period,
            silence=self.silence_time,
            effective=self.effective_interval,
            enabled=self.enabled,
            labels=self.tags,
            critical=critical[0] if critical else None,
        )


class AlarmHandler(ResourceHandler[AlarmArguments]):
    """``alicloud_cms_alarm``. Its id is made up by the provider."""

    arguments = AlarmArguments

    async def create(self, session: Session, wanted: AlarmArguments) -> str:
        id_ = generated_name("terraform-")
        self._put(session, id_, wanted)
        return id_

    async def read(self, session: Session, id_: str, known: Object) -> Object | None:
        session.authorize("cms:DescribeMetricRuleList", "*")
        alarm = session.account.cms.alarms.get(id_)
        if alarm is None:
            return None
        session.authorize("cms:DescribeMetricRuleTargets", "*")
        return {
            "id": id_,
            "name": alarm.name,
            "project": alarm.namespace,
            "metric": alarm.metric,
            "contact_groups": list(alarm.contact_groups),
            "metric_dimensions": alarm.resources,
            "dimensions": _dimensions(alarm),
            "effective_interval": alarm.effective,
            "period": alarm.period,
            "silence_time": alarm.silence,
            "enabled": alarm.enabled,
            "tags": dict(alarm.labels),
            "status": "INSUFFICIENT_DATA",  # docs: DescribeMetricRuleList
            "escalations_critical": [_escalation(alarm.critical)] if alarm.critical else [],
        }

    async def update(
        self, session: Session, id_: str, before: AlarmArguments, wanted: AlarmArguments
    ) -> None:
        self._put(session, id_, wanted)

    async def delete(self, session: Session, id_: str, before: AlarmArguments) -> None:
        session.authorize("cms:DeleteMetricRules", "*")
        session.account.cms.delete_alarm(id_)
        session.authorize("cms:DescribeMetricRuleList", "*")

    @staticmethod
    def _put(session: Session, id_: str, wanted: AlarmArguments) -> None:
        session.authorize("cms:PutResourceMetricRule", "*")
        session.account.cms.put_alarm(wanted.alarm(id_))
        switch = "cms:EnableMetricRules" if wanted.enabled else "cms:DisableMetricRules"
        session.authorize(switch, "*")


def _escalation(escalation: Escalation) -> dict[str, Value]:
    return {
        "statistics": escalation.statistics,
        "comparison_operator": _OWN_NAMES.get(escalation.operator, escalation.operator),
        "threshold": escalation.threshold,
        "times": escalation.times,
    }


def _dimensions(alarm: Alarm) -> dict[str, Value]:
    """The older form of the dimensions, which the provider computes."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one in alarm.dimensions:
        for name, value in one.items():
            found[name].append(value)
    return {name: ",".join(values) for name, values in found.items()}


class ContactGroupArguments(Arguments):
    """Arguments of ``alicloud_cms_alarm_contact_group``."""

    alarm_contact_group_name: str
    contacts: tuple[str, ...] = ()
    describe: str = ""

    @property
    def group(self) -> ContactGroup:
        """The arguments in CloudMonitor's form."""
        contacts = tuple(sorted(self.contacts))
        return ContactGroup(self.alarm_contact_group_name, contacts, self.describe)


class ContactGroupHandler(ResourceHandler[ContactGroupArguments]):
    """``alicloud_cms_alarm_contact_group``. Its id is its name."""

    arguments = ContactGroupArguments

    async def create(self, session: Session, wanted: ContactGroupArguments) -> str:
        session.authorize("cms:PutContactGroup", "*")
        session.account.cms.put_group(wanted.group)
        return wanted.alarm_contact_group_name

    async def read(self, session: Session, id_: str, known: Object) -> Object | None:
        session.authorize("cms:DescribeContactGroupList", "*")
        group = session.account.cms.groups.get(id_)
        if group is None:
            return None
        return {
            "id": id_,
            "alarm_contact_group_name": id_,
            "contacts": list(group.contacts),
            "describe": group.description,
            "enable_subscribed": bool(known.get("enable_subscribed")),
        }

    async def update(
        self,
        session: Session,
        id_: str,
        before: ContactGroupArguments,
        wanted: ContactGroupArguments,
    ) -> None:
        session.authorize("cms:PutContactGroup", "*")
        # The real provider sends only what has changed, and the service removes the rest.
        sent = ContactGroup(
            id_,
            wanted.group.contacts if wanted.contacts != before.contacts else (),
            wanted.describe if wanted.describe != before.describe else "",
        )
        session.account.cms.put_group(sent)

    async def delete(self, session: Session, id_: str, before: ContactGroupArguments) -> None:
        session.authorize("cms:DeleteContactGroup", "*")
        session.account.cms.delete_group(id_)
