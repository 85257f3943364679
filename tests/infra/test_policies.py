"""RAM documents: exactly what is needed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from infra.model import Environment
from infra.policies import (
    MAX_DOCUMENT_BYTES,
    PolicyTooLargeError,
    flows_policy,
    functions_policy,
    trust,
)
from tests.infra.environments import environment

WHOLE_BUCKET = environment()
PREFIXES = environment(
    buckets=[{"name": "one", "prefixes": ["2019/", "2020/"]}, {"name": "two"}],
    report={"bucket": "reports", "create": False, "prefix": "thaw/"},
)
# The service's authorization table gives these for all resources only.
ONLY_FOR_ALL = {"fnf:StartExecution", "fnf:DescribeExecution", "fnf:StopExecution"}


@pytest.fixture
def recorded(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONSnapshotExtension)


def statements(document: str) -> list[dict[str, Any]]:
    parsed = json.loads(document)
    assert parsed.keys() == {"Version", "Statement"}
    assert parsed["Version"] == "1"
    found: list[dict[str, Any]] = parsed["Statement"]
    return found


@pytest.mark.parametrize("env", [WHOLE_BUCKET, PREFIXES], ids=["whole-bucket", "prefixes"])
def test_the_functions_policy_is_as_recorded(env: Environment, recorded: SnapshotAssertion) -> None:
    assert json.loads(functions_policy(env)) == recorded


def test_the_flows_policy_is_as_recorded(recorded: SnapshotAssertion) -> None:
    assert json.loads(flows_policy(WHOLE_BUCKET)) == recorded


@pytest.mark.parametrize("host", ["fc.aliyuncs.com", "fnf.aliyuncs.com"])
def test_a_trust_policy_lets_one_service_in(host: str) -> None:
    assert statements(trust(host)) == [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": [host]}}
    ]


@pytest.mark.parametrize("env", [WHOLE_BUCKET, PREFIXES], ids=["whole-bucket", "prefixes"])
def test_every_right_is_one_action_on_named_resources(env: Environment) -> None:
    for statement in statements(functions_policy(env)) + statements(flows_policy(env)):
        assert statement["Effect"] == "Allow"
        assert not any("*" in action for action in statement["Action"])
        if not set(statement["Action"]) <= ONLY_FOR_ALL:
            for resource in statement["Resource"]:
                name = resource.split(":", 4)[4]
                assert name.startswith(("my-archive", "one", "two", "reports", "services/", "oss-",
                                        "project/"))  # fmt: skip


def test_the_functions_never_read_the_objects_they_thaw() -> None:
    for statement in statements(functions_policy(PREFIXES)):
        if "oss:GetObject" in statement["Action"] or "oss:PutObject" in statement["Action"]:
            assert statement["Resource"] == ["acs:oss:*:*:reports/thaw/*"]


def test_a_bucket_with_prefixes_is_listed_and_thawed_nowhere_else() -> None:
    lists, thaws, *_ = statements(functions_policy(PREFIXES))
    assert lists["Condition"] == {"StringLike": {"oss:Prefix": ["2019/*", "2020/*"]}}
    assert thaws["Resource"] == ["acs:oss:*:*:one/2019/*", "acs:oss:*:*:one/2020/*"]


def with_prefixes(count: int) -> Environment:
    return environment(buckets=[{"name": "one", "prefixes": [f"{n:04}/" for n in range(count)]}])


def test_a_policy_may_be_as_large_as_ram_takes_and_no_larger() -> None:
    sizes = {n: len(functions_policy(with_prefixes(n)).encode()) for n in (1, 2)}
    each = sizes[2] - sizes[1]
    most = 1 + (MAX_DOCUMENT_BYTES - sizes[1]) // each
    assert len(functions_policy(with_prefixes(most)).encode()) <= MAX_DOCUMENT_BYTES
    with pytest.raises(PolicyTooLargeError, match=f"over RAM's {MAX_DOCUMENT_BYTES}"):
        functions_policy(with_prefixes(most + 1))


def test_a_policys_size_is_counted_in_bytes_not_characters() -> None:
    document = functions_policy(environment(buckets=[{"name": "one", "prefixes": ["归档/"]}]))
    assert "归档" not in document  # \\u escapes are ASCII, so characters are bytes
    assert len(document) == len(document.encode())
