"""Checks all locked packages for known vulnerabilities (``make audit``).

Exits with 1 if there are any. If a database cannot be reached, it says so and exits with 0, since
no answer is neither a finding nor an all-clear.
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
    """Audit the Python and Node packages, and print the findings."""
    findings, unknown = [], []
    for lock in LOCKS:
        report = _run(
            *(find_uv_bin(), "tool", "run", "--quiet", PIP_AUDIT, "--requirement", lock),
            *("--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off"),
        )
        findings += [f"{lock}: {line}" for line in python_findings(report)]
        unknown += [f"{lock}: {line}" for line in python_gaps(report)]
    report = _run("npm", "audit", "--json")
    findings += [f"package-lock.json: {line}" for line in node_findings(report)]
    unknown += [f"package-lock.json: {line}" for line in node_gaps(report)]
    lines = [*findings, *(f"not audited: {line}" for line in unknown)]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 1 if findings else 0


def python_findings(report: dict[str, Any]) -> Iterator[str]:
    """Yield the vulnerabilities in a pip-audit report."""
    for package in report.get("dependencies", []):
        for advisory in package.get("vulns", []):
            fixed = ", ".join(advisory["fix_versions"]) or "no version yet"
            yield f"{package['name']} {package['version']}: {advisory['id']}, fixed in {fixed}"


def python_gaps(report: dict[str, Any]) -> Iterator[str]:
    """Yield what such a report does not cover."""
    packages = report.get("dependencies")
    if packages is None:
        yield "the vulnerability database cannot be reached"
        return
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if skipped:
        yield _shortened(skipped)


def node_findings(report: dict[str, Any]) -> Iterator[str]:
    """Yield the vulnerabilities in an npm audit report."""
    for name, advisory in report.get("vulnerabilities", {}).items():
        yield f"{name} {advisory['range']}: {advisory['severity']}"


def node_gaps(report: dict[str, Any]) -> Iterator[str]:
    """Yield what such a report does not cover."""
    if "vulnerabilities" not in report:
        yield "the vulnerability database cannot be reached"


def _shortened(names: Iterable[str], most: int = 5) -> str:
    listed = sorted(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def _run(*command: str) -> dict[str, Any]:
    """Run a command and return its JSON report; empty if it prints none."""
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {}
    return report


if __name__ == "__main__":
    sys.exit(main())
