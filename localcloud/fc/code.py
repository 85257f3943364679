"""Stores functions' code, and unpacks it once per checksum."""

from __future__ import annotations

import asyncio
import io
import os
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crcmod import mkCrcFun

from localcloud.errors import CloudError
from localcloud.fc.bytecode import bytecode_folder
from localcloud.fc.code_package import check_package
from localcloud.fc.model import Function
from localcloud.work_folder import WorkFolder, remove_tree

_UNPACKED_AT: Final = 10**9  # any fixed time, see bytecode.py
_crc64_xz = mkCrcFun(0x142F0E1EBA9EA3693, initCrc=0, xorOut=0xFFFFFFFFFFFFFFFF, rev=True)


def code_checksum(code: bytes) -> str:
    """Return the CRC-64/XZ as an unsigned decimal number, FC's format for a function's checksum."""
    return str(_crc64_xz(code))


@dataclass(frozen=True)
class UnpackedCode:
    """The unpacked contents of a zip.

    Attributes:
        folder: read-only folder with exactly what was deployed.
        bytecode: folder where instances cache bytecode; it may not exist yet.
    """

    folder: Path
    bytecode: Path


class CodeStore:
    """Zips by checksum, each kept as long as a function uses it.

    Unpacked trees live in the cloud's work folder, until :meth:`close`.

    Args:
        work: the work folder.
        changed: called with the checksum of every zip that is added or removed.
    """

    def __init__(self, work: WorkFolder, changed: Callable[[str], None] = lambda _: None) -> None:
        self._work = work
        self._changed = changed
        self._closed = False
        self._zips: dict[str, bytes] = {}
        self._holders: Counter[str] = Counter()
        self._trees: dict[str, asyncio.Task[UnpackedCode]] = {}

    def add(self, code: bytes) -> str:
        """Store a zip for a function and return its checksum.

        Raises:
            CloudError: like :func:`check_package`.
        """
        checksum = self._checksum_of_stored(code)
        if checksum is None:
            check_package(code)
            checksum = code_checksum(code)
            self._zips[checksum] = code
        self._holders[checksum] += 1
        self._changed(checksum)
        return checksum

    def release(self, checksum: str) -> None:
        """Release a function's use of this code. The unpacked tree stays for running processes."""
        self._holders[checksum] -= 1
        if not self._holders[checksum]:
            del self._zips[checksum], self._holders[checksum]
            self._changed(checksum)

    def exchange(self, function: Function, code: bytes) -> None:
        """Replace a function's code; raises like :meth:`add`."""
        checksum = self.add(code)
        self.release(function.code_checksum)
        function.code_checksum, function.code_size = checksum, len(code)

    def find(self, checksum: str) -> bytes | None:
        """Return the zip with that checksum, if a function uses it."""
        return self._zips.get(checksum)

    def get(self, checksum: str) -> bytes:
        """Return the zip with that checksum; raise ``FunctionNotFound`` if no function uses it."""
        try:
            return self._zips[checksum]
        except KeyError:
            message = f"no function has code with checksum {checksum!r}"
            raise CloudError("FunctionNotFound", message, 404) from None

    def _checksum_of_stored(self, code: bytes) -> str | None:
        """Return the zip's checksum if a function uses it; a deployment's functions share one."""
        return next((known for known, stored in self._zips.items() if stored == code), None)

    async def tree(self, checksum: str) -> UnpackedCode:
        """Return the unpacked code; unpack it on first use.

        Raises:
            CloudError: ``ServiceUnavailable``, it cannot be unpacked; the next call tries again.
        """
        if self._closed:
            raise CloudError("ServiceUnavailable", "Function Compute is shutting down.", 503)
        if checksum not in self._trees:
            unpacking = asyncio.to_thread(self._unpack, checksum, self.get(checksum))
            self._trees[checksum] = asyncio.create_task(unpacking)
        unpacked = self._trees[checksum]
        try:
            # Shielded: this caller may be cancelled while others wait for the same tree.
            return await asyncio.shield(unpacked)
        except OSError as error:
            if self._trees.get(checksum) is unpacked:
                del self._trees[checksum]
            message = f"the function's code cannot be unpacked: {error.strerror or error}"
            raise CloudError("ServiceUnavailable", message, 503) from error

    async def close(self) -> None:
        """Remove the unpacked code."""
        self._closed = True
        unpacked = await asyncio.gather(*self._trees.values(), return_exceptions=True)
        self._trees.clear()
        for tree in unpacked:
            if isinstance(tree, UnpackedCode):
                await asyncio.to_thread(remove_tree, tree.folder)

    def _unpack(self, checksum: str, code: bytes) -> UnpackedCode:
        bytecode = bytecode_folder(checksum) or self._work.folder("bytecode") / checksum
        folder = Path(tempfile.mkdtemp(prefix=f"{checksum}-", dir=self._work.folder("code")))
        try:
            with zipfile.ZipFile(io.BytesIO(code)) as archive:
                archive.extractall(folder)
            for part in (folder, *folder.rglob("*")):
                os.utime(part, (_UNPACKED_AT, _UNPACKED_AT))
                part.chmod(0o500 if part.is_dir() else 0o400)  # as in FC
        except OSError:
            remove_tree(folder)
            raise
        return UnpackedCode(folder, bytecode)
