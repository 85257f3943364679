"""The Terraform provider that everything is deployed with."""

from __future__ import annotations

from typing import Final

NAME: Final = "alicloud"
SOURCE: Final = "aliyun/alicloud"
# Exact, and the newest whose calls were recorded. Below 1.288.0 removing a role leaves orphans
# behind (the provider's issue 10093). 1.x gets critical fixes only since October 2026.
VERSION: Final = "1.289.0"
