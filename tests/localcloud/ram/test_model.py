"""Roles, policies and users of an account, and their permissions."""

from __future__ import annotations

import json
import time

import pytest

from localcloud.errors import AccessDeniedError, CloudError
from localcloud.ram.credentials import CredentialStore, Principal, root_principal
from localcloud.ram.entities import POLICY_BYTES
from localcloud.ram.model import Ram
from tests.localcloud.ram.documents import allow, deny, policy, trust

ACCOUNT, OTHER = "1234567890123456", "6543210987654321"
TRUST_FC = trust("fc.aliyuncs.com", kind="Service")
READ = policy(allow("oss:GetObject", "acs:oss:*:*:b/*"))


@pytest.fixture
def ram() -> Ram:
    return Ram(ACCOUNT, CredentialStore())


def refused(ram: Ram, principal: Principal, action: str, resource: str) -> bool:
    try:
        ram.authorize(principal, action, resource)
    except AccessDeniedError:
        return True
    return False


def test_the_account_itself_may_do_everything(ram: Ram) -> None:
    assert not refused(ram, root_principal(ACCOUNT), "oss:GetObject", "acs:oss:*:*:b/k")


def test_a_refusal_names_principal_action_and_resource(ram: Ram) -> None:
    with pytest.raises(AccessDeniedError) as refusal:
        ram.authorize(root_principal(OTHER), "oss:GetObject", "acs:oss:*:*:b/k")
    assert refusal.value.principal == f"acs:ram::{OTHER}:root"
    assert (refusal.value.action, refusal.value.resource) == ("oss:GetObject", "acs:oss:*:*:b/k")


def test_another_account_may_do_nothing(ram: Ram) -> None:
    assert refused(ram, root_principal(OTHER), "oss:GetObject", "acs:oss:*:*:b/k")


def test_a_role_of_the_same_name_in_another_account_has_no_permissions_here(ram: Ram) -> None:
    ram.create_role("reader", TRUST_FC, "", 0)
    ram.create_policy("read", READ, "", 0)
    ram.attach("read", "reader")
    own = Principal(ACCOUNT, f"acs:ram::{ACCOUNT}:assumed-role/reader/s", role="reader")
    foreign = Principal(OTHER, f"acs:ram::{OTHER}:assumed-role/reader/s", role="reader")
    assert not refused(ram, own, "oss:GetObject", "acs:oss:*:*:b/k")
    assert refused(ram, foreign, "oss:GetObject", "acs:oss:*:*:b/k")


def test_permissions_follow_a_users_policies(ram: Ram) -> None:
    ram.create_user("u")
    user = ram.create_access_key("u").principal
    call = ("oss:GetObject", "acs:oss:*:*:b/k")
    assert refused(ram, user, *call)
    ram.create_policy("read", READ, "", 0)
    ram.attach_to_user("read", "u")
    assert not refused(ram, user, *call)
    ram.create_policy("stop", policy(deny("*")), "", 0)
    ram.attach_to_user("stop", "u")
    assert refused(ram, user, *call)
    ram.detach_from_user("stop", "u")
    assert not refused(ram, user, *call)


def test_a_new_default_version_takes_effect_at_once(ram: Ram) -> None:
    ram.create_user("u")
    user = ram.create_access_key("u").principal
    ram.create_policy("p", READ, "", 0)
    ram.attach_to_user("p", "u")
    assert not refused(ram, user, "oss:GetObject", "acs:oss:*:*:b/k")
    ram.create_policy_version("p", policy(allow("oss:PutObject")), 1, set_default=False)
    assert not refused(ram, user, "oss:GetObject", "acs:oss:*:*:b/k")
    ram.create_policy_version("p", policy(allow("oss:PutObject")), 2, set_default=True, rotate=True)
    assert refused(ram, user, "oss:GetObject", "acs:oss:*:*:b/k")
    assert not refused(ram, user, "oss:PutObject", "acs:oss:*:*:b/k")


def test_a_policy_keeps_five_versions(ram: Ram) -> None:
    ram.create_policy("p", READ, "", 0)
    for moment in range(1, 5):
        ram.create_policy_version("p", READ, moment, set_default=False)
    with pytest.raises(CloudError, match=r"LimitExceeded\.Policy\.Version"):
        ram.create_policy_version("p", READ, 5, set_default=True)
    ram.create_policy_version("p", READ, 5, set_default=True, rotate=True)
    assert [one.number for one in ram.policy("p").versions] == [1, 3, 4, 5, 6]
    ram.create_policy_version("p", READ, 0, set_default=True, rotate=True)
    assert [one.number for one in ram.policy("p").versions] == [3, 4, 5, 6, 7]
    assert ram.policy("p").version == 7


def test_no_version_number_is_used_twice(ram: Ram) -> None:
    ram.create_policy("p", READ, "", 0)
    ram.create_policy_version("p", READ, 1, set_default=False)
    ram.delete_policy_version("p", 2)
    assert ram.create_policy_version("p", READ, 2, set_default=False).number == 3


def test_the_default_version_cannot_be_deleted(ram: Ram) -> None:
    ram.create_policy("p", READ, "", 0)
    with pytest.raises(CloudError, match=r"DeleteConflict\.Policy\.Version\.Default"):
        ram.delete_policy_version("p", 1)
    with pytest.raises(CloudError, match=r"EntityNotExist\.Policy\.Version"):
        ram.delete_policy_version("p", 9)


def test_resources_in_use_cannot_be_deleted(ram: Ram) -> None:
    ram.create_role("r", TRUST_FC, "", 0)
    ram.create_user("u")
    ram.create_policy("p", READ, "", 0)
    ram.attach("p", "r")
    with pytest.raises(CloudError, match=r"DeleteConflict\.Role\.Policy"):
        ram.delete_role("r")
    with pytest.raises(CloudError, match=r"DeleteConflict\.Policy\.Role"):
        ram.delete_policy("p")
    ram.detach("p", "r")
    ram.attach_to_user("p", "u")
    with pytest.raises(CloudError, match=r"DeleteConflict\.User\.Policy"):
        ram.delete_user("u")
    with pytest.raises(CloudError, match=r"DeleteConflict\.Policy\.User"):
        ram.delete_policy("p")
    ram.detach_from_user("p", "u")
    ram.create_policy_version("p", READ, 0, set_default=True, rotate=True)
    with pytest.raises(CloudError, match=r"DeleteConflict\.Policy\.Version"):
        ram.delete_policy("p")
    ram.delete_policy("p", with_versions=True)
    ram.delete_role("r")
    ram.delete_user("u")
    assert (ram.roles, ram.policies, ram.users) == ({}, {}, {})


def test_a_missing_resource_is_named(ram: Ram) -> None:
    ram.create_role("r", TRUST_FC, "", 0)
    ram.create_policy("p", READ, "", 0)
    for call, code in (
        (lambda: ram.role("x"), "EntityNotExist.Role"),
        (lambda: ram.find_role(f"acs:ram::{ACCOUNT}:role/x"), "EntityNotExist.Role"),
        (lambda: ram.policy("x"), "EntityNotExist.Policy"),
        (lambda: ram.user("x"), "EntityNotExist.User"),
        (lambda: ram.attach("x", "r"), "EntityNotExist.Policy"),
        (lambda: ram.detach("p", "r"), "EntityNotExist.Role.Policy"),
    ):
        with pytest.raises(CloudError) as refusal:
            call()
        assert (refusal.value.code, refusal.value.status) == (code, 404)


def test_an_existing_resource_is_named(ram: Ram) -> None:
    ram.create_role("Reader", TRUST_FC, "", 0)
    ram.create_policy("p", READ, "", 0)
    ram.create_user("u")
    ram.attach("p", "Reader")
    for call, code in (
        (lambda: ram.create_role("reader", TRUST_FC, "", 0), "EntityAlreadyExists.Role"),
        (lambda: ram.create_policy("p", READ, "", 0), "EntityAlreadyExists.Policy"),
        (lambda: ram.create_user("u"), "EntityAlreadyExists.User"),
        (lambda: ram.attach("p", "Reader"), "EntityAlreadyExists.Role.Policy"),
    ):
        with pytest.raises(CloudError) as refusal:
            call()
        assert (refusal.value.code, refusal.value.status) == (code, 409)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 65])
def test_a_name_has_letters_digits_and_a_few_signs(ram: Ram, name: str) -> None:
    with pytest.raises(CloudError, match=r"InvalidParameter\.Name"):
        ram.create_role(name, TRUST_FC, "", 0)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"Version": "2", "Statement": []}'])
def test_an_invalid_document_is_refused(ram: Ram, text: str) -> None:
    with pytest.raises(CloudError, match="MalformedPolicyDocument"):
        ram.create_policy("p", text, "", 0)
    with pytest.raises(CloudError, match="MalformedPolicyDocument"):
        ram.create_role("r", text, "", 0)
    assert (ram.roles, ram.policies) == ({}, {})


def test_a_policy_has_at_most_6144_bytes(ram: Ram) -> None:
    text = READ + " " * (POLICY_BYTES - len(READ))
    ram.create_policy("p", text, "", 0)
    with pytest.raises(CloudError, match=r"InvalidParameter\.PolicyDocument\.Length"):
        ram.create_policy_version("p", text + " ", 0, set_default=True, rotate=True)


def test_updating_a_role_keeps_what_is_not_given(ram: Ram) -> None:
    ram.create_role("r", TRUST_FC, "of functions", 0)
    ram.update_role("r", max_session=7_200)
    role = ram.role("r")
    assert (role.trust_text, role.description, role.max_session) == (
        TRUST_FC,
        "of functions",
        7_200,
    )
    with pytest.raises(CloudError, match=r"InvalidParameter\.MaxSessionDuration"):
        ram.update_role("r", description="x", max_session=100)
    assert role.description == "of functions"


def test_a_trusted_service_gets_keys_of_the_role(ram: Ram) -> None:
    role = ram.create_role("Functions", TRUST_FC, "", 0)
    assert role.arn == f"acs:ram::{ACCOUNT}:role/functions"
    for name in ("Functions", role.arn, f"acs:ram::{ACCOUNT}:role/Functions"):
        key = ram.assume(name, by="fc.aliyuncs.com", session="s", lifetime=900)
        assert key.principal.arn == f"acs:ram::{ACCOUNT}:assumed-role/Functions/s"
        assert key.principal.role == "Functions"
        assert key.expires_at is not None
        assert key.expires_at <= time.time() + 900
        assert ram.credentials.find(key.access_key_id, key.token) == key


def test_an_untrusted_service_gets_no_keys(ram: Ram) -> None:
    role = ram.create_role("r", TRUST_FC, "", 0)
    with pytest.raises(AccessDeniedError) as refusal:
        ram.assume("r", by="fnf.aliyuncs.com")
    assert refusal.value.principal == "fnf.aliyuncs.com"
    assert refusal.value.action == "sts:AssumeRole"
    assert refusal.value.resource == role.arn


@pytest.mark.parametrize(
    ("trusted", "by", "given"),
    [
        (f"acs:ram::{ACCOUNT}:root", f"acs:ram::{ACCOUNT}:user/u", True),
        (f"acs:ram::{ACCOUNT}:root", f"acs:ram::{OTHER}:user/u", False),
        (f"acs:ram::{OTHER}:root", f"acs:ram::{OTHER}:user/u", True),
        (f"acs:ram::{ACCOUNT}:user/u", f"acs:ram::{ACCOUNT}:user/u", True),
        (f"acs:ram::{ACCOUNT}:user/u", f"acs:ram::{ACCOUNT}:user/v", False),
        (f"acs:ram::{ACCOUNT}:role/Ci", f"acs:ram::{ACCOUNT}:assumed-role/Ci/s", True),
        (f"acs:ram::{ACCOUNT}:role/ci", f"acs:ram::{ACCOUNT}:assumed-role/Ci/s", True),
        (f"acs:ram::{ACCOUNT}:role/ci", f"acs:ram::{ACCOUNT}:assumed-role/cd/s", False),
    ],
)
def test_a_caller_is_trusted_by_name_by_role_or_by_account(
    ram: Ram, trusted: str, by: str, given: bool
) -> None:
    ram.create_role("r", trust(trusted), "", 0)
    if given:
        assert ram.assume("r", by=by, kind="RAM").principal.role == "r"
    else:
        with pytest.raises(AccessDeniedError):
            ram.assume("r", by=by, kind="RAM")


def test_a_deleted_users_keys_stop_working(ram: Ram) -> None:
    ram.create_user("u")
    key = ram.create_access_key("u")
    ram.delete_user("u")
    with pytest.raises(CloudError, match="InvalidAccessKeyId"):
        ram.credentials.find(key.access_key_id)


def test_everything_survives_a_snapshot(ram: Ram) -> None:
    ram.create_role("r", TRUST_FC, "of functions", 1)
    ram.create_user("u", 2)
    ram.create_policy("p", READ, "", 3)
    ram.create_policy_version("p", READ, 4, set_default=True, rotate=True)
    ram.attach("p", "r")
    ram.attach_to_user("p", "u")
    restored = Ram(ACCOUNT, ram.credentials)
    restored.restore(json.loads(json.dumps(ram.snapshot())))
    assert (restored.roles, restored.policies, restored.users) == (
        ram.roles,
        ram.policies,
        ram.users,
    )
    user = restored.create_access_key("u").principal
    assert not refused(restored, user, "oss:GetObject", "acs:oss:*:*:b/k")
