"""Log Service: its resources, and the lines in them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.core import Core
from localcloud.errors import CloudError
from localcloud.settings import Settings
from localcloud.sls import Dashboard, FieldIndex, Index, LogLine, LogService
from localcloud.sls.model import LINES_PER_LOGSTORE, Logstore


@pytest.fixture
def sls() -> LogService:
    service = LogService(Core(Settings()))
    service.create_project("logs", "of functions")
    service.create_logstore("logs", "functions", ttl=30)
    return service


def line(time: float, message: str) -> LogLine:
    return LogLine(time, {"message": message, "function": "f"}, topic="t", source="s")


def messages(lines: list[LogLine]) -> list[str]:
    return [line.contents["message"] for line in lines]


def test_lines_are_returned_in_order_of_time(sls: LogService) -> None:
    now = sls.project("logs").created_at
    sls.append("logs", "functions", [line(now + 2, "b"), line(now + 1, "a")])
    sls.append("logs", "functions", [line(now + 3, "c")])
    found = sls.query("logs", "functions")
    assert messages(found) == ["a", "b", "c"]
    assert (found[0].topic, found[0].source) == ("t", "s")


def test_a_query_has_a_period_a_text_and_a_limit(sls: LogService) -> None:
    now = sls.project("logs").created_at
    sls.append("logs", "functions", [line(now + n, f"line {n}") for n in range(10)])
    assert messages(sls.query("logs", "functions", since=now + 3, until=now + 5)) == [
        "line 3",
        "line 4",
    ]
    assert messages(sls.query("logs", "functions", text="LINE 7")) == ["line 7"]
    assert messages(sls.query("logs", "functions", limit=2)) == ["line 8", "line 9"]
    assert messages(sls.query("logs", "functions", limit=0)) == []
    assert sls.query("logs", "functions", text="nowhere") == []


def test_lines_older_than_the_logstore_keeps_are_gone(sls: LogService) -> None:
    now = sls.project("logs").created_at
    sls.append("logs", "functions", [line(now - 86_400 * 3, "old"), line(now, "new")])
    assert messages(sls.query("logs", "functions")) == ["old", "new"]
    sls.update_logstore("logs", "functions", ttl=1)
    assert messages(sls.query("logs", "functions")) == ["new"]


def test_a_logstore_holds_a_limited_number_of_lines(sls: LogService) -> None:
    now = sls.project("logs").created_at
    sls.append("logs", "functions", (line(now, str(n)) for n in range(LINES_PER_LOGSTORE + 5)))
    lines = sls.logstore("logs", "functions").lines
    assert len(lines) == LINES_PER_LOGSTORE
    assert lines[0].contents["message"] == "5"


def test_an_index_is_created_changed_and_removed(sls: LogService) -> None:
    first, second = Index(), Index(full_text=False, fields={"runId": FieldIndex("text")})
    sls.create_index("logs", "functions", first)
    assert sls.index("logs", "functions") == first
    sls.update_index("logs", "functions", second)
    assert sls.index("logs", "functions") == second
    sls.delete_index("logs", "functions")
    with pytest.raises(CloudError, match="IndexConfigNotExist"):
        sls.index("logs", "functions")


def test_deleting_a_project_deletes_its_logstores(sls: LogService) -> None:
    sls.delete_project("logs")
    with pytest.raises(CloudError, match="ProjectNotExist"):
        sls.logstore("logs", "functions")


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda sls: sls.project("none"), "ProjectNotExist"),
        (lambda sls: sls.update_project("none", ""), "ProjectNotExist"),
        (lambda sls: sls.logstore("logs", "none"), "LogStoreNotExist"),
        (lambda sls: sls.delete_logstore("logs", "none"), "LogStoreNotExist"),
        (lambda sls: sls.append("logs", "none", []), "LogStoreNotExist"),
        (lambda sls: sls.update_index("logs", "functions", Index()), "IndexConfigNotExist"),
        (lambda sls: sls.create_project("logs"), "ProjectAlreadyExist"),
        (lambda sls: sls.create_logstore("logs", "functions", ttl=1), "LogStoreAlreadyExist"),
        (lambda sls: sls.create_project("ab"), "ParameterInvalid"),
        (lambda sls: sls.create_project("Upper"), "ParameterInvalid"),
        (lambda sls: sls.create_project("a_b_c"), "ParameterInvalid"),
        (lambda sls: sls.create_project("-abc"), "ParameterInvalid"),
        (lambda sls: sls.create_logstore("logs", "Upper", ttl=1), "ParameterInvalid"),
        (lambda sls: sls.create_logstore("logs", "other", ttl=0), "ParameterInvalid"),
        (
            lambda sls: sls.create_logstore("logs", "b2", ttl=1, shard_count=11),
            "ParameterInvalid",
        ),
        (lambda sls: sls.update_logstore("logs", "functions", ttl=3_651), "ParameterInvalid"),
    ],
)
def test_an_invalid_request_is_refused_by_name(
    sls: LogService, call: Callable[[LogService], object], code: str
) -> None:
    with pytest.raises(CloudError) as refusal:
        call(sls)
    assert refusal.value.code == code


def test_shards_share_the_hash_space(sls: LogService) -> None:
    sls.create_logstore("logs", "other", ttl=1, shard_count=3)
    shards = sls.logstore("logs", "other").shards
    assert [shard.id for shard in shards] == [0, 1, 2]
    assert [shard.begin for shard in shards[1:]] == [shard.end for shard in shards[:-1]]
    assert (shards[0].begin, shards[-1].end) == ("0" * 32, "f" * 32)


def test_everything_survives_a_snapshot(sls: LogService) -> None:
    now = sls.project("logs").created_at
    sls.append("logs", "functions", [line(now, "a")])
    sls.create_index("logs", "functions", Index(fields={"runId": FieldIndex("text")}))
    restored = LogService(Core(Settings()))
    restored.restore(json.loads(json.dumps(sls.snapshot())))
    chunk = sls.logstore("logs", "functions").dump_chunk(0)
    assert chunk is not None
    restored.logstore("logs", "functions").load_chunk(0, chunk)
    assert restored.projects == sls.projects
    assert restored.logstore("logs", "functions").lines.maxlen == LINES_PER_LOGSTORE


BOARD = Dashboard("runs", "Runs", "[]")


def test_a_dashboard_is_created_changed_and_removed(sls: LogService) -> None:
    sls.create_dashboard("logs", BOARD)
    sls.update_dashboard("logs", Dashboard("runs", "All runs", "[{}]"))
    assert sls.dashboard("logs", "runs").display_name == "All runs"
    sls.delete_dashboard("logs", "runs")
    for work in (
        lambda: sls.dashboard("logs", "runs"),
        lambda: sls.update_dashboard("logs", BOARD),
        lambda: sls.delete_dashboard("logs", "runs"),
    ):
        with pytest.raises(CloudError) as refused:
            work()
        assert refused.value.code == "DashboardNotExist"


def test_a_dashboards_name_is_unique(sls: LogService) -> None:
    sls.create_dashboard("logs", BOARD)
    with pytest.raises(CloudError, match="already exists"):
        sls.create_dashboard("logs", BOARD)


def test_dashboards_survive_a_snapshot(sls: LogService) -> None:
    sls.create_dashboard("logs", BOARD)
    other = LogService(Core(Settings()))
    other.restore(sls.snapshot())
    assert other.dashboard("logs", "runs") == BOARD


@given(batches=st.lists(st.integers(0, 700), max_size=6))
def test_lines_are_restored_from_the_chunks_that_changed(batches: list[int]) -> None:
    store, kept = Logstore("functions", 30, 0), dict[int, bytes | None]()
    number = 0
    for size in batches:
        changed = store.append(line(number + n, f"line {number + n}") for n in range(size))
        number += size
        kept |= {chunk: store.dump_chunk(chunk) for chunk in changed}
    other = Logstore("functions", 30, 0)
    for chunk, text in sorted(kept.items()):
        assert text is not None
        other.load_chunk(chunk, text)
    assert (other.lines, other.written) == (store.lines, number)
