"""Alibaba Cloud's regions, from the provider's own list, and where services are offered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

REGIONS: Final = (
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "cn-beijing",
    "cn-beijing-finance-1",
    "cn-chengdu",
    "cn-fuzhou",
    "cn-guangzhou",
    "cn-hangzhou",
    "cn-hangzhou-finance",
    "cn-heyuan",
    "cn-hongkong",
    "cn-huhehaote",
    "cn-nanjing",
    "cn-north-2-gov-1",
    "cn-qingdao",
    "cn-shanghai",
    "cn-shanghai-finance-1",
    "cn-shenzhen",
    "cn-shenzhen-finance-1",
    "cn-wuhan-lr",
    "cn-wulanchabu",
    "cn-zhangjiakou",
    "cn-zhengzhou-jva",
    "eu-central-1",
    "eu-west-1",
    "me-central-1",
    "me-east-1",
    "na-south-1",
    "us-east-1",
    "us-southeast-1",
    "us-west-1",
)

# Regions with Serverless Workflow (the vendor's list of endpoints, March 2026), each with the
# regions it is nearest to. Regions outside mainland China are assigned to one outside it.
_NEAREST: Final[Mapping[str, tuple[str, ...]]] = {
    "cn-beijing": (
        "cn-beijing-finance-1",
        "cn-huhehaote",
        "cn-north-2-gov-1",
        "cn-wulanchabu",
        "cn-zhangjiakou",
        "cn-zhengzhou-jva",
    ),
    "cn-hangzhou": ("cn-fuzhou", "cn-hangzhou-finance", "cn-wuhan-lr"),
    "cn-qingdao": (),
    "cn-shanghai": ("cn-nanjing", "cn-shanghai-finance-1"),
    "cn-shenzhen": ("cn-chengdu", "cn-guangzhou", "cn-heyuan", "cn-shenzhen-finance-1"),
    "ap-southeast-1": (
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-south-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "cn-hongkong",
        "eu-central-1",
        "eu-west-1",
        "me-central-1",
        "me-east-1",
    ),
    "us-west-1": ("na-south-1", "us-east-1", "us-southeast-1"),
}
FLOW_REGIONS: Final = tuple(sorted(_NEAREST))


def nearest_with_flows(region: str) -> str:
    """Return the nearest region with Serverless Workflow, which may be the region itself."""
    return next(
        offered for offered, others in _NEAREST.items() if region == offered or region in others
    )
