"""What the deployment gives a function: settings, credentials and the signing region."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from functions.credentials import Credentials, credentials_of
from functions.oss_client import open_bucket, region_of
from functions.settings import RuntimeSettings
from thaw.chosen_settings import Allowance
from thaw.errors import InvalidDeployment, InvalidInput

ENVIRONMENT = {
    "REPORT_BUCKET": "reports",
    "REPORT_PREFIX": "thaw/",
    "REPORT_ENDPOINT": "oss-cn-hangzhou-internal.aliyuncs.com",
    "FOREACH_LIMIT": "50",
}
KEYS = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "id",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "secret",
    "ALIBABA_CLOUD_SECURITY_TOKEN": "token",
}


def test_settings_come_from_the_environment() -> None:
    settings = RuntimeSettings.from_environment(ENVIRONMENT)
    allowance = Allowance(groups=50)
    endpoint = ENVIRONMENT["REPORT_ENDPOINT"]
    assert settings == RuntimeSettings("reports", "thaw/", endpoint, 50, allowance=allowance)


def test_the_report_prefix_may_be_empty() -> None:
    without = {name: value for name, value in ENVIRONMENT.items() if name != "REPORT_PREFIX"}
    assert RuntimeSettings.from_environment(without).report_prefix == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REPORT_BUCKET", ""),
        ("REPORT_ENDPOINT", ""),
        ("REPORT_PREFIX", "thaw"),
        ("FOREACH_LIMIT", ""),
        ("FOREACH_LIMIT", "0"),
        ("FOREACH_LIMIT", "101"),
        ("FOREACH_LIMIT", "many"),
    ],
)
def test_a_wrong_variable_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidDeployment, match=name):
        RuntimeSettings.from_environment({**ENVIRONMENT, name: value})


def test_credentials_come_from_the_context_if_it_has_any() -> None:
    given = SimpleNamespace(access_key_id="a", access_key_secret="b", security_token="c")
    context = SimpleNamespace(credentials=given)
    assert credentials_of(context, KEYS) == Credentials("a", "b", "c")


@pytest.mark.parametrize(
    "context",
    [
        None,
        SimpleNamespace(),
        SimpleNamespace(credentials=None),
        SimpleNamespace(credentials=SimpleNamespace(access_key_id="")),
    ],
)
def test_credentials_come_from_the_environment_if_the_context_has_none(context: object) -> None:
    assert credentials_of(context, KEYS) == Credentials("id", "secret", "token")


def test_a_function_without_a_role_is_reported() -> None:
    with pytest.raises(InvalidDeployment, match="give it, or its service, a role"):
        credentials_of(None, {})


@pytest.mark.parametrize(
    ("endpoint", "region"),
    [
        ("https://oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou"),
        ("https://oss-cn-hangzhou-internal.aliyuncs.com", "cn-hangzhou"),
        ("http://oss-ap-southeast-1.aliyuncs.com:80/", "ap-southeast-1"),
        ("https://oss-cn-shenzhen-finance-1-internal.aliyuncs.com", "cn-shenzhen-finance-1"),
        ("https://cn-beijing.oss.aliyuncs.com", "cn-beijing"),
        ("https://OSS-EU-CENTRAL-1.aliyuncs.com", "eu-central-1"),
        ("https://oss-accelerate.aliyuncs.com", "of-fc"),
        ("https://oss-accelerate-overseas.aliyuncs.com", "of-fc"),
        ("http://127.0.0.1:8080", "of-fc"),
        ("http://localhost:8080", "of-fc"),
    ],
)
def test_the_region_is_that_of_the_endpoint_or_else_of_the_function(
    endpoint: str, region: str
) -> None:
    assert region_of(endpoint, {"FC_REGION": "of-fc"}) == region


def test_an_endpoint_without_a_region_is_refused_if_fc_names_none() -> None:
    with pytest.raises(InvalidInput, match="names no region"):
        region_of("http://127.0.0.1:8080", {})


def test_a_name_that_oss2_refuses_is_reported() -> None:
    with pytest.raises(InvalidInput, match="Bad_Name"):
        open_bucket(
            "oss-cn-hangzhou.aliyuncs.com",
            "Bad_Name",
            credentials=Credentials("id", "secret", "token"),
            environment={},
            connections=1,
        )
