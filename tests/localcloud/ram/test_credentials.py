"""Keys: who owns them, and how long they are valid."""

from __future__ import annotations

import time

import pytest

from localcloud.errors import CloudError
from localcloud.ram.credentials import Credential, CredentialStore, Principal, root_principal

ROOT = root_principal("1")
USER = Principal("1", "acs:ram::1:user/u", user="u")


def test_the_account_itself_is_root_and_others_are_not() -> None:
    assert ROOT.is_root
    assert not USER.is_root
    assert not Principal("1", "acs:ram::1:assumed-role/r/s", role="r").is_root


def test_a_permanent_key_is_found_by_its_id() -> None:
    credentials = CredentialStore()
    key = credentials.issue(ROOT)
    assert credentials.find(key.access_key_id) == key
    assert (key.token, key.expires_at) == ("", None)


def test_a_temporary_key_needs_its_token() -> None:
    credentials = CredentialStore()
    key = credentials.issue(ROOT, lifetime=900)
    assert credentials.find(key.access_key_id, key.token) == key
    for token in ("", "another"):
        with pytest.raises(CloudError, match="InvalidSecurityToken"):
            credentials.find(key.access_key_id, token)


def test_a_permanent_key_has_no_token() -> None:
    credentials = CredentialStore()
    key = credentials.issue(ROOT)
    with pytest.raises(CloudError, match="InvalidSecurityToken"):
        credentials.find(key.access_key_id, "token")


def test_a_temporary_key_expires() -> None:
    credentials = CredentialStore()
    key = Credential("STS.a", "secret", ROOT, token="token", expires_at=time.time() - 1)
    credentials.add(key)
    with pytest.raises(CloudError, match="SecurityTokenExpired"):
        credentials.find("STS.a", "token")


@pytest.mark.parametrize("access_key_id", ["", "LTAInobody"])
def test_a_key_that_nobody_issued_is_refused(access_key_id: str) -> None:
    with pytest.raises(CloudError, match="InvalidAccessKeyId"):
        CredentialStore().find(access_key_id)


def test_a_revoked_key_is_refused() -> None:
    credentials = CredentialStore()
    key = credentials.issue(ROOT)
    credentials.revoke(key.access_key_id)
    with pytest.raises(CloudError, match="InvalidAccessKeyId"):
        credentials.find(key.access_key_id)


def test_a_users_keys_identify_the_user_of_that_account() -> None:
    credentials = CredentialStore()
    key = credentials.issue(USER)
    credentials.issue(ROOT)
    credentials.issue(Principal("2", "acs:ram::2:user/u", user="u"))
    assert credentials.of_user("1", "u") == [key]


def test_valid_keys_survive_a_snapshot() -> None:
    credentials = CredentialStore()
    lasting, temporary = credentials.issue(USER), credentials.issue(ROOT, lifetime=900)
    credentials.add(Credential("STS.old", "s", ROOT, token="t", expires_at=time.time() - 1))
    restored = CredentialStore()
    for text in filter(None, map(credentials.dump, credentials.ids())):
        restored.load(text)
    assert restored.find(lasting.access_key_id) == lasting
    assert restored.find(temporary.access_key_id, temporary.token) == temporary
    with pytest.raises(CloudError, match="InvalidAccessKeyId"):
        restored.find("STS.old", "t")
