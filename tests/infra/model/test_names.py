"""Names and ARNs that scripts rely on."""

from __future__ import annotations

import re

from infra.model.names import FLOWS, FUNCTIONS, Names, OutputKey
from tests.infra.environments import ACCOUNT
from tests.infra.environments import small_environment as environment


def test_everything_is_named_after_stack_and_suffix() -> None:
    names = Names(environment(stack_name="Thaw", suffix="Blue"))
    assert names.stack == "dev"
    assert names.functions.service == "Thaw-Blue"
    assert [names.flow(kind) for kind in FLOWS] == [
        "Thaw-awaitFlow-Blue",
        "Thaw-restoreFlow-Blue",
        "Thaw-lookFlow-Blue",
        "Thaw-copyFlow-Blue",
        "Thaw-mainRestoreFlow-Blue",
    ]
    assert names.functions_role == "thaw-functions-blue"
    assert names.flows_role == "thaw-flows-blue"


def test_globally_unique_names_contain_account_and_region() -> None:
    names = Names(environment(stack_name="Thaw"))
    assert names.log_project == f"thaw-{ACCOUNT}-cn-hangzhou-dev"
    assert names.report_bucket == f"thaw-{ACCOUNT}-cn-hangzhou-dev"


def test_configured_names_are_used() -> None:
    names = Names(
        environment(
            logs={"project": "my-logs"},
            report={"bucket": "my-reports", "endpoint": "https://reports.example"},
        )
    )
    assert names.log_project == "my-logs"
    assert names.report_bucket == "my-reports"
    assert names.report_endpoint == "https://reports.example"


def test_reports_use_the_regions_internal_endpoint() -> None:
    names = Names(environment(region="us-west-1"))
    assert names.report_endpoint == "https://oss-us-west-1-internal.aliyuncs.com"


def test_arns_have_region_and_account() -> None:
    names = Names(environment())
    prefix = f"cn-hangzhou:{ACCOUNT}"
    assert names.flow_arn("awaitFlow") == f"acs:fnf:{prefix}:flow/oss-restore-awaitFlow-dev"
    assert names.functions.arn("restore") == (
        f"acs:fc:{prefix}:services/oss-restore-dev/functions/restore"
    )
    assert names.logstore_arn() == (
        f"acs:log:{prefix}:project/oss-restore-{ACCOUNT}-cn-hangzhou-dev/logstore/functions"
    )


def test_functions_of_generation_3_are_named_after_stack_and_suffix_too() -> None:
    functions = Names(environment(generation=3, stack_name="Thaw", suffix="Blue")).functions
    assert functions.service == ""
    assert functions.name("restore") == "Thaw-restore-Blue"
    assert functions.arn("restore") == (f"acs:fc:cn-hangzhou:{ACCOUNT}:functions/Thaw-restore-Blue")


def test_different_code_has_a_different_key() -> None:
    names = Names(environment(generation=3, report={"prefix": "thaw/"}))
    assert names.code_key("1") == "thaw/code/functions-python3.10-1.zip"
    assert names.code_key("2") != names.code_key("1")


def test_the_state_has_its_own_folder_by_default() -> None:
    def folder(**oss: str) -> str:
        return Names(environment(backend={"oss": {"bucket": "states", **oss}})).state_prefix

    assert folder() == "oss-restore/dev"
    assert folder(prefix="thaw") == "thaw"
    assert folder(prefix="") == ""


def test_the_services_accept_the_longest_names() -> None:
    names = Names(environment(stack_name="A" * 31, suffix="b" * 31))
    for name in (names.functions.service, *(names.flow(kind) for kind in FLOWS), *FUNCTIONS):
        assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]{0,127}", name)


def test_the_outputs_keys_do_not_change() -> None:
    assert [*OutputKey] == [
        "version",
        "account",
        "region",
        "main_flow",
        "main_flow_arn",
        "await_flow",
        "await_flow_arn",
        "restore_flow",
        "restore_flow_arn",
        "look_flow",
        "look_flow_arn",
        "copy_flow",
        "copy_flow_arn",
        "service",
        "function_arns",
        "functions_role_arn",
        "flows_role_arn",
        "log_project",
        "logstore",
        "report_bucket",
        "report_prefix",
    ]
