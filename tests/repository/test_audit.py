"""The audit's evaluation of the reports of pip-audit and npm."""

from __future__ import annotations

from tools.audit import node_findings, node_gaps, python_findings, python_gaps


def test_a_known_vulnerability_of_a_python_package_is_found() -> None:
    vulnerability = {"id": "PYSEC-1", "fix_versions": ["2.0"]}
    report = {"dependencies": [{"name": "oss2", "version": "1.0", "vulns": [vulnerability]}]}
    assert list(python_findings(report)) == ["oss2 1.0: PYSEC-1, fixed in 2.0"]
    assert list(python_gaps(report)) == []


def test_packages_that_could_not_be_audited_are_named() -> None:
    skipped = [{"name": name, "skip_reason": "not found"} for name in "gfedcba"]
    assert list(python_findings({"dependencies": skipped})) == []
    assert list(python_gaps({"dependencies": skipped})) == ["a, b, c, d, e and 2 more"]
    assert list(python_gaps({})) == ["the vulnerability database cannot be reached"]


def test_a_known_vulnerability_of_a_node_package_is_found() -> None:
    report = {"vulnerabilities": {"tar": {"range": "<7.5", "severity": "high"}}}
    assert list(node_findings(report)) == ["tar <7.5: high"]
    assert list(node_gaps(report)) == []
    gaps = ["the vulnerability database cannot be reached"]
    assert list(node_gaps({"error": {"code": "ENOAUDIT"}})) == gaps
