"""RAM's decisions, by example and by property."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from localcloud.ram.policy import PolicyDocument, Statement, TrustDocument, decide, matches
from tests.localcloud.ram.documents import Conditions, allow, deny, policy, trust

ARN = "acs:oss:*:*:frozen"


def statements(*raw: dict[str, object]) -> tuple[Statement, ...]:
    return PolicyDocument.model_validate_json(policy(*raw)).statement


def fits(glob: str, text: str) -> bool:
    """Match in another way: by the positions in the text where each prefix of the glob can end."""
    ends = {0}
    for char in glob:
        if char == "*":
            ends = set(range(min(ends), len(text) + 1)) if ends else ends
        else:
            ends = {end + 1 for end in ends if end < len(text) and char in ("?", text[end])}
    return len(text) in ends


@given(glob=st.text("ab*?.[\n", max_size=12), text=st.text("ab*?.[\n", max_size=12))
def test_a_glob_matches_the_whole_text_and_knows_two_wildcards(glob: str, text: str) -> None:
    assert matches(glob, text) is fits(glob, text)


ACTIONS = ("oss:ListObjects", "oss:RestoreObject", "fc:InvokeFunction")
RESOURCES = (ARN, f"{ARN}/a", f"{ARN}/b", "acs:fc:*:*:services/s/functions/f")
ANY_STATEMENT = st.builds(
    lambda effect, action, resource: {"Effect": effect, "Action": action, "Resource": resource},
    st.sampled_from(("Allow", "Deny")),
    st.sampled_from((*ACTIONS, "oss:*", "*")),
    st.sampled_from((*RESOURCES, f"{ARN}/*", "*")),
)
ANY_CALL = st.tuples(st.sampled_from(ACTIONS), st.sampled_from(RESOURCES))


@given(raw=st.lists(ANY_STATEMENT, max_size=6), call=ANY_CALL)
def test_a_matching_deny_wins_wherever_it_is(
    raw: list[dict[str, object]], call: tuple[str, str]
) -> None:
    action, resource = call
    for position in range(len(raw) + 1):
        with_deny = [*raw[:position], deny(action, resource), *raw[position:]]
        assert decide(statements(*with_deny), action, resource, {}) == "deny"


@given(raw=st.lists(ANY_STATEMENT, max_size=6), extra=ANY_STATEMENT, call=ANY_CALL)
def test_another_allow_removes_no_permission(
    raw: list[dict[str, object]], extra: dict[str, object], call: tuple[str, str]
) -> None:
    more = [*raw, {**extra, "Effect": "Allow"}]
    if decide(statements(*raw), *call, {}) == "allow":
        assert decide(statements(*more), *call, {}) == "allow"


@given(raw=st.lists(ANY_STATEMENT, max_size=6), call=ANY_CALL)
def test_the_order_of_statements_changes_nothing(
    raw: list[dict[str, object]], call: tuple[str, str]
) -> None:
    assert decide(statements(*raw), *call, {}) == decide(statements(*reversed(raw)), *call, {})


@given(call=ANY_CALL)
def test_without_a_statement_nothing_is_allowed(call: tuple[str, str]) -> None:
    assert decide((), *call, {}) == "none"


def test_actions_compare_without_regard_to_case_and_resources_with_it() -> None:
    granted = statements(allow("OSS:listobjects", ARN))
    assert decide(granted, "oss:ListObjects", ARN, {}) == "allow"
    assert decide(granted, "oss:ListObjects", ARN.upper(), {}) == "none"


@pytest.mark.parametrize(
    ("condition", "context", "holds"),
    [
        ({"StringEquals": {"acs:Service": "fc"}}, {"acs:Service": "fc"}, True),
        ({"StringEquals": {"acs:Service": "fc"}}, {"acs:Service": "FC"}, False),
        ({"StringEqualsIgnoreCase": {"acs:Service": "fc"}}, {"acs:Service": "FC"}, True),
        ({"StringNotEquals": {"acs:Service": "fc"}}, {"acs:Service": "fnf"}, True),
        ({"StringNotEqualsIgnoreCase": {"acs:Service": "fc"}}, {"acs:Service": "FC"}, False),
        ({"StringLike": {"oss:Prefix": "a/*"}}, {"oss:Prefix": "a/b"}, True),
        ({"StringLike": {"oss:Prefix": "a/*"}}, {"oss:Prefix": "b"}, False),
        ({"StringNotLike": {"oss:Prefix": "a/*"}}, {"oss:Prefix": "a/b"}, False),
        ({"Bool": {"acs:SecureTransport": "true"}}, {"acs:SecureTransport": "true"}, True),
        ({"IpAddress": {"acs:SourceIp": "10.0.0.0/8"}}, {"acs:SourceIp": "10.1.2.3"}, True),
        ({"NotIpAddress": {"acs:SourceIp": "10.0.0.0/8"}}, {"acs:SourceIp": "10.1.2.3"}, False),
        ({"StringLike": {"oss:Prefix": "*"}}, {}, False),
        ({"StringEquals": {"a": "1"}, "StringLike": {"b": "2"}}, {"a": "1", "b": "3"}, False),
    ],
)
def test_every_condition_must_hold(
    condition: Conditions, context: dict[str, str], holds: bool
) -> None:
    granted = statements(allow("oss:ListObjects", ARN, condition))
    decision = decide(granted, "oss:ListObjects", ARN, context)
    assert decision == ("allow" if holds else "none")


def test_a_condition_takes_one_value_or_any_of_several() -> None:
    raw = allow("oss:ListObjects", ARN) | {"Condition": {"StringEquals": {"p": ["a", "b"]}}}
    for value, decision in (("a", "allow"), ("b", "allow"), ("c", "none")):
        assert decide(statements(raw), "oss:ListObjects", ARN, {"p": value}) == decision


def test_true_may_be_a_json_boolean() -> None:
    raw = allow("oss:*") | {"Condition": {"Bool": {"acs:SecureTransport": True}}}
    context = {"acs:SecureTransport": "true"}
    assert decide(statements(raw), "oss:GetObject", ARN, context) == "allow"


@pytest.mark.parametrize(
    "wrong",
    [
        {"Effect": "Maybe", "Action": "*", "Resource": "*"},
        {"Effect": "Allow", "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "Resource": "*", "Actions": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": "x"}},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Before": {"a": "b"}}},
    ],
)
def test_an_unsupported_statement_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        statements(wrong)


def test_a_trust_policy_names_who_may_assume_the_role() -> None:
    document = TrustDocument.model_validate_json(trust("fc.aliyuncs.com", kind="Service"))
    assert document.trusts("Service", ["fc.aliyuncs.com"], {})
    assert not document.trusts("Service", ["fnf.aliyuncs.com"], {})
    assert not document.trusts("RAM", ["fc.aliyuncs.com"], {})


def test_a_trust_policys_deny_wins() -> None:
    statement_texts = [
        json.loads(trust("fc.aliyuncs.com", kind="Service", effect=effect))["Statement"][0]
        for effect in ("Allow", "Deny")
    ]
    document = TrustDocument.model_validate_json(policy(*statement_texts))
    assert not document.trusts("Service", ["fc.aliyuncs.com"], {})


def test_a_trust_policys_condition_must_hold() -> None:
    text = trust("acs:ram::1:root", condition={"StringEquals": {"sts:ExternalId": "x"}})
    document = TrustDocument.model_validate_json(text)
    assert document.trusts("RAM", ["acs:ram::1:root"], {"sts:ExternalId": "x"})
    assert not document.trusts("RAM", ["acs:ram::1:root"], {"sts:ExternalId": "y"})
    assert not document.trusts("RAM", ["acs:ram::1:root"], {})
