"""Code is compiled once for all instances and clouds of a user, and the code itself not changed."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from localcloud.fc.bytecode import KEPT, bytecode_folder
from localcloud.work_folder import remove_tree
from tests.localcloud.fc.support import ECHO, Account, an_account, entries, until

LISTS = """
import os

def handler(event, context):
    return [os.getpid(), os.listdir()]
"""
NAMES_ITS_FILE = """
def handler(event, context):
    return [NAME, handler.__code__.co_filename, __file__]

NAME = "{}"
"""


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the path of the user's folder of bytecode, which does not exist yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "localcloud" / "bytecode"


def compiled(folder: Path) -> dict[Path, int]:
    """Return the inodes of the files with bytecode: a file that is written again has another."""
    return {path: path.stat().st_ino for path in folder.rglob("*.pyc")}


async def answer_of_another_instance(account: Account) -> object:
    """Invoke :data:`LISTS`, and end its process."""
    pid, answer = json.loads((await account.invoke()).payload)
    os.kill(pid, signal.SIGKILL)
    await until(lambda: not account.fc.instances())
    return answer


async def test_code_is_compiled_once_for_all_instances_and_not_changed(cache: Path) -> None:
    async with an_account() as account:
        account.deploy(LISTS)
        assert await answer_of_another_instance(account) == ["index.py"]
        first = compiled(cache)
        assert await answer_of_another_instance(account) == ["index.py"]
    assert len(first) == 1
    assert compiled(cache) == first


async def test_a_second_cloud_compiles_nothing_and_knows_where_its_code_is(cache: Path) -> None:
    clouds = []
    for _ in range(2):
        async with an_account() as account:
            account.deploy(NAMES_ITS_FILE.format("f"))
            name, compiled_from, file = json.loads((await account.invoke()).payload)
            assert (name, compiled_from) == ("f", file)
            assert Path(file).is_relative_to(account.core.work.path())
        clouds.append(compiled(cache))
    assert len(clouds[0]) == 1
    assert clouds[1] == clouds[0]


async def test_bytecode_of_other_code_is_not_used(cache: Path) -> None:
    for name in ("old", "new"):  # of the same size
        async with an_account() as account:
            account.deploy(NAMES_ITS_FILE.format(name))
            assert json.loads((await account.invoke()).payload)[0] == name
    assert len(compiled(cache)) == 2


async def test_the_least_recently_used_bytecode_is_removed(cache: Path) -> None:
    for number in range(KEPT):
        folder = bytecode_folder(str(number))
        assert folder is not None
        os.utime(folder, (number, number))
    async with an_account() as account:
        account.deploy(ECHO)
        await account.invoke()
    assert entries(cache) == KEPT
    assert not (cache / "0").exists()
    assert len(compiled(cache)) == 1


async def test_a_cloud_whose_bytecode_was_removed_compiles_again(cache: Path) -> None:
    async with an_account() as account:
        account.deploy(LISTS)
        await answer_of_another_instance(account)
        first = compiled(cache)
        remove_tree(cache)
        assert await answer_of_another_instance(account) == ["index.py"]
        assert compiled(cache).keys() == first.keys()


def writable_by_others(cache: Path) -> None:
    cache.mkdir(parents=True)
    cache.chmod(0o777)


def in_a_file(cache: Path) -> None:
    cache.parent.write_text("not a folder")


@pytest.mark.parametrize("make", [writable_by_others, in_a_file])
async def test_without_a_cache_of_its_own_a_cloud_keeps_bytecode_while_it_runs(
    cache: Path, make: Callable[[Path], None]
) -> None:
    make(cache)
    async with an_account() as account:
        account.deploy(LISTS)
        assert await answer_of_another_instance(account) == ["index.py"]
        first = compiled(account.core.work.path())
        assert await answer_of_another_instance(account) == ["index.py"]
        assert compiled(account.core.work.path()) == first
    assert len(first) == 1
    assert not compiled(cache)


async def test_the_cache_is_private(cache: Path) -> None:
    folder = bytecode_folder("1")
    assert folder is not None
    assert [path.stat().st_mode & 0o777 for path in (cache, folder)] == [0o700, 0o700]
