"""Texts about the cost of copies and promoted objects."""

from __future__ import annotations

from collections.abc import Iterator

from oss_restore.language import gettext as _
from oss_restore.language import ngettext
from oss_restore.planning.copies import CopyCosts
from oss_restore.reporting.bill_text import total_text
from oss_restore.reporting.formatting import size
from thaw.after_thaw import CopyTo
from thaw.storage_classes import ARCHIVE, MINIMUM_DAYS


def copy_costs_text(costs: CopyCosts) -> Iterator[str]:
    """Describe what happens after the thaw, and what it costs from then on."""
    objects = int(sum(load.objects for load in costs.loads.values()))
    if not objects:
        return
    yield _action_text(costs, objects)
    if costs.originals_stay:
        yield _originals_text(costs)
    for name, load in sorted(costs.loads.items()):
        if load.young is None:
            yield _(
                "{storage_class} objects younger than {minimum} days are billed for the rest of"
                " that time when they are promoted or deleted: their age is not known here."
            ).format(storage_class=name, minimum=MINIMUM_DAYS[name])
        elif load.young or name != ARCHIVE:
            yield from _minimum_time_texts(costs, name, load.young)


def _action_text(costs: CopyCosts, objects: int) -> str:
    after, stored = costs.after, size(sum(load.bytes for load in costs.loads.values()))
    monthly = total_text(costs.copies_monthly)
    if isinstance(after, CopyTo):
        return ngettext(
            "After the thaw {count:,} object ({size}) is copied to {place} as {storage_class}: from"
            " then on its copy costs {money} a month.",
            "After the thaw {count:,} objects ({size}) are copied to {place} as {storage_class}:"
            " from then on the copies cost {money} a month.",
            objects,
        ).format(
            count=objects,
            size=stored,
            place=f"oss://{after.bucket_name}/{after.prefix}",
            storage_class=costs.into,
            money=monthly,
        )
    return ngettext(
        "After the thaw {count:,} object ({size}) becomes {storage_class}, which costs {money} a"
        " month; while archived, it costs {archived}.",
        "After the thaw {count:,} objects ({size}) become {storage_class}, which costs {money} a"
        " month; while archived, they cost {archived}.",
        objects,
    ).format(
        count=objects,
        size=stored,
        storage_class=costs.into,
        money=monthly,
        archived=total_text(costs.originals_monthly),
    )


def _originals_text(costs: CopyCosts) -> str:
    money = total_text(costs.originals_monthly)
    if isinstance(costs.after, CopyTo):
        return _(
            "The originals stay, and continue to cost {money} a month until you delete them."
        ).format(money=money)
    return _(
        "The bucket keeps versions: the archived versions stay, and continue to cost {money} a"
        " month until you or a lifecycle rule deletes them."
    ).format(money=money)


def _minimum_time_texts(costs: CopyCosts, name: str, young: int) -> Iterator[str]:
    money, minimum = total_text(costs.early_deletion(name)), MINIMUM_DAYS[name]
    if young and costs.originals_stay:
        yield ngettext(
            "{count:,} {storage_class} object is younger than {minimum} days: deleting the original"
            " now costs {money} for the rest of that time.",
            "{count:,} {storage_class} objects are younger than {minimum} days: deleting the"
            " originals now costs {money} for the rest of that time.",
            young,
        ).format(count=young, storage_class=name, minimum=minimum, money=money)
    elif young:
        yield ngettext(
            "{count:,} {storage_class} object is younger than {minimum} days: promoting it now"
            " costs {money} for the rest of that time, which is in the total.",
            "{count:,} {storage_class} objects are younger than {minimum} days: promoting them now"
            " costs {money} for the rest of that time, which is in the total.",
            young,
        ).format(count=young, storage_class=name, minimum=minimum, money=money)
    if name != ARCHIVE:
        yield _(
            "The {minimum} days of {storage_class} objects count from their transition to that"
            " class, whose time is not known here: if it was after their last modification, early"
            " deletion costs more than this plan says, never less."
        ).format(storage_class=name, minimum=minimum)
