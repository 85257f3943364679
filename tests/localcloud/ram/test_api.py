"""RAM and STS over HTTP, up to a call of Function Compute with temporary keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import fc2
import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.filters import props

from localcloud.core import Core
from localcloud.errors import CloudError
from localcloud.fc import FunctionCompute, ServiceConfig, fc_service
from localcloud.ram import api, sts
from localcloud.ram.api import ram_handler
from localcloud.ram.credentials import Credential, CredentialStore, root_principal
from localcloud.ram.model import Ram
from localcloud.ram.sts import sts_handler
from localcloud.settings import Settings
from localcloud.sls import LogService
from tests.localcloud.ram.documents import allow, policy, trust
from tests.localcloud.rpc_client import RpcClient, RpcError, served

ACCOUNT, OTHER = "1234567890123456", "6543210987654321"
TRUST_FC = trust("fc.aliyuncs.com", kind="Service")


@dataclass
class Service:
    """RAM and STS of two accounts."""

    core: Core
    accounts: dict[str, Ram]
    ram_url: str
    sts_url: str

    @property
    def own(self) -> Ram:
        return self.accounts[ACCOUNT]

    @property
    def root(self) -> Credential:
        return self.own.credentials.issue(root_principal(ACCOUNT))

    def user(self, *statements: dict[str, object], ram: Ram | None = None) -> Credential:
        """Create a user with this permission; return a key of it."""
        ram = ram or self.own
        ram.create_user("u")
        ram.create_policy("of-u", policy(*statements), "", 0)
        ram.attach_to_user("of-u", "u")
        return ram.create_access_key("u")

    def ram(self, key: Credential | None = None) -> RpcClient:
        return RpcClient(self.ram_url, api.VERSION, key or self.root)

    def sts(self, key: Credential) -> RpcClient:
        return RpcClient(self.sts_url, sts.VERSION, key)


@asynccontextmanager
async def a_service() -> AsyncIterator[Service]:
    core, credentials = Core(Settings()), CredentialStore()
    accounts = {account: Ram(account, credentials) for account in (ACCOUNT, OTHER)}
    lookup = accounts.__getitem__
    async with (
        served(ram_handler(core, credentials, lookup)) as ram_url,
        served(sts_handler(credentials, lookup)) as sts_url,
    ):
        yield Service(core, accounts, ram_url, sts_url)


async def test_the_life_cycle_of_a_role_with_a_policy(snapshot: SnapshotAssertion) -> None:
    async with a_service() as service:
        call = service.ram()
        role, document = {"RoleName": "functions"}, {"PolicyName": "read", "PolicyType": "Custom"}
        read, write = policy(allow("oss:GetObject")), policy(allow("oss:PutObject"))
        answers = [
            await call(
                "CreateRole", **role, AssumeRolePolicyDocument=TRUST_FC, MaxSessionDuration="7200"
            ),
            await call("UpdateRole", **role, NewDescription="of functions"),
            await call("CreatePolicy", PolicyName="read", PolicyDocument=read, Description="d"),
            await call("AttachPolicyToRole", **role, **document),
            await call(
                "CreatePolicyVersion", PolicyName="read", PolicyDocument=write, SetAsDefault="true"
            ),
            await call("GetRole", **role),
            await call("ListRoles"),
            await call("GetPolicy", **document),
            await call("ListPolicyVersions", **document),
            await call("ListPoliciesForRole", **role),
            await call("DetachPolicyFromRole", **role, **document),
            await call("DeletePolicyVersion", PolicyName="read", VersionId="v1"),
            await call("DeletePolicy", PolicyName="read"),
            await call("DeleteRole", **role),
        ]
        assert answers == snapshot(exclude=props("RequestId", "RoleId", "CreateDate"))
        assert (service.own.roles, service.own.policies) == ({}, {})


async def test_a_user_whose_key_works_until_the_user_is_gone(snapshot: SnapshotAssertion) -> None:
    async with a_service() as service:
        call = service.ram()
        user, document = {"UserName": "u"}, {"PolicyName": "p", "PolicyType": "Custom"}
        listing = policy(allow("ram:ListRoles"))
        answers = [
            await call("CreateUser", **user),
            await call("GetUser", **user),
            await call("CreatePolicy", PolicyName="p", PolicyDocument=listing),
            await call("AttachPolicyToUser", **user, **document),
        ]
        made = (await call("CreateAccessKey", **user))["AccessKey"]
        assert isinstance(made, dict)
        key = service.own.credentials.find(made["AccessKeyId"])
        assert key.secret == made["AccessKeySecret"]
        answers += [
            await service.ram(key)("ListRoles"),
            await call("DetachPolicyFromUser", **user, **document),
        ]
        with pytest.raises(RpcError, match="ram:ListRoles"):
            await service.ram(key)("ListRoles")
        await call("DeleteUser", **user)
        with pytest.raises(RpcError, match="InvalidAccessKeyId"):
            await service.ram(key)("ListRoles")
        assert answers == snapshot(exclude=props("RequestId", "UserId", "CreateDate"))


async def test_a_caller_needs_permission_on_the_resource_itself() -> None:
    async with a_service() as service:
        grant = allow("ram:*Role", f"acs:ram:*:{ACCOUNT}:role/restore-*")
        call = service.ram(service.user(grant))
        await call("CreateRole", RoleName="restore-a", AssumeRolePolicyDocument=TRUST_FC)
        with pytest.raises(RpcError) as refusal:
            await call("CreateRole", RoleName="admin", AssumeRolePolicyDocument=TRUST_FC)
        assert (refusal.value.code, refusal.value.status) == ("AccessDenied", 403)
        assert f"ram:CreateRole on acs:ram::{ACCOUNT}:role/admin" in str(refusal.value)


async def test_attaching_needs_permission_on_both_the_policy_and_the_role() -> None:
    async with a_service() as service:
        grant = allow("ram:AttachPolicyToRole", f"acs:ram:*:{ACCOUNT}:policy/p")
        key = service.user(grant)
        service.own.create_role("r", TRUST_FC, "", 0)
        service.own.create_policy("p", policy(allow("*")), "", 0)
        with pytest.raises(RpcError, match=f"acs:ram::{ACCOUNT}:role/r"):
            await service.ram(key)(
                "AttachPolicyToRole", RoleName="r", PolicyName="p", PolicyType="Custom"
            )
        assert service.own.role("r").policies == []


async def test_a_call_acts_on_the_callers_account_only() -> None:
    async with a_service() as service:
        service.own.create_role("r", TRUST_FC, "", 0)
        foreign = service.own.credentials.issue(root_principal(OTHER))
        with pytest.raises(RpcError, match=r"EntityNotExist\.Role"):
            await service.ram(foreign)("GetRole", RoleName="r")


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("GetRole", {}, "InvalidParameter.RoleName"),
        ("GetRole", {"RoleName": "r", "Colour": "red"}, "InvalidParameter.Colour"),
        (
            "ListTagResources",
            {"ResourceType": "user", "ResourceNames": "[]"},
            "InvalidParameter.ResourceType",
        ),
        (
            "ListTagResources",
            {"ResourceType": "role", "ResourceNames": "r"},
            "InvalidParameter.ResourceNames",
        ),
        (
            "DeletePolicyVersion",
            {"PolicyName": "p", "VersionId": "v" + "9" * 5_000},
            "InvalidParameter.VersionId",
        ),
        ("GetPolicy", {"PolicyName": "p", "PolicyType": "System"}, "InvalidParameter.PolicyType"),
        (
            "CreateRole",
            {"RoleName": "r", "AssumeRolePolicyDocument": "{"},
            "MalformedPolicyDocument",
        ),
        (
            "DeletePolicyVersion",
            {"PolicyName": "p", "VersionId": "x"},
            "InvalidParameter.VersionId",
        ),
    ],
)
async def test_a_wrong_parameter_is_named(
    action: str, parameters: dict[str, str], code: str
) -> None:
    async with a_service() as service:
        with pytest.raises(RpcError) as refusal:
            await service.ram()(action, **parameters)
        assert (refusal.value.code, refusal.value.status) == (code, 400)


@pytest.mark.parametrize("kind", ["role", "policy"])
@pytest.mark.parametrize("names", [{"ResourceNames": '["x"]'}, {"ResourceNames.1": "x"}])
async def test_tags_are_set_listed_and_removed(kind: str, names: dict[str, str]) -> None:
    async with a_service() as service:
        call = service.ram()
        tags = {"Tag.1.Key": "a", "Tag.1.Value": "1", "Tag.2.Key": "b", "Tag.2.Value": "2"}
        if kind == "role":
            made = {"RoleName": "x", "AssumeRolePolicyDocument": TRUST_FC}
            await call("CreateRole", **made, **tags)
        else:
            made = {"PolicyName": "x", "PolicyDocument": policy(allow("oss:GetObject"))}
            await call("CreatePolicy", **made, **tags)
        own = {"ResourceType": kind, **names}
        await call("TagResources", **own, **{"Tag.1.Key": "b", "Tag.1.Value": "3"})
        await call("UntagResources", **own, TagKeys='["a"]')
        expected = {"ResourceType": kind, "ResourceName": "x", "TagKey": "b", "TagValue": "3"}
        assert (await call("ListTagResources", **own))["TagResources"] == [expected]
        await call("UntagResources", **own, All="true")
        assert (await call("ListTagResources", **own))["TagResources"] == []


async def test_a_policy_is_deleted_with_its_versions_on_request() -> None:
    async with a_service() as service:
        call, document = service.ram(), policy(allow("oss:GetObject"))
        await call("CreatePolicy", PolicyName="p", PolicyDocument=document)
        await call("CreatePolicyVersion", PolicyName="p", PolicyDocument=document)
        with pytest.raises(RpcError, match=r"409 DeleteConflict\.Policy\.Version"):
            await call("DeletePolicy", PolicyName="p")
        await call("DeletePolicy", PolicyName="p", CascadingDelete="true")
        assert not service.own.policies


async def test_every_caller_may_get_its_identity() -> None:
    async with a_service() as service:
        user = service.user()
        service.own.create_role("r", trust(user.principal.arn), "", 0)
        session = service.own.assume("r", by=user.principal.arn, kind="RAM", session="mine")
        kinds = {}
        for key in (service.root, user, session):
            answer = await service.sts(key)("GetCallerIdentity")
            assert answer["AccountId"] == ACCOUNT
            assert answer["Arn"] == key.principal.arn
            kinds[key.principal.arn] = answer["IdentityType"]
        assert list(kinds.values()) == ["Account", "RAMUser", "AssumedRoleUser"]


ROLE = f"acs:ram::{ACCOUNT}:role/functions"
MAY_ASSUME = allow("sts:AssumeRole", ROLE)
ASK = {"RoleArn": ROLE, "RoleSessionName": "mine"}


async def test_a_session_has_the_roles_permissions_until_it_expires() -> None:
    async with a_service() as service:
        user = service.user(MAY_ASSUME)
        service.own.create_role("functions", trust(f"acs:ram::{ACCOUNT}:root"), "", 0)
        service.own.create_policy("list", policy(allow("ram:ListRoles")), "", 0)
        service.own.attach("list", "functions")
        answer = await service.sts(user)("AssumeRole", **ASK, DurationSeconds="900")
        assert answer["AssumedRoleUser"] == {
            "Arn": f"acs:ram::{ACCOUNT}:assumed-role/functions/mine",
            "AssumedRoleId": f"{service.own.role('functions').role_id}:mine",
        }
        given = answer["Credentials"]
        assert isinstance(given, dict)
        key = service.own.credentials.find(given["AccessKeyId"], given["SecurityToken"])
        assert key.secret == given["AccessKeySecret"]
        assert await service.ram(key)("ListRoles")
        with pytest.raises(RpcError, match="ram:CreateUser"):
            await service.ram(key)("CreateUser", UserName="x")


async def test_a_role_of_another_account_is_assumed_when_both_accounts_agree() -> None:
    async with a_service() as service:
        foreigner = service.user(MAY_ASSUME, ram=service.accounts[OTHER])
        service.own.create_role("functions", trust(f"acs:ram::{OTHER}:root"), "", 0)
        answer = await service.sts(foreigner)("AssumeRole", **ASK)
        assert answer["AssumedRoleUser"]
        service.own.update_role("functions", trust_text=trust(f"acs:ram::{ACCOUNT}:root"))
        with pytest.raises(RpcError, match="AccessDenied"):
            await service.sts(foreigner)("AssumeRole", **ASK)


async def test_the_account_itself_cannot_assume_a_role() -> None:
    async with a_service() as service:
        service.own.create_role("functions", trust(f"acs:ram::{ACCOUNT}:root"), "", 0)
        with pytest.raises(RpcError) as refusal:
            await service.sts(service.root)("AssumeRole", **ASK)
        assert (refusal.value.code, refusal.value.status) == ("NoPermission", 403)


async def test_a_user_without_permission_cannot_assume_a_role_that_trusts_them() -> None:
    async with a_service() as service:
        user = service.user(allow("sts:AssumeRole", f"acs:ram::{ACCOUNT}:role/other"))
        service.own.create_role("functions", trust(user.principal.arn), "", 0)
        with pytest.raises(RpcError, match="sts:AssumeRole"):
            await service.sts(user)("AssumeRole", **ASK)


async def test_a_role_may_require_an_external_id() -> None:
    async with a_service() as service:
        user = service.user(MAY_ASSUME)
        condition = {"StringEquals": {"sts:ExternalId": "secret"}}
        trusting = trust(user.principal.arn, condition=condition)
        service.own.create_role("functions", trusting, "", 0)
        call = service.sts(user)
        assert await call("AssumeRole", **ASK, ExternalId="secret")
        for wrong in ({}, {"ExternalId": "guess"}):
            with pytest.raises(RpcError, match="AccessDenied"):
                await call("AssumeRole", **ASK, **wrong)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"DurationSeconds": "899"}, "InvalidParameter.DurationSeconds"),
        ({"DurationSeconds": "3601"}, "InvalidParameter.DurationSeconds"),
        ({"RoleArn": "functions"}, "InvalidParameter.RoleArn"),
        ({"RoleSessionName": "a b"}, "InvalidParameter.RoleSessionName"),
        ({"Policy": policy(allow("*"))}, "InvalidParameter.Policy"),
        ({"RoleArn": f"acs:ram::{ACCOUNT}:role/none"}, "EntityNotExist.Role"),
        ({"RoleArn": "acs:ram::111:role/none"}, "EntityNotExist.Role"),
    ],
)
async def test_an_invalid_session_is_refused(changes: dict[str, str], code: str) -> None:
    async with a_service() as service:
        user = service.user(allow("sts:AssumeRole"))
        service.own.create_role("functions", trust(user.principal.arn), "", 0)
        with pytest.raises(RpcError) as refusal:
            await service.sts(user)("AssumeRole", **ASK | changes)
        assert refusal.value.code == code


async def test_keys_of_a_session_work_on_function_compute() -> None:
    async with a_service() as service:
        fc = FunctionCompute(service.core, service.own, LogService(service.core))
        fc.services.create("s", ServiceConfig())
        user = service.user(MAY_ASSUME)
        service.own.create_role("functions", trust(user.principal.arn), "", 0)
        service.own.create_policy("get", policy(allow("fc:GetService")), "", 0)
        service.own.attach("get", "functions")
        given = (await service.sts(user)("AssumeRole", **ASK))["Credentials"]
        assert isinstance(given, dict)

        def lookup(account_id: str) -> FunctionCompute:
            if account_id != ACCOUNT:
                raise CloudError("InvalidArgument", "another account")
            return fc

        async with served(fc_service(service.own.credentials, lookup)) as url:

            def get(token: str) -> str:
                client = fc2.Client(
                    endpoint=url,
                    accessKeyID=given["AccessKeyId"],
                    accessKeySecret=given["AccessKeySecret"],
                    securityToken=token,
                )
                return str(client.get_service("s").data["serviceName"])

            assert await asyncio.to_thread(get, given["SecurityToken"]) == "s"
            with pytest.raises(fc2.FcError) as refusal:
                await asyncio.to_thread(get, "")
            assert refusal.value.err_code == "InvalidSecurityToken"
        await fc.close()
