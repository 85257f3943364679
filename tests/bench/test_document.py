from __future__ import annotations

import pytest

from tests.bench.document import DATA, DOCUMENT, TABLES, read, with_tables


def test_the_document_has_the_measured_and_modelled_figures() -> None:
    """Where this fails, run ``python -m tests.bench.document``."""
    text = DOCUMENT.read_text()
    assert with_tables(text, read(DATA)) == text


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_its_place_and_its_rows(name: str) -> None:
    _, table = DOCUMENT.read_text().split(f"<!-- {name} -->\n")
    assert len(table.partition("<!-- end -->")[0].splitlines()) > 3


def test_what_was_not_measured_is_marked() -> None:
    rows = [
        {"name": f"machine_Archive_{objects}_cloud_seconds", "value": 7, "source": source}
        for objects, source in ((10, "measured"), (100, "model"))
    ]
    table = TABLES["comparison"](rows).splitlines()
    assert "7 s*" not in table[2]
    assert "7 s*" in table[3]
