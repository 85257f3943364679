"""What a run's input may request after the thaw."""

from __future__ import annotations

import pytest

from tests.functions.scene import BUCKET, make_run
from thaw.after_thaw import CopyTo, Promotion
from thaw.errors import InvalidInput
from thaw.run_input_parser import parse_run


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"promote": {}}, Promotion()),
        ({"promote": {"storageClass": "IA", "acl": True}}, Promotion(storage_class="IA", acl=True)),
        ({"promote": {"removeArchived": True}}, Promotion(remove_archived=True)),
        ({"copy": {"bucketName": "elsewhere"}}, CopyTo(bucket_name="elsewhere")),
        (
            {"copy": {"bucketName": "elsewhere", "prefix": "a/", "storageClass": "ColdArchive"}},
            CopyTo(bucket_name="elsewhere", prefix="a/", storage_class="ColdArchive"),
        ),
    ],
)
def test_valid_fields_are_parsed_and_survive_the_flow(
    given: dict[str, object], expected: Promotion | CopyTo
) -> None:
    run = make_run(then=given)
    assert run.then == expected
    assert parse_run({**run.to_json(), "runId": run.run_id}, foreach_limit=100) == run


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("promote", "must be a JSON object"),
        ({}, "one of promote and copy"),
        ({"promote": {}, "copy": {"bucketName": "elsewhere"}}, "one of promote and copy"),
        ({"move": {}}, "move is not a field"),
        ({"promote": {"storageClass": "Archive"}}, "storageClass must be one of Standard, IA"),
        ({"copy": {}}, "bucketName is required"),
        ({"copy": {"bucketName": "No_Bucket"}}, "bucketName is not a bucket name"),
        ({"copy": {"bucketName": "elsewhere", "prefix": "/a"}}, "prefix starts with a slash"),
        ({"copy": {"bucketName": "elsewhere", "acl": "yes"}}, "acl must be true or false"),
        ({"copy": {"bucketName": BUCKET}}, "copies to the bucket itself"),
    ],
)
def test_a_wrong_field_is_named(given: object, named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        make_run(then=given)


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(InvalidInput) as error:
        make_run(then={"copy": {"prefix": 1, "storageClass": "Frozen"}}, maxKeys=0)
    for name in ("maxKeys", "bucketName", "prefix", "storageClass"):
        assert name in str(error.value)


@pytest.mark.parametrize(
    ("fields", "named"),
    [({"waitFor": "none"}, "waitFor none"), ({"versions": "all"}, "current versions")],
)
def test_fields_that_contradict_a_promotion_are_reported(
    fields: dict[str, object], named: str
) -> None:
    with pytest.raises(InvalidInput, match=named):
        make_run(then={"promote": {}}, **fields)
