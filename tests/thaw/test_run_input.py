"""Fields of a run's input, and how wrong input is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.functions.scene import make_run
from thaw.errors import InvalidInput
from thaw.json_reader import camel_case
from thaw.limits import RUN_BYTES, json_bytes
from thaw.run_input import CHOSEN, RunInput, input_fields
from thaw.run_input_parser import parse_run, parse_run_input, start_run
from thaw.storage_classes import ARCHIVE_CLASSES

ARTICLE = {
    "endpoint": "oss-cn-hangzhou.aliyuncs.com",
    "bucketName": "my-archive",
    "prefix": "",
    "marker": "",
    "maxKeys": 100,
    "pollInterval": 10,
    "workers": 10,
    "groupSize": 1,
}


def parse(limit: int = 100, **changes: object) -> RunInput:
    return parse_run_input({**ARTICLE, **changes}, foreach_limit=limit)


def refusal(limit: int = 100, **changes: object) -> str:
    with pytest.raises(InvalidInput) as caught:
        parse(limit, **changes)
    return str(caught.value)


def test_the_articles_input_is_accepted_and_every_field_is_filled_in() -> None:
    run = parse()
    assert run.storage_classes == ARCHIVE_CLASSES
    assert (run.days, run.tier, run.wait_for, run.dry_run) == (None, None, "run", False)
    assert run.to_json().keys() == {camel_case(f.name) for f in input_fields()}


def test_every_field_has_a_description_for_the_documentation() -> None:
    assert all(f.metadata["meaning"] for f in input_fields())


def test_only_endpoint_and_bucket_are_required() -> None:
    required = {"endpoint": "oss-cn-hangzhou.aliyuncs.com", "bucketName": "my-archive"}
    given = {name: ARTICLE[name] for name in ("maxKeys", "groupSize", "workers")}
    assert parse_run_input({**required, **given}, foreach_limit=100) == parse()
    assert parse_run_input(required, foreach_limit=100).chosen == set(CHOSEN)


def test_a_null_field_counts_as_absent() -> None:
    assert parse(prefix=None, tier=None, include=None, dryRun=None) == parse()
    assert "maxKeys" in parse(maxKeys=None).chosen


def test_a_float_without_a_fraction_is_accepted_as_an_integer() -> None:
    assert parse(maxKeys=50.0).max_keys == 50


def test_a_run_can_be_read_back_from_a_flow() -> None:
    run = start_run(
        parse(
            include=["a/*"],
            minSize=1,
            modifiedAfter="2024-01-01",
            storageClasses=["ColdArchive"],
            tier="Bulk",
            days=30,
            objectsPerSecond=50,
            waitFor="page",
        ),
        "run-7",
    )
    assert parse_run(json.loads(json.dumps(run.to_json())), foreach_limit=100) == run


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"endpoint": ""}, "endpoint is required"),
        ({"endpoint": "ftp://host"}, "endpoint must be a host"),
        ({"endpoint": "https://ho_st"}, "endpoint must be a host"),
        ({"endpoint": "a..b"}, "endpoint must be a host"),
        ({"endpoint": "host:99999"}, "endpoint must be a host"),
        ({"endpoint": "http://[::1]:80"}, "endpoint must be a host"),
        ({"endpoint": "http://[half"}, "endpoint must be a host"),
        ({"endpoint": "https://me@host"}, "endpoint must be a host"),
        ({"endpoint": "https://host/path"}, "endpoint must be a host"),
        (
            {"endpoint": "my-archive.oss-cn-hangzhou.aliyuncs.com"},
            "endpoint holds a bucket's name: use oss-cn-hangzhou.aliyuncs.com",
        ),
        (
            {"endpoint": "https://s3.oss-cn-hangzhou-internal.aliyuncs.com"},
            "endpoint is that of the S3 protocol: use oss-cn-hangzhou-internal.aliyuncs.com",
        ),
        ({"endpoint": "files.example.com"}, "use the endpoint of its region"),
        ({"endpoint": "fc.cn-hangzhou.aliyuncs.com"}, "endpoint must be an endpoint of OSS"),
        ({"endpoint": "oss-cn-hangzhou.aliyuncs.com.example.com"}, "must be an endpoint of OSS"),
        ({"bucketName": "My_Bucket"}, "bucketName is not a bucket name"),
        ({"bucketName": 7}, "bucketName must be a string"),
        ({"prefix": "x" * 1024}, "prefix is 1024 bytes long"),
        ({"marker": "\ud800"}, "marker holds half of a surrogate pair"),
        ({"maxKeys": "100"}, "maxKeys must be a whole number from 1 to 20000, not '100'"),
        ({"maxKeys": True}, "maxKeys must be a whole number"),
        ({"maxKeys": 0}, "maxKeys must be a whole number from 1 to 20000, not 0"),
        ({"maxKeys": 20_001, "groupSize": 500}, "maxKeys must be a whole number from 1 to 20000"),
        ({"groupSize": 1.5}, "groupSize must be a whole number"),
        ({"workers": 101}, "workers must be a whole number from 1 to 100"),
        ({"pollInterval": 172_801}, "pollInterval must be a whole number from 1 to 172800"),
        ({"waitFor": "never"}, "waitFor must be one of page, run, none, not 'never'"),
        ({"storageClasses": []}, "storageClasses must name at least one of Archive"),
        ({"storageClasses": ["IA"]}, "storageClasses may only contain Archive, ColdArchive"),
        ({"storageClasses": "Archive"}, "storageClasses must be a list of strings"),
        ({"days": 0}, "days must be a whole number from 1 to 365"),
        ({"days": 8}, "more than the 7 that Archive objects can stay readable"),
        ({"tier": "Fast"}, "tier must be one of Expedited, Standard, Bulk, not 'Fast'"),
        ({"tier": "Bulk"}, "tier Bulk is not a tier of DeepColdArchive"),
        ({"tier": "Standard", "storageClasses": ["Archive"]}, "tier does not apply to Archive"),
        ({"marker": "b", "until": "b"}, "until must come after marker"),
        ({"include": "*.jpg"}, "include must be a list of strings"),
        ({"exclude": [""]}, "exclude must be a list of strings"),
        ({"minSize": -1}, "minSize must be a whole number"),
        ({"minSize": 2, "maxSize": 1}, "minSize of 2 is more than maxSize, 1"),
        ({"modifiedAfter": "yesterday"}, "modifiedAfter must be a time such as"),
        ({"modifiedBefore": 20240101}, "modifiedBefore must be a time such as"),
        (
            {"modifiedAfter": "2024-02-01", "modifiedBefore": "2024-02-01T00:00:00Z"},
            "modifiedAfter must be earlier than modifiedBefore",
        ),
        ({"extendReadable": "true"}, "extendReadable must be true or false, not 'true'"),
        ({"upgradeTier": True}, "upgradeTier needs a tier to raise thaws to"),
        (
            {"upgradeTier": True, "tier": "Bulk", "storageClasses": ["ColdArchive"]},
            "no class in storageClasses has a tier slower than Bulk",
        ),
        (
            {"upgradeTier": True, "tier": "Standard", "storageClasses": ["DeepColdArchive"]},
            "no class in storageClasses has a tier slower than Standard",
        ),
        ({"objectsPerSecond": 0}, "objectsPerSecond must be a number above 0"),
        ({"groupSize": 1001}, "groupSize must be a whole number from 1 to 1000"),
        ({"until": "/a"}, "until starts with a slash, as no key does"),
        ({"marker": "/pages/3"}, "marker starts with a slash, as no key does"),
        ({"objectsPerSecond": 0.1}, "objectsPerSecond of 0.1 stretches a page of 100 over 1000 s"),
        ({"dryRun": 1}, "dryRun must be true or false"),
        ({"prefx": "a"}, "prefx is not a field (did you mean prefix?)"),
        ({"runId": "mine"}, "runId is not a field"),
    ],
)
def test_a_wrong_field_is_refused_by_name(changes: dict[str, Any], text: str) -> None:
    assert text in refusal(**changes)


def test_all_wrong_fields_are_named_at_once() -> None:
    text = refusal(maxKeys="x", days=-1, tier=5, dryRun="no", bukketName="b")
    for name in ("maxKeys", "days", "tier", "dryRun", "bukketName"):
        assert name in text


def test_a_wrong_field_causes_no_second_error_about_its_default() -> None:
    assert "groups a page" not in refusal(limit=50, maxKeys="many")


def test_more_groups_per_page_than_the_flow_runs_in_parallel_are_refused() -> None:
    text = refusal(limit=50)
    assert "makes 100 groups a page, more than the 50 that this environment runs" in text
    assert parse(limit=50, groupSize=2).group_size == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"days": 365, "storageClasses": ["ColdArchive", "DeepColdArchive"]},
        {"tier": "Bulk", "storageClasses": ["Archive", "ColdArchive"]},
        {"tier": "Expedited"},
        {"groupSize": 1000},
        {"endpoint": "http://127.0.0.1:8080"},
        {"modifiedBefore": "2024-02-01T00:00:00+08:00", "modifiedAfter": "2024-01-31T15:59:59Z"},
    ],
)
def test_unusual_but_valid_inputs_are_accepted(changes: dict[str, Any]) -> None:
    parse(**changes)


@pytest.mark.parametrize("data", [None, [], "input", 7])
def test_an_input_that_is_not_an_object_is_refused(data: object) -> None:
    with pytest.raises(InvalidInput, match="must be a JSON object"):
        parse_run_input(data, foreach_limit=100)


def test_filters_too_long_for_a_step_are_refused_and_named() -> None:
    text = refusal(include=[f"some/longer/pattern/{n}/*" for n in range(300)])
    assert "shorten include" in text


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "prefix": st.text(max_size=400),
            "marker": st.text(max_size=400),
            "until": st.text(max_size=400),
            "include": st.lists(st.text(), max_size=40),
            "exclude": st.lists(st.text(), max_size=40),
            "maxKeys": st.integers() | st.floats() | st.text(),
            "tier": st.sampled_from(["Expedited", "Bulk", "", 5]),
            "days": st.integers(-1, 400),
        },
    )
)
def test_any_accepted_input_fits_a_step_of_the_flow(changes: dict[str, Any]) -> None:
    try:
        run = parse(**changes)
    except InvalidInput:
        return
    assert json_bytes(run.to_json()) <= RUN_BYTES


@pytest.mark.parametrize("name", ["", "a/b", "a b", "x" * 129, "läuf"])
def test_an_execution_name_that_cannot_be_part_of_a_key_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="execution's name"):
        start_run(parse(), name)


def test_a_run_without_its_id_is_refused() -> None:
    with pytest.raises(InvalidInput, match="prepareRun"):
        parse_run(parse().to_json(), foreach_limit=100)


@pytest.mark.parametrize(
    ("given", "format_"),
    [
        ({"key": "a/manifest.json"}, "inventory"),
        ({"key": "a.csv"}, "csv"),
        ({"key": "a.csv.gz"}, "csv"),
        ({"key": "a.json", "format": "csv"}, "csv"),
    ],
)
def test_a_manifests_format_is_derived_from_its_key_unless_it_is_given(
    given: dict[str, str], format_: str
) -> None:
    run = make_run(manifest=given)
    assert run.to_json()["manifest"] == {"bucket": "", "key": given["key"], "format": format_}
    assert parse_run(run.to_json(), foreach_limit=100) == run


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"manifest": "m.csv"}, "manifest is wrong: it must be a JSON object"),
        ({"manifest": {}}, "manifest is wrong: .*key is required"),
        (
            {"manifest": {"key": "m", "bucket": "B"}},
            "manifest is wrong: .*bucket is not a bucket name",
        ),
        ({"manifest": {"key": "m", "format": "orc"}}, "manifest is wrong: .*one of csv, inventory"),
        ({"manifest": {"key": "m", "keys": 1}}, "manifest is wrong: .*keys is not a field"),
        ({"manifest": {"key": "m"}, "marker": "a"}, "marker applies to a listing"),
        ({"manifest": {"key": "m"}, "until": "a"}, "until applies to a listing"),
        ({"manifest": {"key": "m"}, "prefixes": ["a"]}, "prefixes applies to a listing"),
        ({"manifest": {"key": "m"}, "shards": 2}, "shards applies to a listing"),
        ({"versions": "older"}, "versions must be one of current, all"),
    ],
)
def test_a_wrong_manifest_is_refused(fields: dict[str, object], text: str) -> None:
    with pytest.raises(InvalidInput, match=text):
        make_run(**fields)


@pytest.mark.parametrize("given", [4, 4.0, "4"])
def test_the_number_of_shards_may_be_a_string(given: object) -> None:
    assert parse(shards=given).shards == "4"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"shards": 0}, "shards must be auto or a number from 1 to 32"),
        ({"shards": "many"}, "shards must be auto"),
        ({"shards": True}, "shards must be auto"),
        ({"prefixes": ["a/", "a/b/"]}, "prefixes overlap: 'a/b/' is inside 'a/'"),
        ({"prefixes": ["a/", "a/"]}, "prefixes overlap"),
        ({"prefixes": ["a/"], "prefix": "b/"}, "prefix cannot be combined with prefixes"),
        ({"prefixes": ["a/"], "shards": 2}, "shards cannot be combined with prefixes"),
        ({"prefixes": [f"{n:03}" for n in range(101)]}, "prefixes are 101, more than 100"),
    ],
)
def test_an_impossible_division_into_shards_is_refused(fields: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidInput, match=text):
        parse(**fields)
