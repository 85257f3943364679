"""A function runs on its runtime's version of Python, or a warning says that it does not."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.errors import CloudError
from localcloud.fc import interpreters
from localcloud.fc.interpreters import RUNTIME_VERSIONS, interpreter, variable
from tests.localcloud.fc.support import an_account

WHICH = """
import sys

def handler(event, context):
    return {"version": ".".join(map(str, sys.version_info[:3])), "path": sys.path}
"""
OWN = ".".join(map(str, sys.version_info[:3]))


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Simulate a machine without any other Python; return its only folder of programs."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for runtime in RUNTIME_VERSIONS:
        monkeypatch.delenv(variable(runtime), raising=False)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "uv"))
    interpreters._interpreter.cache_clear()
    yield programs
    interpreters._interpreter.cache_clear()


def pretend(path: Path, version: str) -> Path:
    """Install a Python that claims to be another version, and otherwise is this one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'#!/bin/sh\n[ "$3" = -c ] && {{ echo {version}; exit; }}\nexec {sys.executable} "$@"\n'
    )
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("runtime", ["python3.9", "python3.10", "python3.12"])
async def test_a_function_runs_on_the_version_that_is_reported(runtime: str) -> None:
    async with an_account() as account:
        account.deploy_fc3(WHICH, runtime=runtime)
        answer = json.loads((await account.invoke_fc3()).payload)
        found = interpreter(runtime)
        assert answer["version"] == found.version
        assert bool(found.warning) is not found.version.startswith(RUNTIME_VERSIONS[runtime] + ".")


@pytest.mark.parametrize(
    "place",
    [
        "bin/python3.12",
        "pyenv/versions/3.12.7/bin/python3.12",
        "uv/cpython-3.12.7-linux-x86_64-gnu/bin/python3.12",
    ],
)
async def test_an_interpreter_is_found_where_tools_install_it(nowhere: Path, place: str) -> None:
    path = pretend(nowhere.parent / place, "3.12.7")
    found = interpreter("python3.12")
    assert (found.path, found.version, found.warning) == (str(path), "3.12.7", "")
    async with an_account() as account:
        account.deploy_fc3(WHICH, runtime="python3.12")
        assert json.loads((await account.invoke_fc3()).payload)["version"] == OWN


def test_the_newest_interpreter_that_runs_is_used(
    nowhere: Path,
) -> None:
    shim = nowhere / "python3.12"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    for version in ("3.12.1", "3.12.7"):
        pretend(nowhere.parent / "pyenv" / "versions" / version / "bin" / "python3.12", version)
    assert interpreter("python3.12").version == "3.12.7"


def test_an_interpreter_of_pyenv_is_found_without_its_slow_shims(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shims = nowhere.parent / "pyenv" / "shims"
    monkeypatch.setenv("PATH", str(shims))
    pretend(shims / "python3.12", "3.12.9")
    real = pretend(shims.parent / "versions" / "3.12.7" / "bin" / "python3.12", "3.12.7")
    assert interpreter("python3.12").path == str(real)


def test_the_variable_selects_the_interpreter(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(nowhere / "python3.12", "3.12.1")
    named = pretend(nowhere.parent / "mine", "3.12.9")
    monkeypatch.setenv("LOCALCLOUD_PYTHON_3_12", str(named))
    assert interpreter("python3.12").path == str(named)


@pytest.mark.parametrize(
    ("version", "message"), [("3.13.0", "but 3.13.0"), ("", "is not Python 3.12")]
)
async def test_a_function_is_refused_where_the_variable_names_another_python(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, version: str, message: str
) -> None:
    named = nowhere / "named"
    if version:
        pretend(named, version)
    monkeypatch.setenv("LOCALCLOUD_PYTHON_3_12", str(named))
    async with an_account() as account:
        with pytest.raises(CloudError) as refused:
            account.deploy_fc3(WHICH, runtime="python3.12")
    assert refused.value.code == "InvalidArgument"
    assert "LOCALCLOUD_PYTHON_3_12" in refused.value.message
    assert message.replace("is no", "which is no") in refused.value.message


@pytest.mark.usefixtures("nowhere")
async def test_a_missing_interpreter_is_reported_once_and_the_function_runs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with an_account() as account:
        with caplog.at_level(logging.WARNING):
            account.deploy_fc3(WHICH, runtime="python3.12")
            account.deploy_fc3(WHICH, runtime="python3.12", name="g")
            account.deploy(WHICH, runtime="python3")
        assert json.loads((await account.invoke_fc3()).payload)["version"] == OWN
    modern, old = (record.message for record in caplog.records)
    assert modern == (
        f"functions of runtime python3.12 run on Python {OWN} here: there is no Python 3.12 on"
        " this machine; install python3.12, or set LOCALCLOUD_PYTHON_3_12 to one"
    )
    assert "does not support versions this old" in old
