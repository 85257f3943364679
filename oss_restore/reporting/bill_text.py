"""Texts about bills."""

from __future__ import annotations

from oss_restore.language import translate
from thaw.bills import Bill


def total_text(bill: Bill) -> str:
    """Return the sum of a bill, and the parts that it does not include."""
    return translate(bill.total, parts=without_text(bill))


def without_text(bill: Bill) -> str:
    """Return the parts that the sum does not include; empty if every price is known."""
    return ", ".join(map(translate, bill.without))
