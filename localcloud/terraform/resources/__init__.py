"""The resources and data sources that this cloud supports, by their Terraform names."""

from __future__ import annotations

from typing import Any, Final

from localcloud.terraform.resources import cms, fc, fcv3, fnf, identity, oss, ram, sls
from localcloud.terraform.resources.base import DataSourceHandler, ResourceHandler

RESOURCES: Final[dict[str, ResourceHandler[Any]]] = {
    "alicloud_cms_alarm": cms.AlarmHandler(),
    "alicloud_cms_alarm_contact_group": cms.ContactGroupHandler(),
    "alicloud_fc_function": fc.FunctionHandler(),
    "alicloud_fc_service": fc.ServiceHandler(),
    "alicloud_fcv3_function": fcv3.Fc3FunctionHandler(),
    "alicloud_fnf_flow": fnf.FlowHandler(),
    "alicloud_log_dashboard": sls.DashboardHandler(),
    "alicloud_log_project": sls.ProjectHandler(),
    "alicloud_log_store": sls.LogstoreHandler(),
    "alicloud_log_store_index": sls.IndexHandler(),
    "alicloud_oss_bucket": oss.BucketHandler(),
    "alicloud_oss_bucket_object": oss.ObjectHandler(),
    "alicloud_ram_policy": ram.PolicyHandler(),
    "alicloud_ram_role": ram.RoleHandler(),
    "alicloud_ram_role_policy_attachment": ram.AttachmentHandler(),
}

DATA_SOURCES: Final[dict[str, DataSourceHandler]] = {
    "alicloud_account": identity.AccountSource(),
    "alicloud_caller_identity": identity.CallerIdentitySource(),
    "alicloud_regions": identity.RegionsSource(),
}
