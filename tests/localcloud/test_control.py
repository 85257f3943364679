"""The control API: every call needs the token, and invalid requests are refused by name."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import httpx
import oss2
import pytest
from alibabacloud_fnf20190315 import models

from localcloud.fc.interpreters import RUNTIME_VERSIONS
from oss_restore.clients.control_api import ControlClient, SeedObject
from oss_restore.clients.target import LocalEndpoints, local_target
from oss_restore.clients.workflow import WorkflowClient
from oss_restore.errors import OperatorError
from tests.infra.hosted import HostedCloud
from tests.ram import Ram

ACCOUNT = "1234567890123456"
WAITING = "version: v1\ntype: flow\nsteps:\n  - type: wait\n    name: long\n    duration: 3600\n"


@pytest.fixture(scope="module")
def endpoints() -> Iterator[LocalEndpoints]:
    """A cloud that no test changes."""
    with HostedCloud(ACCOUNT).serving() as hosted:
        yield hosted.endpoints(ACCOUNT)


@pytest.fixture
def own() -> Iterator[LocalEndpoints]:
    """A cloud of the test's own."""
    with HostedCloud(ACCOUNT).serving() as hosted:
        yield hosted.endpoints(ACCOUNT)


def call(
    endpoints: LocalEndpoints, method: str, path: str, body: bytes = b"{}", **headers: str
) -> httpx.Response:
    """Make a call, with the token unless ``headers`` override it."""
    own = {
        "Authorization": f"Bearer {endpoints.control_token}",
        "Content-Type": "application/json",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    url = endpoints.control + path
    return httpx.request(method, url, content=body, headers=own, trust_env=False)


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer guess", "Basic guess"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/meters"), ("POST", "/accounts/1111222233334444"), ("GET", "/nothing")],
)
def test_every_call_needs_the_token(
    endpoints: LocalEndpoints, method: str, path: str, authorization: str
) -> None:
    answer = call(endpoints, method, path, Authorization=authorization)
    assert answer.status_code == 401
    assert "control_token" in answer.json()["message"]


def test_a_token_of_arbitrary_bytes_is_refused_without_an_error(endpoints: LocalEndpoints) -> None:
    answer = httpx.get(
        f"{endpoints.control}/meters",
        headers=[(b"Authorization", b"Bearer \xff\xfe")],
        trust_env=False,
    )
    assert answer.status_code == 401


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_cross_site_requests_change_nothing(endpoints: LocalEndpoints, content_type: str) -> None:
    answer = call(endpoints, "POST", "/accounts/1111222233334444", Content_Type=content_type)
    assert answer.status_code == 415


def test_the_client_reports_a_file_without_a_token(endpoints: LocalEndpoints) -> None:
    client = ControlClient(endpoints.model_copy(update={"control_token": ""}))
    with pytest.raises(OperatorError, match="control_token"):
        client.now()


@pytest.mark.parametrize(
    ("method", "path", "body", "named"),
    [
        ("POST", "/clock/advance", b'{"seconds": 1e308}', "seconds"),
        ("POST", "/clock/advance", b'{"seconds": -1}', "seconds"),
        ("POST", "/clock/advance", b'{"seconds": NaN}', "seconds"),
        ("POST", "/clock/advance", b"\xff", "body"),
        ("POST", "/clock/advance", b"[" * 3000, "body"),
        ("POST", "/clock/hold", b"{}", "client"),
        ("PUT", "/settings", b'{"step_bytes": -1}', "step_bytes"),
        ("PUT", "/settings", b'{"step_bytes": 1e300}', "step_bytes"),
        ("PUT", "/settings", b'{"step_bytes": "inf"}', "step_bytes"),
        ("PUT", "/settings", b'{"api_calls_per_second": 0}', "api_calls_per_second"),
        ("PUT", "/settings", b'{"wait_seconds": 1e18}', "wait_seconds"),
        ("PUT", "/settings", b'{"nosuch": 1}', "nosuch"),
        ("PUT", "/settings", b'{"equality": "none"}', "equality"),
        ("POST", "/faults", b'{"service": "oss", "status": -1}', "status"),
        ("POST", "/faults", b'{"service": "oss", "status": 1000}', "status"),
        ("POST", "/faults", b'{"service": "oss", "seconds": 1e300}', "seconds"),
        ("POST", "/faults", b'{"service": "oss", "code": "a\\r\\nb"}', "code"),
        ("POST", "/accounts/12", b"{}", "16"),
        ("PUT", "/buckets/nosuch/region", b'{"region": "A B"}', "region"),
        ("POST", "/buckets/nosuch/objects", b'{"key": "k", "size": -1}', "storage_class"),
    ],
)
def test_values_out_of_range_are_refused_by_name(
    endpoints: LocalEndpoints, method: str, path: str, body: bytes, named: str
) -> None:
    answer = call(endpoints, method, path, body)
    assert answer.status_code in (400, 404), answer.text
    assert named in answer.json()["message"] or answer.status_code == 404
    assert call(endpoints, "GET", "/clock").status_code == 200
    assert call(endpoints, "PUT", "/settings").status_code == 200


def test_the_clock_ends_before_dates_have_five_digits(own: LocalEndpoints) -> None:
    control, refusals = ControlClient(own), 0
    for _ in range(80):
        try:
            control.advance(100 * 365 * 86_400)
        except OperatorError:
            refusals += 1
    assert 0 < refusals < 80
    assert math.isfinite(control.now())


def test_a_rebound_host_name_is_refused(endpoints: LocalEndpoints) -> None:
    assert call(endpoints, "GET", "/clock", Host="evil.example").status_code == 400


def test_only_the_holder_of_the_clock_can_release_it(own: LocalEndpoints) -> None:
    def act(what: str, client: str) -> tuple[int, Any]:
        answer = call(own, "POST", f"/clock/{what}", b'{"client": "%s"}' % client.encode())
        return answer.status_code, answer.json()

    assert act("release", "one")[0] == 409
    assert act("hold", "one")[1]["holds"] == {"one": 1}
    assert act("release", "two")[0] == 409
    assert act("hold", "one")[1]["holds"] == {"one": 2}
    assert act("hold", "two")[1]["holds"] == {"one": 2, "two": 1}
    assert act("release", "one")[0] == act("release", "one")[0] == 200
    assert act("release", "one")[0] == 409
    assert act("release", "two")[1]["holds"] == {}


def test_fault_rules_are_listed_and_removed_one_by_one(own: LocalEndpoints) -> None:
    rule = b'{"service": "oss", "operation": "%s", "times": 3}'
    numbers = [
        call(own, "POST", "/faults", rule % name).json()["number"]
        for name in (b"GetObject", b"PutObject")
    ]
    assert call(own, "DELETE", f"/faults/{numbers[0]}").status_code == 200
    (found,) = call(own, "GET", "/faults").json().items()
    assert found[0] == str(numbers[1])
    assert (found[1]["operation"], found[1]["times"]) == ("PutObject", 3)
    again = call(own, "DELETE", f"/faults/{numbers[0]}")
    assert (again.status_code, again.json()["error"]) == (404, "NoSuchFault")
    assert call(own, "DELETE", "/faults").status_code == 200
    assert call(own, "GET", "/faults").json() == {}


def test_a_buckets_objects_are_listed_with_their_state_and_not_billed(
    own: LocalEndpoints,
) -> None:
    auth = oss2.AuthV4(own.access_key_id, own.access_key_secret)
    bucket = oss2.Bucket(auth, own.oss, "listed", region=own.region)
    bucket.create_bucket()
    control = ControlClient(own)
    classes = {"a": "Archive", "b/c": "Archive", "d": "Standard"}
    control.seed(
        "listed", [SeedObject(key=key, size=7, storage_class=one) for key, one in classes.items()]
    )
    bucket.restore_object("a")
    control.advance(120)
    before = control.meters()
    first, rest = control.objects("listed", limit=2), control.objects("listed", after="b/c")
    assert control.meters() == before
    assert [(one.key, one.state) for one in first.objects] == [("a", "readable"), ("b/c", "frozen")]
    assert first.after == "b/c"
    assert [(one.key, one.storage_class, one.size) for one in rest.objects] == [
        ("d", "Standard", 7)
    ]
    assert rest.after is None
    until = first.objects[0].readable_until
    assert until is not None
    assert 0 < until - control.now() <= 86_400
    assert call(own, "GET", "/buckets/none/objects").status_code == 404
    assert call(own, "GET", "/buckets/listed/objects?limit=0").status_code == 400


def test_a_bucket_is_removed_with_everything_in_it(own: LocalEndpoints) -> None:
    auth = oss2.AuthV4(own.access_key_id, own.access_key_secret)
    bucket = oss2.Bucket(auth, own.oss, "retained", region=own.region)
    bucket.create_bucket()
    bucket.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    bucket.put_object("with\rreturn", b"1")
    bucket.delete_object("with\rreturn")
    bucket.init_multipart_upload("begun")
    bucket.init_bucket_worm(30)
    control = ControlClient(own)
    control.move_bucket("retained", "cn-beijing")
    control.remove_bucket("retained")
    assert control.resources() == {}
    bucket.create_bucket()
    assert bucket.list_object_versions().delete_marker == []
    assert bucket.list_multipart_uploads().upload_list == []
    with pytest.raises(OperatorError, match="bucket does not exist"):
        control.remove_bucket("none")


def test_a_change_of_the_configuration_shows_until_it_is_reverted(own: LocalEndpoints) -> None:
    control, ram = ControlClient(own), Ram(own)
    allowed = {"Effect": "Allow", "Action": ["oss:GetObject"], "Resource": ["*"]}
    with ram.user("someone", allowed):
        before = control.configuration()
        assert before.policies == {ACCOUNT: {"someone": {"Version": "1", "Statement": [allowed]}}}
        assert before.resources == control.resources()
        assert before.settings == control.set({})
        with ram.without("someone", "oss:GetObject"):
            assert control.configuration().policies != before.policies
        assert control.configuration() == before
    assert control.configuration().policies == {ACCOUNT: {}}


def test_executions_are_listed_until_they_end(own: LocalEndpoints) -> None:
    control, client = ControlClient(own), WorkflowClient(local_target(own))
    client._client.create_flow(
        models.CreateFlowRequest(name="f", definition=WAITING, description="", type="FDL")
    )
    flow = control.configuration().flows[ACCOUNT]["f"]
    assert (flow.definition, flow.role_arn) == (WAITING, "")
    with control.held_clock():
        client.start("f", "waits", "{}")
        assert [one.name for one in control.executions(ACCOUNT)] == ["waits"]
        client.stop("f", "waits", error="", cause="")
    assert control.executions(ACCOUNT) == []


def test_an_unknown_path_or_method_is_named(endpoints: LocalEndpoints) -> None:
    for method, path in (("GET", "/nosuch"), ("DELETE", "/clock"), ("PUT", "/buckets/b/objects")):
        answer = call(endpoints, method, path)
        assert answer.status_code in (404, 405)
        assert f"{method} {path}" in answer.json()["message"]


def test_the_python_of_each_runtime_is_reported(endpoints: LocalEndpoints) -> None:
    runtimes = call(endpoints, "GET", "/runtimes").json()
    assert runtimes.keys() == RUNTIME_VERSIONS.keys()
    for runtime, found in runtimes.items():
        exact = found["version"].startswith(f"{RUNTIME_VERSIONS[runtime]}.")
        assert exact is (found["warning"] == "")


def test_messages_are_listed_by_account(endpoints: LocalEndpoints) -> None:
    assert call(endpoints, "GET", "/messages").json() == {ACCOUNT: []}
