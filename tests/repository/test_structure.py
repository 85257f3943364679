"""The structure of the product's code, which readers rely on to find their way."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache

import pytest
from grimp import ImportGraph, build_graph

from oss_restore.cli.rehearsal.cdktf import PROJECT

PACKAGES = ("fdl", "functions", "infra", "localcloud", "oss_restore", "thaw", "tools")
COMMAND_LINE = "oss_restore"


def test_no_public_class_name_is_defined_twice() -> None:
    places = defaultdict(list)
    for package in PACKAGES:
        for path in sorted((PROJECT / package).rglob("*.py")):
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    places[node.name].append(str(path.relative_to(PROJECT)))
    assert len(places) > 300
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


@pytest.fixture(scope="module")
def imports() -> ImportGraph:
    """Return the imports within the command line, including those in functions and for types."""
    return build_graph(COMMAND_LINE, cache_dir=None)


def test_chains_of_imports_are_at_most_nine_modules_deep(imports: ImportGraph) -> None:
    @cache
    def longest(module: str) -> tuple[str, ...]:
        chains = map(longest, imports.find_modules_directly_imported_by(module))
        return (module, *max(chains, key=len, default=()))

    chain = max(map(longest, imports.modules), key=len)
    assert len(chain) <= 9, " > ".join(chain)


def test_folders_have_at_most_sixty_edges(imports: ImportGraph) -> None:
    def folder(module: str) -> str:
        return module if imports.find_children(module) else module.rpartition(".")[0]

    edges = {
        (folder(module), folder(imported))
        for module in imports.modules
        for imported in imports.find_modules_directly_imported_by(module)
    }
    between = sorted((one, other) for one, other in edges if one != other)
    assert len(between) <= 60, between
