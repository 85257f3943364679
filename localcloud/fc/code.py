"""The code of functions: kept once per checksum, unpacked once per checksum."""

from __future__ import annotations

import asyncio
import io
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from crcmod import mkCrcFun

from localcloud.errors import CloudError
from localcloud.fc.model import Function

_crc64_xz = mkCrcFun(0x142F0E1EBA9EA3693, initCrc=0, xorOut=0xFFFFFFFFFFFFFFFF, rev=True)


def code_checksum(code: bytes) -> str:
    """CRC-64/XZ as an unsigned decimal number, which FC shows as a function's checksum."""
    return str(_crc64_xz(code))


class CodeStore:
    """Zips by checksum, each for as long as somebody has it.

    Unpacked trees live in one temporary folder, until :meth:`close`.

    Args:
        changed: is told the checksum of every zip that comes or goes.
    """

    def __init__(self, changed: Callable[[str], None] = lambda _: None) -> None:
        self._changed = changed
        self._zips: dict[str, bytes] = {}
        self._holders: Counter[str] = Counter()
        self._folder: Path | None = None
        self._trees: dict[str, asyncio.Task[Path]] = {}

    def add(self, code: bytes) -> str:
        """Takes in a zip for one more function, and returns its checksum.

        Raises:
            CloudError: ``InvalidArgument``, it is no zip.
        """
        if not zipfile.is_zipfile(io.BytesIO(code)):
            raise CloudError("InvalidArgument", "The function's code is not a zip file.")
        checksum = code_checksum(code)
        self._zips[checksum] = code
        self._holders[checksum] += 1
        self._changed(checksum)
        return checksum

    def release(self, checksum: str) -> None:
        """One function has this code no more. Its tree stays: a process may be running in it."""
        self._holders[checksum] -= 1
        if not self._holders[checksum]:
            del self._zips[checksum], self._holders[checksum]
            self._changed(checksum)

    def exchange(self, function: Function, code: bytes) -> None:
        """Gives a function other code; the same errors as :meth:`add`."""
        checksum = self.add(code)
        self.release(function.code_checksum)
        function.code_checksum, function.code_size = checksum, len(code)

    def find(self, checksum: str) -> bytes | None:
        """The zip with that checksum, if some function has it."""
        return self._zips.get(checksum)

    def get(self, checksum: str) -> bytes:
        """The zip with that checksum; ``FunctionNotFound`` if no function has it any more."""
        try:
            return self._zips[checksum]
        except KeyError:
            message = f"no function has code with checksum {checksum!r}"
            raise CloudError("FunctionNotFound", message, 404) from None

    async def tree(self, checksum: str) -> Path:
        """The folder with that code, unpacked when first asked for."""
        if checksum not in self._trees:
            unpacking = asyncio.to_thread(self._unpack, checksum, self.get(checksum))
            self._trees[checksum] = asyncio.create_task(unpacking)
        # Shielded: whoever asked may be cancelled, others wait for the same tree.
        return await asyncio.shield(self._trees[checksum])

    async def close(self) -> None:
        """Removes what was unpacked."""
        await asyncio.gather(*self._trees.values(), return_exceptions=True)
        self._trees.clear()
        if self._folder is not None:
            await asyncio.to_thread(shutil.rmtree, self._folder)
            self._folder = None

    def _unpack(self, checksum: str, code: bytes) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="localcloud-fc-"))
        tree = self._folder / checksum
        with zipfile.ZipFile(io.BytesIO(code)) as archive:
            archive.extractall(tree)
        return tree
