"""Environment files for the tests."""

from __future__ import annotations

from typing import Any

from infra.environment_files import Environment

Json = dict[str, Any]

ACCOUNT = "1234567890123456"

SMALL: Json = {
    "name": "dev",
    "account": ACCOUNT,
    "region": "cn-hangzhou",
    "buckets": [{"name": "archive"}],
    "backend": {"local": {"path": "state/dev.tfstate"}},
}

FULL: Json = {
    "name": "prod",
    "account": "6543210987654321",
    "region": "eu-central-1",
    "stack_name": "Thaw",
    "suffix": "Blue",
    "wave": 3,
    "runtime": "python3.10",
    "buckets": [
        {"name": "scans", "prefixes": ["2019/", "2020/"]},
        {"name": "films"},
    ],
    "functions": {"restore": {"memory": 1024, "timeout": 900}},
    "report": {
        "bucket": "ledgers",
        "create": False,
        "prefix": "thaw/",
        "endpoint": "https://oss-eu-central-1.aliyuncs.com",
    },
    "logs": {"project": "thaw-logs", "retention_days": 90},
    "limits": {"max_groups_per_page": 50, "relay_at_event": 3000},
    "run_defaults": {"max_keys": 1000, "group_size": 50, "workers": 16, "poll_interval": 60},
    "retry": {"interval": 2, "multiplier": 2, "max_interval": 30, "max_attempts": 5},
    "provider": {
        "account_type": "International",
        "assume_role": {"role_arn": "acs:ram::6543210987654321:role/deployer"},
        "assume_role_with_oidc": {
            "role_arn": "acs:ram::1111222233334444:role/pipeline",
            "oidc_provider_arn": "acs:ram::1111222233334444:oidc-provider/pipeline",
            "oidc_token_file": "/var/run/token",
        },
        "endpoints": {
            "fnf": "eu-central-1.fnf.aliyuncs.com",
            "oss": "oss-eu-central-1.aliyuncs.com",
        },
        "protocol": "HTTP",
    },
    "backend": {
        "oss": {
            "bucket": "states",
            "region": "cn-hangzhou",
            "tablestore_endpoint": "https://locks.cn-hangzhou.ots.aliyuncs.com",
            "tablestore_table": "locks",
        }
    },
    "tags": {"team": "storage"},
}


def small_environment(**changes: object) -> Environment:
    """Build an environment with only the required fields, and the given ones."""
    return Environment.model_validate({**SMALL, **changes})


def full_environment(**changes: object) -> Environment:
    """Build an environment with every field, and the given ones."""
    return Environment.model_validate({**FULL, **changes})
