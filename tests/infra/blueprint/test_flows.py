"""Rendered flows: their text, and the refusal of faulty ones."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from syrupy.assertion import SnapshotAssertion

from fdl.lint import lint
from fdl.parse import parse
from fdl.tree import Choice, Foreach, Parallel, Series, Step, Task
from functions.summary import summary_of
from infra.blueprint.flows import TEMPLATES, InvalidFlowError, render_flows
from infra.environment_files import Environment
from infra.model.names import FUNCTIONS, Names
from tests.functions.scene import make_run
from tests.infra.environments import small_environment
from thaw.errors import FATAL_ERRORS, RETRYABLE_ERRORS
from thaw.ledger import Ledger
from thaw.totals import Totals


def steps(series: Series) -> list[Step]:
    """Yield all steps, including those inside others."""
    found: list[Step] = []
    for step in series.steps:
        found.append(step)
        if isinstance(step, Foreach):
            found += steps(step.steps)
        if isinstance(step, Parallel):
            found += [inner for branch in step.branches for inner in steps(branch)]
        if isinstance(step, Choice):
            for option in (*step.options, *filter(None, [step.default])):
                found += steps(option.steps) if option.steps else []
    return found


def all_steps(environment: Environment) -> list[Step]:
    return [step for flow in render_flows(environment) for step in steps(parse(flow.text).steps)]


def broken(tmp_path: Path, old: str, new: str) -> Path:
    """Copy the templates with a change in that of restoreFlow."""
    templates = tmp_path / "templates"
    shutil.copytree(TEMPLATES, templates)
    template = templates / "restoreFlow.yaml.j2"
    text = template.read_text()
    assert old in text
    template.write_text(text.replace(old, new))
    return templates


@pytest.mark.parametrize("name", ["small", "full"])
def test_flows_are_rendered_as_before(
    name: str, request: pytest.FixtureRequest, snapshot: SnapshotAssertion
) -> None:
    for flow in render_flows(request.getfixturevalue(name)):
        assert flow.text == snapshot(name=flow.kind)


def test_the_linter_finds_nothing_at_all(small: Environment, full: Environment) -> None:
    for environment in (small, full):
        for flow in render_flows(environment):
            assert lint(flow.text) == []


def test_a_child_comes_before_its_parent_under_the_articles_name(full: Environment) -> None:
    assert [flow.name for flow in render_flows(full)] == [
        "Thaw-awaitFlow-Blue",
        "Thaw-restoreFlow-Blue",
        "Thaw-lookFlow-Blue",
        "Thaw-copyFlow-Blue",
        "Thaw-mainRestoreFlow-Blue",
    ]


def test_the_articles_steps_keep_their_names(small: Environment) -> None:
    names = {
        flow.kind: {step.name for step in steps(parse(flow.text).steps)}
        for flow in render_flows(small)
    }
    assert names["mainRestoreFlow"] >= {
        "init", "listArchiveFiles", "checkEmpty", "invokeRestoreFlow", "checkEnd", "success",
    }  # fmt: skip
    assert names["restoreFlow"] >= {
        "restoreForeach", "restoreTask", "Wait", "GetJobStatus", "CheckJobComplete", "JobSucceeded",
    }  # fmt: skip


def test_every_function_is_called_with_the_environments_retry_policy(full: Environment) -> None:
    tasks = [step for step in all_steps(full) if isinstance(step, Task)]
    service = Names(full).functions.service
    called = {str(getattr(task.target, "function", "")) for task in tasks} - {""}
    assert called == set(FUNCTIONS)
    for task in tasks:
        (retry,) = task.retry
        assert (retry.interval_seconds, retry.multiplier) == (2, 2)
        assert (retry.max_interval_seconds, retry.max_attempts) == (30, 5)
        assert getattr(task.target, "service", service) == service


@pytest.mark.parametrize(
    ("form", "arn"),
    [
        ("full", "acs:fc:cn-hangzhou:1234567890123456:functions/oss-restore-restore-dev"),
        ("short", "acs:fc:::functions/oss-restore-restore-dev"),
        ("latest", "acs:fc:cn-hangzhou:1234567890123456:functions/oss-restore-restore-dev/LATEST"),
    ],
)
def test_functions_of_generation_3_are_named_in_the_environments_form(form: str, arn: str) -> None:
    flows = render_flows(small_environment(generation=3, function_arns=form))
    restore = next(flow.text for flow in flows if flow.kind == "restoreFlow")
    assert f'resourceArn: "{arn}"\n' in restore
    others = render_flows(small_environment(generation=3))
    assert (flows == others) is (form == "full")


def test_the_linter_reports_undocumented_names_of_generation_3() -> None:
    for flow in render_flows(small_environment(generation=3)):
        assert {f.rule for f in lint(flow.text)} >= {"fc3-arn"}
    for flow in render_flows(small_environment()):
        assert "fc3-arn" not in {finding.rule for finding in lint(flow.text)}


def test_no_fatal_error_is_retried(small: Environment) -> None:
    for step in all_steps(small):
        if isinstance(step, Task):
            retried = {name for policy in step.retry for name in policy.errors}
            fatal = set(FATAL_ERRORS) | {f"FC.{error}" for error in FATAL_ERRORS} | {"FnF.ALL"}
            assert retried.isdisjoint(fatal)


def test_every_caught_error_is_reported_unless_another_task_retries_it(
    small: Environment,
) -> None:
    for step in all_steps(small):
        if isinstance(step, Task) and "FnF.ALL" in {e for c in step.catch for e in c.errors}:
            (caught,) = step.catch
            assert caught.goto in {
                "tellFailure",
                "shardDied",
                "copyDied",
                "success",
                "notListed",
            }


def test_our_own_retryable_errors_are_retried_under_both_names(small: Environment) -> None:
    for step in all_steps(small):
        if isinstance(step, Task) and hasattr(step.target, "function"):
            if step.name == "tellFailure":  # it raises the error that it is passed
                continue
            for error in RETRYABLE_ERRORS:
                assert {error, f"FC.{error}"} <= set(step.retry[0].errors)


def test_a_task_has_time_for_one_whole_attempt_and_every_wait(full: Environment) -> None:
    """The documents do not say whether a task's time-out is per attempt or for all together."""
    tasks = {step.name: step for step in all_steps(full) if isinstance(step, Task)}
    waits = 2 + 4 + 8 + 16 + 30
    assert tasks["restoreTask"].timeout_seconds == 900 + waits + 30
    assert tasks["summarize"].timeout_seconds == 600 + waits + 30


def test_the_flows_output_has_every_field_of_a_summary(small: Environment) -> None:
    ledger = cast("Ledger", SimpleNamespace(url="oss://ledgers/"))
    summary = summary_of(Totals(), ledger, make_run())
    flow = parse(render_flows(small)[-1].text)
    assert [mapping.target for mapping in flow.output_mappings or ()] == list(summary)


def test_a_name_that_a_template_does_not_know_is_an_error(
    tmp_path: Path, small: Environment
) -> None:
    templates = broken(tmp_path, "functions.restore)", "functions.restroe)")
    with pytest.raises(
        InvalidFlowError, match=r"^_calls.yaml.j2, line \d+: .*restroe.* \[template\]$"
    ):
        render_flows(small, templates)


def test_an_invalid_template_is_reported_with_its_line(tmp_path: Path, small: Environment) -> None:
    templates = broken(tmp_path, "{{ poll() }}", "{% if %}")
    with pytest.raises(InvalidFlowError, match=r"^restoreFlow.yaml.j2, line \d+: .*\[template\]$"):
        render_flows(small, templates)


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (
            "goto: checkWaitFor",
            "goto: checkWait",
            r"restoreFlow.yaml.j2, rendered line \d+: steps\.checkGroups\S+: .*checkWait.* \[",
        ),
        ("type: foreach", "type: forall", r"restoreFlow.yaml.j2, rendered line \d+: .*forall"),
        ("steps:", "steps: [", r"restoreFlow.yaml.j2, rendered line \d+: "),
    ],
)
def test_a_flow_with_a_fault_is_refused_with_template_line_and_rule(
    tmp_path: Path, small: Environment, old: str, new: str, finding: str
) -> None:
    with pytest.raises(InvalidFlowError, match=finding):
        render_flows(small, broken(tmp_path, old, new))


def test_constants_keep_their_types(small: Environment) -> None:
    """YAML would read an unquoted 1e3 or on as something else."""
    text = render_flows(small_environment(stack_name="on", suffix="e1e3"))[-1].text
    tasks = [step for step in steps(parse(text).steps) if isinstance(step, Task)]
    assert {getattr(task.target, "service", "on-e1e3") for task in tasks} == {"on-e1e3"}
