"""Environment files: what they may contain, and how faults are reported."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.environment_files import InvalidEnvironmentError, load_environments, selection
from infra.model.environment import Environment
from infra.model.names import Names
from infra.model.regions import FLOW_REGIONS, REGIONS, nearest_with_flows
from tests.infra.environments import ACCOUNT, FULL, SMALL

EXAMPLES = Path(__file__).parents[2] / "environments"
COMMENTED_OUT = re.compile(r"^# (?=[a-z_]+:|  )", re.MULTILINE)


STATE = {"oss": {"bucket": "states"}}


def write(folder: Path, *documents: dict[str, Any]) -> None:
    for document in documents:
        (folder / f"{document['name']}.yaml").write_text(yaml.safe_dump(document, sort_keys=False))


def faults(folder: Path, only: list[str] | None = None) -> str:
    with pytest.raises(InvalidEnvironmentError) as caught:
        load_environments(folder, only)
    return str(caught.value)


def test_the_example_is_valid_and_shows_the_defaults() -> None:
    (shown,) = load_environments(EXAMPLES)
    text = (EXAMPLES / "dev.yaml").read_text()
    in_full = COMMENTED_OUT.sub("", text)
    spelt_out = Environment.model_validate(yaml.safe_load(in_full))
    dumped = spelt_out.model_dump(exclude={"tags", "provider", "operator", "report", "logs"})
    assert dumped == shown.model_dump(exclude={"tags", "provider", "operator", "report", "logs"})
    assert spelt_out.report.bucket == Names(shown).report_bucket
    assert spelt_out.report.endpoint == Names(shown).report_endpoint
    assert spelt_out.logs.project == Names(shown).log_project
    assert spelt_out.provider.account_type == shown.provider.account_type


def test_environments_are_sorted_by_name(folder: Path) -> None:
    write(folder, FULL, SMALL)
    assert [environment.name for environment in load_environments(folder)] == ["dev", "prod"]


@pytest.mark.parametrize(
    ("region", "nearest"),
    [("eu-central-1", "ap-southeast-1"), ("cn-chengdu", "cn-shenzhen"), ("us-east-1", "us-west-1")],
)
def test_a_region_without_serverless_workflow_is_refused_with_the_nearest(
    folder: Path, region: str, nearest: str
) -> None:
    write(folder, {**SMALL, "region": region})
    reported = faults(folder)
    assert reported.startswith(
        "environments/dev.yaml:3: region: Serverless Workflow is not offered"
    )
    assert f"in {region}; the nearest region with it is {nearest}" in reported
    endpoints = {"fnf": f"{region}.fnf.aliyuncs.com"}
    write(folder, {**SMALL, "region": region, "provider": {"endpoints": endpoints}})
    assert load_environments(folder)[0].region == region


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"provider": {"endpoints": {"sts": "sts.evil.example"}}}, "provider.endpoints.sts"),
        ({"provider": {"endpoints": {"sts": "http://x@evil.example"}}}, "provider.endpoints.sts"),
        ({"provider": {"endpoints": {"fc": "aliyuncs.com.evil.example"}}}, "provider.endpoints.fc"),
        (
            {"backend": {"oss": {"bucket": "states", "endpoint": "https://evil.example"}}},
            "backend.oss.endpoint",
        ),
    ],
)
def test_a_file_cannot_send_keys_to_its_own_hosts(
    folder: Path, changes: dict[str, Any], field: str
) -> None:
    """Otherwise a pull request that only changes data could read the runner's files and keys."""
    write(folder, {**SMALL, **changes})
    assert f": {field}: " in faults(folder)


def test_the_caller_may_trust_other_hosts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSS_RESTORE_TRUSTED_HOSTS", "sts.inside.example,other.example")
    write(folder, {**SMALL, "provider": {"endpoints": {"sts": "sts.inside.example:8443"}}})
    assert load_environments(folder)[0].provider.endpoints.sts == "sts.inside.example:8443"


def test_every_region_has_a_nearest_one_with_serverless_workflow() -> None:
    assert {nearest_with_flows(region) for region in REGIONS} == {*FLOW_REGIONS}
    assert [region for region in FLOW_REGIONS if nearest_with_flows(region) != region] == []


def test_an_account_id_needs_no_quotes(folder: Path) -> None:
    write(folder, {**SMALL, "account": 1234567890123456})
    assert load_environments(folder)[0].account == "1234567890123456"


def test_a_function_keeps_the_defaults_of_omitted_fields(folder: Path) -> None:
    write(folder, {**SMALL, "functions": {"restore": {"memory": 2048}}})
    (environment,) = load_environments(folder)
    assert environment.functions.restore.memory == 2048
    assert environment.functions.restore.timeout == 600
    assert environment.functions.summarizeRun.memory == 1024


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"region": "cn-hangzou"},
            "dev.yaml:3: region: unknown region 'cn-hangzou'; did you mean 'cn-hangzhou'?",
        ),
        ({"region": "mars"}, "dev.yaml:3: region: unknown region 'mars'"),
        (
            {"buckets": [{"name": "My_Bucket"}]},
            (
                "dev.yaml:5: buckets[0].name: 'My_Bucket' is not a valid bucket name: 3 to 63 of "
                "a-z, 0-9 and '-', with a letter or digit at both ends"
            ),
        ),
        ({"buckets": []}, "dev.yaml:4: buckets: at least one is required"),
        ({"buckets": "archive"}, "dev.yaml:4: buckets: must be a list, not 'archive'"),
        (
            {"buckets": [{"name": "archive"}, {"name": "archive"}]},
            "dev.yaml:4: buckets: 'archive' appears twice; put all of its prefixes in one entry",
        ),
        (
            {"buckets": [{"name": "archive", "prefixes": ["a*"]}]},
            (
                "dev.yaml:7: buckets[0].prefixes[0]: 'a*' has a wildcard; a prefix is plain text, "
                "since it is used in a RAM policy"
            ),
        ),
        (
            {"buckets": [{"name": "archive", "prefixes": ["/a"]}]},
            "dev.yaml:7: buckets[0].prefixes[0]: '/a' starts with '/'; keys in OSS do not",
        ),
        (
            {"account": "123"},
            (
                "dev.yaml:2: account: '123' is not a valid account id: 16 digits, the id of the "
                "main account"
            ),
        ),
        (
            {"suffix": "a_b"},
            (
                "dev.yaml:9: suffix: 'a_b' is not a valid part of a name: up to 31 of "
                "A-Z, a-z, 0-9 and '-', with a letter in front and no '-' at the end"
            ),
        ),
        (
            {"runtime": "python3.9"},
            "dev.yaml:9: runtime: input should be 'python3.10' or 'python3.12'",
        ),
        ({"generation": 4}, "dev.yaml:9: generation: input should be 2 or 3, not 4"),
        ({"runtime": "python3.12"}, "dev.yaml:9: runtime: python3.12 needs generation 3"),
        (
            {"runtime": "python3.12", "generation": 3, "region": "cn-fuzhou"},
            "dev.yaml:9: runtime: python3.12 is not offered in cn-fuzhou; use python3.10",
        ),
        (
            {"function_arns": "short"},
            "dev.yaml:9: function_arns: can only be set with generation 3",
        ),
        (
            {"generation": 3, "function_arns": "long"},
            "dev.yaml:10: function_arns: input should be 'full', 'short' or 'latest', not 'long'",
        ),
        (
            {"generation": 3, "functions": {"restore": {"memory": 1000}}},
            (
                "dev.yaml:12: functions.restore.memory: 1000 is not a multiple of 64, which "
                "generation 3 requires"
            ),
        ),
        (
            {"generation": 3, "stack_name": "a" * 31, "suffix": "b" * 16},
            (
                "dev.yaml:11: suffix: the function's derived name "
                f"'{'a' * 31}-listArchiveFiles-{'b' * 16}' has 65 characters, over 64; "
                "choose a shorter one"
            ),
        ),
        (
            {"acount": 1},
            "dev.yaml:9: acount: unknown field; did you mean 'account'?",
        ),
        (
            {"report": {"prefx": "a/"}},
            "dev.yaml:10: report.prefx: unknown field; did you mean 'prefix'?",
        ),
        (
            {"functions": {"restor": {}}},
            "dev.yaml:10: functions.restor: unknown field; did you mean 'restore'?",
        ),
        (
            {"functions": {"restore": {"timeout": 60}}},
            (
                "dev.yaml:11: functions.restore.timeout: input should be greater than or equal to "
                "600, not 60"
            ),
        ),
        (
            {"report": {"create": False}},
            "dev.yaml:9: report.bucket: create is false, so name an existing bucket",
        ),
        (
            {"report": {"prefix": "ledgers"}},
            "dev.yaml:10: report.prefix: 'ledgers' must end with '/'",
        ),
        (
            {"report": {"endpoint": "oss.example"}},
            (
                "dev.yaml:10: report.endpoint: 'oss.example' is not a valid endpoint: "
                "http(s)://HOST[:PORT], no path"
            ),
        ),
        (
            {"limits": {"max_groups_per_page": 101}},
            (
                "dev.yaml:10: limits.max_groups_per_page: input should be less than or equal to "
                "100, not 101"
            ),
        ),
        (
            {"run_defaults": {"max_keys": 1000, "group_size": 1}},
            (
                "dev.yaml:10: run_defaults.max_keys: 1000 keys with group_size 1 make 1000 groups "
                "per page, over limits.max_groups_per_page 100"
            ),
        ),
        (
            {"retry": {"max_attempts": 12}},
            (
                "dev.yaml:10: retry.max_attempts: 12 retries with limits.max_groups_per_page 100 "
                "can make 5372 events in one execution, over the service's 5000; lower one of them"
            ),
        ),
        (
            {"limits": {"relay_at_event": 4900}},
            (
                "dev.yaml:10: limits.relay_at_event: 4900 is too late with retry.max_attempts 10: "
                "what follows may exceed the service's 5000 events; at most 4630"
            ),
        ),
        (
            {"report": {"bucket": "archive"}},
            (
                "dev.yaml:10: report.bucket: 'archive' is in buckets, so it exists; set create: "
                "false or name another bucket"
            ),
        ),
        (
            {"report": "archive"},
            "dev.yaml:9: report: must be a section with fields of its own, not 'archive'",
        ),
        (
            {"retry": {"interval": 5, "max_interval": 2}},
            "dev.yaml:11: retry.max_interval: 2 is below interval 5",
        ),
        (
            {"backend": {}},
            "dev.yaml:6: backend: exactly one of local and oss is required",
        ),
        (
            {"backend": {"oss": {"bucket": "states", "tablestore_table": "t"}}},
            (
                "dev.yaml:7: backend.oss: a lock requires both tablestore_endpoint and "
                "tablestore_table"
            ),
        ),
        (
            {"provider": {"assume_role": {"role_arn": "deployer"}}},
            (
                "dev.yaml:11: provider.assume_role.role_arn: 'deployer' is not a valid role's ARN: "
                "acs:ram::ACCOUNT:role/NAME"
            ),
        ),
        (
            {"provider": {"assume_role": {"role_arn": "acs:ram::6543210987654321:role/deployer"}}},
            (
                "dev.yaml:11: provider.assume_role.role_arn: "
                "'acs:ram::6543210987654321:role/deployer' belongs to account 6543210987654321, so "
                "everything would be deployed there and not to 1234567890123456"
            ),
        ),
        (
            {"provider": {"assume_role_with_oidc": {"role_arn": f"acs:ram::{ACCOUNT}:role/d"}}},
            "dev.yaml:10: provider.assume_role_with_oidc.oidc_provider_arn: is required",
        ),
        ({"wave": -1}, "dev.yaml:9: wave: input should be greater than or equal to 0, not -1"),
        ({"tags": {"cost": 7}}, 'dev.yaml:10: tags.cost: must be a string: quote it, "7"'),
        (
            {"stack_name": "a" * 31, "suffix": "b" * 31},
            (
                "dev.yaml:10: suffix: the role's derived name "
                f"'{'a' * 31}-functions-{'b' * 31}' has 73 characters, over 64; choose a shorter "
                "one"
            ),
        ),
        (
            {"buckets": [{"name": "archive", "prefixes": [f"{n:040}/" for n in range(80)]}]},
            (
                "dev.yaml:4: buckets: the policy has 9452 bytes, over RAM's 6144; use fewer or "
                "shorter prefixes"
            ),
        ),
    ],
)
def test_a_fault_is_reported_with_file_line_and_field(
    folder: Path, changes: dict[str, Any], message: str
) -> None:
    write(folder, {**SMALL, **changes})
    reported = faults(folder).splitlines()
    assert any(line.startswith(f"environments/{message}") for line in reported), reported


def test_all_faults_are_reported_at_once(folder: Path) -> None:
    (folder / "a.yaml").write_text("name: Dev\nregion: mars\nbackend: {locl: {path: x}}\n")
    (folder / "b.yaml").write_text("- not\n- a mapping\n")
    assert faults(folder).splitlines() == [
        (
            "environments/a.yaml:1: name: 'Dev' is not a valid name: up to 31 of a-z, 0-9 and '-', "
            "with a letter in front and no '-' at the end"
        ),
        "environments/a.yaml:1: account: is required",
        "environments/a.yaml:1: buckets: is required",
        "environments/a.yaml:2: region: unknown region 'mars'",
        "environments/a.yaml:3: backend.locl: unknown field; did you mean 'local'?",
        "environments/b.yaml: not a mapping of fields to values",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tags: {a: b", "environments/dev.yaml:9: not YAML: expected ',' or '}', but got"),
        ("region: cn-beijing\n", "environments/dev.yaml:9: field 'region' appears twice"),
        ("tags:\n  a: b\n  a: c\n", "environments/dev.yaml:11: field 'a' appears twice"),
        (
            "? [a]\n: b\n",
            "environments/dev.yaml:9: a field's name must be a string, not a list or a section",
        ),
        (
            "tags: {a: 2026-99-01}",
            "environments/dev.yaml: a value cannot be read: month must be in 1..12",
        ),
    ],
)
def test_text_that_cannot_be_read_is_reported(folder: Path, text: str, message: str) -> None:
    (folder / "dev.yaml").write_text(yaml.safe_dump(SMALL, sort_keys=False) + text)
    assert faults(folder).startswith(message)


def test_a_file_that_is_not_text_is_reported(folder: Path) -> None:
    (folder / "dev.yaml").write_bytes(b"name: \xff")
    assert faults(folder) == "environments/dev.yaml:1: is not UTF-8 text"


def test_a_file_that_would_be_overlooked_is_reported(folder: Path) -> None:
    write(folder, SMALL)
    (folder / "prod.yml").write_text("name: prod")
    assert faults(folder) == (
        "environments/prod.yml: is not read: an environment file ends with .yaml"
    )


def test_an_empty_folder_is_reported(folder: Path) -> None:
    assert faults(folder) == "environments: no environment file (*.yaml) here"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "environments/prod.yaml:1: name: environments/dev.yaml has the same name 'dev'"),
        (
            {"name": "other", "suffix": "dev"},
            (
                "environments/prod.yaml:9: suffix: environments/dev.yaml has the same RAM role "
                "'oss-restore-functions-dev'"
            ),
        ),
        (
            {"name": "other"},
            (
                "environments/prod.yaml:8: backend.local.path: environments/dev.yaml has the same "
                "Terraform state 'state/dev.tfstate'"
            ),
        ),
        (
            {
                "name": "other",
                "logs": {"project": "oss-restore-1234567890123456-cn-hangzhou-dev"},
                "report": {"bucket": "oss-restore-1234567890123456-cn-hangzhou-dev"},
            },
            (
                "environments/prod.yaml:10: logs.project: environments/dev.yaml has the same log "
                "project 'oss-restore-1234567890123456-cn-hangzhou-dev'"
            ),
        ),
        (
            {
                "name": "other",
                "report": {"bucket": "oss-restore-1234567890123456-cn-hangzhou-dev"},
            },
            (
                "environments/prod.yaml:10: report.bucket: environments/dev.yaml has the same "
                "report bucket 'oss-restore-1234567890123456-cn-hangzhou-dev'"
            ),
        ),
    ],
)
def test_environments_that_conflict_are_reported(
    folder: Path, changes: dict[str, Any], message: str
) -> None:
    write(folder, SMALL)
    (folder / "prod.yaml").write_text(yaml.safe_dump({**SMALL, **changes}, sort_keys=False))
    assert message in faults(folder).splitlines()


def test_two_stacks_in_one_state_bucket_have_separate_states(folder: Path) -> None:
    state = {"oss": {"bucket": "states"}}
    write(folder, {**SMALL, "backend": state}, {**SMALL, "name": "prod", "backend": state})
    assert len(load_environments(folder)) == 2


def test_only_the_selected_environments_are_loaded_and_checked(folder: Path) -> None:
    write(folder, SMALL, {**FULL, "region": "mars"})
    (folder / "broken.yaml").write_text("name: [")
    assert [environment.name for environment in load_environments(folder, ["dev"])] == ["dev"]
    assert "mars" in faults(folder, ["prod"])
    assert faults(folder, ["broken"]).startswith("environments/broken.yaml:1: not YAML")
    assert faults(folder, ["dev", "nowhere"]) == (
        "environments: no file has the name 'nowhere'; those here are dev, prod"
    )
    assert faults(folder, ["deev"]) == (
        "environments: no file has the name 'deev'; did you mean 'dev'?"
    )
    assert faults(folder, ["dev", "x-*"]) == "environments: no environment matches 'x-*'"


def test_a_glob_selects_by_the_names_in_the_files(folder: Path) -> None:
    names = ("prod-cn", "prod-eu", "dev")
    write(folder, *({**SMALL, "name": name, "backend": STATE} for name in names))
    (folder / "dev.yaml").rename(folder / "prod-old.yaml")
    selected = load_environments(folder, ["prod-*"])
    assert [environment.name for environment in selected] == ["prod-cn", "prod-eu"]


@pytest.mark.parametrize(
    ("text", "patterns"),
    [("", None), (" , ", None), ("dev", ["dev"]), ("dev, prod-*", ["dev", "prod-*"])],
)
def test_a_selection_is_names_and_globs_between_commas(
    text: str, patterns: list[str] | None
) -> None:
    assert selection(text) == patterns


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("account: 0123456701234567", "account: YAML reads 0123456701234567 as 5744368105847"),
        ("name: no", "name: YAML reads no as False"),
        ("name: 12", "name: must be a string"),
        ("suffix: 2026-11-24", "suffix: must be a string"),
    ],
)
def test_a_value_that_yaml_does_not_read_as_text_is_shown_as_written_with_quotes(
    folder: Path, text: str, fault: str
) -> None:
    field, _, written = text.partition(": ")
    document = yaml.safe_dump({name: value for name, value in SMALL.items() if name != field})
    (folder / "no.yaml").write_text(f"{document}{text}\n")
    assert f'{fault}: quote it, "{written}"' in faults(folder)


def test_a_number_out_of_range_is_not_shown_with_quotes(folder: Path) -> None:
    write(folder, {**SMALL, "limits": {"max_groups_per_page": 0}})
    assert "quote" not in faults(folder)
