"""Bucket settings that cannot be changed here: the responses for a bucket without them.

Source: the operations' documentation, and what the Terraform provider reads of every bucket.
"""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element

from localcloud.errors import CloudError
from localcloud.http import Response
from localcloud.oss.call import Call, Operation, xml_response
from localcloud.oss.xml import element, text

DEFAULT_RESOURCE_GROUP: Final = "rg-default"  # ids of the service look like rg-acfmxazb4ph****


def not_configured(code: str, setting: str) -> Operation:
    """Return the operation for a setting that buckets do not have: 404 with a specific code."""

    def run(call: Call) -> Response:
        raise CloudError(code, f"The bucket {call.bucket_name} has no {setting}.", 404)

    return run


def always(document: Element) -> Operation:
    """Return the operation for a setting that has the same value in every bucket."""

    def run(_call: Call) -> Response:
        return xml_response(document)

    return run


def _document(root: str, **values: str) -> Element:
    document = element(root)
    for tag, value in values.items():
        text(document, tag, value)
    return document


LOGGING = _document("BucketLoggingStatus")
REFERER = _document("RefererConfiguration", AllowEmptyReferer="true", RefererList="")
RESOURCE_GROUP = _document(
    "BucketResourceGroupConfiguration", ResourceGroupId=DEFAULT_RESOURCE_GROUP
)
REQUEST_PAYMENT = _document("RequestPaymentConfiguration", Payer="BucketOwner")
