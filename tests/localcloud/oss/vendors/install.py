"""Fetches what the vendors' tests need into ``.vendors``: ``make vendors``.

None of it is part of what a user installs. A client whose tools are not on this machine is
skipped, and its tests say so.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Final

import oss2

_HERE: Final = Path(__file__).parent
FOLDER: Final = Path(__file__).parents[4] / ".vendors"
OSS2_SUITE: Final = FOLDER / f"oss2-{oss2.__version__}"
NODE_MODULES: Final = FOLDER / "ali_oss" / "node_modules"
JARS: Final = FOLDER / "java" / "jars"


def _install_oss2_suite() -> None:
    """Fetch the installed oss2's source distribution, which alone has its tests."""
    pinned = _HERE / "oss2.txt"
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    source_only = ["--no-deps", "--no-binary", ":all:", "--require-hashes"]
    arguments = [*source_only, "--dest", str(FOLDER), "--requirement", str(pinned)]
    subprocess.run([*download, *arguments], check=True)
    with tarfile.open(FOLDER / f"oss2-{oss2.__version__}.tar.gz") as archive:
        archive.extractall(FOLDER, filter="data")


def _install_ali_oss(npm: str) -> None:
    NODE_MODULES.parent.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_HERE / "ali_oss" / name, NODE_MODULES.parent)
    quiet = ["--no-progress", "--loglevel=error", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run([npm, "ci", *quiet], cwd=NODE_MODULES.parent, check=True)


def _install_java_sdk(maven: str) -> None:
    pom = [
        "--file",
        str(_HERE / "java" / "pom.xml"),
        f"-Dmaven.repo.local={FOLDER / 'java' / 'm2'}",
    ]
    copy = ["dependency:copy-dependencies", f"-DoutputDirectory={JARS}"]
    subprocess.run([maven, "--quiet", "--batch-mode", *pom, *copy], check=True)


def main() -> None:
    """Fetch everything that is missing."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not OSS2_SUITE.exists():
        _install_oss2_suite()
    npm, maven = shutil.which("npm"), shutil.which("mvn")
    if npm and not NODE_MODULES.exists():
        _install_ali_oss(npm)
    if maven and not JARS.exists():
        _install_java_sdk(maven)


if __name__ == "__main__":
    main()
