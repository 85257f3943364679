"""Rows of text in columns, which are never wrapped."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from oss_restore.cli.console import out


def print_columns(rows: Sequence[Sequence[str]], *, texts: int) -> None:
    """Print rows in columns as wide as their widest cell.

    Args:
        rows: rows of equal length, the first with the headings.
        texts: number of columns with text; the following ones are numbers.
    """
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (
            set_cell_size(text, width) if column < texts else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        out.print_line("  ".join(cells).rstrip())
