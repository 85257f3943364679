"""A pytest plugin with what oss2's own tests need here.

They sleep until the real service has settled, import a package that is part of Python by now, and
some choose at random between a bucket and two that encrypt on the client, one of them with keys
of a service that the local cloud does not have.
"""

from __future__ import annotations

import random
import string
import sys
import time
import unittest.mock
from typing import TYPE_CHECKING, TypeVar

import oss2
import pytest

if TYPE_CHECKING:
    from _typeshed import SupportsLenAndGetItem

T = TypeVar("T")

_choice = random.choice


def _sleep(_seconds: object) -> None:
    """Return at once: the local cloud has nothing to settle."""


def _choose(seq: SupportsLenAndGetItem[T]) -> T:
    return seq[0] if isinstance(seq[0], oss2.Bucket) else _choice(seq)


def _random_string(n: int) -> str:
    """Some text, of which the suite's own would draw each of millions of letters by itself."""
    return "".join(random.choices(string.ascii_lowercase, k=n))


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    for module in {sys.modules["tests.common"], *(item.module for item in items)}:
        vars(module).update(random_string=_random_string)


time.sleep = _sleep
random.choice = _choose
sys.modules["mock"] = unittest.mock
