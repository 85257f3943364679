"""What an environment file may say, and what is said of one that is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.environment import InvalidEnvironmentError, load_environments
from infra.model import Environment
from tests.infra.environments import ACCOUNT, SHORTEST, environment, write

PROJECT = Path(__file__).parent.parent.parent


def faults(folder: Path) -> list[str]:
    """What is said of the files in a folder, each place without the folder."""
    with pytest.raises(InvalidEnvironmentError) as caught:
        load_environments(folder)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def test_the_shortest_file_is_completed_with_defaults(tmp_path: Path) -> None:
    write(tmp_path)
    (loaded,) = load_environments(tmp_path)
    assert loaded == environment()
    assert loaded.suffix == "dev"
    assert loaded.limits.max_groups_per_page == 100
    assert loaded.report.create


def test_an_account_may_stand_without_quotes(tmp_path: Path) -> None:
    write(tmp_path, account=int(ACCOUNT))
    assert load_environments(tmp_path)[0].account == ACCOUNT


def test_the_example_shows_what_is_the_default_where_it_is_commented_out() -> None:
    text = (PROJECT / "environments" / "dev.yaml").read_text(encoding="utf-8")
    assert load_environments(PROJECT / "environments") == (
        Environment.model_validate(yaml.safe_load(text)),
    )
    (example,) = load_environments(PROJECT / "environments")
    assert example == environment()


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (
            {"regoin": "cn-hangzhou"},
            "dev.yaml:9: regoin: unknown field; did you mean 'region'?",
        ),
        ({"colour": "red"}, "dev.yaml:9: colour: unknown field"),
        ({"region": None}, "dev.yaml:1: region: is required"),
        (
            {"region": "cn-hangzou"},
            "dev.yaml:3: region: unknown region 'cn-hangzou'; did you mean 'cn-hangzhou'?",
        ),
        ({"region": "mars"}, "dev.yaml:3: region: unknown region 'mars'"),
        (
            {"account": "12345"},
            "dev.yaml:2: account: '12345' is no account id: 16 digits, the id of the main account",
        ),
        (
            {"name": "Dev"},
            (
                "dev.yaml:1: name: 'Dev' is no name: up to 31 of a-z, 0-9 and '-', with a letter "
                "in front and no '-' at the end"
            ),
        ),
        (
            {"suffix": "dev-"},
            (
                "dev.yaml:9: suffix: 'dev-' is no part of a name: up to 31 of A-Z, a-z, 0-9 and "
                "'-', with a letter in front and no '-' at the end"
            ),
        ),
        (
            {"buckets": [{"name": "My_Archive"}]},
            (
                "dev.yaml:5: buckets[0].name: 'My_Archive' is no bucket name: 3 to 63 of a-z, 0-9 "
                "and '-', with a letter or digit at both ends"
            ),
        ),
        ({"buckets": []}, "dev.yaml:4: buckets: at least one is needed"),
        (
            {"buckets": [{"name": "one"}, {"name": "one"}]},
            "dev.yaml:4: buckets: 'one' is there twice; put all its prefixes in one entry",
        ),
        (
            {"buckets": [{"name": "one", "prefixes": ["a*"]}]},
            (
                "dev.yaml:7: buckets[0].prefixes[0]: 'a*' has a wildcard; a prefix is plain text, "
                "it ends up in a RAM policy"
            ),
        ),
        (
            {"buckets": [{"name": "one", "prefixes": ["/a"]}]},
            "dev.yaml:7: buckets[0].prefixes[0]: '/a' starts with '/'; keys in OSS do not",
        ),
        ({"buckets": "one"}, "dev.yaml:4: buckets: must be a list, not 'one'"),
        ({"backend": {}}, "dev.yaml:6: backend: exactly one of local and oss is needed"),
        (
            {"backend": {"oss": {"bucket": "states", "tablestore_table": "locks"}}},
            "dev.yaml:7: backend.oss: a lock needs both tablestore_endpoint and tablestore_table",
        ),
        (
            {"report": {"create": False}},
            "dev.yaml:9: report.bucket: create is false, so an existing bucket must be named",
        ),
        (
            {"report": {"prefix": "ledgers"}},
            "dev.yaml:10: report.prefix: 'ledgers' must end with '/'",
        ),
        (
            {"report": {"bucket": "my-archive"}},
            (
                "dev.yaml:10: report.bucket: 'my-archive' is in buckets, so it exists; say create: "
                "false, or name another"
            ),
        ),
        (
            {"report": {"endpoint": "oss-cn-hangzhou.aliyuncs.com"}},
            (
                "dev.yaml:10: report.endpoint: 'oss-cn-hangzhou.aliyuncs.com' is no endpoint: "
                "http(s)://HOST[:PORT], no path"
            ),
        ),
        ({"report": 5}, "dev.yaml:9: report: must be a section with fields of its own, not 5"),
        (
            {"limits": {"max_keys": 1000}},
            (
                "dev.yaml:10: limits.max_keys: 1000 keys with group_size 1 make 1000 groups per "
                "page, over max_groups_per_page 100"
            ),
        ),
        (
            {"limits": {"max_groups_per_page": 50}},
            (
                "dev.yaml:9: limits.max_keys: 100 keys with group_size 1 make 100 groups per page, "
                "over max_groups_per_page 50"
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
            {"limits": {"workers": "10"}},
            "dev.yaml:10: limits.workers: input should be a valid integer, not '10'",
        ),
        (
            {"limits": {"relay_at_event": 4800}},
            (
                "dev.yaml:10: limits.relay_at_event: 4800 is too late with retry.max_attempts 10: "
                "what follows may pass the service's 5000 events; at most 4783"
            ),
        ),
        (
            {"retry": {"max_attempts": 11}},
            (
                "dev.yaml:10: retry.max_attempts: 11 retries with limits.max_groups_per_page 100 "
                "can make 5007 events in one execution, over the service's 5000; lower one of them"
            ),
        ),
        (
            {"retry": {"interval": 20}},
            "dev.yaml:9: retry.max_interval: 10 is below interval 20",
        ),
        (
            {"functions": {"restore": {"memry": 512}}},
            "dev.yaml:11: functions.restore.memry: unknown field; did you mean 'memory'?",
        ),
        (
            {"functions": {"restor": {"memory": 512}}},
            "dev.yaml:10: functions.restor: unknown field; did you mean 'restore'?",
        ),
        (
            {"functions": {"restore": {"memory": 500}}},
            "dev.yaml:11: functions.restore.memory: input should be a multiple of 64, not 500",
        ),
        (
            {"functions": {"restore": {"timeout": 60}}},
            (
                "dev.yaml:11: functions.restore.timeout: input should be greater than or equal to "
                "600, not 60"
            ),
        ),
        (
            {"runtime": "python3.9"},
            "dev.yaml:9: runtime: input should be 'python3.10', not 'python3.9'",
        ),
        (
            {"provider": {"assume_role": {"role_arn": "deployer"}}},
            (
                "dev.yaml:11: provider.assume_role.role_arn: 'deployer' is no role's ARN: "
                "acs:ram::ACCOUNT:role/NAME"
            ),
        ),
        (
            {"provider": {"endpoints": {"cms": "x"}}},
            "dev.yaml:11: provider.endpoints.cms: unknown field",
        ),
        (
            {"tags": {"team": 1}},
            "dev.yaml:10: tags.team: input should be a valid string, not 1",
        ),
    ],
)
def test_a_fault_is_told_with_file_line_and_field(
    tmp_path: Path, changes: dict[str, Any], fault: str
) -> None:
    write(tmp_path, **changes)
    assert faults(tmp_path) == [fault]


def test_only_what_is_wrong_is_told(tmp_path: Path) -> None:
    write(tmp_path, name=None)
    assert faults(tmp_path) == ["dev.yaml:1: name: is required"]


def test_names_that_become_too_long_are_told(tmp_path: Path) -> None:
    write(tmp_path, stack_name="a" * 31, suffix="b" * 31)
    assert [said.split(" derived")[0] for said in faults(tmp_path)] == [
        "dev.yaml:1: logs.project: the log project's",
        "dev.yaml:1: report.bucket: the bucket's",
        "dev.yaml:10: suffix: the role's",
    ]
    assert faults(tmp_path)[2].endswith(" has 73 characters, over 64; give a shorter one")


def test_too_many_prefixes_for_one_policy_are_told(tmp_path: Path) -> None:
    write(tmp_path, buckets=[{"name": "one", "prefixes": [f"{n:080}/" for n in range(40)]}])
    (said,) = faults(tmp_path)
    assert said.startswith("dev.yaml:4: buckets: the policy has ")
    assert said.endswith(" bytes, over RAM's 6144; name fewer or shorter prefixes")


def test_all_faults_of_all_files_are_told_at_once_in_the_files_order(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", region="mars", account="1")
    write(tmp_path, "b.yaml", colour="red")
    (tmp_path / "c.yaml").write_text("[")
    assert [said.split(": ")[0] for said in faults(tmp_path)] == [
        "a.yaml:2",
        "a.yaml:3",
        "b.yaml:9",
        "c.yaml:1",
    ]


def test_a_field_that_is_there_twice_is_told(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_text(path.read_text() + "region: cn-beijing\n")
    assert faults(tmp_path) == ["dev.yaml:9: field 'region' is there twice"]


def test_a_folder_without_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidEnvironmentError) as caught:
        load_environments(tmp_path / "nowhere")
    assert str(caught.value) == f"{tmp_path / 'nowhere'}: no environment file (*.yaml) here"


def test_a_file_that_would_be_overlooked_is_told(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, "prod.yml")
    assert faults(tmp_path) == ["prod.yml: is not read: an environment file ends with .yaml"]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"suffix": "x"}, "name 'dev'"),
        ({"name": "prod", "suffix": "dev"}, "RAM role 'oss-restore-functions-dev'"),
        ({"name": "prod", "suffix": "DEV"}, "RAM role 'oss-restore-functions-dev'"),
        (
            {"name": "prod", "suffix": "dev", "region": "cn-beijing"},
            "RAM role 'oss-restore-functions-dev'",
        ),
        (
            {"name": "prod", "logs": {"project": "oss-restore-1234567890123456-cn-hangzhou-dev"}},
            "log project 'oss-restore-1234567890123456-cn-hangzhou-dev'",
        ),
        (
            {"name": "prod", "report": {"bucket": "oss-restore-1234567890123456-cn-hangzhou-dev"}},
            "report bucket 'oss-restore-1234567890123456-cn-hangzhou-dev'",
        ),
        ({"name": "prod"}, "Terraform state 'state/dev.tfstate'"),
    ],
)
def test_environments_that_fight_over_one_thing_are_told(
    tmp_path: Path, changes: dict[str, Any], what: str
) -> None:
    write(tmp_path, "dev.yaml")
    write(tmp_path, "prod.yaml", **changes)
    assert any(
        said.startswith("prod.yaml:") and said.endswith(f"dev.yaml has the same {what}")
        for said in faults(tmp_path)
    )


def test_environments_that_share_an_existing_report_bucket_do_not_fight(tmp_path: Path) -> None:
    report = {"bucket": "reports", "create": False}
    for name in ("dev", "prod"):
        backend = {"local": {"path": f"{name}.tfstate"}}
        write(tmp_path, f"{name}.yaml", name=name, backend=backend, report=report)
    assert [env.name for env in load_environments(tmp_path)] == ["dev", "prod"]


def test_one_environment_can_be_loaded_beside_a_broken_one(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, "prod.yaml", name="prod", region="mars")
    (tmp_path / "test.yaml").write_text("[")
    assert [env.name for env in load_environments(tmp_path, only={"dev"})] == ["dev"]
    with pytest.raises(InvalidEnvironmentError, match="no file has the name 'staging'"):
        load_environments(tmp_path, only={"staging"})
    with pytest.raises(InvalidEnvironmentError, match="no YAML"):
        load_environments(tmp_path, only={"test"})


def test_the_shortest_environment_stays_the_shortest() -> None:
    for field in SHORTEST:
        with pytest.raises(ValueError, match="Field required"):
            Environment.model_validate({k: v for k, v in SHORTEST.items() if k != field})
