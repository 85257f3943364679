"""A bucket's policy: stored as it was put, and combined with the caller's own permissions."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import oss2
import pytest

from localcloud.ram.credentials import Credential, root_principal
from tests.localcloud.oss.running import RunningOss
from tests.localcloud.oss.test_access import denial
from tests.localcloud.oss.test_objects import refused

MINE, THEIRS = "1234567890123456", "2000000000000002"
ROLE = f"arn:sts::{THEIRS}:assumed-role/copier/*"
OBJECTS = f"acs:oss:*:{MINE}:frozen-assets/*"
BUCKET = f"acs:oss:*:{MINE}:frozen-assets"
NOTHING = '{"Version": "1", "Statement": []}'


def statement(*actions: str, on: str = OBJECTS, to: str = "", **more: object) -> dict[str, object]:
    principal = {"Principal": [to]} if to else {}
    return {"Effect": "Allow", "Action": list(actions), "Resource": [on], **principal, **more}


def policy(*statements: dict[str, object]) -> str:
    return json.dumps({"Version": "1", "Statement": list(statements)})


@pytest.fixture
def role(oss: RunningOss) -> Credential:
    """A role in another account, which allows it everything."""
    everything = policy({"Effect": "Allow", "Action": ["oss:*"], "Resource": ["*"]})
    return oss.role_credential(everything, "copier", account_id=THEIRS)


@pytest.fixture
def theirs(oss: RunningOss, bucket: oss2.Bucket, role: Credential) -> oss2.Bucket:
    bucket.put_object("key", b"data")
    return oss.bucket(bucket.bucket_name, credential=role)


@pytest.mark.parametrize("version", ["v1", "v2", "v4"])
def test_a_policy_is_returned_as_it_was_put(
    oss: RunningOss, bucket: oss2.Bucket, version: str
) -> None:
    client = oss.bucket(bucket.bucket_name, version=version)
    with pytest.raises(oss2.exceptions.NoSuchBucketPolicy) as missing:
        client.get_bucket_policy()
    assert missing.value.ec == "0030-00000006"
    text = policy(statement("oss:GetObject", to=THEIRS)) + "\n"
    client.put_bucket_policy(text)
    found = client.get_bucket_policy()
    assert found.policy == text
    assert found.headers["content-type"] == "application/json"
    assert client.delete_bucket_policy().status == 204
    refused("NoSuchBucketPolicy", 404, client.get_bucket_policy)


@pytest.mark.parametrize(
    ("text", "ec"),
    [
        (policy(statement("oss:GetObject", on="acs:oss:*:*:b/" + "x" * 17_000)), 1),
        ('{"Version": "2", "Statement": []}', 2),
        (policy(statement("oss:GetObject", on="acs:oss:*:*:b/" + "x" * 4_095)), 3),
        (b'{"Version": "1", "Statement": [], "\xff": 1}', 4),
        ("no JSON", 5),
        ('{"Version": 1, "Statement": []}', 5),
        ('{"Version": "1", "Statement": [], "Id": "a"}', 5),
        (policy(statement("oss:GetObject", to="acs:ram::2000000000000002:role/copier")), 5),
        (policy(statement("oss:GetObject", Principal=[])), 5),
        (policy(statement("oss:GetObject", on="frozen-assets/*")), 5),
        (policy(statement("s3:GetObject")), 5),
        (policy(statement("oss:GetObject", Effect="allow")), 5),
        (policy(statement("oss:GetObject", Condition={"Like": {"oss:Prefix": "a"}})), 5),
        (policy(statement("oss:GetObject", on="acs:oss:*:*:frozen-assets/**")), 7),
    ],
)
def test_a_wrong_policy_is_refused(bucket: oss2.Bucket, text: str | bytes, ec: int) -> None:
    error = refused("InvalidPolicyDocument", 400, bucket.put_bucket_policy, text)
    assert error.ec == f"0030-{ec:08d}"
    refused("NoSuchBucketPolicy", 404, bucket.get_bucket_policy)


def test_a_condition_that_the_local_cloud_cannot_check_is_refused(bucket: oss2.Bucket) -> None:
    condition = {"StringNotEquals": {"acs:SourceVpc": ["vpc-1"]}}
    text = policy(statement("oss:*", Effect="Deny", Condition=condition))
    assert "acs:SourceVpc" in refused("NotImplemented", 400, bucket.put_bucket_policy, text).message


def test_another_account_may_do_what_the_policy_allows_it_and_no_more(
    bucket: oss2.Bucket, theirs: oss2.Bucket
) -> None:
    message = denial(theirs.list_objects)
    assert message.endswith(f"oss:ListObjects on {BUCKET}")
    bucket.put_bucket_policy(policy(statement("oss:GetObject", to=ROLE)))
    assert theirs.get_object("key").read() == b"data"
    for call in (theirs.list_objects, partial(theirs.put_object, "key", b"")):
        denial(call)
    condition = {"StringLike": {"oss:Prefix": ["k*"]}}
    listing = statement("oss:ListObjects", on=BUCKET, to=ROLE, Condition=condition)
    bucket.put_bucket_policy(policy(listing))
    assert len(theirs.list_objects(prefix="k").object_list) == 1
    denial(theirs.list_objects)
    bucket.delete_bucket_policy()
    denial(partial(theirs.list_objects, prefix="k"))


@pytest.mark.parametrize(
    ("to", "is_in"),
    [
        ("*", True),
        ("", True),
        ("arn:sts::*:*/*/*", True),
        (f"arn:sts::{THEIRS}:assumed-role/copier/session", True),
        (f"arn:sts::{THEIRS}:assumed-role/copie/*", False),
        (f"arn:sts::{MINE}:assumed-role/copier/*", False),
        (THEIRS, False),
    ],
)
def test_a_role_is_named_by_its_sessions(
    bucket: oss2.Bucket, theirs: oss2.Bucket, to: str, *, is_in: bool
) -> None:
    bucket.put_bucket_policy(policy(statement("oss:GetObject", to=to)))
    if is_in:
        theirs.get_object("key").read()
    else:
        denial(partial(theirs.get_object, "key"))


def test_an_account_and_a_user_are_named_by_their_ids(
    oss: RunningOss, bucket: oss2.Bucket, theirs: oss2.Bucket
) -> None:
    def make() -> tuple[Credential, Credential, str]:
        ram = oss.ram_of(THEIRS)
        user = ram.create_user("anne")
        root = oss.credentials.issue(root_principal(THEIRS))
        return root, ram.create_access_key("anne"), user.user_id

    account, user, user_id = oss.do(make)
    clients = {
        THEIRS: oss.bucket(bucket.bucket_name, credential=account),
        user_id: oss.bucket(bucket.bucket_name, credential=user),
        "the role": theirs,
    }
    for named in (THEIRS, user_id):
        bucket.put_bucket_policy(policy(statement("oss:GetObject", to=named)))
        for who, client in clients.items():
            if who == named:
                client.get_object("key").read()
            else:
                denial(partial(client.get_object, "key"))


def test_in_the_same_account_either_policy_is_enough_and_a_deny_wins(
    oss: RunningOss, bucket: oss2.Bucket
) -> None:
    bucket.put_object("key", b"data")
    name = bucket.bucket_name

    def client(ram_policy: str, role: str) -> oss2.Bucket:
        return oss.bucket(name, credential=oss.role_credential(ram_policy, role))

    denies: dict[str, object] = {"Effect": "Deny", "Action": ["oss:GetObject"], "Resource": ["*"]}
    without, allowed, denied = (
        client(NOTHING, "without"),
        client(policy(statement("oss:GetObject", on="acs:oss:*:*:*")), "allowed"),
        client(policy(denies), "denied"),
    )
    to_all = statement("oss:GetObject", to=f"arn:sts::{MINE}:*/*/*")
    allowed.get_object("key").read()
    denial(partial(without.get_object, "key"))
    bucket.put_bucket_policy(policy(to_all))
    without.get_object("key").read()
    assert _ec(denied.get_object) == "0003-00000201"
    bucket.put_bucket_policy(policy(to_all, {**to_all, "Effect": "Deny"}))
    assert _ec(allowed.get_object) == "0003-00000101"


def _ec(call: Callable[[str], Any]) -> str:
    with pytest.raises(oss2.exceptions.AccessDenied) as denied:
        call("key")
    return str(denied.value.ec)


def test_a_deny_for_everybody_exempts_the_owner_unless_it_has_a_condition(
    bucket: oss2.Bucket,
) -> None:
    forbids = statement("oss:ListObjects", on=BUCKET, to="*", Effect="Deny")
    bucket.put_bucket_policy(policy(forbids))
    bucket.list_objects()
    bucket.put_bucket_policy(policy({**forbids, "Condition": {"StringLike": {"oss:Prefix": "a*"}}}))
    bucket.list_objects()
    denial(partial(bucket.list_objects, prefix="a"))


def test_a_public_policy_allows_unsigned_requests_until_that_is_blocked(
    oss: RunningOss, bucket: oss2.Bucket
) -> None:
    bucket.put_object("key", b"data")
    anonymous = oss2.Bucket(oss2.AnonymousAuth(), oss.url, bucket.bucket_name)
    refused("AccessDenied", 403, anonymous.get_object, "key")
    public = policy(statement("oss:GetObject", to="*"))
    bucket.put_bucket_policy(public)
    assert anonymous.get_object("key").read() == b"data"
    bucket.put_bucket_public_access_block(True)
    refused("AccessDenied", 403, anonymous.get_object, "key")
    refused("AccessDenied", 403, bucket.put_bucket_policy, public)
    bucket.put_bucket_policy(policy(statement("oss:GetObject", to=THEIRS)))
