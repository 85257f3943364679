"""Deferred imports of packages that SDKs import for calls that are not made here.

Importing them takes half of a command's start-up time. An SDK gets placeholders, which are enough
for ``import`` and ``from … import``. Calling or reading anything in a placeholder imports the
package.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

# Tea and darabonba use aiohttp and aiofiles for asynchronous calls. The credentials library uses
# apscheduler to renew the keys of an instance's role early, if asked to. The SDKs use cryptography
# to sign with a private key. oss2 uses the others for client-side encryption.
PACKAGES: Final = (
    "aiofiles",
    "aiohttp",
    "aliyunsdkcore",
    "aliyunsdkkms",
    "apscheduler",
    "Crypto",
    "cryptography",
)


class _Placeholder:
    """A name in a package that was not imported."""

    def __init__(self, finder: _Finder, module: str, name: str) -> None:
        self._found = finder, module, name

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self._real()(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real(), name)

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, self._real())

    def _real(self) -> Any:
        finder, module, name = self._found
        finder.stop_deferring(module)
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
        """Do nothing, since a placeholder has no code."""

    def stop_deferring(self, module: str) -> None:
        """Let the real package be imported."""
        package = module.partition(".")[0]
        if package in self._packages:
            self._packages.discard(package)
            for name in [name for name in sys.modules if name.partition(".")[0] == package]:
                del sys.modules[name]


def defer() -> None:
    """Defer the packages that have not been imported in this process yet."""
    sys.meta_path.insert(0, _Finder([name for name in PACKAGES if name not in sys.modules]))
