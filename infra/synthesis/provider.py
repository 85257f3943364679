"""Which Terraform provider everything is deployed with."""

from __future__ import annotations

from typing import Final

NAME: Final = "alicloud"
SOURCE: Final = "aliyun/alicloud"
# Exact: 2.0 is in beta and drops resources. Below 1.288.0 the removal of a role leaves orphans
# behind (the provider's issue 10093).
VERSION: Final = "1.289.0"
