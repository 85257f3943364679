"""The peak memory of a process and everything that it has started."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

_PROC = Path("/proc")
_EVERY_SECONDS = 0.5
_PSS = re.compile(r"^Pss: +(\d+) kB", re.MULTILINE)


class PeakMemory:
    """Samples a process tree's memory twice a second while the block runs.

    Memory that processes share is counted once (PSS). Linux only.

    Args:
        pid: the process at the tree's root.

    Attributes:
        bytes: the peak.
        processes: the number of processes at the peak.
    """

    def __init__(self, pid: int) -> None:
        self.bytes = 0
        self.processes = 0
        self._root = pid
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._watcher.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._watcher.join()

    def _watch(self) -> None:
        while True:
            self._look()
            if self._over.wait(_EVERY_SECONDS):
                return

    def _look(self) -> None:
        sizes = [_memory(pid) for pid in _tree(self._root)]
        if sum(sizes) > self.bytes:
            self.bytes, self.processes = sum(sizes), len(sizes)


def _memory(pid: int) -> int:
    with suppress(OSError):  # the process has ended meanwhile
        found = _PSS.search((_PROC / str(pid) / "smaps_rollup").read_text())
        if found:
            return int(found[1]) * 1024
    return 0


def _tree(root: int) -> Iterator[int]:
    children: defaultdict[int, list[int]] = defaultdict(list)
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                # "pid (name) state parent ...", and a name may hold anything
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
                children[int(parent)].append(int(folder.name))
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting += children[pid]
