"""The parameters of CloudMonitor's operations, as alibabacloud-cms20190101 4.0.10 sends them."""

from __future__ import annotations

from pydantic import Field

from localcloud.cms.model import Alarm, Escalation
from localcloud.rpc_operations import RpcParameters


class EscalationParameters(RpcParameters):
    comparison_operator: str = "GreaterThanOrEqualToThreshold"
    statistics: str = "Average"
    threshold: str = ""
    times: int = 3

    @property
    def escalation(self) -> Escalation:
        return Escalation(self.statistics, self.comparison_operator, self.threshold, self.times)


class EscalationsParameters(RpcParameters):
    critical: EscalationParameters | None = None


class LabelParameters(RpcParameters):
    key: str
    value: str = ""


class PutResourceMetricRule(RpcParameters):
    rule_id: str = Field(min_length=1)
    rule_name: str
    namespace: str
    metric_name: str
    contact_groups: str = ""
    resources: str = ""
    effective_interval: str = "00:00-23:59"
    period: int = 60
    silence_time: int = 86_400
    escalations: EscalationsParameters = EscalationsParameters()
    labels: tuple[LabelParameters, ...] = ()

    def alarm(self, *, enabled: bool) -> Alarm:
        """Return the rule that the parameters describe."""
        critical = self.escalations.critical
        return Alarm(
            id=self.rule_id,
            name=self.rule_name,
            namespace=self.namespace,
            metric=self.metric_name,
            contact_groups=tuple(filter(None, self.contact_groups.split(","))),
            resources=self.resources,
            period=self.period,
            silence=self.silence_time,
            effective=self.effective_interval,
            enabled=enabled,
            labels={label.key: label.value for label in self.labels},
            critical=critical.escalation if critical else None,
        )


class DescribeMetricRuleList(RpcParameters):
    rule_ids: str = ""  # separated by commas
    rule_name: str = ""
    namespace: str = ""
    metric_name: str = ""
    page: int = Field(default=1, ge=1, le=10**6)
    page_size: int = Field(default=10, ge=1, le=100)


class DescribeMetricRuleTargets(RpcParameters):
    rule_id: str


class SwitchMetricRules(RpcParameters):
    rule_id: tuple[str, ...]


class DeleteMetricRules(RpcParameters):
    id: tuple[str, ...]


class PutContactGroup(RpcParameters):
    contact_group_name: str = Field(min_length=1)
    contact_names: tuple[str, ...] = ()
    describe: str = ""
    enable_subscribed: bool = False


class NamedContactGroup(RpcParameters):
    contact_group_name: str


class DescribeContactGroupList(RpcParameters):
    page_number: int = Field(default=1, ge=1, le=10**6)
    page_size: int = Field(default=100, ge=1, le=100)
