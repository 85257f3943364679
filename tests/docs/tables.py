"""The documents' tables that come from the code: ``python -m tests.docs.tables`` writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from pathlib import Path

from functions.contract import RunInput, camel_case
from localcloud.settings import switches

DOCS = Path(__file__).parents[2] / "docs"


def run_input() -> str:
    """Every field of a run's input."""
    rows = ["| field | default | meaning |", "|---|---|---|"]
    for field in fields(RunInput):
        default = "required" if field.default is MISSING else _default(field.default)
        rows.append(f"| `{camel_case(field.name)}` | {default} | {field.metadata['meaning']} |")
    return "\n".join(rows)


def _default(value: object) -> str:
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "all three"
    return f"`{value}`" if value != "" else '`""`'


def switch_values() -> str:
    """Every switch of the local cloud."""
    head = "| switch | values, the default first |\n|---|---|"
    rows = [
        f"| `{name}` | {', '.join(f'`{value}`' for value in values)} |"
        for name, values in switches().items()
    ]
    return "\n".join([head, *rows])


TABLES: Mapping[tuple[str, str], Callable[[], str]] = {
    ("runs.md", "input"): run_input,
    ("local-cloud.md", "switches"): switch_values,
}


def with_table(text: str, name: str, table: str) -> str:
    """The document with the table between its markers."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    return pattern.sub(lambda found: f"{found[1]}{table}\n{found[2]}", text, count=1)


def main() -> None:
    """Writes the tables into their documents."""
    for (document, name), table in TABLES.items():
        path = DOCS / document
        path.write_text(with_table(path.read_text(), name, table()))


if __name__ == "__main__":
    main()
