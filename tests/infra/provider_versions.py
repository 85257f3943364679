"""The schema of provider 2.x, for the resources that are deployed.

Source: ``alicloud/provider.go``, and the file of every resource and data source in the local
cloud's schema, at the provider's tags v1.289.0 and v2.0.0-beta3 (commit 67656d06). According to its
CHANGELOG-v2.md, beta4 and beta5 change none of them. The sources of the stable 2.0.0 were not
available.
"""

from __future__ import annotations

from typing import Final

import pytest

from localcloud.terraform.schema import ProviderSchema, load_schema

BOTH_PROVIDERS: Final = pytest.mark.parametrize("provider", [1, 2], indirect=True)

_REMOVED = {
    "alicloud_cms_alarm": {
        "operator",
        "statistics",
        "threshold",
        "triggered_count",
        "notify_type",
    }
}


def schema_of_2() -> ProviderSchema:
    """Return the schema of 1.x without what 2.x has removed."""
    schema = load_schema()
    assert schema.version == "1.289.0"  # compare the sources again when this changes
    resources = dict(schema.resources)
    for name, removed in _REMOVED.items():
        block = resources[name]
        kept = {key: a for key, a in block.attributes.items() if key not in removed}
        resources[name] = block.model_copy(update={"attributes": kept})
    return schema.model_copy(update={"version": "2.0.0-beta3", "resources": resources})
