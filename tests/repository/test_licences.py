"""Everything shipped or installed has a licence on the list."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, PathDistribution, distribution
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement

from infra.bundle.build import CACHE, FUNCTIONS
from infra.bundle.packages import installed_packages
from tools.page_modules import PROJECT, VENDOR, manifest

# By SPDX, and by the names in the classifiers of older packages.
ALLOWED: Final = frozenset(
    {
        *("Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT", "MIT-0", "PSF-2.0", "MPL-2.0"),
        *("Apache Software License", "BSD License", "MIT License", "3-Clause BSD License"),
        *("Mozilla Public License 2.0 (MPL 2.0)", "Python Software Foundation License"),
        *("Public Domain", "Unlicense"),
    }
)


def licences(package: Distribution) -> set[str]:
    """Return the licences of a package, which apply together, or of which one may be chosen."""
    expression = ", ".join(package.metadata.get_all("License-Expression") or [])
    if expression:
        return set(
            expression.replace("(", "").replace(")", "").replace(" OR ", " AND ").split(" AND ")
        )
    classifiers = package.metadata.get_all("Classifier") or []
    named = {one.rpartition(" :: ")[2] for one in classifiers if one.startswith("License :: ")}
    return named - {"OSI Approved"} or {*(package.metadata.get_all("License") or ["none"])}


def installed_with(name: str, *extras: str) -> Iterator[Distribution]:
    """Yield a package, and everything that it requires here."""
    seen: set[str] = set()
    waiting = [(name, frozenset(extras))]
    while waiting:
        current, wanted = waiting.pop()
        if current.lower() in seen and not wanted:
            continue
        seen.add(current.lower())
        try:
            package = distribution(current)
        except PackageNotFoundError:
            continue  # for another platform
        yield package
        for line in package.requires or ():
            needed = Requirement(line)
            environments = [{"extra": extra} for extra in wanted or {""}]
            if needed.marker is None or any(map(needed.marker.evaluate, environments)):
                waiting.append((needed.name, frozenset(needed.extras)))


@pytest.mark.parametrize("extras", [(), ("local", "deploy", "cdktn")])
def test_every_package_that_the_wheel_installs_has_a_licence_on_the_list(
    extras: tuple[str, ...],
) -> None:
    found = {one.metadata["Name"]: licences(one) for one in installed_with("oss-restore", *extras)}
    assert {"oss2", "click"} <= found.keys()
    assert {name: named for name, named in found.items() if not named <= ALLOWED} == {}


def test_the_wheel_names_the_licences_of_the_pages_modules() -> None:
    package, modules = distribution("oss-restore"), manifest()
    assert licences(package) == {"Apache-2.0", *(about["license"] for about in modules.values())}
    files = package.metadata.get_all("License-File") or []
    vendor = VENDOR.relative_to(PROJECT)
    assert {"LICENSE", *(f"{vendor}/{name}.LICENSE" for name in modules)} == set(files)


def test_every_package_in_the_bundle_has_a_licence_on_the_list() -> None:
    folder = installed_packages("python3.10", FUNCTIONS, CACHE)
    found = {
        package.metadata["Name"]: licences(package)
        for package in map(PathDistribution, Path(folder).glob("*.dist-info"))
    }
    assert "oss2" in found
    assert {name: named for name, named in found.items() if not named <= ALLOWED} == {}
