"""Compiles the catalogues of messages: for a wheel, and for the editable install of a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogueHook(BuildHookInterface[Any]):
    """Writes each ``.mo`` beside its ``.po``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and add what git ignores to the wheel."""
        root = Path(self.root)
        for source in sorted(root.glob("oss_restore/locale/*/LC_MESSAGES/*.po")):
            compiled = source.with_suffix(".mo")
            with source.open("rb") as file:
                catalogue = read_po(file)
            with compiled.open("wb") as file:
                write_mo(file, catalogue)
            build_data["artifacts"].append(compiled.relative_to(root).as_posix())
