"""Copies to a bucket of another account, whose policy grants all required permissions."""

from __future__ import annotations

import json
from collections.abc import Callable

import oss2
import pytest

from infra.model.names import Names
from infra.policies.copying import destination_policy
from infra.policies.runtime import functions_policy
from localcloud.ram.credentials import root_principal
from tests.functions.flow import Flow, Json
from tests.functions.scene import BUCKET, REPORTS, Context, Scene
from tests.functions.test_copies import fill_with_each_kind
from tests.infra.environments import small_environment
from thaw.errors import AccessDenied

THEIRS = "2000000000000002"
ELSEWHERE = "elsewhere"
COPY = {"copy": {"bucketName": ELSEWHERE, "prefix": "to/", "acl": True}}
ENVIRONMENT = small_environment(
    buckets=[{"name": BUCKET}],
    destinations=[{"name": ELSEWHERE, "prefixes": ["to/"], "account": THEIRS}],
    report={"bucket": REPORTS, "prefix": "reports/", "create": False},
)
POLICY = json.loads(destination_policy(ENVIRONMENT, ENVIRONMENT.destinations[0]))
RIGHTS = sorted({action for one in POLICY["Statement"] for action in one["Action"]})

Put = Callable[..., oss2.Bucket]


@pytest.fixture
def theirs(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> oss2.Bucket:
    """Return the destination, accessed by its owner."""
    allowed = {
        "destinations": [
            {"name": ELSEWHERE, "prefixes": ["to/"], "storageClass": "Standard", "account": THEIRS}
        ]
    }
    monkeypatch.setenv("AFTER_THAW", json.dumps(allowed))
    owner = scene.oss.do(lambda: scene.oss.credentials.issue(root_principal(THEIRS)))
    bucket = scene.oss.bucket(ELSEWHERE, credential=owner)
    bucket.create_bucket()
    fill_with_each_kind(scene)
    return bucket


@pytest.fixture
def flow(scene: Scene, context: Context, theirs: oss2.Bucket) -> Flow:
    """Return a flow whose runs have the permissions of the environment's role."""
    role = Names(ENVIRONMENT).functions_role
    return Flow(scene, Context(scene.oss.role_credential(functions_policy(ENVIRONMENT), role)))


def without(policy: Json, action: str) -> str:
    """Return a policy without an action."""
    statements = [
        {**one, "Action": [other for other in one["Action"] if other != action]}
        for one in policy["Statement"]
    ]
    return json.dumps({**policy, "Statement": [one for one in statements if one["Action"]]})


def test_the_buckets_policy_is_sufficient(scene: Scene, flow: Flow, theirs: oss2.Bucket) -> None:
    theirs.put_bucket_policy(json.dumps(POLICY))
    assert flow.run(then=COPY)["verdict"]["exitCode"] == 0
    mine = scene.oss.bucket(BUCKET)
    for key in ("plain", "parts", "tagged"):
        copy, original = theirs.head_object(f"to/{key}"), mine.head_object(key)
        assert copy.headers["x-oss-hash-crc64ecma"] == original.headers["x-oss-hash-crc64ecma"]
    owners = {one.owner.id for one in theirs.list_objects_v2(fetch_owner=True).object_list}
    assert owners == {THEIRS}
    assert theirs.list_multipart_uploads().upload_list == []


def test_the_functions_own_policy_does_not_mention_the_bucket() -> None:
    assert ELSEWHERE not in functions_policy(ENVIRONMENT)


@pytest.mark.parametrize("action", RIGHTS)
def test_a_policy_without_a_required_action_is_refused_at_the_start(
    scene: Scene, flow: Flow, theirs: oss2.Bucket, action: str
) -> None:
    theirs.put_bucket_policy(without(POLICY, action))
    with pytest.raises(AccessDenied) as refused:
        flow.start(then=COPY)
    assert (
        f"the policy of {ELSEWHERE}, a bucket of account {THEIRS}, does not allow the functions'"
        f" role {action} on to/: its owner must add" in str(refused.value)
    )
    assert scene.requests("RestoreObject") == 0
    assert theirs.list_objects().object_list == []


@pytest.mark.parametrize(
    "action", ["oss:ListObjectVersions", "oss:GetObjectVersion", "oss:GetBucketVersioning"]
)
def test_a_run_over_versions_also_needs_permissions_for_versions(
    scene: Scene,
    theirs: oss2.Bucket,
    context: Context,
    monkeypatch: pytest.MonkeyPatch,
    action: str,
) -> None:
    place = {"name": ELSEWHERE, "prefixes": ["to/"], "account": THEIRS, "versions": True}
    allowed = {"destinations": [{**place, "storageClass": "Standard"}]}
    monkeypatch.setenv("AFTER_THAW", json.dumps(allowed))
    environment = small_environment(
        buckets=[{"name": BUCKET, "versions": True}],
        destinations=[place],
        report={"bucket": REPORTS, "prefix": "reports/", "create": False},
    )
    enabled = oss2.models.BucketVersioningConfig("Enabled")
    for bucket in (scene.oss.bucket(BUCKET), theirs):
        bucket.put_bucket_versioning(enabled)
    policy = json.loads(destination_policy(environment, environment.destinations[0]))
    role = Names(environment).functions_role
    keys = scene.oss.role_credential(functions_policy(environment), role)
    flow = Flow(scene, Context(keys))
    theirs.put_bucket_policy(without(policy, action))
    with pytest.raises(AccessDenied, match=f"does not allow the functions' role {action} on to/"):
        flow.start(then=COPY, versions="all")
    theirs.put_bucket_policy(json.dumps(policy))
    assert flow.run(then=COPY, versions="all")["verdict"]["exitCode"] == 0


def test_a_bucket_without_a_policy_is_refused_with_all_missing_permissions(
    flow: Flow, theirs: oss2.Bucket
) -> None:
    with pytest.raises(AccessDenied) as refused:
        flow.start(then=COPY)
    assert all(action in str(refused.value) for action in RIGHTS)
    assert f"oss-restore destination-policy ENV {ELSEWHERE}" in str(refused.value)


def test_an_undeclared_foreign_bucket_is_refused_with_how_to_declare_it(
    flow: Flow, theirs: oss2.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = [{"name": ELSEWHERE, "prefixes": [], "storageClass": "Standard"}]
    monkeypatch.setenv("AFTER_THAW", json.dumps({"destinations": named}))
    with pytest.raises(AccessDenied, match="name that account in destinations"):
        flow.start(then=COPY)
