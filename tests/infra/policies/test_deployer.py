"""The deployer's policy suffices to deploy, update and destroy, and each permission is needed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.model.environment import Environment
from infra.model.generations import Generation
from infra.model.names import FUNCTIONS, Names
from infra.plan_checks.terraform_plan import planned_resources
from infra.policies.deployer import (
    WILDCARD_REASONS,
    Right,
    deployer_policies,
    policies,
    rights,
    rights_by_type,
)
from infra.policies.statements import MAX_DOCUMENT_BYTES
from infra.synthesis.app import build_app
from localcloud.errors import AccessDeniedError
from localcloud.fc.code import code_checksum
from localcloud.ram.credentials import Principal, root_principal
from localcloud.ram.policy import PolicyDocument, Statement, decide
from oss_restore.cli.rehearsal.terraform_binary import terraform_environment
from tests.infra.deployers import ROLE, make_deployer
from tests.infra.environments import ACCOUNT, full_environment, small_environment
from tests.infra.lifecycle import live
from tests.localcloud.terraform.conftest import RunningCloud
from tests.localcloud.terraform.documents import bundle
from tests.localcloud.terraform.terraform import Terraform

RECORDING = Path(__file__).with_name("provider_calls.yaml")
CALLER = Principal(ACCOUNT, f"acs:ram::{ACCOUNT}:assumed-role/{ROLE}/pipeline", role=ROLE)
CHANGED = {"restore": {"memory": 4096}}
WATCHED: dict[str, Any] = {
    "logs": {"dashboard": True},
    "notify": [{"name": "ops", "webhook": {}}],
    "alarms": {"contacts": ["ann"]},
}
GENERATIONS: tuple[Generation, ...] = (2, 3)
ENVIRONMENTS = {
    2: small_environment(**WATCHED),
    3: small_environment(
        **WATCHED, name="three", backend={"local": {"path": "three"}}, generation=3
    ),
}
ENVIRONMENT = ENVIRONMENTS[2]
REPORTS = Names(ENVIRONMENTS[3]).report_bucket
NEEDED = {generation: sorted(rights(ENVIRONMENTS[generation])) for generation in GENERATIONS}
# The permissions that only a stack of generation 3 needs.
NEEDED_BY_FC3 = sorted(
    right
    for kind in rights_by_type(3).keys() - rights_by_type(2).keys()
    for right in rights_by_type(3)[kind](ENVIRONMENTS[3])
)


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Generation, str]:
    """Each stack's JSON, with a bundle that is quick to deploy."""
    folder = tmp_path_factory.mktemp("stacks")
    code = folder / "code.zip"
    code.write_bytes(bundle())
    build_app(ENVIRONMENTS.values(), folder / "cdktf.out").synth()
    return {
        generation: _with_code(folder / "cdktf.out", ENVIRONMENTS[generation], code)
        for generation in GENERATIONS
    }


def _with_code(outdir: Path, environment: Environment, code: Path) -> str:
    document = json.loads((outdir / "stacks" / environment.name / "cdk.tf.json").read_text())
    resources = document["resource"]
    for function in resources.get("alicloud_fc_function", {}).values():
        function["filename"] = str(code)
    for stored in resources.get("alicloud_oss_bucket_object", {}).values():
        stored["source"] = str(code)
    for function in resources.get("alicloud_fcv3_function", {}).values():
        function["code"]["checksum"] = code_checksum(code.read_bytes())
    return json.dumps(document)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_there_are_permissions_for_exactly_the_types_of_a_stack(
    stacks: Mapping[Generation, str], generation: Generation
) -> None:
    found = {resource.type for resource in planned_resources(stacks[generation])}
    assert found == set(rights_by_type(generation))


@pytest.mark.parametrize("generation", GENERATIONS)
def test_the_permissions_of_each_type_are_those_of_its_recorded_calls(
    generation: Generation,
) -> None:
    """With the next two tests, this shows that the local cloud checks exactly these permissions."""
    recording = yaml.safe_load(RECORDING.read_text())
    for kind, of_type in rights_by_type(generation).items():
        recorded = set(recording["recorded"][kind].values())
        beside_it = recording["beside_it"].get(kind, {})
        given = {right.action for right in of_type(ENVIRONMENTS[generation])}
        assert given == recorded | set(beside_it), kind
        assert not recorded & set(beside_it)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_the_permissions_suffice(
    cloud: RunningCloud, stacks: Mapping[Generation, str], generation: Generation
) -> None:
    make_deployer(cloud.accounts[ACCOUNT].ram, policies(NEEDED[generation]), by=ACCOUNT)
    cloud.run(live(cloud, CALLER, stacks[generation]))
    account = cloud.accounts[ACCOUNT]
    assert list(account.ram.roles) == [ROLE]
    assert not account.fc.services
    assert not account.fc.functions
    assert not account.sls.projects


@pytest.mark.parametrize(
    ("generation", "missing"),
    [(2, right) for right in NEEDED[2]] + [(3, right) for right in NEEDED_BY_FC3],
    ids=lambda value: f"{value.action} {value.resource}" if isinstance(value, Right) else None,
)
def test_without_any_of_them_deploying_fails_and_names_it(
    cloud: RunningCloud,
    stacks: Mapping[Generation, str],
    generation: Generation,
    missing: Right,
) -> None:
    others = policies(right for right in NEEDED[generation] if right != missing)
    make_deployer(cloud.accounts[ACCOUNT].ram, others, by=ACCOUNT)
    with pytest.raises(AccessDeniedError) as refused:
        cloud.run(live(cloud, CALLER, stacks[generation]))
    assert refused.value.action == missing.action


@pytest.mark.long
def test_terraform_deploys_updates_and_destroys_with_only_that_role(
    cloud: RunningCloud, binary: Path, tmp_path: Path
) -> None:
    account = cloud.accounts[ACCOUNT]
    arn = make_deployer(account.ram, deployer_policies([ENVIRONMENT]), by=ACCOUNT)
    reattach = cloud.serve(root_principal(ACCOUNT))
    (tmp_path / "state").mkdir()
    provider = {"assume_role": {"role_arn": arn}}
    folder = tmp_path / "cdktf.out" / "stacks" / ENVIRONMENT.name
    environ = {**os.environ, "TF_VAR_notify_ops_url": "https://hook.example/T0KEN"}
    terraform = Terraform(binary, folder, terraform_environment(environ, reattach=reattach))
    watched = {**WATCHED, "provider": provider}
    first = small_environment(**watched, tags={"team": "a", "cost": "1"})
    build_app([first], tmp_path / "cdktf.out").synth()
    terraform.applied()
    assert terraform.unchanged()

    second = small_environment(
        **{
            **watched,
            "alarms": {"contacts": ["ann", "bob"]},
            "logs": {"dashboard": True, "retention_days": 7},
        },
        tags={"team": "b"},
        buckets=[{"name": "archive", "prefixes": ["a/"]}],
        functions={"restore": {"memory": 1024}},  # to change the price on the dashboard
        retry={"max_attempts": 5},
    )
    build_app([second], tmp_path / "cdktf.out").synth()
    assert {address.split(".")[0] for address in terraform.plan()} == set(rights_by_type(2)) - {
        "alicloud_log_store_index",
        "alicloud_ram_role_policy_attachment",
    }
    terraform.applied("plan")
    assert terraform.unchanged()
    terraform.destroyed()
    assert list(account.ram.roles) == [ROLE]


@pytest.mark.long
def test_with_the_permissions_of_both_generations_terraform_moves_from_2_to_3(
    cloud: RunningCloud, binary: Path, tmp_path: Path
) -> None:
    account = cloud.accounts[ACCOUNT]
    old, new = small_environment(), small_environment(generation=3, functions=CHANGED)
    arn = make_deployer(account.ram, policies(rights(old) | rights(new)), by=ACCOUNT)
    reattach = cloud.serve(root_principal(ACCOUNT))
    (tmp_path / "state").mkdir()
    folder = tmp_path / "cdktf.out" / "stacks" / "dev"
    terraform = Terraform(binary, folder, terraform_environment(os.environ, reattach=reattach))
    provider = {"assume_role": {"role_arn": arn}}
    moves: list[dict[str, Any]] = [{}, {"generation": 3}, {"generation": 3, "functions": CHANGED}]
    for move in moves:
        build_app([small_environment(provider=provider, **move)], tmp_path / "cdktf.out").synth()
        terraform.applied()
        assert terraform.unchanged()
    assert not account.fc.services
    assert sorted(account.fc.functions) == sorted(map(Names(new).functions.name, FUNCTIONS))
    restore = account.fc.functions["oss-restore-restore-dev"].config
    assert (restore.memory_size, restore.cpu) == (4096, 2.7)
    terraform.destroyed()
    assert list(account.ram.roles) == [ROLE]


def statements(environment: Environment) -> list[Statement]:
    return [
        statement
        for document in deployer_policies([environment])
        for statement in PolicyDocument.model_validate_json(document).statement
    ]


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("ram:CreatePolicyVersion", f"acs:ram::{ACCOUNT}:policy/admin"),
        ("ram:AttachPolicyToRole", f"acs:ram::{ACCOUNT}:role/admin"),
        ("ram:CreateUser", f"acs:ram::{ACCOUNT}:user/x"),
        ("fc:UpdateService", f"acs:fc:cn-hangzhou:{ACCOUNT}:services/other"),
        ("fc:UpdateService", f"acs:fc:cn-beijing:{ACCOUNT}:services/oss-restore-dev"),
        ("oss:DeleteBucket", f"acs:oss:*:{ACCOUNT}:archive"),
        ("oss:GetObject", f"acs:oss:*:{ACCOUNT}:archive/key"),
        ("log:DeleteProject", f"acs:log:cn-hangzhou:{ACCOUNT}:project/other"),
    ],
)
def test_resources_of_other_environments_are_denied(action: str, resource: str) -> None:
    assert decide(statements(ENVIRONMENT), action, resource, {}) == "none"


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("fc:UpdateFunction", f"acs:fc:cn-hangzhou:{ACCOUNT}:functions/other"),
        ("fc:DeleteFunction", f"acs:fc:cn-beijing:{ACCOUNT}:functions/oss-restore-restore-three"),
        ("fc:InvokeFunction", f"acs:fc:cn-hangzhou:{ACCOUNT}:functions/oss-restore-restore-three"),
        ("oss:PutObject", f"acs:oss:*:{ACCOUNT}:{REPORTS}/runs/1/summary.json"),
        ("oss:GetObject", f"acs:oss:*:{ACCOUNT}:{REPORTS}/runs/1/summary.json"),
    ],
)
def test_the_deployer_of_generation_3_is_denied_them_too(action: str, resource: str) -> None:
    assert decide(statements(ENVIRONMENTS[3]), action, resource, {}) == "none"


def test_a_role_is_passed_to_its_own_service_only() -> None:
    def passed(kind: str, service: str) -> str:
        role = f"acs:ram::{ACCOUNT}:role/oss-restore-{kind}-dev"
        return decide(statements(ENVIRONMENT), "ram:PassRole", role, {"acs:Service": service})

    assert passed("functions", "fc.aliyuncs.com") == passed("flows", "fnf.aliyuncs.com") == "allow"
    assert passed("functions", "fnf.aliyuncs.com") == passed("flows", "fc.aliyuncs.com") == "none"


def test_an_existing_report_bucket_needs_no_permissions() -> None:
    actions = {right.action for right in rights(full_environment())}
    assert not [action for action in actions if action.startswith("oss:")]


def test_every_permission_on_all_resources_has_its_reason() -> None:
    everything = NEEDED[2] + NEEDED[3]
    wide = {right.action for right in everything if right.resource in ("*", "acs:oss:*:*:*")}
    assert wide == set(WILDCARD_REASONS)


def test_many_environments_need_several_policies_with_the_same_permissions() -> None:
    environments = [
        small_environment(name=f"env-{n}", backend={"local": {"path": f"{n}"}}) for n in range(40)
    ]
    documents = deployer_policies(environments)
    assert len(documents) > 1
    assert max(len(document.encode()) for document in documents) <= MAX_DOCUMENT_BYTES
    given = {right for document in documents for right in rights_of(document)}
    assert given == {right for environment in environments for right in rights(environment)}


def rights_of(document: str) -> Iterator[Right]:
    for statement in json.loads(document)["Statement"]:
        passed = statement.get("Condition", {}).get("StringEquals", {}).get("acs:Service", [""])
        for parts in product(statement["Action"], statement["Resource"], passed):
            yield Right(*parts)
