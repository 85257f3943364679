"""Terraform and ROS treat every text of an environment file as data, never as code."""

from __future__ import annotations

import json
import os
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import fields, is_dataclass
from pathlib import Path
from random import Random
from typing import Any, Final, cast

import cdktf
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from infra.blueprint.deployment import Blueprint, blueprint
from infra.blueprint.flows import render_flows
from infra.bootstrap import Oidc, Pipeline, bootstrap
from infra.bundle.build import Bundle
from infra.environment_files import InvalidEnvironmentError, load_environments
from infra.model.config_model import sections_in
from infra.model.environment import Environment, Logs
from infra.model.names import Names
from infra.model.terraform_access import Endpoints
from infra.model.terraform_text import Variable, unfit_texts
from infra.synthesis.ros_template import ros_template
from infra.synthesis.stack import ROLE_SUFFIX, RestoreStack
from oss_restore.cli.rehearsal.terraform_binary import terraform_environment
from tests.infra.environments import FULL, SMALL
from tests.localcloud.terraform.terraform import Terraform

Json = dict[str, Any]
Location = tuple[str | int, ...]

BUNDLE: Final = Bundle(Path("functions.zip"), "1")
# With one of everything that can hold a text, and a second one with the other kind of state.
EVERYTHING: Final[Json] = {
    **FULL,
    "buckets": [{"name": "scans", "region": "cn-beijing", "prefixes": ["2019/", "2020/"]}],
    "manifests": [{"name": "lists", "prefixes": ["batch/"]}],
    "destinations": [{"name": "elsewhere", "prefixes": ["batch/"], "account": "6543210987654321"}],
    "backend": {
        "oss": {
            **FULL["backend"]["oss"],
            "prefix": "states",
            "key": "one.tfstate",
            "endpoint": "https://oss-cn-hangzhou.aliyuncs.com",
        }
    },
    "logs": {"project": "thaw-logs", "dashboard": True},
    "notify": [
        {"name": "ops", "when": ["failed"], "webhook": {"signed": True}},
        {"name": "chat", "dingtalk": {"signed": True}},
        {"name": "queue", "mns": {"queue": "ended", "endpoint": "https://mns.aliyuncs.com"}},
        {"name": "topic", "mns": {"topic": "ended"}},
    ],
    "alarms": {
        "contacts": ["me"],
        "contact_groups": ["us"],
        **{
            rule: {"project": "p", "metric": "m", "statistics": "s", "dimensions": [{"k": "v"}]}
            for rule in (
                "failed_runs",
                "timed_out_runs",
                "long_runs",
                "function_errors",
                "throttling",
            )
        },
    },
}
ROLE: Final = {"session_name": "s", "external_id": "e"}
EVERYTHING["provider"] = {
    **FULL["provider"],
    "assume_role": {**FULL["provider"]["assume_role"], **ROLE},
    "assume_role_with_oidc": {
        **FULL["provider"]["assume_role_with_oidc"],
        "role_session_name": "s",
    },
    "endpoints": dict.fromkeys(Endpoints.model_fields, "fc.aliyuncs.com"),
}
EVERYTHING["operator"] = {
    "profile": "prod",
    "role_arn": FULL["provider"]["assume_role"]["role_arn"],
}
LOCAL: Final = {**EVERYTHING, "backend": {"local": {"path": "state/one.tfstate"}}}

HOSTILE: Final = (
    "${",
    "%{",
    "$",
    "%",
    "{",
    "}",
    '"',
    "\\",
    "\n",
    "${file(",
    "%{ if true }",
    "${TfToken[TOKEN.1]}",
    "#{TfToken[TOKEN.1]}",
    "&{TfToken[TOKEN.1]}",
    "-1.8881545897087505e+289",
    "String Map Token Value",
    "$jsii.byref",
    "$jsii.map",
    "{{",
    "{%",
    "Fn::Sub",
    "Ref",
    "//",
    "\x00",
    "\u2028",
    "<<EOT",
)


def hostile_text(random: Random) -> str:
    """Generate hostile text, without the wildcards that a prefix may not have."""
    parts = [*HOSTILE, "".join(map(chr, random.sample(range(0x20, 0x250), 3)))]
    text = "".join(random.choices(parts, k=random.randint(1, 5)))
    return unicodedata.normalize("NFC", text.translate({ord("*"): "$", ord("?"): "%"})).lstrip("/")


def texts_in(value: object, location: Location = ()) -> Iterator[Location]:
    """Yield the places of texts in a document."""
    if isinstance(value, str):
        yield location
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts_in(inner, (*location, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts_in(inner, (*location, index))


def changed(document: Json, location: Location, text: str) -> Json:
    """Copy the document with another text in one place."""
    copy = deepcopy(document)
    section: Any = copy
    for part in location[:-1]:
        section = section[part]
    section[location[-1]] = text
    return copy


def fields_of(section: type[BaseModel], path: str = "") -> Iterator[str]:
    """Yield the dotted name of every field of the model that may hold a text."""
    for name, field in section.model_fields.items():
        inner = list(sections_in(field.annotation))
        for each in inner:
            yield from fields_of(each, f"{path}{name}.")
        if not inner and "str" in str(field.annotation):
            yield f"{path}{name}"


def test_the_documents_here_have_every_field_that_may_hold_a_text() -> None:
    here = {
        ".".join(part for part in location if isinstance(part, str))
        for document in (EVERYTHING, LOCAL)
        for location in texts_in(document)
    }
    missing = {
        field
        for field in fields_of(Environment)
        if not any(one == field or one.startswith(f"{field}.") for one in here)
    }
    assert missing == set()


def accepted(document: Json) -> bool:
    try:
        Environment.model_validate(document)
    except ValidationError:
        return False
    return not list(unfit_texts(document))


# Where the model accepts any text, and what such a text must end with.
FREE: Final = {
    id(document): [
        (location, end)
        for location in texts_in(document)
        for end in ("", "/")
        if accepted(changed(document, location, f"x${{1}}%{{{end}"))
        and not (end and accepted(changed(document, location, "x${1}%{")))
    ]
    for document in (EVERYTHING, LOCAL)
}


def hostile_environments(random: Random, number: int) -> list[Environment]:
    """Generate environments with a hostile text wherever the model accepts any."""
    found = []
    for which in range(number):
        base = (EVERYTHING, LOCAL)[which % 2]
        document = base
        for location, end in FREE[id(base)]:
            document = changed(document, location, f"x{hostile_text(random)}{end}")
        tags = {hostile_text(random): hostile_text(random) for _ in range(3)}
        found.append(Environment.model_validate({**document, "tags": tags}))
    return found


def synthesized(environments: list[Environment], outdir: Path) -> list[tuple[Blueprint, Json]]:
    """Return each environment's fields, and its stack's JSON."""
    app = cdktf.App(outdir=str(outdir))
    blueprints = []
    for number, environment in enumerate(environments):
        plan = blueprint(environment, BUNDLE, render_flows(environment))
        RestoreStack(app, environment.model_copy(update={"name": f"e{number}"}), plan)
        blueprints.append(plan)
    app.synth()
    stacks = (outdir / "stacks" / f"e{number}" / "cdk.tf.json" for number in range(len(blueprints)))
    return [
        (plan, json.loads(stack.read_text()))
        for plan, stack in zip(blueprints, stacks, strict=True)
    ]


def plain(value: object) -> object:
    """Return a value as a reader of the deployed resource should get it."""
    match value:
        case Variable(name):
            return f"value of {name}"
        case Mapping():
            return {str(key): plain(inner) for key, inner in value.items()}
        case str() | int() | float() | None:
            return value
        case _ if is_dataclass(value):
            named = {field.name: getattr(value, field.name) for field in fields(value)}
            return {name: plain(inner) for name, inner in named.items() if inner is not None}
        case _:
            return [plain(inner) for inner in cast("list[object]", value)]


def intended(plan: Blueprint, environment: Environment) -> Json:
    """Return the values that Terraform should find in an environment's stack."""
    oss, local = environment.backend.oss, environment.backend.local
    backend: Json = {"path": str(Path("../../..", local.path))} if local else {}
    if oss:
        backend = {**oss.model_dump(), "prefix": Names(environment).state_prefix}
    return {
        "resources": {resource.id: plain(resource.body) for resource in plan.resources},
        "outputs": plain(plan.outputs),
        "provider": {
            **assumed(environment.provider.model_dump(exclude_none=True)),
            "account_id": environment.account,
            "region": environment.region,
        },
        "backend": backend,
    }


def assumed(provider: Json) -> Json:
    """Return a file's provider settings, with the deployer's reader."""
    role = provider["assume_role"]
    return {**provider, "assume_role": {**role, "role_arn": f"{role['role_arn']}-reader"}}


def written(stack: Json) -> Json:
    """Return the arguments in a stack, as one value that Terraform can show."""
    (provider,) = stack["provider"]["alicloud"]
    (backend,) = stack["terraform"]["backend"].values()
    return {
        "resources": {
            id_: {name: value for name, value in body.items() if name not in ("//", "depends_on")}
            for named in stack["resource"].values()
            for id_, body in named.items()
        },
        "outputs": {name: output["value"] for name, output in stack["output"].items()},
        "provider": provider,
        "backend": backend,
    }


def evaluated(terraform: Terraform, values: list[object], names: Mapping[str, str]) -> list[Any]:
    """Return the values to which Terraform evaluates its JSON.

    Args:
        terraform: the Terraform to run.
        values: the values in Terraform's JSON.
        names: the variables that they may refer to, with their values.
    """
    variables = {name: {"default": value} for name, value in names.items()}
    terraform.write_document(
        {
            "terraform": {},
            **({"variable": variables} if variables else {}),
            "output": {f"o{number}": {"value": value} for number, value in enumerate(values)},
        }
    )
    terraform.applied()
    outputs = json.loads((terraform.directory / "terraform.tfstate").read_text())["outputs"]
    return [outputs[f"o{number}"]["value"] for number in range(len(values))]


@pytest.fixture(scope="module")
def terraform(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    return Terraform(
        binary,
        tmp_path_factory.mktemp("terraform"),
        terraform_environment(os.environ, reattach="{}"),
    )


@settings(max_examples=1, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seed=st.integers(0, 1 << 32))
def test_terraform_evaluates_every_text_to_the_text_in_the_file(
    terraform: Terraform, seed: int
) -> None:
    environments = hostile_environments(Random(seed), 12)
    with tempfile.TemporaryDirectory() as outdir:
        stacks = synthesized(environments, Path(outdir))
    variables = {name: f"value of {name}" for plan, _ in stacks for name in plan.secrets}
    variables[ROLE_SUFFIX] = "-reader"
    shown = evaluated(terraform, [written(stack) for _, stack in stacks], variables)
    for (plan, _), environment, found in zip(stacks, environments, shown, strict=True):
        assert found == intended(plan, environment)
        assert environment.tags.items() <= found["resources"]["log"]["tags"].items()


@settings(max_examples=20)
@given(seed=st.integers(0, 1 << 32))
def test_no_text_in_a_file_becomes_a_reference_in_a_ros_template(seed: int) -> None:
    (environment,) = hostile_environments(Random(seed), 1)
    expressible = environment.model_copy(update={"alarms": None, "logs": Logs()})
    template = ros_template(expressible, BUNDLE)
    parameters = cast("Mapping[str, object]", template["Parameters"])
    assert set(references(template)) <= {*parameters, "ALIYUN::TenantId", "ALIYUN::Region"}


def references(value: object) -> Iterator[object]:
    """Yield the references of the maps that ROS would evaluate."""
    if isinstance(value, dict):
        if len(value) == 1:
            (name,) = value
            assert not str(name).startswith("Fn::")
            if name == "Ref":
                yield value[name]
        value = list(value.values())
    if isinstance(value, list | tuple):
        for inner in value:
            yield from references(inner)


@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        (
            "cafe\u0301/",
            "'cafe\\u0301/' is not in Unicode's normal form NFC, which Terraform requires",
        ),
        ("\ufeffa/", "'\\ufeff' is not allowed in a Terraform string"),
        ("\ud83d/", "'\\ud83d' is not allowed in a Terraform string"),
    ],
)
def test_a_text_that_terraform_would_change_is_refused_with_its_line(
    folder: Path, prefix: str, message: str
) -> None:
    document = {**SMALL, "buckets": [{"name": "archive", "prefixes": [prefix]}]}
    (folder / "dev.yaml").write_text(json.dumps(document, indent=1))
    with pytest.raises(InvalidEnvironmentError) as caught:
        load_environments(folder)
    assert str(caught.value) == f"{folder}/dev.yaml:9: buckets[0].prefixes[0]: {message}"


def test_an_expression_in_a_file_reads_nothing_of_the_machine(
    terraform: Terraform, folder: Path
) -> None:
    """A tag's value with a call of ``file`` once put the runner's keys into the state."""
    attack = '${substr(base64encode(file("/proc/self/environ")),0,120)}'
    document = {**SMALL, "tags": {"owner": attack}}
    (folder / "dev.yaml").write_text(json.dumps(document))
    ((_, stack),) = synthesized([*load_environments(folder)], folder.absolute() / "cdktf.out")
    (found,) = evaluated(terraform, [written(stack)], {})
    assert found["resources"]["log"]["tags"]["owner"] == attack


def test_bootstraps_arguments_are_data_too(terraform: Terraform) -> None:
    subject = '${file("/proc/self/environ")}%{x}'
    pipeline = Pipeline(
        "acs:ram::1234567890123456:role/pipeline",
        Oidc("github", "https://issuer.example", "audience", ("repo",), (subject,)),
    )
    environment = Environment.model_validate(
        {**EVERYTHING, "tags": {"owner": "${path.cwd}"}, "account": "6543210987654321"}
    )
    document: Any = bootstrap([environment], pipeline)["1234567890123456"]
    (found,) = evaluated(terraform, [document["resource"]["alicloud_ram_role"]], {})
    trust = json.loads(found["pipeline_reader"]["assume_role_policy_document"])
    assert trust["Statement"][0]["Condition"]["StringLike"] == {"oidc:sub": [subject]}
