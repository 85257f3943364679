"""What follows the thaw means in requests, storage and early deletion, for a plan."""

from __future__ import annotations

from collections.abc import Iterator

from oss_restore.language import gettext as _
from oss_restore.planning.survey import ObjectLoad, Survey
from thaw.after_thaw import AfterThaw, CopyTo
from thaw.storage_classes import MINIMUM_DAYS
from thaw.usage import GIB


def notes_on_copies(after: AfterThaw, survey: Survey) -> Iterator[str]:
    """Say what copying or promoting the objects of a survey takes.

    Args:
        after: what follows the thaw.
        survey: the objects.
    """
    load = sum(survey.copied.values(), ObjectLoad())
    if not load.objects:
        return
    size = f"{load.bytes / GIB:,.1f}"
    if isinstance(after, CopyTo):
        yield _(
            "After the thaw {objects:,} objects ({gib} GiB) are copied to {place}: at least as many"
            " Put requests, and the storage of the copies beside that of the originals until you"
            " delete these."
        ).format(objects=load.objects, gib=size, place=f"oss://{after.bucket_name}/{after.prefix}")
    else:
        yield _(
            "After the thaw {objects:,} objects ({gib} GiB) become {storage_class}: at least as"
            " many Put requests, and the storage price of that class from then on. In a bucket that"
            " keeps versions the archived versions stay, and stay billed."
        ).format(objects=load.objects, gib=size, storage_class=after.storage_class)
    for name, (young, days) in sorted(survey.early.items()):
        yield _(
            "{objects:,} {storage_class} objects ({gib} GiB) are younger than {minimum} days:"
            " deleting or promoting them now is billed for {days:.0f} more days on average, and for"
            " longer where they came to the class after their last modification."
        ).format(
            objects=young.objects,
            storage_class=name,
            gib=f"{young.bytes / GIB:,.1f}",
            minimum=MINIMUM_DAYS[name],
            days=days / young.objects,
        )
