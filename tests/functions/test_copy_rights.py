"""An environment's policy grants exactly the permissions that copying needs."""

from __future__ import annotations

import json
from collections.abc import Callable

import oss2
import pytest
from oss2.exceptions import ServerError

from functions.copy_store import CopyStore
from functions.object_copies import ObjectCopier
from functions.part_copies import PartCopier
from functions.unfinished_uploads import UnfinishedUpload, UnfinishedUploads
from infra.policies.runtime import functions_policy
from localcloud.fnf.executions import Execution
from localcloud.ram.credentials import Credential
from tests.functions.flow import Flow
from tests.functions.scene import BUCKET, REPORTS, RETRY, Context, Scene
from tests.functions.test_copies import fill_with_each_kind, put
from tests.infra.environments import small_environment
from tests.localcloud.fnf.harness import output
from thaw.after_thaw import CopyTo

ELSEWHERE = "elsewhere"
COPY = {"copy": {"bucketName": ELSEWHERE, "prefix": "to/", "acl": True}}
PROMOTE = {"promote": {"acl": True}}

ENVIRONMENT = small_environment(
    buckets=[{"name": BUCKET, "promote": True, "remove_archived": True, "versions": True}],
    destinations=[{"name": ELSEWHERE, "prefixes": ["to/"], "versions": True}],
    report={"bucket": REPORTS, "prefix": "reports/", "create": False},
)
# Action, and the bucket on which it is not granted.
NEEDED = [
    ("oss:GetObject", BUCKET),
    ("oss:GetObjectTagging", BUCKET),
    ("oss:GetObjectAcl", BUCKET),
    ("oss:ListObjects", ELSEWHERE),
    ("oss:GetObject", ELSEWHERE),
    ("oss:PutObject", ELSEWHERE),
    ("oss:PutObjectTagging", ELSEWHERE),
    ("oss:ListParts", ELSEWHERE),
    ("oss:GetBucketWorm", ELSEWHERE),
]
FOR_VERSIONS = [
    ("oss:GetObjectVersion", BUCKET),
    ("oss:GetObjectVersionTagging", BUCKET),
    ("oss:GetObjectVersionAcl", BUCKET),
    ("oss:ListObjectVersions", ELSEWHERE),
    ("oss:GetObjectVersion", ELSEWHERE),
    ("oss:DeleteObject", ELSEWHERE),
    ("oss:GetBucketVersioning", ELSEWHERE),
]
TO_REMOVE = ["oss:ListObjectVersions", "oss:DeleteObjectVersion", "oss:GetBucketVersioning"]
TO_GIVE_UP = ["oss:AbortMultipartUpload", "oss:ListMultipartUploads"]


@pytest.fixture
def credential(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Credential]:
    """Return keys of a role with the environment's policy, without one action on one bucket."""
    allowed = {
        "promote": [BUCKET],
        "removeArchived": [BUCKET],
        "destinations": [
            {
                "name": ELSEWHERE,
                "prefixes": ["to/"],
                "storageClass": "Standard",
                "versions": True,
            }
        ],
    }
    monkeypatch.setenv("AFTER_THAW", json.dumps(allowed))
    scene.oss.bucket(ELSEWHERE).create_bucket()

    def without(action: str = "", bucket: str = "") -> Credential:
        document = json.loads(functions_policy(ENVIRONMENT))
        for statement in document["Statement"]:
            if any(f":{bucket}" in resource for resource in statement["Resource"]):
                statement["Action"] = [one for one in statement["Action"] if one != action]
        document["Statement"] = [one for one in document["Statement"] if one["Action"]]
        return scene.oss.role_credential(json.dumps(document))

    return without


def test_every_action_granted_for_copies_has_a_test_here() -> None:
    plain = small_environment(
        buckets=[{"name": BUCKET, "versions": True}],
        report={"bucket": REPORTS, "prefix": "reports/", "create": False},
    )

    def granted(policy: str) -> set[str]:
        return {
            f"{action} {resource}"
            for statement in json.loads(policy)["Statement"]
            for action in statement["Action"]
            for resource in statement["Resource"]
        }

    copying = granted(functions_policy(ENVIRONMENT)) - granted(functions_policy(plain))
    tested = {action for action, _ in (*NEEDED, *FOR_VERSIONS)} | {*TO_REMOVE, *TO_GIVE_UP}
    assert {grant.split()[0] for grant in copying} == tested


@pytest.mark.parametrize("then", [COPY, PROMOTE], ids=["copy", "promote"])
def test_the_granted_permissions_are_sufficient(
    scene: Scene,
    context: Context,
    credential: Callable[..., Credential],
    then: dict[str, object],
) -> None:
    fill_with_each_kind(scene)
    flow = Flow(scene, Context(credential()))
    assert flow.run(then=then)["verdict"]["exitCode"] == 0


@pytest.mark.parametrize(("action", "bucket"), NEEDED)
def test_the_run_fails_without_an_action_and_names_it(
    scene: Scene,
    context: Context,
    credential: Callable[..., Credential],
    action: str,
    bucket: str,
) -> None:
    fill_with_each_kind(scene)
    judge(scene, Flow(scene, Context(credential(action, bucket))).execution(then=COPY), action)


def fill_with_versions(scene: Scene) -> None:
    for name in (BUCKET, ELSEWHERE):
        bucket = scene.oss.bucket(name)
        bucket.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    for key in ("a", "gone"):
        for _ in range(2):
            put(scene, key, **{"x-oss-tagging": "a=1"})
    scene.oss.bucket(BUCKET).delete_object("gone")


def test_the_granted_permissions_are_sufficient_for_versions(
    scene: Scene, context: Context, credential: Callable[..., Credential]
) -> None:
    fill_with_versions(scene)
    flow = Flow(scene, Context(credential()))
    assert flow.run(then=COPY, versions="all")["verdict"]["exitCode"] == 0


@pytest.mark.parametrize(("action", "bucket"), FOR_VERSIONS)
def test_versions_are_not_copied_without_an_action_and_the_run_names_it(
    scene: Scene,
    context: Context,
    credential: Callable[..., Credential],
    action: str,
    bucket: str,
) -> None:
    fill_with_versions(scene)
    flow = Flow(scene, Context(credential(action, bucket)))
    judge(scene, flow.execution(then=COPY, versions="all"), action)


@pytest.mark.parametrize("action", ["", *TO_REMOVE])
def test_archived_versions_are_removed_with_exactly_the_granted_permissions(
    scene: Scene, context: Context, credential: Callable[..., Credential], action: str
) -> None:
    fill_with_versions(scene)
    execution = Flow(scene, Context(credential(action, BUCKET))).execution(
        then={"promote": {"removeArchived": True}}
    )
    if action:
        judge(scene, execution, action)
    else:
        assert output(execution)["verdict"]["exitCode"] == 0


def judge(scene: Scene, execution: Execution, action: str) -> None:
    """Check that the run or the copies have failed, and that the action is named."""
    if execution.status == "Failed":
        assert action in str(execution.cause)
    else:
        assert output(execution)["verdict"]["exitCode"] == 1
        assert action in scene.report("failures.csv")


@pytest.mark.parametrize("action", TO_GIVE_UP)
def test_a_lost_upload_cannot_be_aborted_without_an_action(
    scene: Scene, context: Context, credential: Callable[..., Credential], action: str
) -> None:
    target = scene.oss.bucket(ELSEWHERE, credential=credential(action, ELSEWHERE))
    source = CopyStore(scene.oss.bucket(BUCKET), RETRY)
    uploads = UnfinishedUploads(scene.ledger(), "reports/", ELSEWHERE)
    after = CopyTo(bucket_name=ELSEWHERE, prefix="to/", storage_class="Standard")
    copier = PartCopier(ObjectCopier(source, CopyStore(target, RETRY), after), uploads, workers=1)
    uploads.keep(UnfinishedUpload("to/a", "ETAG", "Standard", 0))
    scene.oss.bucket(ELSEWHERE).init_multipart_upload("to/a")
    with pytest.raises(ServerError, match=action):
        copier.give_up("a")
