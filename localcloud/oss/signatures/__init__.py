"""Authentication: signature versions 1, 2 and 4, in the header or presigned.

Source: the signers of oss2 2.19.1 and alibabacloud_oss_v2 1.4.1.
"""

from __future__ import annotations

import hmac

from localcloud.errors import CloudError
from localcloud.oss.signatures import v1, v2, v4
from localcloud.oss.signatures.claim import Claim, Signed, malformed_authorization
from localcloud.ram.credentials import Credential, CredentialStore

__all__ = ["Signed", "authenticate"]


def _claim(signed: Signed, region: str) -> Claim | None:
    authorization = signed.header("authorization")
    version = signed.query.get("x-oss-signature-version", "")
    if authorization.startswith(v4.SCHEME):
        claim = v4.from_header(signed, region)
    elif authorization.startswith(v2.SCHEME):
        claim = v2.from_header(signed)
    elif authorization.startswith(v1.SCHEME):
        claim = v1.from_header(signed)
    elif version == v4.SCHEME.strip():
        claim = v4.from_query(signed, region)
    elif version == v2.SCHEME.strip():
        claim = v2.from_query(signed)
    elif "Signature" in signed.query:
        claim = v1.from_query(signed)
    elif authorization:
        raise malformed_authorization()
    else:
        claim = None
    return claim


def authenticate(signed: Signed, *, credentials: CredentialStore, region: str) -> Credential | None:
    """Return the key that signed the request; None for an unsigned request.

    Raises:
        CloudError: ``SignatureDoesNotMatch`` and the other refusals of a bad signature.
    """
    claim = _claim(signed, region)
    if claim is None:
        return None
    credential = credentials.find(claim.access_key_id, claim.token)
    expected = claim.sign(credential.secret)
    if not hmac.compare_digest(expected.encode(), claim.signature.encode()):
        raise CloudError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your key and signing method.",
            403,
            ec="0002-00000040",
        )
    return credential
