"""The shape of the product's code: what a reader counts on when looking for something."""

from __future__ import annotations

import ast
from collections import defaultdict

from oss_restore.cli.rehearsal.cdktf import PROJECT

PACKAGES = ("fdl", "functions", "infra", "localcloud", "oss_restore", "thaw", "tools")


def test_no_public_class_name_is_defined_twice() -> None:
    places = defaultdict(list)
    for package in PACKAGES:
        for path in sorted((PROJECT / package).rglob("*.py")):
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    places[node.name].append(str(path.relative_to(PROJECT)))
    assert len(places) > 300
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}
