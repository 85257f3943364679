"""Rows of manifests: what they name, and what is wrong with them."""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from tests.functions.test_listing import AWKWARD_KEYS
from thaw.manifest.rows import CSV_SCHEMA, Row, RowReader, WrongRow

INVENTORY = ("Bucket", "Key", "VersionId", "IsLatest", "IsDeleteMarker", "Size", "StorageClass")

keys = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(
    lambda key: key[0] not in "/\\"
)


def read(
    *lines: str, schema: tuple[str, ...] = CSV_SCHEMA, versions: bool = False
) -> list[Row | WrongRow]:
    reader = RowReader("b", schema, versions)
    return list(reader.read(line + "\n" for line in lines))


def problems(*lines: str, schema: tuple[str, ...] = CSV_SCHEMA) -> list[str]:
    return [row.problem for row in read(*lines, schema=schema) if isinstance(row, WrongRow)]


def test_rows_name_objects() -> None:
    assert read("b,a/1", '"b","a%2F2"', "b,a%20b,", "b,a+b") == [
        Row("a/1"),
        Row("a/2"),
        Row("a b"),
        Row("a+b"),
    ]


def test_awkward_keys_are_read_unchanged() -> None:
    assert read(*(f"b,{quote(key)}" for key in AWKWARD_KEYS)) == [*map(Row, AWKWARD_KEYS)]


@given(st.lists(keys))
def test_every_encoded_key_is_read_back_unchanged(given_keys: list[str]) -> None:
    assert read(*(f'b,"{quote(key)}"' for key in given_keys)) == [*map(Row, given_keys)]


def test_keys_that_are_not_url_encoded_are_read_literally() -> None:
    assert read("b,ünï code", 'b,"a,b"', 'b,"a""b"') == [Row("ünï code"), Row("a,b"), Row('a"b')]


def test_a_failure_report_can_be_read_as_a_manifest() -> None:
    header = "Bucket,Key,VersionId,TaskStatus,ErrorCode,HTTPStatusCode,ResultMessage"
    failed = "b,a%2F1,,failed,ServiceUnavailable,503,failed: 503"
    assert read(header, failed) == [WrongRow(1, "is a header", header, harmless=True), Row("a/1")]


def test_empty_lines_are_ignored() -> None:
    assert read("", "b,a", "") == [Row("a")]


def test_wrong_rows_are_reported_with_their_problem_and_the_others_are_read() -> None:
    rows = read("other,a", "b", "b,", "b,%FF", "b,/a", "b," + "k" * 1024, "b,a,V1", "b,right")
    assert rows[-1] == Row("right")
    wrong = [(row.row, row.problem) for row in rows if isinstance(row, WrongRow)]
    assert wrong == [
        (1, "is of another bucket than b"),
        (2, "has a key that no object can have"),
        (3, "has a key that no object can have"),
        (4, "has a key that is not UTF-8"),
        (5, "has a key that no object can have"),
        (6, "has a key that no object can have"),
        (7, "names a version, and the run is about current versions"),
    ]


def test_rows_that_are_not_csv_or_not_utf_8_are_wrong_rows() -> None:
    assert problems("b," + "k" * 70_000) == ["is no CSV"]
    (wrong,) = read("b,\udcff\udcfe")
    assert wrong == WrongRow(1, "has a key that is not UTF-8", "b,\\udcff\\udcfe")


def test_only_current_versions_are_taken_from_an_inventory_of_versions() -> None:
    rows = read(
        "b,a,V3,true,false,10,Archive",
        "b,a,V2,false,false,10,Archive",
        "b,c,V1,true,true,,",
        schema=INVENTORY,
    )
    assert rows[0] == Row("a")
    assert [row.problem for row in rows[1:] if isinstance(row, WrongRow)] == [
        "is not the current version",
        "is a delete marker",
    ]


def test_a_run_over_all_versions_takes_the_versions_named_by_rows() -> None:
    assert read("b,a,V1", "b,a", versions=True) == [Row("a", "V1"), Row("a")]
    rows = read(
        "b,a,V3,true,false,10,Archive",
        "b,a,V2,false,false,10,Archive",
        "b,a,,false,false,10,Archive",
        "b,c,V1,true,true,,",
        schema=INVENTORY,
        versions=True,
    )
    assert rows[:2] == [Row("a", "V3"), Row("a", "V2")]
    assert [row.problem for row in rows[2:] if isinstance(row, WrongRow)] == [
        "is not the current version",
        "is a delete marker",
    ]
