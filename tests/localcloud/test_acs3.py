"""Signatures of API version 2023-03-30."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from alibabacloud_tea_openapi.utils import Utils
from hypothesis import given
from hypothesis import strategies as st

from localcloud.acs3 import MAX_SKEW_SECONDS, SCHEME, authenticate
from localcloud.errors import CloudError
from localcloud.http import Request
from localcloud.ram.credentials import Credential, CredentialStore, root_principal

PATH = "/2023-03-30/functions/f"
KEY = Credential("LTAIa", "secret", root_principal("1"))


def date(offset: float = 0) -> str:
    moment = datetime.fromtimestamp(time.time() + offset, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def signed_by_the_sdk(
    *,
    path: str = PATH,
    query: dict[str, str] | None = None,
    body: bytes = b"",
    key: Credential = KEY,
    moment: str = "",
) -> Request:
    """A request as the SDK sends it."""
    hashed = hashlib.sha256(body).hexdigest()
    headers = {
        "host": "127.0.0.1:80",
        "x-acs-date": moment or date(),
        "x-acs-content-sha256": hashed,
        "content-type": "application/json",
    }
    if key.token:
        headers["x-acs-security-token"] = key.token
    request = SimpleNamespace(method="POST", pathname=path, query=query, headers=headers)
    given = Utils.get_authorization(request, SCHEME, hashed, key.access_key_id, key.secret)
    return Request("POST", path, urlencode(query or {}), {**headers, "authorization": given}, body)


def changed(request: Request, **headers: str) -> Request:
    """Change the request after it was signed; None removes a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    kept = {name: value for name, value in {**request.headers, **named}.items() if value}
    return Request(request.method, request.raw_path, request.query, kept, request.body)


@pytest.fixture
def credentials() -> CredentialStore:
    credentials = CredentialStore()
    credentials.add(KEY)
    return credentials


@given(
    query=st.dictionaries(
        st.sampled_from(("qualifier", "limit", "prefix")), st.text("aB1 é~+&=/%", max_size=8)
    ),
    body=st.binary(max_size=20),
    secret=st.text("abc", min_size=1),
)
def test_what_the_sdk_signs_is_its_keys(query: dict[str, str], body: bytes, secret: str) -> None:
    key = Credential("LTAIb", secret, root_principal("1"))
    credentials = CredentialStore()
    credentials.add(key)
    assert authenticate(signed_by_the_sdk(query=query, body=body, key=key), credentials) == key


def test_a_temporary_key_signs_with_its_token(credentials: CredentialStore) -> None:
    temporary = credentials.issue(root_principal("1"), lifetime=900)
    assert authenticate(signed_by_the_sdk(key=temporary), credentials) == temporary


def other_body() -> Request:
    signed = signed_by_the_sdk(body=b"1")
    return Request("POST", PATH, "", signed.headers, b"2")


def other_query() -> Request:
    signed = signed_by_the_sdk(query={"qualifier": "a"})
    return Request("POST", PATH, "qualifier=b", signed.headers, b"")


def without_a_signed_body() -> Request:
    """Everything required is signed, except the body's hash."""
    headers = {"host": "127.0.0.1:80", "x-acs-date": date()}
    request = SimpleNamespace(method="POST", pathname=PATH, query=None, headers=headers)
    hashed = hashlib.sha256(b"").hexdigest()
    given = Utils.get_authorization(request, SCHEME, hashed, KEY.access_key_id, KEY.secret)
    sent = {**headers, "x-acs-content-sha256": hashed, "authorization": given}
    return Request("POST", PATH, "", sent, b"")


@pytest.mark.parametrize(
    ("make", "code", "status"),
    [
        (lambda: changed(signed_by_the_sdk(), authorization=""), "MissingRequiredHeader", 400),
        (lambda: changed(signed_by_the_sdk(), x_acs_date=""), "MissingRequiredHeader", 400),
        (
            lambda: changed(signed_by_the_sdk(), x_acs_content_sha256=""),
            "MissingRequiredHeader",
            400,
        ),
        (lambda: changed(signed_by_the_sdk(), authorization="FC LTAIa:x"), "InvalidArgument", 400),
        (lambda: changed(signed_by_the_sdk(), authorization=SCHEME), "InvalidArgument", 400),
        (lambda: signed_by_the_sdk(moment="yesterday"), "InvalidArgument", 400),
        (lambda: signed_by_the_sdk(moment=date(-MAX_SKEW_SECONDS - 60)), "AccessDenied", 403),
        (lambda: signed_by_the_sdk(moment=date(MAX_SKEW_SECONDS + 60)), "AccessDenied", 403),
        (lambda: changed(signed_by_the_sdk(), content_type="text/plain"), "SignatureNotMatch", 403),
        (other_body, "SignatureNotMatch", 403),
        (other_query, "SignatureNotMatch", 403),
        (without_a_signed_body, "SignatureNotMatch", 403),
        (
            lambda: signed_by_the_sdk(key=Credential("LTAIx", "secret", root_principal("1"))),
            "InvalidAccessKeyId",
            403,
        ),
        (
            lambda: changed(signed_by_the_sdk(), x_acs_security_token="x"),
            "InvalidSecurityToken",
            403,
        ),
    ],
)
def test_a_request_with_a_wrong_signature_is_refused(
    credentials: CredentialStore, make: Callable[[], Request], code: str, status: int
) -> None:
    bad = make()  # now: what is signed ages
    with pytest.raises(CloudError) as refusal:
        authenticate(bad, credentials)
    assert (refusal.value.code, refusal.value.status) == (code, status)
