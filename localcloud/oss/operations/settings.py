"""Bucket settings that cannot be changed here: the responses for a bucket without them.

Source: the operations' documentation, and what the Terraform provider reads of every bucket.
"""

from __future__ import annotations

from typing import Final

from localcloud.errors import CloudError
from localcloud.http import Response
from localcloud.oss.call import Call, xml_response
from localcloud.oss.route import Route, bucket_route
from localcloud.oss.xml import element, text

DEFAULT_RESOURCE_GROUP: Final = "rg-default"  # ids of the service look like rg-acfmxazb4ph****


def _not_configured(name: str, sub_resource: str, code: str, setting: str) -> Route:
    """Return the operation for a setting that buckets do not have: 404 with a specific code."""

    @bucket_route(name, "GET", sub_resource)
    def operation(call: Call) -> Response:
        raise CloudError(code, f"The bucket {call.bucket_name} has no {setting}.", 404)

    return operation


def _always(name: str, sub_resource: str, root: str, **values: str) -> Route:
    """Return the operation for a setting that has the same value in every bucket."""
    document = element(root)
    for tag, value in values.items():
        text(document, tag, value)
    return bucket_route(name, "GET", sub_resource)(lambda _call: xml_response(document))


GET_LOGGING = _always("GetBucketLogging", "logging", "BucketLoggingStatus")
GET_REFERER = _always(
    *("GetBucketReferer", "referer", "RefererConfiguration"),
    AllowEmptyReferer="true",
    RefererList="",
)
GET_RESOURCE_GROUP = _always(
    *("GetBucketResourceGroup", "resourceGroup", "BucketResourceGroupConfiguration"),
    ResourceGroupId=DEFAULT_RESOURCE_GROUP,
)
GET_REQUEST_PAYMENT = _always(
    *("GetBucketRequestPayment", "requestPayment", "RequestPaymentConfiguration"),
    Payer="BucketOwner",
)
GET_CORS = _not_configured("GetBucketCors", "cors", "NoSuchCORSConfiguration", "CORS rules")
GET_LIFECYCLE = _not_configured("GetBucketLifecycle", "lifecycle", "NoSuchLifecycle", "lifecycle")
GET_WEBSITE = _not_configured(
    "GetBucketWebsite", "website", "NoSuchWebsiteConfiguration", "website configuration"
)
GET_ENCRYPTION = _not_configured(
    "GetBucketEncryption", "encryption", "NoSuchServerSideEncryptionRule", "encryption rule"
)
GET_TRANSFER_ACCELERATION = _not_configured(
    "GetBucketTransferAcceleration",
    "transferAcceleration",
    "NoSuchTransferAccelerationConfiguration",
    "transfer acceleration",
)
