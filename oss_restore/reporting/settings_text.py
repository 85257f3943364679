"""Texts about a run's automatically chosen settings and its action after the thaw."""

from __future__ import annotations

from oss_restore.language import gettext as _
from oss_restore.language import ngettext
from thaw.after_thaw import AfterThaw, CopyTo
from thaw.run_input import RunInput


def settings_text(run: RunInput) -> str:
    """Describe the automatically chosen settings; empty if there are none."""
    listers = int(run.shards) if run.shards.isdecimal() else 0
    texts = {
        "shards": ngettext("{count} lister", "{count} listers", listers).format(count=run.shards),
        "maxKeys": _("pages of {count:,}").format(count=run.max_keys),
        "groupSize": _("groups of {count:,}").format(count=run.group_size),
        "workers": ngettext("{count} worker", "{count} workers", run.workers).format(
            count=run.workers
        ),
        "objectsPerSecond": _("at most {count:,.0f} objects a second").format(
            count=run.objects_per_second or 0
        ),
    }
    return ", ".join(text for name, text in texts.items() if name in run.chosen)


def after_thaw_text(after: AfterThaw) -> str:
    """Describe what is done with each object once it is readable."""
    if not isinstance(after, CopyTo):
        return _("promoted to {storage_class}").format(storage_class=after.storage_class)
    place = f"oss://{after.bucket_name}/{after.prefix}"
    if not after.storage_class:
        return _("copied to {place}").format(place=place)
    return _("copied to {place} as {storage_class}").format(
        place=place, storage_class=after.storage_class
    )
