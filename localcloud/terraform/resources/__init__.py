"""The resources and data sources that this cloud supports, by their Terraform names."""

from __future__ import annotations

from typing import Any, Final

from localcloud.terraform.resources import ram
from localcloud.terraform.resources.base import DataSourceHandler, ResourceHandler

RESOURCES: Final[dict[str, ResourceHandler[Any]]] = {
    "alicloud_ram_role": ram.RoleHandler(),
    "alicloud_ram_policy": ram.PolicyHandler(),
    "alicloud_ram_role_policy_attachment": ram.AttachmentHandler(),
}

DATA_SOURCES: Final[dict[str, DataSourceHandler]] = {}
