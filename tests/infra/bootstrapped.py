"""Accounts that have been bootstrapped on a local cloud."""

from __future__ import annotations

import json
from typing import Any

from localcloud.terraform.resources import RESOURCES

# In the provider's schema, but not in the local cloud.
ELSEWHERE = {"alicloud_ots_instance", "alicloud_ots_table", "alicloud_ims_oidc_provider"}


def applicable(document: dict[str, Any]) -> dict[str, Any]:
    """Return the part of an account's configuration that the local cloud supports."""
    kept = {kind: bodies for kind, bodies in document["resource"].items() if kind in RESOURCES}
    assert set(document["resource"]) - set(kept) <= ELSEWHERE
    text = json.dumps({**document, "resource": kept})
    return dict(json.loads(text.replace('"alicloud_ims_oidc_provider.pipeline"', "")))
