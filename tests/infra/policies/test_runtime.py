"""RAM policies, evaluated as RAM does."""

from __future__ import annotations

import json

import pytest

from infra.environment_files import Environment
from infra.model.names import FUNCTIONS, Names
from infra.policies.runtime import PolicyTooLargeError, flows_policy, functions_policy, trust
from localcloud.ram.policy import PolicyDocument, TrustDocument, decide
from tests.infra.environments import full_environment

ACTIONS = (
    "oss:ListObjects",
    "oss:ListObjectVersions",
    "oss:RestoreObject",
    "oss:RestoreObjectVersion",
    "oss:GetObject",
    "oss:PutObject",
    "oss:DeleteObject",
    "log:PostLogStoreLogs",
    "fc:InvokeFunction",
    "fnf:StartExecution",
    "ram:CreateRole",
)


def allowed(document: str, resource: str, **context: str) -> set[str]:
    """Return the actions that a policy allows on a resource."""
    statements = PolicyDocument.model_validate_json(document).statement
    keys = {key.replace("_", ":"): value for key, value in context.items()}
    return {a for a in ACTIONS if decide(statements, a, resource, keys) == "allow"}


def objects(bucket: str, key: str) -> str:
    return f"acs:oss:*:6543210987654321:{bucket}/{key}"


def test_functions_thaw_and_list_in_the_named_places_only(full: Environment) -> None:
    policy = functions_policy(full)
    scans = "acs:oss:*:6543210987654321:scans"
    assert allowed(policy, objects("scans", "2019/a")) == {"oss:RestoreObject"}
    assert allowed(policy, objects("scans", "2021/a")) == set()
    assert allowed(policy, objects("films", "any")) == {"oss:RestoreObject"}
    assert allowed(policy, objects("elsewhere", "2019/a")) == set()
    assert allowed(policy, scans, oss_Prefix="2020/b") == {"oss:ListObjects"}
    assert allowed(policy, scans, oss_Prefix="20") == set()
    assert allowed(policy, "acs:oss:*:6543210987654321:films", oss_Prefix="") == {"oss:ListObjects"}


def test_functions_thaw_older_versions_only_where_the_environment_permits() -> None:
    buckets = [{"name": "scans", "prefixes": ["2019/"], "versions": True}, {"name": "films"}]
    policy = functions_policy(full_environment(buckets=buckets))
    assert allowed(policy, objects("scans", "2019/a")) == {
        "oss:RestoreObject",
        "oss:RestoreObjectVersion",
    }
    assert allowed(policy, objects("films", "a")) == {"oss:RestoreObject"}
    listing = {"oss:ListObjects", "oss:ListObjectVersions"}
    scans = "acs:oss:*:6543210987654321:scans"
    assert allowed(policy, scans, oss_Prefix="2019/b") == listing
    assert allowed(policy, scans, oss_Prefix="") == set()
    films = "acs:oss:*:6543210987654321:films"
    assert allowed(policy, films, oss_Prefix="") == {"oss:ListObjects"}


def test_functions_read_manifests_in_the_named_places_only() -> None:
    places = [{"name": "inventories", "prefixes": ["scans/"]}]
    policy = functions_policy(full_environment(manifests=places))
    assert allowed(policy, objects("inventories", "scans/manifest.json")) == {"oss:GetObject"}
    assert allowed(policy, objects("inventories", "films/manifest.json")) == set()
    assert allowed(policy, "acs:oss:*:6543210987654321:inventories", oss_Prefix="scans/") == set()
    assert "inventories" not in functions_policy(full_environment())


def test_functions_write_the_ledger_below_its_prefix_only(full: Environment) -> None:
    policy = functions_policy(full)
    kept = {"oss:GetObject", "oss:PutObject"}
    assert allowed(policy, objects("ledgers", "thaw/runs/1/input.json")) == kept
    assert allowed(policy, objects("ledgers", "other")) == set()
    ledgers = "acs:oss:*:6543210987654321:ledgers"
    assert allowed(policy, ledgers, oss_Prefix="thaw/runs/") == {"oss:ListObjects"}
    assert allowed(policy, ledgers, oss_Prefix="") == set()


def test_functions_log_to_their_logstore_only(full: Environment) -> None:
    policy = functions_policy(full)
    project = "acs:log:eu-central-1:6543210987654321:project/thaw-logs/logstore"
    assert allowed(policy, f"{project}/functions") == {"log:PostLogStoreLogs"}
    assert allowed(policy, f"{project}/audit") == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_flows_call_every_function_with_and_without_a_qualifier(
    full: Environment, function: str
) -> None:
    policy = flows_policy(full)
    service = Names(full).functions.service
    for form in (service, f"{service}.LATEST"):
        resource = f"acs:fc:eu-central-1:6543210987654321:services/{form}/functions/{function}"
        assert allowed(policy, resource) == {"fc:InvokeFunction", "fnf:StartExecution"}


def test_flows_call_no_other_functions(full: Environment) -> None:
    service = f"acs:fc:eu-central-1:6543210987654321:services/{Names(full).functions.service}"
    for resource in (f"{service}/functions/other", f"{service}x/functions/restore"):
        assert "fc:InvokeFunction" not in allowed(flows_policy(full), resource)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_flows_call_every_function_of_generation_3_and_no_other(function: str) -> None:
    environment = full_environment(generation=3)
    arn = Names(environment).functions.arn(function)
    assert "fc:InvokeFunction" in allowed(flows_policy(environment), arn)
    for other in (f"{arn}x", arn.replace("eu-central-1", "eu-west-1"), arn.replace("Blue", "Red")):
        assert "fc:InvokeFunction" not in allowed(flows_policy(environment), other)


def test_functions_of_generation_3_need_no_permission_to_log() -> None:
    """Function Compute writes their lines with its own role."""
    assert "log:" not in functions_policy(full_environment(generation=3))


def test_no_policy_has_a_wildcard_action(small: Environment, full: Environment) -> None:
    for environment in (small, full):
        for policy in (functions_policy(environment), flows_policy(environment)):
            assert not [a for s in json.loads(policy)["Statement"] for a in s["Action"] if "*" in a]


def test_a_role_trusts_its_service_only() -> None:
    document = TrustDocument.model_validate_json(trust("fc.aliyuncs.com"))
    assert document.trusts("Service", ["fc.aliyuncs.com"], {})
    assert not document.trusts("Service", ["fnf.aliyuncs.com"], {})


def test_a_policy_over_the_limit_is_refused() -> None:
    """The limit counts bytes, not characters."""
    bucket = {"name": "archive", "prefixes": [f"{'档' * 40}{n}/" for n in range(20)]}
    with pytest.raises(PolicyTooLargeError, match=r"the policy has \d+ bytes, over RAM's 6144"):
        functions_policy(full_environment(buckets=[bucket]))
