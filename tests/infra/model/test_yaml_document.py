"""YAML files whose values have their lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.model.yaml_document import Document, DocumentError

TEXT = """\
name: dev

buckets:
  - name: one
    prefixes: [a/, b/]
  - name: two
report:
  prefix: ledgers/
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "dev.yaml"


@pytest.mark.parametrize(
    ("location", "line"),
    [
        (("name",), 1),
        (("buckets",), 3),
        (("buckets", 0, "name"), 4),
        (("buckets", 0, "prefixes", 1), 5),
        (("buckets", 1), 6),
        (("report", "prefix"), 8),
        (("report", "bucket"), 7),  # missing: the section that should have it
        (("buckets", 7, "name"), 3),
        (("region",), 1),
    ],
)
def test_a_value_knows_its_line(file: Path, location: tuple[str | int, ...], line: int) -> None:
    file.write_text(TEXT)
    assert Document.read(file).position(location) == (file, line)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("a: 1\nb: [1\n", ((3, "not YAML: expected ',' or ']', but got '<stream end>'"),)),
        ("a: 1\n b: 2\n", ((2, "not YAML: mapping values are not allowed here"),)),
        ("", ((0, "not a mapping of fields to values"),)),
        ("- a\n- b\n", ((0, "not a mapping of fields to values"),)),
        (
            "a: 1\nb:\n  c: 1\n  c: 2\na: 3\n",
            (
                (4, "field 'c' appears twice"),
                (5, "field 'a' appears twice"),
            ),
        ),
        (
            "a: !!python/object:os.system {}\n",
            (
                (
                    1,
                    (
                        "not YAML: could not determine a constructor for the tag "
                        "'tag:yaml.org,2002:python/object:os.system'"
                    ),
                ),
            ),
        ),
    ],
)
def test_a_document_that_is_not_a_mapping_is_refused_with_its_lines(
    file: Path, text: str, problems: tuple[tuple[int, str], ...]
) -> None:
    file.write_text(text)
    with pytest.raises(DocumentError) as caught:
        Document.read(file)
    assert set(caught.value.problems) == set(problems)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"a: \xff\n", "is not UTF-8 text"), (b"a: \x00\n", "not YAML: unacceptable character")],
)
def test_a_file_that_is_not_text_is_refused(file: Path, content: bytes, message: str) -> None:
    file.write_bytes(content)
    with pytest.raises(DocumentError, match=message):
        Document.read(file)


def test_a_missing_file_is_refused(file: Path) -> None:
    with pytest.raises(DocumentError, match="No such file"):
        Document.read(file)
