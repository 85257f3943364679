"""Signatures of the HTTP API."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import formatdate
from functools import partial

import pytest
from fc2.auth import Auth
from hypothesis import given
from hypothesis import strategies as st

from localcloud.acs3 import MAX_SKEW_SECONDS
from localcloud.errors import CloudError
from localcloud.fc.auth import authenticate, signature
from localcloud.http import Request
from localcloud.ram.credentials import Credential, CredentialStore, root_principal

PATH = "/2016-08-15/services"
KEY = Credential("LTAIa", "secret", root_principal("1"))


def request(
    path: str = PATH, *, key: Credential = KEY, leave_out: str = "", **changes: str
) -> Request:
    """Build a signed request; the changes are made after signing."""
    headers = {"date": formatdate(usegmt=True), "content-type": "application/json"}
    if key.token:
        headers["x-fc-security-token"] = key.token
    signed = signature("GET", path, headers, key.secret)
    headers["authorization"] = f"FC {key.access_key_id}:{signed}"
    headers |= {name.replace("_", "-"): value for name, value in changes.items()}
    headers.pop(leave_out, None)
    return Request("GET", path, "", headers, b"")


@pytest.fixture
def credentials() -> CredentialStore:
    credentials = CredentialStore()
    credentials.add(KEY)
    return credentials


@given(
    path=st.text(st.characters(codec="utf-8"), max_size=20),
    headers=st.dictionaries(
        st.sampled_from(("content-md5", "content-type", "date", "x-fc-trace-id", "x-fc-a", "host")),
        st.text("abc:/ é", max_size=8),
    ),
    secret=st.text("abc", min_size=1),
)
def test_signatures_are_the_sdks(path: str, headers: dict[str, str], secret: str) -> None:
    expected = Auth("id", secret).sign_request("POST", path, headers)
    assert f"FC id:{signature('POST', path, headers, secret)}" == expected


def test_a_signed_request_is_its_keys(credentials: CredentialStore) -> None:
    assert authenticate(request(), credentials) == KEY


def test_a_path_is_signed_decoded(credentials: CredentialStore) -> None:
    signed = request("/2016-08-15/services/ü b")
    sent = Request("GET", "/2016-08-15/services/%C3%BC%20b", "", signed.headers, b"")
    assert authenticate(sent, credentials) == KEY


def test_a_temporary_key_signs_with_its_token(credentials: CredentialStore) -> None:
    temporary = credentials.issue(root_principal("1"), lifetime=900)
    assert authenticate(request(key=temporary), credentials) == temporary


@pytest.mark.parametrize(
    ("signed", "code", "status"),
    [
        (partial(request, leave_out="authorization"), "MissingRequiredHeader", 400),
        (partial(request, leave_out="date"), "MissingRequiredHeader", 400),
        (partial(request, authorization="Bearer x"), "InvalidArgument", 400),
        (partial(request, date="yesterday"), "InvalidArgument", 400),
        (partial(request, content_type="text/plain"), "SignatureNotMatch", 403),
        (partial(request, x_fc_trace_id="added"), "SignatureNotMatch", 403),
        (partial(request, authorization="FC LTAIa:é"), "SignatureNotMatch", 403),
        (partial(request, authorization="FC LTAIb:x"), "InvalidAccessKeyID", 403),
        (partial(request, x_fc_security_token="x"), "InvalidSecurityToken", 403),
    ],
)
def test_a_request_with_a_wrong_signature_is_refused(
    credentials: CredentialStore, signed: Callable[[], Request], code: str, status: int
) -> None:
    with pytest.raises(CloudError) as refusal:
        authenticate(signed(), credentials)
    assert (refusal.value.code, refusal.value.status) == (code, status)


@pytest.mark.parametrize("skew", [-MAX_SKEW_SECONDS - 60, MAX_SKEW_SECONDS + 60])
def test_a_date_too_far_from_now_is_refused(credentials: CredentialStore, skew: int) -> None:
    with pytest.raises(CloudError, match="seconds from the current time"):
        authenticate(request(date=formatdate(time.time() + skew, usegmt=True)), credentials)
