"""The order of the tests: long ones first, so that no worker is left with one at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def long_first(tests: Sequence[T], is_long: Callable[[T], bool], workers: int) -> list[T]:
    """Return the tests in an order in which every worker starts with its part of the long ones.

    Otherwise their order is kept.

    Args:
        tests: the tests, which xdist divides into as many consecutive parts as there are workers.
        is_long: whether a test takes long.
        workers: the number of workers.
    """
    long = [test for test in tests if is_long(test)]
    others = [test for test in tests if not is_long(test)]
    ordered: list[T] = []
    for worker in range(workers):
        part = (len(tests) - len(ordered)) // (workers - worker)
        own = long[worker::workers]
        more = max(0, part - len(own))
        ordered += [*own, *others[:more]]
        del others[:more]
    return ordered
