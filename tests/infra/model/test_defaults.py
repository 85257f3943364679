"""``_defaults.yaml``: the values of fields that an environment's own file omits."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.environment_files import InvalidEnvironmentError, load_environments
from infra.model.environment import Environment

DEFAULTS = """\
account: "1234567890123456"
region: cn-hangzhou
buckets:
  - name: shared
    prefixes: ["a/"]
backend:
  oss: {bucket: states}
retry:
  interval: 2
  max_interval: 60
tags:
  team: storage
  cost: "17"
"""


def loaded(folder: Path, text: str, defaults: str = DEFAULTS) -> Environment:
    (folder / "_defaults.yaml").write_text(defaults)
    (folder / "dev.yaml").write_text(f"name: dev\n{text}")
    (environment,) = load_environments(folder)
    return environment


def faults(folder: Path, text: str, defaults: str = DEFAULTS) -> list[str]:
    with pytest.raises(InvalidEnvironmentError) as caught:
        loaded(folder, text, defaults)
    return str(caught.value).splitlines()


def test_omitted_fields_come_from_the_defaults(folder: Path) -> None:
    environment = loaded(folder, "")
    assert environment.buckets[0].name == "shared"
    assert environment.retry.max_interval == 60


def test_sections_are_merged_field_by_field(folder: Path) -> None:
    environment = loaded(folder, "retry: {interval: 3}\ntags: {cost: '18', own: x}\n")
    assert (environment.retry.interval, environment.retry.max_interval) == (3, 60)
    assert environment.tags == {"team": "storage", "cost": "18", "own": "x"}


def test_a_list_replaces_the_default(folder: Path) -> None:
    environment = loaded(folder, "buckets: [{name: own}]\n")
    assert [(bucket.name, bucket.prefixes) for bucket in environment.buckets] == [("own", ())]


def test_null_removes_a_default(folder: Path) -> None:
    environment = loaded(folder, "backend: {oss: null, local: {path: x}}\n")
    assert environment.backend.oss is None


def test_the_files_own_fields_override_yaml_merge_keys(folder: Path) -> None:
    text = "x: &x\n  interval: 9\nretry: {<<: *x, max_interval: 90}\n"
    assert faults(folder, text)[0].startswith("environments/dev.yaml:2: x: unknown field")
    text = "functions:\n  restore: &big {memory: 2048, timeout: 700}\n"
    text += "  summarizeRun: {<<: *big, memory: 4096}\n"
    size = loaded(folder, text).functions.summarizeRun
    assert (size.memory, size.timeout) == (4096, 700)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("region: mars", "environments/dev.yaml:2: region: unknown region 'mars'"),
        (
            "retry: {interval: 61}",
            "environments/_defaults.yaml:10: retry.max_interval: 60 is below interval 61",
        ),
        (
            "retry:\n  max_interval: 1",
            "environments/dev.yaml:3: retry.max_interval: 1 is below interval 2",
        ),
        (
            "buckets:\n  - prefixes: [a/]\n",
            "environments/dev.yaml:3: buckets[0].name: is required",
        ),
        (
            "backend:\n  local: {path: x}",
            "environments/dev.yaml:2: backend: exactly one of local and oss is required",
        ),
    ],
)
def test_a_fault_is_reported_at_the_values_line(folder: Path, text: str, message: str) -> None:
    assert faults(folder, text) == [message]


def test_a_fault_of_the_defaults_is_reported_once(folder: Path) -> None:
    (folder / "prod.yaml").write_text("name: prod")
    defaults = DEFAULTS.replace("cn-hangzhou", "mars")
    assert faults(folder, "", defaults) == [
        "environments/_defaults.yaml:2: region: unknown region 'mars'"
    ]


def test_defaults_that_make_two_environments_conflict_name_both(folder: Path) -> None:
    (folder / "prod.yaml").write_text("name: prod")
    reported = faults(folder, "", f"{DEFAULTS}suffix: x\n")
    assert reported[0] == (
        "environments/prod.yaml: suffix: environments/dev.yaml has the same RAM role "
        "'oss-restore-functions-x'"
    )


def test_defaults_that_cannot_be_read_are_reported(folder: Path) -> None:
    assert faults(folder, "", "- a") == [
        "environments/_defaults.yaml: not a mapping of fields to values"
    ]


def test_the_defaults_are_not_an_environment(folder: Path) -> None:
    (folder / "_defaults.yaml").write_text(DEFAULTS)
    with pytest.raises(InvalidEnvironmentError, match=r"no environment file \(\*.yaml\) here"):
        load_environments(folder)
