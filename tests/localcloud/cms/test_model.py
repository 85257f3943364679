"""CloudMonitor: rules and groups, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from localcloud.cms import Alarm, CloudMonitor, ContactGroup, Escalation
from localcloud.errors import CloudError

ALARM = Alarm(
    id="terraform-1",
    name="failed-runs",
    namespace="acs_fnf",
    metric="ExecutionsFailed",
    contact_groups=("ops",),
    resources='[{"flowName":"main"}]',
    period=60,
    silence=3600,
    effective="00:00-23:59",
    enabled=True,
    labels={"team": "storage"},
    critical=Escalation("Value", "GreaterThanOrEqualToThreshold", "1", 1),
)


@pytest.fixture
def cms() -> CloudMonitor:
    monitor = CloudMonitor()
    monitor.put_group(ContactGroup("ops", ("ann",)))
    return monitor


def test_a_rule_is_created_changed_and_removed(cms: CloudMonitor) -> None:
    cms.put_alarm(ALARM)
    cms.put_alarm(replace(ALARM, period=120))
    assert [alarm.period for alarm in cms.alarms.values()] == [120]
    cms.delete_alarm(ALARM.id)
    cms.delete_alarm(ALARM.id)
    assert not cms.alarms


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"contact_groups": ()}, "at least one contact group"),
        ({"contact_groups": ("ops", "nobody")}, "no contact group 'nobody'"),
        ({"period": 90}, "not a multiple of 60"),
        ({"period": 60 * 2**70}, "not a multiple of 60"),
        ({"critical": Escalation("Value", "EqualToThreshold", "1", 2**70)}, "1 to 10000"),
        ({"silence": 60}, "300 to 86400"),
        ({"resources": "{}"}, "not a JSON list of objects of strings"),
        ({"resources": "["}, "not a JSON list of objects of strings"),
        ({"resources": '[{"flowName": 1}]'}, "not a JSON list of objects of strings"),
    ],
)
def test_an_invalid_request_is_refused(
    cms: CloudMonitor, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(CloudError, match=message):
        cms.put_alarm(replace(ALARM, **changes))  # type: ignore[arg-type]  # of several fields
    assert not cms.alarms


def test_everything_survives_a_snapshot(cms: CloudMonitor) -> None:
    cms.put_alarm(ALARM)
    other = CloudMonitor()
    other.restore(cms.snapshot())
    assert other.alarms == {ALARM.id: ALARM}
    assert other.groups == {"ops": ContactGroup("ops", ("ann",))}
