"""Log Service resources through real Terraform."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from localcloud.sls import FieldIndex, Index
from tests.localcloud.terraform.conftest import (
    OTHER_ACCOUNT,
    AccountServices,
    RunningCloud,
)
from tests.localcloud.terraform.terraform import REPLACED, Terraform

MakeTerraform = Callable[..., Terraform]


def logs(project: str, *, days: int = 7, fields: tuple[str, ...] = ("runId",)) -> dict[str, Any]:
    return {
        "alicloud_log_project": {"project": {"project_name": project, "description": "logs"}},
        "alicloud_log_store": {
            "store": {
                "project_name": "${alicloud_log_project.project.id}",
                "logstore_name": "store",
                "retention_period": days,
            }
        },
        "alicloud_log_store_index": {
            "index": {
                "project": "${alicloud_log_project.project.id}",
                "logstore": "${alicloud_log_store.store.logstore_name}",
                "full_text": {"token": ", ;"},
                "field_search": [{"name": name, "type": "text", "token": " "} for name in fields],
            }
        },
    }


def all_of(actions: list[str]) -> dict[str, list[str]]:
    """Return a plan with the same actions for each resource."""
    return {
        "alicloud_log_project.project": actions,
        "alicloud_log_store.store": actions,
        "alicloud_log_store_index.index": actions,
    }


def test_logs_are_created_changed_and_removed(
    terraform: MakeTerraform, account: AccountServices
) -> None:
    tf = terraform()
    tf.write(**logs("life"))
    tf.applied()
    assert account.sls.logstore("life", "store").ttl == 7
    assert account.sls.index("life", "store") == Index(True, {"runId": FieldIndex("text")})
    store = tf.state("alicloud_log_store.store")
    assert store["id"] == "life:store"
    assert [shard["end_key"] for shard in store["shards"]] == ["8" + "0" * 31, "f" * 32]
    assert tf.unchanged()

    tf.write(**logs("life", days=30, fields=("page", "runId")))
    assert tf.plan() == {
        "alicloud_log_store.store": ["update"],
        "alicloud_log_store_index.index": ["update"],
    }
    tf.applied()
    assert account.sls.logstore("life", "store").ttl == 30
    assert set(account.sls.index("life", "store").fields) == {"page", "runId"}
    assert tf.unchanged()

    tf.write(**logs("renamed"))
    assert tf.plan() == all_of(REPLACED)
    tf.destroyed()
    assert "life" not in account.sls.projects


def test_drift_of_logs_is_detected(terraform: MakeTerraform, account: AccountServices) -> None:
    tf = terraform()
    tf.write(**logs("drift", fields=("page", "runId")))
    tf.applied()
    account.sls.update_index("drift", "store", Index(full_text=False))
    account.sls.update_logstore("drift", "store", ttl=1)
    account.sls.update_project("drift", "other")
    assert tf.plan() == all_of(["update"])
    tf.applied()
    assert account.sls.index("drift", "store").full_text
    account.sls.delete_project("drift")
    assert tf.plan() == all_of(["create"])


def test_logs_can_be_imported(terraform: MakeTerraform, account: AccountServices) -> None:
    tf = terraform()
    tf.write(**logs("by-hand"))
    tf.applied()
    for address, id_ in (
        ("alicloud_log_project.project", "by-hand"),
        ("alicloud_log_store.store", "by-hand:store"),
        ("alicloud_log_store_index.index", "by-hand:store"),
    ):
        assert tf.run("state", "rm", address).code == 0
        assert tf.run("import", "-no-color", address, id_).code == 0
    assert set(tf.plan()) <= {"alicloud_log_store_index.index"}  # its wording is not kept
    tf.applied()
    assert tf.unchanged()
    tf.destroyed()
    assert "by-hand" not in account.sls.projects


def test_what_log_service_does_not_accept_is_named(
    terraform: MakeTerraform, cloud: RunningCloud
) -> None:
    theirs = cloud.accounts[OTHER_ACCOUNT].sls
    theirs.create_project("theirs")
    tf = terraform()
    tf.write(
        alicloud_log_project={
            "taken": {"project_name": "theirs"},
            "upper": {"project_name": "Upper_Case"},
        },
        alicloud_log_store={
            "nowhere": {"project_name": "nowhere", "logstore_name": "store"},
        },
        alicloud_log_store_index={"empty": {"project": "nowhere", "logstore": "store"}},
    )
    message = tf.apply().refused()
    assert "There is already a project 'theirs'" in message
    assert "'Upper_Case' is not a project name" in message
    assert "project nowhere does not exist" in message
    assert "Set full_text, field_search, or both" in message


CHARTS = [{"title": "errors", "type": "table", "search": {"query": "* | SELECT 1"}}]


def board(project: str, charts: str, name: str = "runs") -> dict[str, Any]:
    return {
        "alicloud_log_project": {"project": {"project_name": project}},
        "alicloud_log_dashboard": {
            "board": {
                "project_name": "${alicloud_log_project.project.id}",
                "dashboard_name": name,
                "display_name": "Runs",
                "char_list": charts,
            }
        },
    }


def test_a_dashboard_is_created_changed_and_removed(
    terraform: MakeTerraform, account: AccountServices
) -> None:
    tf = terraform()
    tf.write(**board("boards", json.dumps(CHARTS)))
    tf.applied()
    assert json.loads(account.sls.dashboard("boards", "runs").charts) == CHARTS
    assert tf.state("alicloud_log_dashboard.board")["id"] == "boards:runs"
    assert tf.unchanged()
    tf.write(**board("boards", json.dumps(CHARTS, indent=4)))
    assert tf.unchanged()  # the same charts, written differently

    tf.write(**board("boards", json.dumps(CHARTS * 2)))
    assert tf.plan() == {"alicloud_log_dashboard.board": ["update"]}
    tf.applied()
    assert len(json.loads(account.sls.dashboard("boards", "runs").charts)) == 2

    tf.write(**board("boards", json.dumps(CHARTS), name="other"))
    assert tf.plan() == {"alicloud_log_dashboard.board": REPLACED}
    account.sls.delete_dashboard("boards", "runs")
    assert tf.plan() == {"alicloud_log_dashboard.board": ["create"]}
    tf.destroyed()
    assert "boards" not in account.sls.projects


def test_charts_that_are_not_json_are_refused(terraform: MakeTerraform) -> None:
    tf = terraform()
    tf.write(**board("no-json", "no json"))
    assert "char_list" in tf.run("validate", "-no-color").text
