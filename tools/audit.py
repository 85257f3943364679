"""Looks for known vulnerabilities in everything that is locked: ``make audit``.

Ends with 1 where one is known. Where a database cannot be reached, it says so and ends with 0: no
answer is no finding, and no all-clear.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from uv import find_uv_bin

PROJECT: Final = Path(__file__).parents[1]
LOCKS: Final = ("requirements.lock", "functions/requirements.lock", "functions/build.lock")
PIP_AUDIT: Final = "pip-audit==2.9.0"


def main() -> int:
    """Audit Python's and Node's packages, and print what is found."""
    found, unknown = [], []
    for lock in LOCKS:
        report = _run(
            *(find_uv_bin(), "tool", "run", "--quiet", PIP_AUDIT, "--requirement", lock),
            *("--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off"),
        )
        found += [f"{lock}: {line}" for line in python_findings(report)]
        unknown += [f"{lock}: {line}" for line in python_gaps(report)]
    report = _run("npm", "audit", "--json")
    found += [f"package-lock.json: {line}" for line in node_findings(report)]
    unknown += [f"package-lock.json: {line}" for line in node_gaps(report)]
    lines = [*found, *(f"not audited: {line}" for line in unknown)]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 1 if found else 0


def python_findings(report: dict[str, Any]) -> Iterator[str]:
    """The vulnerabilities in a report of pip-audit."""
    for package in report.get("dependencies", []):
        for one in package.get("vulns", []):
            fixed = ", ".join(one["fix_versions"]) or "no version yet"
            yield f"{package['name']} {package['version']}: {one['id']}, fixed in {fixed}"


def python_gaps(report: dict[str, Any]) -> Iterator[str]:
    """What such a report says nothing about."""
    packages = report.get("dependencies")
    if packages is None:
        yield "the database of vulnerabilities cannot be reached"
        return
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if skipped:
        yield _shortened(skipped)


def node_findings(report: dict[str, Any]) -> Iterator[str]:
    """The vulnerabilities in a report of npm audit."""
    for name, one in report.get("vulnerabilities", {}).items():
        yield f"{name} {one['range']}: {one['severity']}"


def node_gaps(report: dict[str, Any]) -> Iterator[str]:
    """What such a report says nothing about."""
    if "vulnerabilities" not in report:
        yield "the database of vulnerabilities cannot be reached"


def _shortened(names: Iterable[str], most: int = 5) -> str:
    listed = sorted(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def _run(*command: str) -> dict[str, Any]:
    """A command's JSON report; empty where it has none."""
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {}
    return report


if __name__ == "__main__":
    sys.exit(main())
