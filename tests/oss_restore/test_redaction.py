"""No command writes a secret anywhere, whatever goes wrong."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from oss_restore.cli.program import COMMANDS
from oss_restore.redaction import REDACTED, redact, redacting, remember
from tests.infra.environments import SMALL

KEYS: Final = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI5tKeyIdOfThisTest0000",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "theSecretOfThisTest0123456789",
    "ALIBABA_CLOUD_SECURITY_TOKEN": "CAISthe+token/of+this/test0123456789abcdefghijklmnop==",
    "TF_VAR_notify_ops_url": "https://hook.example/the-secret-of-ops",
}
NOWHERE: Final = "http://127.0.0.1:9"  # a proxy that does not exist
RUN: Final = ("dev", "--run", "run-1")
BUCKET: Final = ("dev", "--bucket", "archive")
# Arguments of each command that calls the cloud.
CALLS: Final[Mapping[str, tuple[str, ...]]] = {
    "plan": BUCKET,
    "start": (*BUCKET, "--yes"),
    "watch": RUN,
    "status": RUN,
    "stop": (*RUN, "--yes"),
    "report": RUN,
    "failures": RUN,
    "list": ("dev",),
    "retry-failed": (*RUN, "--yes"),
    "extend": (*RUN, "--days", "3", "--yes"),
    "upgrade": (*RUN, "--tier", "Expedited", "--yes"),
    "refreeze": (*BUCKET, "--yes"),
    "export-manifest": (*RUN, "--output", "manifest.csv"),
    "doctor": ("dev",),
    "queries": ("dev",),
    "invoke": ("dev", "prepareRun"),
    "smoke": ("dev",),
}
# Runs each in a separate process, forked from one that has imported what they need.
EACH: Final = """
import gc, json, os, sys, time
time.sleep = lambda seconds: None  # before the next try
import oss_restore.clients.function_calls.fc2_client, oss_restore.clients.workflow
import oss_restore.cli.plan_arguments, oss_restore.reporting.assembly
from oss_restore.cli.main import main

gc.freeze()  # or each copies all of it as it ends
running = {}
for command, arguments in json.loads(sys.argv[1]).items():
    pid = os.fork()
    if not pid:
        log = os.open(f"{command}.log", os.O_CREAT | os.O_WRONLY)
        os.dup2(log, 1), os.dup2(log, 2)
        main([command, *arguments, "--debug"])
    running[pid] = command
ended = [os.wait() for _ in running]
print(json.dumps({running[pid]: os.waitstatus_to_exitcode(status) for pid, status in ended}))
"""
# They call no cloud, or a local one of their own.
CALL_NOBODY: Final = {
    *("rehearse", "render", "lint", "bootstrap", "waves", "check-plan", "deployer-policy"),
    *("operator-policy", "destination-policy", "init", "ros-template", "cloud", "help"),
    "completion",
}
# Its output is redacted where it is made: see console/test_documents.py.
SERVES: Final = {"console"}


def test_every_command_is_tested_here() -> None:
    assert {*CALLS, *CALL_NOBODY, *SERVES} == set(COMMANDS)


def leaks(text: str) -> list[str]:
    """Return the secrets and signatures in a text."""
    found = [value for value in KEYS.values() if value in text]
    return found + re.findall(r"Signature=(?!\[redacted])\S+", text)


def test_no_command_writes_a_secret_when_the_network_is_down(tmp_path: Path) -> None:
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "dev.yaml").write_text(yaml.safe_dump(SMALL))
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("OSS_RESTORE")},
        **KEYS,
        **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), NOWHERE),
        "no_proxy": "",
        "NO_PROXY": "",
    }
    done = subprocess.run(
        [sys.executable, "-c", EACH, json.dumps(CALLS)],
        cwd=tmp_path,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    statuses = json.loads(done.stdout)
    written = {command: (tmp_path / f"{command}.log").read_text() for command in CALLS}
    assert {command: leaks(text) for command, text in written.items() if leaks(text)} == {}
    failed = {command for command, status in statuses.items() if status == 3}
    assert set(CALLS) - failed == {"queries"}, written  # which does not call the cloud either
    assert [path for path in tmp_path.rglob("*.*") if leaks(path.read_text())] == []


@pytest.mark.parametrize(
    "text",
    [
        "https://sts.example/?AccessKeyId=LTAIx&SecurityToken=CAISx%2B&Signature=abc%3D&Action=A",
        "{'x-acs-security-token': 'CAISx', 'x-oss-security-token': \"CAISx\"}",
        json.dumps({"AccessKeySecret": "abc", "access_key_id": "LTAIx", "security_token": "CAISx"}),
        "Authorization: OSS4-HMAC-SHA256 Credential=LTAIx/20261129/abc, Signature=abc",
        "Authorization: acs LTAIx:abc=",
        "OSSAccessKeyId=LTAIx&x-oss-signature=abc&x-oss-credential=LTAIx%2Fabc",
        "{\\'SecurityToken\\': \\'CAISx\\'}",
    ],
)
def test_values_with_secret_names_are_redacted(text: str) -> None:
    shown = redact(text)
    assert not re.search(r"LTAIx|CAISx|abc", shown)
    assert REDACTED in shown


@given(
    secret=st.text("abcdefghXYZ0123456789+/=", min_size=12, max_size=80),
    width=st.integers(5, 40),
    around=st.text("xyz &=:", max_size=20),
)
def test_a_known_secret_is_redacted_even_across_line_breaks(
    secret: str, width: int, around: str
) -> None:
    with redacting({}):
        remember(secret)
        check_redacted(secret, width, around)


def check_redacted(secret: str, width: int, around: str) -> None:
    broken = " │\n│ ".join(secret[start : start + width] for start in range(0, len(secret), width))
    for text in (secret, broken):
        assert re.sub(r"[\s│]", "", text) not in re.sub(r"[\s│]", "", redact(around + text))


def test_text_without_secrets_is_unchanged() -> None:
    text = "run-1: 3 objects, signature checked; token: see --oidc-provider; key: a/b=c&d"
    assert redact(text) == text
