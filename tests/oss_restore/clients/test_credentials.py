"""Keys are found as by other tools of Alibaba Cloud, and are never shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oss_restore.clients.credentials import AccessKeys, CallerCredentials
from tests.oss_restore import shell
from tests.site import Site


@pytest.fixture
def keyless(site: Site, tmp_path: Path) -> tuple[str, ...]:
    """Return the arguments for a local cloud whose file contains no keys."""
    known = {"access_key_id", "access_key_secret"}
    path = tmp_path / "cloud.json"
    path.write_text(site.endpoints.model_dump_json(exclude=known))
    return ("--flow", site.deployment.main_flow, "--cloud", str(path))


def test_keys_come_from_the_environment(site: Site, keyless: tuple[str, ...]) -> None:
    secret = site.endpoints.access_key_secret
    environ = shell.environment(
        ALIBABA_CLOUD_ACCESS_KEY_ID=site.endpoints.access_key_id,
        ALIBABA_CLOUD_ACCESS_KEY_SECRET=secret,
    )
    status, out, err = shell.run("doctor", *keyless, "--debug", environ=environ)
    assert status == 0, err
    assert "with keys from env" in out
    assert secret not in out + err


def test_keys_come_from_the_profile_of_the_aliyun_command_line(
    site: Site, keyless: tuple[str, ...], tmp_path: Path
) -> None:
    profile = {
        "name": "thaw",
        "mode": "AK",
        "access_key_id": site.endpoints.access_key_id,
        "access_key_secret": site.endpoints.access_key_secret,
    }
    environ = shell.home(tmp_path, json.dumps({"current": "thaw", "profiles": [profile]}))
    status, out, err = shell.run("doctor", *keyless, environ=environ)
    assert status == 0, err
    assert "with keys from default/cli_profile" in out


def test_missing_keys_are_reported_with_the_places_searched_and_a_remedy(
    keyless: tuple[str, ...],
) -> None:
    status, out, err = shell.run("doctor", *keyless)
    assert status == 3
    assert (
        "no credentials in the environment variables, an OIDC role, the profiles of the aliyun"
        " command line, or the RAM role of the instance" in out
    )
    assert "aliyun configure" in out
    assert err == "1 of 1 checks failed, 0 with warnings\n"


def test_the_repr_of_keys_contains_no_secret() -> None:
    keys = CallerCredentials.fixed("id", "s3cr3t").keys()
    assert keys == AccessKeys("id", "s3cr3t", "", "static_ak")
    assert "s3cr3t" not in repr(keys)
