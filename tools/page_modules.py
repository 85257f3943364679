"""Copies the modules that the console's page needs into the package (``make modules``).

Users need neither Node nor a network for them. ``package-lock.json`` fixes the versions; each
package's licence is beside its files, and ``modules.json`` lists the origin of every file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).parents[1]
NODE_MODULES: Final = PROJECT / "node_modules"
VENDOR: Final = PROJECT / "oss_restore" / "console" / "static" / "vendor"
MANIFEST: Final = VENDOR / "modules.json"

# The files of each package, and their names here.
MODULES: Final[Mapping[str, Mapping[str, str]]] = {
    "htm": {"dist/htm.mjs": "htm.js", "LICENSE": "htm.LICENSE"},
    "preact": {
        "dist/preact.mjs": "preact.js",
        "hooks/dist/hooks.mjs": "preact-hooks.js",
        "LICENSE": "preact.LICENSE",
    },
}
# A browser resolves URLs, not package names.
_IMPORTS: Final = {b'from"preact"': b'from"./preact.js"'}


def module(package: str, path: str) -> bytes:
    """Return a package's file as the page needs it."""
    content = (NODE_MODULES / package / path).read_bytes()
    for name, address in _IMPORTS.items():
        content = content.replace(name, address)
    lines = content.split(b"\n")
    return b"\n".join(line for line in lines if not line.startswith(b"//# sourceMappingURL="))


def manifest() -> dict[str, dict[str, object]]:
    """Return the version, licence and hashes of the copied files."""
    locked = json.loads((PROJECT / "package-lock.json").read_text())["packages"]
    return {
        package: {
            "version": locked[f"node_modules/{package}"]["version"],
            "license": locked[f"node_modules/{package}"]["license"],
            "integrity": locked[f"node_modules/{package}"]["integrity"],
            "files": {
                name: sha256((VENDOR / name).read_bytes()).hexdigest() for name in files.values()
            },
        }
        for package, files in MODULES.items()
    }


def main() -> None:
    """Write the files."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    for package, files in MODULES.items():
        for path, name in files.items():
            (VENDOR / name).write_bytes(module(package, path))
    MANIFEST.write_text(json.dumps(manifest(), indent=2) + "\n")


if __name__ == "__main__":
    main()
