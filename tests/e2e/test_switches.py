"""A run works whatever the real service does where its behaviour is unknown."""

from __future__ import annotations

import oss2
import pytest

from localcloud.settings import switches
from tests.site import BUCKET, QUICK, Site, archived

VALUES = [(name, value) for name, values in switches().items() for value in values[1:]]
# These make retries, refusals and repeated calls part of every run.
FAULTS: list[tuple[str, dict[str, object]]] = [
    ("fc", {"target": "*/listArchiveFiles", "status": 429, "code": "ResourceExhausted"}),
    ("fc", {"target": "*/restore", "kind": "late_error", "status": 500, "code": "Internal"}),
    ("fnf", {"target": "*restoreFlow*/restoreTask", "kind": "duplicate"}),
]


@pytest.mark.parametrize(
    ("name", "value"), [pytest.param(*pair, id="=".join(pair)) for pair in VALUES]
)
def test_runs_thaw_everything_once_under(
    site: Site, bucket: oss2.Bucket, name: str, value: str
) -> None:
    """One run waits page by page, and the next, whose objects are thawed already, at its end."""
    site.control.set({name: value})
    for wait_for, found in (("page", {}), ("run", {"already_readable": 12})):
        site.fill(archived(12, prefix=f"{wait_for}/"))
        for service, rule in FAULTS:
            site.control.add_fault(service=service, times=1, **rule)
        result = site.run(**QUICK, waitFor=wait_for, days=7)
        assert result.verdict.exit_code == 0
        assert result.summary["listed"] == result.outcomes.total() == 12 + sum(found.values())
        assert found.items() <= result.outcomes.items()
        assert site.census().unreadable == []


@pytest.mark.parametrize("value", switches()["exception_name"])
def test_a_functions_own_error_is_retried_by_the_flow_under_exception_name(
    site: Site, bucket: oss2.Bucket, value: str
) -> None:
    site.control.set({"exception_name": value})
    site.fill(archived(1))
    # As often as the function tries: it raises StorageUnavailable and is called again.
    site.control.add_fault(service="oss", operation="RestoreObject", status=503, times=6)
    result = site.run(**QUICK)
    assert result.verdict.exit_code == 0
    assert result.outcomes == {"requested": 1}


@pytest.mark.parametrize("value", switches()["exception_name"])
def test_a_fault_of_the_run_ends_it_under_exception_name(
    site: Site, bucket: oss2.Bucket, value: str
) -> None:
    site.control.set({"exception_name": value})
    result = site.run(days=-1)
    assert result.error.removeprefix("FC.") == "InvalidInput"
    assert "days" in result.cause


@pytest.mark.parametrize("value", switches()["nameless_function_error"])
def test_a_crash_is_retried_under_nameless_function_error(
    site: Site, bucket: oss2.Bucket, value: str
) -> None:
    site.control.set({"nameless_function_error": value})
    site.fill(archived(3))
    site.control.add_fault(service="fc", target="*/restore", kind="crash", times=1)
    result = site.run(**QUICK)
    assert result.verdict.exit_code == 0
    assert site.census().unreadable == []


@pytest.mark.parametrize("value", switches()["faster_tier"])
def test_objects_that_are_already_thawing_are_skipped_under_faster_tier(
    site: Site, bucket: oss2.Bucket, value: str
) -> None:
    site.control.set({"faster_tier": value})
    site.fill(archived(6))
    cold = [o.key for o in archived(6) if o.storage_class == "ColdArchive"]
    for key in cold:
        parameters = oss2.models.RestoreJobParameters("Bulk")
        bucket.restore_object(key, input=oss2.models.RestoreConfiguration(3, parameters))
    result = site.run(**QUICK, tier="Expedited")
    assert result.verdict.exit_code == 0
    assert result.outcomes == {"already_thawing": len(cold), "requested": 6 - len(cold)}
    assert site.census().unreadable == [], BUCKET
