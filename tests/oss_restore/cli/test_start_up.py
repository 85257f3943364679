"""The command line itself: start-up time, help and completion."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from oss_restore.cli.program import COMMANDS, GROUPS
from oss_restore.cli.rehearsal.cdktf import PROJECT
from tests.oss_restore import shell
from tests.oss_restore.conftest import Cli

# Packages that take long to import.
HEAVY = (
    "pydantic",
    "oss2", "fc2", "alibabacloud_fnf20190315", "alibabacloud_credentials", "requests", "httpx",
    "rich", "yaml", "jinja2", "infra.environment_files", "localcloud", "cdktf", "jsii",
    "constructs",
)  # fmt: skip
# Packages that SDKs import for calls that no command makes.
DEFERRED = {
    "aiofiles.os", "aiohttp.client", "aliyunsdkcore.acs_exception.error_code",
    "apscheduler.schedulers.base", "Crypto.Cipher._mode_ecb",
    "cryptography.hazmat.bindings._rust",
}  # fmt: skip
EXAMPLES = [
    pytest.param(example, id=example)
    for name in COMMANDS
    for example in import_module(f"oss_restore.cli.commands.{name.replace('-', '_')}").EXAMPLES
]


def imported(*arguments: str) -> set[str]:
    """Return the modules that a command has imported when it ends."""
    program = (
        "import atexit, sys\n"
        "from oss_restore.cli.main import main\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        "main()"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    assert "Traceback" not in finished.stderr
    return set(finished.stderr.split())


def test_help_imports_no_sdk_and_no_deployment_tools() -> None:
    everything = imported("--help")
    assert "click" in everything
    assert everything.isdisjoint(HEAVY)
    assert imported("start", "--help").isdisjoint(HEAVY)


def test_a_plan_imports_no_unused_sdk() -> None:
    everything = imported("plan", "--objects", "10")
    assert "oss_restore.planning.forecast.model" in everything
    assert everything.isdisjoint({"alibabacloud_fnf20190315", "fc2", "httpx"})


def test_listing_runs_does_not_import_the_sdk_of_oss() -> None:
    everything = imported("list", "--flow", "f", "--region", "r")
    assert "alibabacloud_credentials.client" in everything
    assert everything.isdisjoint({"oss2", "httpx", "fc2", "jinja2"})
    assert everything.isdisjoint(DEFERRED)


def test_status_imports_only_what_its_calls_use() -> None:
    everything = imported("status", "--flow", "f", "--region", "r")
    assert "oss2" in everything
    assert everything.isdisjoint({"httpx", "fc2", "jinja2", *DEFERRED})


def test_deferred_modules_are_imported_on_first_use() -> None:
    program = (
        "from oss_restore.deferred_imports import defer\n"
        "defer()\n"
        "from Crypto.Cipher import AES\n"
        "import aiohttp, aliyunsdkcore, sys\n"
        "from aliyunsdkcore import client\n"
        "assert 'Crypto.Cipher.AES' not in sys.modules\n"
        "print(AES.new(bytes(16), AES.MODE_ECB).encrypt(bytes(16)).hex())\n"
        "print(aiohttp.ClientTimeout(total=3).total)\n"
        "print(client.AcsClient.__name__)\n"
        "from cryptography.hazmat.primitives.asymmetric import ec\n"
        "assert 'cryptography.hazmat.bindings._rust' not in sys.modules\n"
        "key = ec.generate_private_key(ec.SECP256R1())\n"
        "print(isinstance(key, ec.EllipticCurvePrivateKey))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["66e94bd4ef8a2c3b884cfa59ca342b2e", "3", "AcsClient", "True"]


def test_no_command_imports_deployment_tools() -> None:
    program = (
        "import pkgutil, sys, importlib, oss_restore\n"
        "for found in pkgutil.walk_packages(oss_restore.__path__, 'oss_restore.'):\n"
        "    if found.name != 'oss_restore.__main__':\n"
        "        importlib.import_module(found.name)\n"
        "print('\\n'.join(sys.modules))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "oss_restore.cli.commands.plan" in found
    assert set(found).isdisjoint({"cdktf", "jsii", "constructs"})


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_examples_of_the_command(cli: Cli, name: str) -> None:
    shown = cli(name, "--help").out
    assert f"Examples:\n    oss-restore {name}" in shown
    assert "--lang [en|zh]" in shown


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_uses_only_existing_options(cli: Cli, example: str) -> None:
    program, command, *arguments = shlex.split(example.partition(" > ")[0].partition(" | ")[0])
    assert program == "oss-restore"
    shown = cli(command, "--help").out
    for argument in arguments:
        if argument.startswith("-"):
            assert re.search(rf"(^|[ /]){argument}\b", shown, re.MULTILINE), argument


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("oss-restore st", {"start", "status", "stop"}),
        ("oss-restore start --no-p", {"--no-plan"}),
        ("oss-restore status d", {"dev"}),
        ("oss-restore start dev --tier st", {"Standard"}),
        ("oss-restore upgrade dev --tier e", {"Expedited"}),
        ("oss-restore plan --storage-class Cold", {"ColdArchive"}),
        ("oss-restore status dev --run run-", set()),  # there are no keys for a request
    ],
)
def test_a_shell_completes_commands_options_and_values(words: str, completed: set[str]) -> None:
    environ = shell.environment(
        _OSS_RESTORE_COMPLETE="bash_complete",
        COMP_WORDS=words,
        COMP_CWORD=str(len(words.split()) - 1),
    )
    finished = subprocess.run(
        [Path(sys.executable).parent / "oss-restore"],
        cwd=PROJECT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.stderr == ""
    assert {line.removeprefix("plain,") for line in finished.stdout.split()} == completed


def test_completion_prints_a_script_for_the_shell(cli: Cli) -> None:
    assert "_OSS_RESTORE_COMPLETE=bash_complete" in cli("completion", "bash").out
    assert cli("completion", "cmd").status == 2


def test_help_shows_the_commands_in_groups(cli: Cli) -> None:
    shown = cli("--help").out
    positions = [shown.index(f"\n{heading}:\n") for heading in GROUPS]
    assert positions == sorted(positions)
    assert [name for name in COMMANDS if f"\n  {name} " not in shown] == []


@pytest.mark.parametrize("arguments", [(), ("-h",), ("help",)], ids=str)
def test_the_programs_help_can_be_requested_in_several_ways(
    cli: Cli, arguments: tuple[str, ...]
) -> None:
    shown = cli(*arguments)
    assert "Usage: oss-restore [OPTIONS] COMMAND" in shown.out + shown.err


def test_a_commands_help_can_be_requested_in_several_ways(cli: Cli) -> None:
    assert cli("start", "-h") == cli("start", "--help") == cli("help", "start")


def test_options_of_a_run_come_first_and_those_of_the_deployment_last(cli: Cli) -> None:
    headings = re.findall(r"^(\w[\w ]+):$", cli("start", "--help").out, re.MULTILINE)
    assert headings == [
        "Positional arguments",
        "Which objects",
        "How to thaw them",
        "After the thaw",
        "Speed and limits",
        "Options",
        "Deployment",
    ]


def test_a_mistyped_command_is_refused_with_similar_ones(cli: Cli) -> None:
    refused = cli("strat")
    assert refused.status == 2
    assert "start" in refused.err


def test_debug_shows_where_an_error_comes_from(cli: Cli) -> None:
    assert "Traceback" not in cli("status").err
    assert "Traceback" in cli("status", "--debug").err
