"""Flow definitions: what is rendered, and what is said of templates that are broken."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from fdl.lint import lint
from fdl.parse import parse
from fdl.tree import Foreach, Task
from functions.contract import FATAL_ERRORS, RETRYABLE_ERRORS
from infra.flows import TEMPLATES, InvalidFlowError, render_flows
from infra.names import FLOWS, Names
from tests.infra.environments import environment

STANDARD_ERRORS = {
    "FC.ResourceThrottled",
    "FC.ResourceExhausted",
    "FC.InternalServerError",
    "FC.Unknown",
    "FnF.TaskTimeout",
}


class Definition(SingleFileSnapshotExtension):
    """A snapshot that is read as the flow it is."""

    file_extension = "yaml"
    _write_mode = WriteMode.TEXT


def rendered(**changes: object) -> dict[str, str]:
    return {flow.kind: flow.text for flow in render_flows(environment(**changes))}


def tasks(text: str) -> list[Task]:
    """All tasks of a flow, those in a foreach too."""
    steps = [*parse(text).steps.steps]
    steps += [inner for step in steps if isinstance(step, Foreach) for inner in step.steps.steps]
    return [step for step in steps if isinstance(step, Task)]


@pytest.mark.parametrize("kind", FLOWS)
def test_a_flow_is_rendered_as_recorded(kind: str, snapshot: SnapshotAssertion) -> None:
    assert rendered()[kind] == snapshot(extension_class=Definition)


@pytest.mark.parametrize("kind", FLOWS)
def test_the_linter_finds_nothing_in_a_flow_not_even_a_warning(kind: str) -> None:
    assert lint(rendered()[kind]) == []


def test_flows_come_after_their_children_under_the_environments_names() -> None:
    env = environment()
    flows = render_flows(env)
    assert [flow.name for flow in flows] == [
        "oss-restore-awaitFlow-dev",
        "oss-restore-restoreFlow-dev",
        "oss-restore-mainRestoreFlow-dev",
    ]
    assert [flow.name for flow in flows] == [Names(env).flow(kind) for kind in FLOWS]


@pytest.mark.parametrize("kind", FLOWS)
def test_the_environment_decides_the_retries_of_every_task(kind: str) -> None:
    retry = {"interval": 2, "multiplier": 3, "max_interval": 60, "max_attempts": 4}
    for task in tasks(rendered(retry=retry)[kind]):
        (policy,) = task.retry
        assert (policy.interval_seconds, policy.multiplier) == (2, 3)
        assert (policy.max_interval_seconds, policy.max_attempts) == (60, 4)


@pytest.mark.parametrize("kind", FLOWS)
def test_a_tasks_time_has_room_for_a_full_call_and_every_wait(kind: str) -> None:
    retry = {"interval": 10, "multiplier": 1, "max_interval": 10, "max_attempts": 7}
    for task in tasks(rendered(retry=retry)[kind]):
        assert task.timeout_seconds is not None
        assert task.timeout_seconds >= 600 + 70 + 30


@pytest.mark.parametrize("kind", FLOWS)
def test_calls_of_functions_are_tried_again_where_that_may_help_and_nowhere_else(kind: str) -> None:
    for task in tasks(rendered()[kind]):
        (policy,) = task.retry
        if task.pattern == "sync":
            assert all(error.startswith("fnf.") for error in policy.errors)
        else:
            assert set(policy.errors) >= STANDARD_ERRORS | set(RETRYABLE_ERRORS)
        fatal = {*FATAL_ERRORS, *(f"FC.{error}" for error in FATAL_ERRORS)}
        assert fatal.isdisjoint(policy.errors)
        assert all(fatal.isdisjoint(catch.errors) for catch in task.catch)


@pytest.mark.parametrize("kind", FLOWS)
def test_the_relay_comes_when_the_environment_says(kind: str) -> None:
    guard = "$.eventId >= 1234"
    assert guard in rendered(limits={"relay_at_event": 1234})[kind]


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """A copy of the templates, to be broken."""
    return Path(shutil.copytree(TEMPLATES, tmp_path / "flow_templates"))


def broken(templates: Path, file: str, old: str, new: str) -> str:
    """What is said when one text of a template is replaced by another."""
    path = templates / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidFlowError) as caught:
        render_flows(environment(), templates)
    return str(caught.value)


def test_a_goto_to_nowhere_names_template_line_place_and_rule(templates: Path) -> None:
    said = broken(templates, "mainRestoreFlow.yaml.j2", "goto: packRelay", "goto: packRelais")
    flow = rendered()["mainRestoreFlow"].splitlines()
    line = next(n for n, text in enumerate(flow, 1) if text.endswith("goto: packRelay"))
    assert said.startswith(f"mainRestoreFlow.yaml.j2, rendered line {line}: steps.checkEnd.")
    assert "goto packRelais" in said
    assert said.endswith("[goto-no-sibling]")


def test_a_key_that_nobody_provides_is_found(templates: Path) -> None:
    said = broken(templates, "restoreFlow.yaml.j2", "$.archiveFilesCount", "$.filesCount")
    assert said.startswith("restoreFlow.yaml.j2, rendered line ")
    assert "[key-not-provided]" in said


def test_text_that_is_no_yaml_is_found(templates: Path) -> None:
    said = broken(templates, "awaitFlow.yaml.j2", "type: flow", "type: [flow")
    assert said.startswith("awaitFlow.yaml.j2, rendered line ")
    assert said.endswith("[yaml]")


def test_a_misspelt_parameter_names_template_and_line(templates: Path) -> None:
    said = broken(
        templates, "restoreFlow.yaml.j2", "errors.of_functions", "errors.of_function"
    ).splitlines()
    text = (templates / "restoreFlow.yaml.j2").read_text(encoding="utf-8").splitlines()
    line = next(n for n, line in enumerate(text, 1) if "of_function " in line)
    assert said[0].startswith(f"restoreFlow.yaml.j2, line {line}: ")
    assert said[0].endswith("[template]")
    assert len(said) == 1


def test_a_misspelt_parameter_in_a_shared_macro_names_the_shared_file(templates: Path) -> None:
    said = broken(
        templates, "_calls.yaml.j2", "function.timeout_seconds", "function.timeout"
    ).splitlines()
    assert len(said) == len(FLOWS)
    assert said[0].startswith("_calls.yaml.j2, line 4: ")
    assert "has no attribute 'timeout'" in said[0]


def test_a_macro_of_unknown_name_is_found(templates: Path) -> None:
    said = broken(
        templates, "mainRestoreFlow.yaml.j2", "{{ run_flow(flows.restoreFlow) }}", "{{ run() }}"
    )
    assert said.startswith("mainRestoreFlow.yaml.j2, line ")
    assert said.endswith("'run' is undefined [template]")


def test_a_template_that_is_no_jinja_names_template_and_line(templates: Path) -> None:
    said = broken(templates, "awaitFlow.yaml.j2", "{{ poll() }}", "{{ poll( }}")
    lines = (templates / "awaitFlow.yaml.j2").read_text(encoding="utf-8").splitlines()
    assert said.startswith(f"awaitFlow.yaml.j2, line {len(lines)}: ")
    assert said.endswith("[template]")


def test_a_missing_template_is_named(templates: Path) -> None:
    (templates / "_poll.yaml.j2").unlink()
    with pytest.raises(InvalidFlowError, match=r"_poll\.yaml\.j2"):
        render_flows(environment(), templates)


def test_the_faults_of_all_flows_are_told_at_once(templates: Path) -> None:
    path = templates / "awaitFlow.yaml.j2"
    path.write_text(path.read_text(encoding="utf-8") + "  - type: pause\n", encoding="utf-8")
    said = broken(templates, "restoreFlow.yaml.j2", "type: foreach", "type: forall")
    assert "awaitFlow.yaml.j2" in said
    assert "restoreFlow.yaml.j2" in said
