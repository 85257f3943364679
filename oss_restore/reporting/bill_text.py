"""A bill in words. Its English texts are those of :mod:`thaw.bills`."""

from __future__ import annotations

from typing import Final

from oss_restore.language import N_, gettext
from thaw.bills import TOTAL, TOTAL_WITHOUT, Bill, money

# Named here for the catalogues; a test compares them with those of the bill.
TEXTS: Final = (
    N_("{money} {currency}"),
    N_("{money} {currency}, without {parts}, whose cost is not known"),
    N_("the requests for {storage_class} objects"),
    N_("the retrieval of {storage_class} data"),
    N_("the readable copies of {storage_class} objects"),
    N_("other requests to OSS"),
    N_("workflow steps"),
    N_("function calls"),
)


def total_text(bill: Bill) -> str:
    """The sum, and what it is without."""
    parts = without_text(bill)
    total = TOTAL_WITHOUT if parts else TOTAL
    return gettext(total.text).format(money=money(bill.known), currency=bill.currency, parts=parts)


def without_text(bill: Bill) -> str:
    """What the sum is without; empty if every price is known."""
    return ", ".join(gettext(one.text).format(**one.values) for one in bill.without)
