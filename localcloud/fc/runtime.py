"""Runs a function's code in its own process: the counterpart of ``instance.py``.

It runs as a script without site-packages and imports only the standard library, so that only the
deployed code can be imported.

Frames are exchanged over a socket: two lengths, a JSON head, a body. Output to stdout and stderr
goes to a pipe that is flushed before each response, so it is complete when the response is read.
"""

from __future__ import annotations

import ctypes
import importlib
import io
import ipaddress
import json
import logging
import os
import resource
import signal
import socket
import struct
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from types import SimpleNamespace
from typing import Any

_PR_SET_PDEATHSIG = 1  # prctl(2)
_PR_SET_NO_NEW_PRIVS = 38

HEAD = struct.Struct(">II")

_EntryPoint = Callable[..., Any]


class HandlerNotFound(Exception):  # noqa: N818 - its name is the errorType (assumed)
    """The module has no such function."""


class _CodeLoader(SourceFileLoader):
    """Loads modules of the code, and caches their bytecode elsewhere for further instances."""

    code = ""
    bytecode = ""

    def get_data(self, path: str) -> bytes:
        return super().get_data(self._kept(path))

    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:
        super().set_data(self._kept(path), data, _mode=_mode)

    def _kept(self, path: str) -> str:
        if path.endswith(tuple(BYTECODE_SUFFIXES)) and path.startswith(self.code):
            return self.bytecode + path[len(self.code) :]
        return path


def _find_in_code(path: str) -> FileFinder:
    """Path hook for the code's folders."""
    if not path.startswith(_CodeLoader.code):
        raise ImportError
    return FileFinder(
        path,
        (ExtensionFileLoader, EXTENSION_SUFFIXES),
        (_CodeLoader, SOURCE_SUFFIXES),
        (SourcelessFileLoader, BYTECODE_SUFFIXES),
    )


class Context(SimpleNamespace):
    """The second argument of a handler; the platform sets its attributes."""

    def getLogger(self) -> logging.Logger:  # noqa: N802 - FC's spelling
        """Return the logger whose lines contain the request id."""
        return logging.getLogger()


class _Formatter(logging.Formatter):
    """Formats lines like FC: time in UTC, request id, level, message (as in published logs)."""

    converter = staticmethod(time.gmtime)
    request_id = ""

    def format(self, record: logging.LogRecord) -> str:
        record.request_id = self.request_id
        return super().format(record)


class Runtime:
    """The loaded code of one function."""

    def __init__(self) -> None:
        self._handler: _EntryPoint | None = None
        self._initializer: _EntryPoint | None = None
        self._formatter = _Formatter(
            "%(asctime)s.%(msecs)03dZ %(request_id)s [%(levelname)s] %(message)s",
            "%Y-%m-%dT%H:%M:%S",
        )

    def handle(self, head: Mapping[str, Any], body: bytes) -> tuple[bool, bytes]:
        """Handle a frame; return whether it failed, and the result or the error."""
        try:
            return False, self._do(head, body)
        except Exception as error:  # noqa: BLE001 - any exception of the code is its result
            _leave_out_own_frames(error)
            traceback.print_exception(error)
            return True, _describe(error)

    def _do(self, head: Mapping[str, Any], body: bytes) -> bytes:
        if head["do"] == "load":
            self._load(head)
            return b""
        context = _context(head["context"])
        self._formatter.request_id = context.request_id
        if head["do"] == "initialize":
            assert self._initializer is not None
            self._initializer(context)
            return b""
        assert self._handler is not None
        return _encode(self._handler(body, context))

    def _load(self, head: Mapping[str, Any]) -> None:
        _CodeLoader.code, _CodeLoader.bytecode = head["code"], head["bytecode"]
        sys.path_hooks.insert(0, _find_in_code)
        sys.path[:0] = [head["code"]]
        sys.path += head["packages"]
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(self._formatter)
        # Published samples log at INFO without setting a level, and their lines appear.
        logging.basicConfig(level=logging.INFO, handlers=[handler])
        self._handler = _find(head["handler"])
        if head["initializer"]:
            self._initializer = _find(head["initializer"])


def _find(entry_point: str) -> _EntryPoint:
    module_name, _, name = entry_point.replace("/", ".").rpartition(".")
    module = importlib.import_module(module_name)
    try:
        function: _EntryPoint = getattr(module, name)
    except AttributeError:
        message = f"Handler {name!r} is missing on module {module_name!r}"
        raise HandlerNotFound(message) from None
    return function


def _context(facts: Mapping[str, Any]) -> Context:
    return Context(
        **{
            name: SimpleNamespace(**value) if isinstance(value, dict) else value
            for name, value in facts.items()
        }
    )


def _encode(result: object) -> bytes:
    if isinstance(result, bytes):
        return result
    text = result if isinstance(result, str) else json.dumps(result, allow_nan=False)
    return text.encode()


def _leave_out_own_frames(error: Exception) -> None:
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    error.__traceback__ = trace


def _describe(error: Exception) -> bytes:
    """Return the documented error body (docs 422185)."""
    frames = [
        [f'File "{frame.filename}"', f"line {frame.lineno}", f"in {frame.name}", frame.line]
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    described = {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "stackTrace": frames,
    }
    return json.dumps(described).encode()


def _peak_memory_bytes() -> int:
    try:
        with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123 - no pathlib here
            peak = next(line for line in status if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024
    except FileNotFoundError:  # not Linux, where getrusage would count the parent's memory too
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _serve(channel: io.BufferedRWPair, refused: set[str]) -> None:
    runtime = Runtime()
    while sizes := channel.read(HEAD.size):
        head_size, body_size = HEAD.unpack(sizes)
        head = json.loads(channel.read(head_size))
        body = channel.read(body_size)
        started, cpu_started = time.monotonic(), time.process_time()
        failed, result = runtime.handle(head, body)
        seconds, cpu_seconds = time.monotonic() - started, time.process_time() - cpu_started
        sys.stdout.flush()
        sys.stderr.flush()
        reply = {
            "failed": failed,
            "seconds": seconds,
            "cpu_seconds": cpu_seconds,
            "memory": _peak_memory_bytes(),
            "refused": sorted(refused),
        }
        refused.clear()
        text = json.dumps(reply).encode()
        channel.write(HEAD.pack(len(text), len(result)) + text + result)
        channel.flush()


def _confine(parent: int, data: int, file: int) -> None:
    """End with the parent process, gain no privileges, and stay within the memory limits."""
    try:
        prctl = ctypes.CDLL(None).prctl
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    except AttributeError:  # not Linux: it exits when its socket closes, after the call
        pass
    if os.getppid() != parent:  # the parent has already exited
        sys.exit("the local cloud has exited")
    for limit, requested in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_DATA, data),
        (resource.RLIMIT_FSIZE, file),
    ):
        _, hard = resource.getrlimit(limit)
        most = requested if hard == resource.RLIM_INFINITY else min(requested, hard)
        resource.setrlimit(limit, (most, most))


def _resolve_locally(ports: Mapping[str, int]) -> None:
    """Resolve Alibaba Cloud's host names to this machine's services.

    Args:
        ports: the local ports, by the requested port.
    """
    resolve = socket.getaddrinfo

    def resolve_locally(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        if isinstance(host, str) and host.lower().endswith(".aliyuncs.com"):
            host, port = "127.0.0.1", ports.get(str(port), port)
        return resolve(host, port, *arguments, **options)

    socket.getaddrinfo = resolve_locally


def _trust(authority: str) -> None:
    """Trust the local cloud's certificates, in addition to any authorities that the code names."""
    import ssl  # noqa: PLC0415 - takes longer to import than the code of many functions

    make = ssl.SSLContext.__new__

    def trusting(kind: type[ssl.SSLContext], *arguments: Any, **options: Any) -> ssl.SSLContext:
        context = make(kind, *arguments, **options)
        context.load_verify_locations(authority)
        return context

    ssl.SSLContext.__new__ = trusting  # type: ignore[method-assign, assignment]  # every context is made here


_CONNECT_EVENTS = ("socket.connect", "socket.sendto", "socket.sendmsg")
_RESOLVE_EVENTS = ("socket.getaddrinfo", "socket.gethostbyname")


def _refuse_other_hosts(refused: set[str]) -> None:
    """Refuse connections to other hosts from now on.

    Args:
        refused: collects the requested hosts.
    """

    def check(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _CONNECT_EVENTS:
            address = arguments[1]
            host = address[0] if isinstance(address, tuple) else None
        elif event in _RESOLVE_EVENTS:
            host = arguments[0]
        else:
            return
        if host is not None and not _is_local(host):
            name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
            refused.add(name)
            raise ConnectionRefusedError(
                f"this local cloud does not connect to other hosts: {name}"
            )

    sys.addaudithook(check)


def _is_local(host: str | bytes) -> bool:
    if host in {"", "localhost", b"localhost"}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def main() -> None:
    """Serve the socket whose descriptor is the first argument, until its other end closes.

    The other arguments are the parent's process id, the limits of memory and file size in bytes,
    and the network as JSON: ``ports``, ``authority``, and whether the process is ``offline``.
    """
    _confine(*map(int, sys.argv[2:5]))
    os.environ.pop("LC_CTYPE", None)  # set by Python itself if there is no locale
    assert isinstance(sys.stdout, io.TextIOWrapper)
    sys.stdout.reconfigure(line_buffering=True)
    network = json.loads(sys.argv[5])
    _resolve_locally(network["ports"])
    if network["authority"]:
        _trust(network["authority"])
    refused: set[str] = set()
    if network["offline"]:
        _refuse_other_hosts(refused)
    with (
        socket.socket(fileno=int(sys.argv[1])) as connection,
        connection.makefile("rwb") as channel,
    ):
        connection.set_inheritable(False)
        _serve(channel, refused)


if __name__ == "__main__":
    main()
