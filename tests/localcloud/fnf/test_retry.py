"""When a failed task is tried again (docs 122494, 214310)."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from fdl.tree import Retry
from localcloud.fnf.failures import StepFailure
from localcloud.fnf.retry import Retries
from localcloud.settings import Switches


def delays(
    policies: tuple[Retry, ...], names: list[str], switches: Switches | None = None
) -> list[float | None]:
    retries = Retries(policies, switches or Switches(), Random(0))
    return [retries.delay_after(StepFailure(name)) for name in names]


def test_waits_grow_by_the_multiplier_up_to_the_cap() -> None:
    article = Retry(
        ("A",), interval_seconds=1, multiplier=1.5, max_interval_seconds=10, max_attempts=10
    )
    waits = delays((article,), ["A"] * 11)
    assert [round(wait, 1) for wait in waits[:10] if wait is not None] == [
        1, 1.5, 2.2, 3.4, 5.1, 7.6, 10, 10, 10, 10,
    ]  # fmt: skip
    assert waits[10] is None


def test_the_first_policy_that_names_the_error_decides() -> None:
    policies = (Retry(("A",), max_attempts=0), Retry(("FnF.ALL",), interval_seconds=7))
    assert delays(policies, ["A", "B"]) == [None, 7]


def test_attempts_count_by_policy_or_by_step() -> None:
    policies = (Retry(("A",), max_attempts=2), Retry(("B",), max_attempts=2))
    errors = ["A", "B", "A", "B", "A"]
    assert delays(policies, errors) == [1, 1, 2, 2, None]
    per_step = Switches(retry_counter="per_step")
    assert delays(policies, errors[:3], per_step) == [1, 2, None]


def test_jitter_is_a_random_part_of_the_wait() -> None:
    policy = Retry(("A",), interval_seconds=100, multiplier=1, max_attempts=9)
    waits = delays((policy,), ["A"] * 9, Switches(retry_jitter="full"))
    assert len({wait for wait in waits if wait is not None and 0 <= wait <= 100}) == 9


@given(
    interval=st.floats(0, 86_400),
    multiplier=st.floats(0, 1e6),
    cap=st.floats(0, 86_400),
    attempts=st.integers(0, 500),
)
def test_no_wait_is_above_the_cap_and_no_attempt_above_the_limit(
    interval: float, multiplier: float, cap: float, attempts: int
) -> None:
    policy = Retry(("A",), interval, cap, attempts, multiplier)
    waits = delays((policy,), ["A"] * (attempts + 1))
    assert waits[-1] is None
    assert all(wait is not None and 0 <= wait <= cap for wait in waits[:-1])
