"""A definition is parsed into a tree with the same meaning."""

from __future__ import annotations

import pytest

from fdl.expressions import parse_condition
from fdl.parse import parse
from fdl.paths import Path
from fdl.tree import (
    ApiTarget,
    Catch,
    Choice,
    Constant,
    Fail,
    FieldMapping,
    Flow,
    FlowTarget,
    Foreach,
    FunctionTarget,
    MessageTarget,
    Option,
    Parallel,
    Pass,
    Retry,
    Step,
    Succeed,
    Task,
    Wait,
)
from tests.fdl.flows import ARTICLE, article, flow, task


def steps(text: str) -> dict[str, Step]:
    return {step.name: step for step in parse(text).steps.steps}


@pytest.mark.parametrize("name", ARTICLE)
def test_the_articles_flows_parse(name: str) -> None:
    tree = parse(article(name))
    assert tree.version == "v1"
    assert list(tree.steps.position) == [step.name for step in tree.steps.steps]


def test_the_articles_child_flow_parses_to_what_the_article_describes() -> None:
    parsed = steps(article("restore_flow"))
    foreach = parsed["retoreForeach"]
    assert isinstance(foreach, Foreach)
    assert (foreach.collection.text, foreach.item, foreach.index) == ("$.filesGroup", "files", None)
    restore = foreach.steps.steps[0]
    assert isinstance(restore, Task)
    assert restore.target == FunctionTarget("OSSRestoreService", "", "restore")
    assert restore.retry == (
        Retry(
            errors=(
                "FC.ResourceThrottled",
                "FC.ResourceExhausted",
                "FC.InternalServerError",
                "FC.Unknown",
                "FnF.TaskTimeout",
            ),
            interval_seconds=1,
            max_interval_seconds=10,
            max_attempts=10,
            multiplier=1.5,
        ),
    )
    wait = parsed["Wait"]
    assert isinstance(wait, Wait)
    assert wait.duration == Path.parse("$.pollInterval")
    choice = parsed["CheckJobComplete"]
    assert isinstance(choice, Choice)
    assert choice.default is None
    assert choice.options[1] == Option(parse_condition('$.status == "running"'), None, "Wait")
    done = parsed["JobSucceeded"]
    assert isinstance(done, Succeed)
    assert done.output_mappings == (
        FieldMapping("filesGroup", Path.parse("$input.filesGroup")),
        FieldMapping("marker", Path.parse("$input.marker")),
    )


def test_every_step_type_and_field_is_understood() -> None:
    text = flow(
        """
        - type: task
          name: call
          resourceArn: acs:fc:cn-hangzhou:123:services/s.prod/functions/f
          pattern: waitForCallback
          serviceParams: {InvocationType: Async, Input: $, Name: $.name, Count: 3}
          timeoutSeconds: 60
          retry:
            - errors: [FnF.ALL]
          catch:
            - errors: [Broken]
              goto: last
          errorMappings:
            - {target: error, source: $local.error}
            - {target: cause, source: $local.cause}
            - {target: stage, source: call}
          inputMappings:
            - {target: name, source: $input.name}
            - {target: token, source: $context.task.token}
            - {target: list, source: [1, {a: $input.not.a.path}]}
            - {target: nothing}
          outputMappings: []
          end: true
        - {type: wait, name: sleep, timestamp: "2030-01-31T12:00:00+08:00"}
        - {type: wait, name: nap, duration: 5}
        - {type: wait, name: until, timestamp: $.when}
        - type: parallel
          name: both
          branches:
            - steps: [{type: fail, name: bad, error: Broken, cause: because}]
            - steps: [{type: pass, name: good}]
        - type: foreach
          name: each
          iterationMapping: {collection: $.items, item: item, index: i}
          steps: [{type: succeed, name: done}]
        - type: choice
          name: choose
          choices:
            - condition: $.n > 1
              steps: [{type: pass, name: inner}]
              goto: last
          default: {}
        - {type: pass, name: last}
        """,
        head="version: v1beta1\ntype: flow\ntimeoutSeconds: 3600\ninputMappings: []\n"
        "outputMappings: [{target: x, source: $local.x}]",
    )
    tree = parse(text)
    assert isinstance(tree, Flow)
    assert (tree.version, tree.timeout_seconds, tree.input_mappings) == ("v1beta1", 3600, ())
    assert tree.output_mappings == (FieldMapping("x", Path.parse("$local.x")),)
    parsed = steps(text)
    assert parsed["call"] == Task(
        name="call",
        line=7,
        target=FunctionTarget("s", "prod", "f", "cn-hangzhou", "123"),
        pattern="waitForCallback",
        service_params={
            "InvocationType": Constant("Async"),
            "Input": Path.parse("$"),
            "Name": Path.parse("$.name"),
            "Count": Constant(3),
        },
        timeout_seconds=60,
        retry=(Retry(("FnF.ALL",), 1, 86_400, 3, 2),),
        catch=(Catch(("Broken",), "last"),),
        error_mappings=(
            FieldMapping("error", Path.parse("$local.error")),
            FieldMapping("cause", Path.parse("$local.cause")),
            FieldMapping("stage", Constant("call")),
        ),
        input_mappings=(
            FieldMapping("name", Path.parse("$input.name")),
            FieldMapping("token", Path.parse("$context.task.token")),
            FieldMapping("list", Constant([1, {"a": "$input.not.a.path"}])),
            FieldMapping("nothing", None),
        ),
        output_mappings=(),
        end=True,
    )
    assert isinstance(parsed["sleep"], Wait)
    assert parsed["sleep"].timestamp == "2030-01-31T12:00:00+08:00"
    assert isinstance(parsed["nap"], Wait)
    assert parsed["nap"].duration == 5
    assert isinstance(parsed["until"], Wait)
    assert parsed["until"].timestamp == Path.parse("$.when")
    both = parsed["both"]
    assert isinstance(both, Parallel)
    assert [branch.steps[0].name for branch in both.branches] == ["bad", "good"]
    fail = both.branches[0].steps[0]
    assert isinstance(fail, Fail)
    assert (fail.error, fail.cause) == ("Broken", "because")
    each = parsed["each"]
    assert isinstance(each, Foreach)
    assert (each.item, each.index) == ("item", "i")
    choose = parsed["choose"]
    assert isinstance(choose, Choice)
    assert choose.default == Option(None, None, None)
    assert choose.options[0].steps is not None
    assert isinstance(choose.options[0].steps.steps[0], Pass)


@pytest.mark.parametrize(
    ("arn", "target"),
    [
        ("acs:fc:::services/s/functions/f", FunctionTarget("s", "", "f")),
        ("acs:fc:::services/s.LATEST/functions/f", FunctionTarget("s", "LATEST", "f")),
        ("acs:fc:cn-x:my-alias:functions/f", FunctionTarget("", "", "f", "cn-x", "my-alias")),
        ("acs:fc:::functions/f/LATEST", FunctionTarget("", "LATEST", "f")),
        ("acs:fnf:::flow/child-1", FlowTarget("child-1")),
        ("acs:fnf:cn-x:123:flow/child", FlowTarget("child", "cn-x", "123")),
        ("acs:mns:::/topics/t/messages", MessageTarget("topics", "t")),
        ("acs:mns:cn-x:123:/queues/q-1/messages", MessageTarget("queues", "q-1", "cn-x", "123")),
        ("acs:mns:::/topics/t", ApiTarget("acs:mns:::/topics/t")),
    ],
)
def test_a_resource_name_says_what_a_task_calls(arn: str, target: object) -> None:
    step = parse(flow(f"- {{type: task, name: call, resourceArn: '{arn}'}}")).steps.steps[0]
    assert isinstance(step, Task)
    assert step.target == target


def test_an_action_names_an_api() -> None:
    step = parse(flow("- {type: task, name: call, action: 'fnf:StartExecution'}")).steps.steps[0]
    assert isinstance(step, Task)
    assert step.target == ApiTarget("fnf:StartExecution")


def test_a_flow_may_name_itself_as_the_vendors_sample_does() -> None:
    named = parse("version: v1\ntype: flow\nname: x\nsteps: [{type: pass, name: a}]")
    assert named == parse("version: v1\ntype: flow\n\nsteps: [{type: pass, name: a}]")


def test_a_timestamp_needs_no_quotes() -> None:
    text = flow("- {type: wait, name: a, timestamp: 2030-01-31T12:00:00Z}")
    wait = parse(text).steps.steps[0]
    assert isinstance(wait, Wait)
    assert wait.timestamp == "2030-01-31T12:00:00Z"


def test_a_task_may_have_no_retries() -> None:
    call = parse(task("retry: [{errors: [E], maxAttempts: 0}]")).steps.steps[0]
    assert isinstance(call, Task)
    assert call.retry[0].max_attempts == 0
