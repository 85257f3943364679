"""A runtime's own packages are importable on request only, after those of the function."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from localcloud.errors import CloudError
from localcloud.fc.builtin_packages import BUILTIN_PACKAGES, packages_folder
from localcloud.fc.interpreters import RUNTIME_VERSIONS, PythonInterpreter, interpreter
from localcloud.settings import Settings, override
from tests.localcloud.fc.support import an_account, zipped

IMPORTS = """
def handler(event, context):
    import oss2
    return {"version": oss2.__version__, "file": oss2.__file__}
"""
PRESENT = Settings(builtin_packages="present")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Make the folder of python3.10's packages, with an oss2 that identifies itself."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = packages_folder(interpreter("python3.10"))
    (folder / "oss2").mkdir(parents=True)
    (folder / "oss2" / "__init__.py").write_text("__version__ = 'built in'\n")
    return folder


@pytest.mark.usefixtures("installed")
async def test_by_default_a_function_imports_from_its_own_zip_only() -> None:
    async with an_account() as account:
        account.deploy(IMPORTS)
        assert json.loads((await account.invoke()).payload)["errorType"] == "ModuleNotFoundError"


async def test_a_setting_makes_the_runtimes_packages_importable(installed: Path) -> None:
    async with an_account(PRESENT) as account:
        account.deploy(IMPORTS)
        answer = json.loads((await account.invoke()).payload)
    assert answer == {"version": "built in", "file": str(installed / "oss2" / "__init__.py")}


@pytest.mark.usefixtures("installed")
async def test_the_functions_own_package_comes_first() -> None:
    async with an_account(PRESENT) as account:
        account.deploy("")
        code = zipped(IMPORTS, oss2="__version__ = 'its own'\n")
        config = account.fc.services.function("s", "f").config
        account.fc.services.update_function("s", "f", config, code)
        assert json.loads((await account.invoke()).payload)["version"] == "its own"


@pytest.mark.usefixtures("installed")
async def test_the_setting_applies_from_the_next_call_on() -> None:
    async with an_account() as account:
        account.deploy(IMPORTS)
        for value in ("absent", "present", "absent"):
            account.core.settings = override(account.core.settings, {"builtin_packages": value})
            answer = json.loads((await account.invoke()).payload)
            assert ("version" in answer) is (value == "present")


async def test_a_call_is_refused_where_the_packages_cannot_be_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    async with an_account(PRESENT) as account:
        account.deploy(IMPORTS)
        with pytest.raises(CloudError, match=r"python3\.10 cannot be installed by uv") as refused:
            await account.invoke()
    assert (refused.value.code, refused.value.status) == ("ServiceUnavailable", 503)
    assert not packages_folder(interpreter("python3.10")).exists()


@pytest.mark.soak
async def test_the_packages_of_a_runtime_are_installed_from_the_index(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    async with an_account(PRESENT) as account:
        account.deploy(IMPORTS)
        assert json.loads((await account.invoke()).payload)["version"] == "2.16.0"


def test_each_interpreter_has_packages_of_its_own() -> None:
    assert BUILTIN_PACKAGES.keys() == RUNTIME_VERSIONS.keys()
    one, other = (PythonInterpreter("python3.10", "p", v) for v in ("3.10.1", "3.11.7"))
    assert packages_folder(one) != packages_folder(other)
