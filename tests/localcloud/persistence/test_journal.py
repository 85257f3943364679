"""The journal: responses wait for their group's commit, and a full disk is reported and retried."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.errors import CloudError
from localcloud.persistence.database import Database
from localcloud.persistence.journal import Journal


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path)) as opened:
        yield opened


class Notes:
    """Records to store: texts by name."""

    def __init__(self, database: Database) -> None:
        self.texts: dict[str, str] = {}
        self.journal = Journal()
        self.journal.open(database, {"note": self.read}, always=())

    def read(self, record: tuple[str, ...]) -> bytes | None:
        text = self.texts.get(record[1])
        return None if text is None else text.encode()

    def write(self, name: str, text: str | None) -> None:
        if text is None:
            self.texts.pop(name, None)
        else:
            self.texts[name] = text
        self.journal.touch("note", name)


def on_disk(folder: Path) -> dict[str, str]:
    """Return the records as another process would read them."""
    with closing(sqlite3.connect(folder / "state.sqlite3")) as file:
        return dict(file.execute("SELECT name, CAST(value AS TEXT) FROM records"))


async def test_an_acknowledged_write_is_on_disk(database: Database, tmp_path: Path) -> None:
    notes = Notes(database)
    notes.write("a", "1")
    assert on_disk(tmp_path) == {}
    await notes.journal.settle()
    assert on_disk(tmp_path) == {'["a"]': "1"}
    notes.write("a", None)
    notes.write('b\0/"解', "2")
    await notes.journal.settle()
    assert on_disk(tmp_path) == {'["b\\u0000/\\"解"]': "2"}
    assert list(database.read("note")) == [(("note", 'b\0/"解'), b"2")]
    await notes.journal.close()


async def test_a_hundred_responses_share_a_few_commits(database: Database, tmp_path: Path) -> None:
    notes, commits = Notes(database), 0
    counting = closing(sqlite3.connect(tmp_path / "state.sqlite3"))

    async def answer(number: int) -> None:
        notes.write(str(number), "x")
        await notes.journal.settle()
        assert f'["{number}"]' in on_disk(tmp_path)

    with counting as file:
        (before,) = file.execute("PRAGMA data_version").fetchone()
        await asyncio.gather(*(answer(number) for number in range(100)))
        commits = file.execute("PRAGMA data_version").fetchone()[0] - before
    assert 0 < commits < 10
    await notes.journal.close()


async def test_many_clients_that_keep_writing_all_finish(
    database: Database,
) -> None:
    notes = Notes(database)

    async def client(name: int) -> None:
        for number in range(50):
            notes.write(f"{name}", f"{number}")
            await notes.journal.settle()

    await asyncio.gather(*(client(name) for name in range(16)))
    assert len(list(database.read("note"))) == 16
    await notes.journal.close()


async def test_writes_that_nobody_waits_for_are_kept_too(
    database: Database, tmp_path: Path
) -> None:
    notes = Notes(database)
    notes.write("a", "1")
    for _ in range(1_000):
        if on_disk(tmp_path):
            break
        await asyncio.sleep(0.01)
    assert on_disk(tmp_path)
    await notes.journal.close()


async def test_a_full_disk_refuses_until_there_is_space_again(
    database: Database, tmp_path: Path
) -> None:
    notes = Notes(database)
    pages = database._connection.execute("PRAGMA page_count").fetchone()[0]
    database._connection.execute(f"PRAGMA max_page_count = {pages}")  # the error of a full disk
    notes.write("large", "x" * 1_000_000)
    with pytest.raises(CloudError, match="cannot save its state") as refusal:
        await notes.journal.settle()
    assert refusal.value.status == 503
    assert "full" in refusal.value.message
    assert str(tmp_path) in refusal.value.message
    notes.write("small", "y")
    with pytest.raises(CloudError, match="cannot save its state"):
        await notes.journal.settle()
    database._connection.execute("PRAGMA max_page_count = 1000000")
    await notes.journal.settle()
    assert on_disk(tmp_path).keys() == {'["large"]', '["small"]'}
    await notes.journal.close()


async def test_nothing_is_acknowledged_after_closing(database: Database) -> None:
    notes = Notes(database)
    await notes.journal.close()
    notes.write("a", "1")
    with pytest.raises(CloudError, match="stopping"):
        await notes.journal.settle()


@settings(max_examples=30, deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.sampled_from("abc"), st.one_of(st.none(), st.text(max_size=5)), st.booleans()),
        max_size=20,
    )
)
def test_the_disk_holds_the_state_of_the_last_commit(
    changes: list[tuple[str, str | None, bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("journal")

    async def play() -> None:
        with closing(Database(folder)) as database:
            notes = Notes(database)
            for name, text, settle in changes:
                notes.write(name, text)
                if settle:
                    await notes.journal.settle()
                    kept = {record[1]: value.decode() for record, value in database.read("note")}
                    assert kept == notes.texts
            await notes.journal.close()

    asyncio.run(play())


def test_a_folder_belongs_to_one_cloud(database: Database, tmp_path: Path) -> None:
    with pytest.raises(CloudError, match="in use by the local cloud with process id"):
        Database(tmp_path)
