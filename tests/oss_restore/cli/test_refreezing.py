"""The cost that ``refreeze`` names before it freezes objects."""

from __future__ import annotations

import pytest

from oss_restore.cli.refreezing import daily_cost
from thaw.page_chunks import Tally
from thaw.prices import built_in_prices


def test_a_day_of_readable_copies_is_billed_by_the_price_list() -> None:
    gib = 2**30
    readable = {
        "ColdArchive": Tally(1, 30 * gib, 30 * gib),
        "Archive": Tally(1, 10**15, 10**15),
    }
    assert daily_cost(readable, built_in_prices()) == pytest.approx(0.12)
