"""The local cloud in the console, which shows and changes it."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from typing import Any

import oss2
import pytest

from oss_restore.clients.control_api import ControlClient, SeedObject
from oss_restore.clients.target import LocalEndpoints
from oss_restore.console.local_cloud import LocalCloudSource
from oss_restore.errors import OperatorError
from tests.infra.hosted import HostedCloud

ACCOUNT = "1234567890123456"


@pytest.fixture
def endpoints() -> Iterator[LocalEndpoints]:
    with HostedCloud(ACCOUNT).serving() as hosted:
        yield hosted.endpoints(ACCOUNT)


@pytest.fixture
def cloud(endpoints: LocalEndpoints) -> Iterator[LocalCloudSource]:
    source = LocalCloudSource(ControlClient(endpoints), 0)
    yield source
    source.close()


def shown(cloud: LocalCloudSource) -> dict[str, Any]:
    return dict(cloud.read().describe())


def test_the_clock_is_held_once_and_released_when_the_console_ends(
    endpoints: LocalEndpoints, cloud: LocalCloudSource
) -> None:
    cloud.act("hold", {})
    cloud.act("hold", {})
    assert shown(cloud)["held"] is True
    assert sum(ControlClient(endpoints).clock().holds.values()) == 1
    cloud.close()
    assert ControlClient(endpoints).clock().holds == {}
    cloud.act("release", {})
    assert shown(cloud)["held"] is False


def test_two_pages_that_hold_the_clock_at_once_hold_it_once(
    endpoints: LocalEndpoints, cloud: LocalCloudSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold, others = ControlClient.hold_clock, list[Thread]()

    def hold_beside_another_page(control: ControlClient) -> None:
        if not others:
            others.append(Thread(target=cloud.act, args=("hold", {})))
            others[0].start()
            others[0].join(0.2)  # it waits for this page's call
        hold(control)

    monkeypatch.setattr(ControlClient, "hold_clock", hold_beside_another_page)
    cloud.act("hold", {})
    others[0].join()
    assert sum(ControlClient(endpoints).clock().holds.values()) == 1
    cloud.close()
    assert ControlClient(endpoints).clock().holds == {}


def test_the_clock_is_advanced_by_a_human_readable_time(
    endpoints: LocalEndpoints, cloud: LocalCloudSource
) -> None:
    before = ControlClient(endpoints).now()
    cloud.act("advance", {"time": "2d"})
    assert ControlClient(endpoints).now() - before >= 2 * 86_400
    with pytest.raises(OperatorError, match="soon is not a time"):
        cloud.act("advance", {"time": "soon"})


def test_a_fault_rule_is_added_shown_and_removed(cloud: LocalCloudSource) -> None:
    rule: dict[str, object] = {"service": "oss", "kind": "error", "operation": "Get*", "times": ""}
    cloud.act("add-fault", rule)
    (fault,) = shown(cloud)["faults"]
    assert {"label": "operation", "value": "Get*"} in fault["figures"]
    cloud.act("remove-fault", {"number": fault["number"]})
    assert shown(cloud)["faults"] == []


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"service": "ecs", "kind": "error"}, "service"),
        ({"service": "oss", "kind": "error", "status": "many"}, "status"),
        ({"service": "oss", "kind": "error", "rate": "7"}, "rate"),
        ({"service": "oss", "kind": "error", "other": "x"}, "other"),
    ],
)
def test_a_wrong_fault_rule_is_refused_by_name(
    cloud: LocalCloudSource, rule: dict[str, object], message: str
) -> None:
    with pytest.raises(OperatorError, match=message):
        cloud.act("add-fault", rule)


def test_buckets_are_shown_by_class_and_object(
    endpoints: LocalEndpoints, cloud: LocalCloudSource
) -> None:
    auth = oss2.AuthV4(endpoints.access_key_id, endpoints.access_key_secret)
    oss2.Bucket(auth, endpoints.oss, "shown", region=endpoints.region).create_bucket()
    seeds = [SeedObject(key=f"k{n:03}\n", size=1, storage_class="Archive") for n in range(101)]
    ControlClient(endpoints).seed("shown", seeds)
    (bucket,) = shown(cloud)["buckets"]
    assert bucket["table"]["rows"] == [["Archive", "101", "101", "0", "0"]]
    page: Any = cloud.objects("shown", "")
    assert len(page["rows"]) == 100
    rest: Any = cloud.objects("shown", page["after"])
    assert [row[0] for row in rest["rows"]] == ["k100\\n"]
    assert rest["after"] == ""
