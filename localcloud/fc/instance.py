"""An instance of a function: the process that runs its code, and the calls to it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self, TypedDict

import orjson
from pydantic import TypeAdapter

from localcloud.core import FunctionNetwork
from localcloud.fc import runtime
from localcloud.fc.code import UnpackedCode
from localcloud.fc.model import Fc3Config, FunctionSettings
from localcloud.fc.platform import ContextFacts
from localcloud.work_folder import remove_tree

_LOG_BYTES = 8 * 1024 * 1024  # maximum output of one call; anything beyond is dropped


_SCRATCH_MB: Final = 512  # docs quotas: the smallest disk, that of FC 2.0
_BESIDE_MEMORY: Final = 2**30  # bytes for thread stacks and the interpreter itself


@dataclass(frozen=True)
class ProcessLimits:
    """Resource limits of the process, in bytes.

    Attributes:
        data: writable memory. FC also kills a function that exceeds its memory.
        file: maximum size of a file.
    """

    data: int
    file: int

    @classmethod
    def of(cls, config: FunctionSettings) -> Self:
        """Return the limits for a function's configuration."""
        megabytes = config.disk_size if isinstance(config, Fc3Config) else _SCRATCH_MB
        return cls(config.memory_size * 2**20 + _BESIDE_MEMORY, megabytes * 2**20)


class LoadFrame(TypedDict):
    """Import the code."""

    do: Literal["load"]
    code: str
    bytecode: str
    packages: list[str]
    handler: str
    initializer: str


class CallFrame(TypedDict):
    """Run the initializer or the handler."""

    do: Literal["initialize", "invoke"]
    context: ContextFacts


@dataclass(frozen=True)
class Reply:
    """The process's response: the result or the error, the duration, the peak memory.

    Attributes:
        refused: other hosts that it tried to connect to.
    """

    failed: bool
    seconds: float
    cpu_seconds: float
    memory: int
    refused: tuple[str, ...] = ()
    body: bytes = b""


_reply_head = TypeAdapter(Reply)


class ProcessExitedError(Exception):
    """The process exited before it responded."""


class Instance:
    """A running process that handles one request at a time.

    Attributes:
        loaded: whether the code has been imported and initialized.
        memory: peak memory in bytes, as last reported.
        refused: other hosts that its code tried to connect to.
    """

    def __init__(
        self,
        code: UnpackedCode,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        log_descriptor: int,
        scratch: Path,
        packages: tuple[Path, ...],
    ) -> None:
        self.loaded = False
        self.memory = 0
        self.refused: set[str] = set()
        self._code = code
        self._scratch = scratch
        self._packages = packages
        self._process = process
        self._reader = reader
        self._writer = writer
        self._responding = False
        self._ending = False
        self._log = bytearray()
        self._log_descriptor = log_descriptor
        asyncio.get_running_loop().add_reader(log_descriptor, self._read_log)
        self._end = asyncio.create_task(self._reap())

    @classmethod
    async def start(
        cls,
        python: str,
        code: UnpackedCode,
        environment: Mapping[str, str],
        *,
        scratch: Path,
        limits: ProcessLimits,
        network: FunctionNetwork,
        packages: tuple[Path, ...] = (),
    ) -> Self:
        """Start a process in the code's folder.

        Args:
            python: path of the interpreter.
            code: the unpacked code.
            environment: all environment variables except ``TMPDIR``.
            scratch: folder for its temporary files, removed when it ends.
            limits: its resource limits.
            network: the network that it sees.
            packages: folders of packages that the code may import, after its own modules.
        """
        ours, theirs = socket.socketpair()
        log_read, log_write = os.pipe()
        os.set_blocking(log_read, False)
        try:
            process = await asyncio.create_subprocess_exec(
                python,
                *("-I", "-S", "-X", "utf8"),
                runtime.__file__,
                *map(str, (theirs.fileno(), os.getpid(), limits.data, limits.file)),
                network.to_json(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log_write,
                stderr=log_write,
                cwd=code.folder,
                env={**environment, "TMPDIR": str(scratch)},
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        except BaseException:
            ours.close()
            os.close(log_read)
            raise
        finally:
            theirs.close()
            os.close(log_write)
        reader, writer = await asyncio.open_connection(sock=ours)
        return cls(code, process, reader, writer, log_read, scratch, packages)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process exists or has not been reaped yet."""
        return not self._end.done()

    @property
    def idle(self) -> bool:
        """Whether the process is alive and ready for a request."""
        return not self._responding and not self._ending and self._process.returncode is None

    async def load(self, handler: str, initializer: str) -> Reply:
        """Import the code; raises like :meth:`call`."""
        return await self._ask(
            LoadFrame(
                do="load",
                code=str(self._code.folder),
                bytecode=str(self._code.bytecode),
                packages=[str(folder) for folder in self._packages],
                handler=handler,
                initializer=initializer,
            )
        )

    async def call(
        self, do: Literal["initialize", "invoke"], context: ContextFacts, event: bytes = b""
    ) -> Reply:
        """Run the initializer or the handler.

        Raises:
            ProcessExitedError: the process exited before it responded.
        """
        return await self._ask(CallFrame(do=do, context=context), event)

    def take_log(self) -> bytes:
        """Return and clear the output since the last call."""
        if self.alive:
            self._read_log()
        output = bytes(self._log)
        self._log.clear()
        return output

    def end(self) -> None:
        """Kill the process and its children; do nothing if it is already dead."""
        self._ending = True
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    async def ended(self) -> None:
        """Wait until the process has exited."""
        await asyncio.shield(self._end)

    async def _ask(self, request: LoadFrame | CallFrame, body: bytes = b"") -> Reply:
        head = orjson.dumps(request)
        self._responding = True
        try:
            self._writer.writelines((runtime.HEAD.pack(len(head), len(body)), head, body))
            await self._writer.drain()
            sizes = await self._reader.readexactly(runtime.HEAD.size)
            head_size, body_size = runtime.HEAD.unpack(sizes)
            reply_head = orjson.loads(await self._reader.readexactly(head_size))
            reply_body = await self._reader.readexactly(body_size)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise ProcessExitedError from error
        self._responding = False
        reply = _reply_head.validate_python({**reply_head, "body": reply_body})
        self.memory = reply.memory
        self.refused.update(reply.refused)
        return reply

    def _read_log(self) -> None:
        while True:
            try:
                chunk = os.read(self._log_descriptor, 65_536)
            except BlockingIOError:
                return
            if not chunk:  # all writers have closed it
                asyncio.get_running_loop().remove_reader(self._log_descriptor)
                return
            self._log += chunk[: max(0, _LOG_BYTES - len(self._log))]

    async def _reap(self) -> None:
        await self._process.wait()
        self._read_log()
        asyncio.get_running_loop().remove_reader(self._log_descriptor)
        os.close(self._log_descriptor)
        remove_tree(self._scratch)
        # Ends a pending read of a response, even if a child of the process holds the socket.
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()
