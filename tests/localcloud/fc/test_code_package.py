"""Zips that cannot be unpacked, or not safely, are refused on upload."""

from __future__ import annotations

import io
import json
import os
import struct
import warnings
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.errors import CloudError
from localcloud.fc.code_package import check_package
from tests.localcloud.fc.support import ECHO, an_account


def zip_of(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            archive.writestr(name, b"content of " + name.encode())
    return buffer.getvalue()


def in_directory(code: bytes, offset: int, value: bytes) -> bytes:
    """Replace bytes in the first entry of the zip's central directory."""
    start = code.index(b"PK\x01\x02") + offset
    return code[:start] + value + code[start + len(value) :]


WRONG: dict[str, tuple[Callable[[], bytes], str]] = {
    "no zip": (lambda: b"print('hello')", "not a zip"),
    "cut off": (lambda: zip_of("index.py")[:-10], "not a zip"),
    "broken": (lambda: in_directory(zip_of("index.py"), 16, b"\0\0\0\0"), "unpacked"),
    "encrypted": (lambda: in_directory(zip_of("index.py"), 8, b"\x01\x00"), "encrypted entry"),
    "a method of its own": (lambda: in_directory(zip_of("index.py"), 10, b"\x63\x00"), "unpacked"),
    "a bomb": (
        lambda: in_directory(zip_of("index.py"), 24, struct.pack("<I", 2**31)),
        "unpacks to over",
    ),
    "twice": (lambda: zip_of("index.py", "index.py"), "'index.py' twice"),
    "file and folder": (lambda: zip_of("a", "a/b.py"), "'a' both as a file and as a folder"),
    "above": (lambda: zip_of("../index.py"), "outside"),
    "at the root": (lambda: zip_of("/index.py"), "outside"),
    "a long name": (lambda: zip_of("x" * 300), "255 bytes"),
}


@pytest.mark.parametrize("kind", WRONG)
async def test_a_bad_zip_is_refused_with_the_reason(kind: str) -> None:
    make, named = WRONG[kind]
    async with an_account() as account:
        account.deploy(ECHO)
        function = account.fc.services.function("s", "f")
        with pytest.raises(CloudError) as refusal:
            account.fc.services.update_function("s", "f", function.config, make())
        assert (refusal.value.code, refusal.value.status) == ("InvalidArgument", 400)
        assert named in refusal.value.message
        assert b"event" in (await account.invoke()).payload


@given(place=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_zip_with_any_wrong_byte_is_accepted_or_refused(place: int, byte: int) -> None:
    code = bytearray(zip_of("index.py", "lib/", "lib/a.py"))
    code[place % len(code)] = byte
    with suppress(CloudError):
        check_package(bytes(code))


CURIOUS = """\
import os, resource, tempfile
def handler(event, context):
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(b"x")
    os.umask(0)
    return {
        "scratch": os.path.dirname(file.name),
        "writable": os.access(os.getcwd(), os.W_OK) and os.getuid() != 0,
        "core": resource.getrlimit(resource.RLIMIT_CORE),
        "data": resource.getrlimit(resource.RLIMIT_DATA),
        "file": resource.getrlimit(resource.RLIMIT_FSIZE),
        "session": os.getsid(0) == os.getpid(),
    }
"""


async def test_a_function_has_a_folder_and_limits_of_its_own() -> None:
    async with an_account() as account:
        account.deploy(CURIOUS, memory_size=256)
        seen = json.loads((await account.invoke()).payload)
        scratch = Path(seen["scratch"])
        assert scratch.is_relative_to(account.core.work.path())
        assert os.listdir(scratch)  # noqa: PTH208 - only whether it has entries
        assert seen["core"] == [0, 0]
        assert seen["data"] == [(256 + 1024) * 2**20] * 2
        assert seen["file"] == [512 * 2**20] * 2
        assert seen["session"]
        assert not seen["writable"]
        await account.fc.close()
        assert scratch.name not in os.listdir(account.core.work.path())  # noqa: PTH208 - only whether it has entries


GREEDY = "def handler(event, context):\n    bytearray(8 * 2**30)\n"


async def test_a_function_that_exceeds_its_memory_fails_alone() -> None:
    async with an_account() as account:
        account.deploy(GREEDY, memory_size=128)
        invocation = await account.invoke()
        assert invocation.error_type
        assert b"MemoryError" in invocation.payload


async def test_a_folder_that_cannot_be_written_is_reported_and_retried() -> None:
    async with an_account() as account:
        account.deploy(ECHO)
        blocked = account.core.work.path() / "code"
        blocked.write_text("in the way")  # like a full disk, prevents unpacking
        with pytest.raises(CloudError, match="cannot be unpacked") as refusal:
            await account.invoke()
        assert refusal.value.status == 503
        blocked.unlink()
        assert b"event" in (await account.invoke()).payload


async def test_nothing_starts_after_the_service_is_closed() -> None:
    async with an_account() as account:
        account.deploy(ECHO)
        await account.fc.close()
        with pytest.raises(CloudError, match="shutting down"):
            await account.invoke()
