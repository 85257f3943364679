"""The Terraform provider that all deployments use."""

from __future__ import annotations

from typing import Final

NAME: Final = "alicloud"
SOURCE: Final = "aliyun/alicloud"
# An exact version, the newest whose calls were recorded. Before 1.288.0, removing a role left
# orphans (provider issue 10093). Since October 2026, 1.x only gets critical fixes.
VERSION: Final = "1.289.0"
