"""The credentials that functions run with."""

from __future__ import annotations

from localcloud.fc.platform import TOKEN_SECONDS, RoleSessions
from localcloud.ram.credentials import Credential, CredentialStore
from localcloud.ram.model import Ram
from tests.localcloud.fc.support import ACCOUNT, TRUST_FC


def a_role() -> tuple[Ram, str]:
    ram = Ram(ACCOUNT, CredentialStore())
    return ram, ram.create_role("functions", TRUST_FC, "", 0).arn


def keys(sessions: RoleSessions, role: str) -> tuple[Credential | None, Credential | None]:
    return sessions.credential(role, "restore"), sessions.credential(role, "restore")


def test_calls_within_the_hour_share_a_session() -> None:
    ram, role = a_role()
    first, second = keys(RoleSessions(ram), role)
    assert first is not None
    assert first == second


def test_an_old_session_is_renewed_and_keeps_working() -> None:
    ram, role = a_role()
    first, second = keys(RoleSessions(ram, renew_after=0), role)
    assert first is not None
    assert second is not None
    assert first.access_key_id != second.access_key_id
    assert first.expires_at is not None
    assert second.expires_at is not None
    assert 0 <= second.expires_at - first.expires_at < TOKEN_SECONDS
    assert ram.credentials.find(first.access_key_id, first.token) == first


def test_every_function_has_its_own_session_to_log_requests_under() -> None:
    ram, role = a_role()
    sessions = RoleSessions(ram)
    found = [sessions.credential(role, name) for name in ("restore", "restoreStatus")]
    assert [one and one.principal.function for one in found] == ["restore", "restoreStatus"]


def test_a_service_without_a_role_has_no_credentials() -> None:
    ram, _ = a_role()
    assert RoleSessions(ram).credential("", "restore") is None
