"""CloudMonitor's resources through real Terraform."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from localcloud.cms import ContactGroup
from tests.localcloud.terraform.conftest import AccountServices
from tests.localcloud.terraform.terraform import REPLACED, Terraform

MakeTerraform = Callable[..., Terraform]

ALARM = "alicloud_cms_alarm.failed"
GROUP = "alicloud_cms_alarm_contact_group.ops"


def watched(
    *, contacts: tuple[str, ...] = ("ann",), threshold: str = "1", metric: str = "ExecutionsFailed"
) -> dict[str, Any]:
    dimensions = [{"flowName": "main", "region": "cn-hangzhou"}, {"flowName": "other"}]
    return {
        "alicloud_cms_alarm_contact_group": {
            "ops": {
                "alarm_contact_group_name": "ops",
                "contacts": list(contacts),
            }
        },
        "alicloud_cms_alarm": {
            "failed": {
                "name": "failed-runs",
                "project": "acs_fnf",
                "metric": metric,
                "contact_groups": ["${alicloud_cms_alarm_contact_group.ops.id}"],
                "metric_dimensions": json.dumps(dimensions),
                "period": 60,
                "silence_time": 3600,
                "escalations_critical": {
                    "statistics": "Value",
                    "comparison_operator": ">=",
                    "threshold": threshold,
                    "times": 1,
                },
                "tags": {"team": "storage"},
            }
        },
    }


def test_alarms_are_created_changed_and_removed(
    terraform: MakeTerraform, account: AccountServices
) -> None:
    tf = terraform()
    tf.write(**watched())
    tf.applied()
    (alarm,) = account.cms.alarms.values()
    assert (alarm.namespace, alarm.metric, alarm.contact_groups) == (
        "acs_fnf",
        "ExecutionsFailed",
        ("ops",),
    )
    assert alarm.critical is not None
    assert alarm.critical.operator == "GreaterThanOrEqualToThreshold"
    assert alarm.critical.threshold == "1"
    state = tf.state(ALARM)
    assert state["dimensions"] == {"flowName": "main,other", "region": "cn-hangzhou"}
    assert state["status"] == "INSUFFICIENT_DATA"
    assert tf.unchanged()

    tf.write(**watched(contacts=("ann", "bob"), threshold="5"))
    assert tf.plan() == {ALARM: ["update"], GROUP: ["update"]}
    tf.applied()
    assert account.cms.groups["ops"].contacts == ("ann", "bob")
    (changed,) = account.cms.alarms.values()
    assert changed.id == alarm.id
    assert changed.critical is not None
    assert changed.critical.threshold == "5"
    assert tf.unchanged()

    tf.write(**watched(metric="ExecutionsTimedOut", contacts=("ann", "bob"), threshold="5"))
    assert tf.plan() == {ALARM: REPLACED}
    tf.destroyed()
    assert not account.cms.alarms
    assert not account.cms.groups


def test_an_update_of_a_groups_description_drops_the_other_fields(
    terraform: MakeTerraform, account: AccountServices
) -> None:
    """The real provider sends only changed fields; the service drops the others."""
    tf = terraform()
    document = watched()
    group = document["alicloud_cms_alarm_contact_group"]["ops"]
    tf.write(**{**document, "alicloud_cms_alarm_contact_group": {"ops": group | {"describe": "a"}}})
    tf.applied()
    tf.write(**{**document, "alicloud_cms_alarm_contact_group": {"ops": group | {"describe": "b"}}})
    tf.applied()
    assert account.cms.groups["ops"].contacts == ()
    assert tf.plan() == {GROUP: ["update"]}


def test_drift_of_alarms_is_detected(terraform: MakeTerraform, account: AccountServices) -> None:
    tf = terraform()
    tf.write(**watched())
    tf.applied()
    account.cms.put_group(ContactGroup("ops", ()))
    (alarm,) = account.cms.alarms
    account.cms.delete_alarm(alarm)
    assert tf.plan() == {ALARM: ["create"], GROUP: ["update"]}


def test_an_alarm_for_an_unknown_contact_group_is_refused(terraform: MakeTerraform) -> None:
    tf = terraform()
    document = watched()
    document["alicloud_cms_alarm"]["failed"]["contact_groups"] = ["nobody"]
    tf.write(**document)
    assert "there is no contact group 'nobody'" in tf.apply().refused()
