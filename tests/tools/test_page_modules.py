"""The modules of the console's page are the locked ones, as published."""

from __future__ import annotations

import json

from tools.page_modules import MANIFEST, MODULES, NODE_MODULES, VENDOR, manifest, module


def test_the_modules_are_those_of_the_lock_file() -> None:
    """Where this fails, run ``make modules``."""
    assert json.loads(MANIFEST.read_text()) == manifest()
    named = {name for files in MODULES.values() for name in files.values()}
    assert {path.name for path in VENDOR.iterdir()} == named | {MANIFEST.name}
    for package, files in MODULES.items():
        installed = NODE_MODULES / package / "package.json"
        if installed.exists():  # missing in a checkout that was set up before they were needed
            assert json.loads(installed.read_text())["version"] == manifest()[package]["version"]
            for path, name in files.items():
                assert (VENDOR / name).read_bytes() == module(package, path)


def test_each_module_has_a_licence_on_the_list() -> None:
    for package, about in manifest().items():
        assert about["license"] in {"Apache-2.0", "MIT"}
        assert (VENDOR / f"{package}.LICENSE").stat().st_size > 1_000
