"""Packages that SDKs import for calls that nobody here makes: imported when one is made after all.

They are half of the time that a command takes to begin. An SDK gets placeholders in their place,
which do for ``import`` and ``from … import``; whatever is called, or read, of a placeholder imports
the package.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

# Tea and darabonba use aiohttp and aiofiles for asynchronous calls; the credentials library
# apscheduler to renew an instance's role beforehand, where asked to; oss2 the others to encrypt.
PACKAGES: Final = (
    "aiofiles",
    "aiohttp",
    "aliyunsdkcore",
    "aliyunsdkkms",
    "apscheduler",
    "Crypto",
)


class _Placeholder:
    """A name in a package that was not imported."""

    def __init__(self, finder: _Finder, module: str, name: str) -> None:
        self._found = finder, module, name

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self._real()(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real(), name)

    def _real(self) -> Any:
        finder, module, name = self._found
        finder.give_way(module)
        imported = import_module(module)
        try:
            return getattr(imported, name)
        except AttributeError:
            return import_module(f"{module}.{name}")


class _Module(ModuleType):
    finder: _Finder

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Placeholder(self.finder, self.__name__, name)


class _Finder(MetaPathFinder, Loader):
    def __init__(self, packages: Sequence[str]) -> None:
        self._packages = set(packages)

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        if fullname.partition(".")[0] not in self._packages:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = _Module(spec.name)
        module.finder = self
        return module

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""

    def give_way(self, module: str) -> None:
        """Let the real package be imported."""
        package = module.partition(".")[0]
        if package in self._packages:
            self._packages.discard(package)
            for name in [name for name in sys.modules if name.partition(".")[0] == package]:
                del sys.modules[name]


def defer() -> None:
    """Defer the packages that have not been imported yet, in this process."""
    sys.meta_path.insert(0, _Finder([name for name in PACKAGES if name not in sys.modules]))
