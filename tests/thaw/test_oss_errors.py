"""Messages for operators when OSS makes a whole call fail."""

from __future__ import annotations

import pytest
import requests
from oss2.exceptions import ClientError, OssError, RequestError, ServerError
from oss2.exceptions import NoSuchBucket as OssNoSuchBucket

from thaw.errors import AccessDenied, NoSuchBucket, RunError, StorageRefused, StorageUnavailable
from thaw.oss_errors import run_error
from thaw.retry import BrokenResponse


def answer(
    status: int, code: str, kind: type[ServerError] = ServerError, **details: str
) -> ServerError:
    return kind(status, {"x-oss-request-id": "R7"}, b"", {"Code": code, "Message": "m", **details})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (answer(404, "NoSuchBucket", OssNoSuchBucket), NoSuchBucket),
        (answer(403, "AccessDenied"), AccessDenied),
        (answer(403, "SecurityTokenExpired"), StorageUnavailable),
        (answer(403, "RequestTimeTooSkewed"), StorageUnavailable),
        (answer(400, "InvalidArgument"), StorageRefused),
        (answer(404, "NoSuchKey"), StorageRefused),
        (answer(503, "ServiceUnavailable"), StorageUnavailable),
        (answer(429, "QpsLimitExceeded"), StorageUnavailable),
        (RequestError(requests.ConnectionError("refused")), StorageUnavailable),
        (BrokenResponse("half"), StorageUnavailable),
        (ClientError("misused"), StorageRefused),
    ],
)
def test_each_error_is_translated_to_the_one_that_the_flow_handles(
    error: OssError, kind: type[RunError]
) -> None:
    assert type(run_error(error, action="oss:X", resource="acs:oss:*:*:b")) is kind


def test_a_refusal_names_action_resource_code_and_request() -> None:
    error = run_error(
        answer(403, "AccessDenied", EC="0003-00000001"),
        action="oss:ListObjects",
        resource="acs:oss:*:*:b",
    )
    message = str(error)
    for word in ("oss:ListObjects", "acs:oss:*:*:b", "403 AccessDenied", "0003-00000001", "R7"):
        assert word in message


def test_a_network_error_contains_the_original_message() -> None:
    error = RequestError(requests.ConnectionError("name not known"))
    assert "name not known" in str(run_error(error, action="oss:X", resource="r"))


@pytest.mark.parametrize(
    ("code", "explanation"),
    [("RequestTimeTooSkewed", "clock"), ("SecurityTokenExpired", "temporary keys")],
)
def test_a_refusal_unrelated_to_permissions_is_explained_by_its_code(
    code: str, explanation: str
) -> None:
    message = str(run_error(answer(403, code), action="oss:X", resource="r"))
    assert explanation in message
    assert "Allow it" not in message
