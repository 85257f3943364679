"""Malicious files: each is refused quickly and in one clear line."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Final

import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from fdl.lint import lint
from infra.environment_files import InvalidEnvironmentError, load_environments
from infra.model.user_files import MAX_YAML_BYTES
from infra.plan_checks.rules import check_plan
from infra.plan_checks.terraform_plan import InvalidPlanError, read_plan
from oss_restore.cli.json_arguments import read_argument
from oss_restore.clients.outputs import read_outputs
from oss_restore.clients.target import read_endpoints
from oss_restore.errors import OperatorError
from oss_restore.planning.forecast.prices import InvalidPricesError, load_prices
from tests.infra.environments import FULL

DOCUMENTS: Final = 150  # of each kind

BOMB: Final = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE: Final[Mapping[str, bytes]] = {
    "aliases of aliases": BOMB.encode(),
    "an anchor in itself": b"name: &a [*a]\n",
    "brackets": b"name: " + b"[" * 3000,
    "braces": b'{"a":' * 3000,
    "brackets in JSON": b"[" * 100_000,
    "a huge number": b"9" * 5000,
    "not UTF-8": b"name: \xff\xfe\n",
    "a NUL": b"name: a\0b\n",
    "half a character": b'{"name": "\\ud800"}',
    "too large": b"# " + b"x" * MAX_YAML_BYTES,
    "nothing": b"",
    "several documents": b"name: a\n---\nname: b\n",
    "a tag of Python": b"name: !!python/object/apply:os.system [id]\n",
    "a tag that does not fit": b"name: !!bool maybe\n",
    "a time that is none": b"name: 2001-99-99\n",
    "a merge of nothing": b"<<: 1\n",
    "a key that is a list": b"? [a]\n: b\n",
}
PLAN: Final = {
    "format_version": "1.2",
    "planned_values": {
        "root_module": {
            "resources": [
                {
                    "address": "alicloud_ram_policy.a",
                    "type": "alicloud_ram_policy",
                    "values": {"policy_document": '{"Statement": [{"Effect": "Allow"}]}'},
                }
            ]
        }
    },
}
OUTPUTS: Final = {
    "dev": {
        "account": "1",
        "region": "cn-hangzhou",
        "main_flow": "f",
        "function_arns": {"a": "b"},
        "report_bucket": "b",
        "report_prefix": "",
    }
}
ENDPOINTS: Final = dict.fromkeys(
    (
        *("oss", "fc", "fnf", "ram", "sts", "control", "control_token", "account_id", "region"),
        "tf_reattach_providers",
    ),
    "http://localhost:1",
)
PRICE_LIST: Final = """\
noted: today
sources: {me: a letter}
parts:
  oss.requests.others: {per: 10, mark: verified, CNY: 1}
"""
FLOW: Final = "version: v1\ntype: flow\nsteps:\n  - type: pass\n    name: one\n    end: true\n"


def environment(path: Path) -> None:
    load_environments(path.parent)


def plan(path: Path) -> None:
    check_plan(read_plan(path))


def flow(path: Path) -> None:
    lint(path.read_text(encoding="utf-8", errors="surrogateescape"))


def argument(path: Path) -> None:
    read_argument(f"@{path}", "--input")


# The reader of each kind of file, a valid file, and its error.
KINDS: Final[Mapping[str, tuple[Callable[[Path], object], str, type[Exception]]]] = {
    "environment": (environment, yaml.safe_dump(FULL), InvalidEnvironmentError),
    "prices": (load_prices, PRICE_LIST, InvalidPricesError),
    "outputs": (read_outputs, json.dumps(OUTPUTS), OperatorError),
    "endpoints": (read_endpoints, json.dumps(ENDPOINTS), OperatorError),
    "plan": (plan, json.dumps(PLAN), InvalidPlanError),
    "flow": (flow, FLOW, OperatorError),
    "input": (argument, '{"bucketName": "archive"}', OperatorError),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def read(kind: str, content: bytes, folder: Path) -> str:
    """Read a file of a kind, and return the error, if any."""
    reads, _, refusal = KINDS[kind]
    path = folder / "one.yaml"
    path.write_bytes(content)
    try:
        reads(path)
    except refusal as error:
        return str(error)
    return ""


def test_a_valid_file_is_read(kind: str, tmp_path: Path) -> None:
    assert read(kind, KINDS[kind][1].encode(), tmp_path) == ""


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused(kind: str, name: str, tmp_path: Path) -> None:
    """Or accepted, if it is valid by chance; there is never another outcome."""
    error = read(kind, HOSTILE[name], tmp_path)
    if kind in ("environment", "prices") and name != "nothing":
        assert error


@pytest.mark.parametrize("name", ["aliases of aliases", "an anchor in itself", "brackets"])
def test_yaml_that_expands_too_much_is_reported_with_its_line(name: str, tmp_path: Path) -> None:
    error = read("environment", HOSTILE[name], tmp_path)
    assert error in {
        f"{tmp_path}/one.yaml:6: not YAML: more than 100,000 values, with its aliases",
        f"{tmp_path}/one.yaml:1: not YAML: &a contains itself",
        f"{tmp_path}/one.yaml:1: not YAML: nested more than 60 deep",
    }


@settings(max_examples=DOCUMENTS, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seed=st.integers(0, 1 << 32))
def fuzz(kind: str, folder: Path, seed: int) -> None:
    read(kind, mutated(KINDS[kind][1].encode(), Random(seed)), folder)


def test_random_documents_are_read_or_refused(kind: str, tmp_path: Path) -> None:
    fuzz(kind, tmp_path)


PIECES: Final = (
    *(b"[", b"]", b"{", b"}", b":", b"- ", b"\n", b"\t", b"'", b'"', b"\\", b"&a ", b"*a", b"<<: "),
    *(b"!!int ", b"!!map ", b"null", b"~", b"true", b"1e999", b"-1", b"9" * 30, b"\0", b"\xff"),
    *(b"\\ud800", "é".encode(), "\u2028".encode(), b"? ", b"| ", b"#", b"---\n", b"%YAML 1.3\n"),
)


def mutated(content: bytes, random: Random) -> bytes:
    """Return a text with some of it removed, repeated, replaced or inserted."""
    for _ in range(random.randint(1, 6)):
        start = random.randrange(len(content) + 1)
        end = min(len(content), start + random.choice((0, 1, 1, 5, 40)))
        piece = random.choice((*PIECES, content[start:end] * 2, bytes([random.randrange(256)])))
        content = content[:start] + piece + content[end:]
    return content
