"""Any request, signed or not, has one of the service's responses, and at once."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

import oss2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from localcloud.oss import GeneratedObject
from localcloud.oss.route import Level
from localcloud.oss.routes import ROUTES
from tests.localcloud.oss.running import RunningOss, running_oss

BUCKET = "frozen-assets"
TEXT = st.text(st.characters(max_codepoint=0xFF, exclude_categories=["Cc"]), max_size=20)
VALUES = """
    0 -1 1 2 99999999999999999999 true url null REPLACE * yes %FF Archive private a=b&a=b
    bytes=0-1 bytes=- bytes=1-0 /frozen-assets/key /frozen-assets/%FF 19941106T084937Z
"""
ODD = st.one_of(
    st.sampled_from([*VALUES.split(), "", "Sun, 06 Nov 1994 08:49:37 GMT", "x" * 2000]), TEXT
)
TAGS = """
    RestoreRequest Days JobParameters Tier Delete Object Key VersionId Quiet Tagging TagSet Tag
    Value CompleteMultipartUpload Part PartNumber ETag CreateBucketConfiguration StorageClass
    VersioningConfiguration Status PublicAccessBlockConfiguration BlockPublicAccess
    ArchiveDirectReadConfiguration Enabled
"""
DOCUMENTS = st.recursive(
    ODD.map(lambda text: text.replace("<", "&lt;").replace("&", "&amp;")),
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>",
        st.sampled_from(TAGS.split()),
        st.lists(inner, max_size=3),
    ),
    max_leaves=6,
).map(lambda text: text.encode("latin-1", "replace"))
KEYS = st.one_of(
    st.sampled_from(["key", "link", "huge", "frozen"]), st.text(min_size=1, max_size=10)
)
UPLOAD = "the-upload"  # a placeholder for the id of an open upload
KNOWN = {name for route in ROUTES for name in route.headers if "*" not in name}
FOREIGN = frozenset(KNOWN | {"x-oss-foo", "x-amz-acl", "content-md5", "x-oss-date"})


@dataclass(frozen=True)
class Sent:
    """A request before it is signed."""

    method: str
    key: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""
    signed: bool = True


@st.composite
def requests(draw: st.DrawFn) -> Sent:
    """Generate requests of an operation with its own parameters and headers, and other requests."""

    def some(names: frozenset[str]) -> dict[str, str]:
        chosen = draw(st.lists(st.sampled_from(sorted(names)), max_size=3)) if names else []
        return {name.replace("*", "a"): draw(ODD) for name in chosen}

    route = draw(st.sampled_from(ROUTES))
    query, headers = some(route.parameters | {"versionId"}), some(route.headers)
    if route.sub_resource:
        query[route.sub_resource] = draw(st.just(UPLOAD) | ODD)
    if route.copies:
        headers["x-oss-copy-source"] = draw(st.just(f"/{BUCKET}/huge") | ODD)
    if not draw(st.integers(0, 3)):
        query |= draw(st.dictionaries(TEXT, ODD, max_size=1))
        headers |= some(FOREIGN)
    return Sent(
        method=route.method,
        key=draw(KEYS) if route.level is Level.OBJECT else "",
        query=query,
        headers=headers,
        body=draw(st.one_of(st.just(b""), st.binary(max_size=50), DOCUMENTS)),
        signed=draw(st.integers(0, 9)) > 0,
    )


@pytest.fixture(scope="module")
def filled() -> Iterator[RunningOss]:
    """A cloud's OSS with an object of every kind."""
    with running_oss() as oss:
        bucket = oss.bucket(BUCKET)
        bucket.create_bucket()
        bucket.put_object("key", b"data")
        bucket.put_object("that-keeps-the-bucket", b"")
        bucket.put_symlink("key", "link")
        seeds = [GeneratedObject("huge", 5 * 1024**4), GeneratedObject("frozen", 5, "ColdArchive")]
        oss.do(lambda: oss.storage.seed(BUCKET, seeds))
        yield oss


def answer_to(oss: RunningOss, sent: Sent) -> tuple[int, bytes]:
    """Return status and body; of a long body only the beginning."""
    uploads = oss.do(lambda: list(oss.storage.get_bucket(BUCKET).uploads))
    upload = next(iter(uploads), "none")
    query = {name: upload if value == UPLOAD else value for name, value in sent.query.items()}
    raw_key = sent.key.encode("utf-8", "surrogatepass")
    headers = {name: value.strip() for name, value in sent.headers.items()}
    if sent.signed:
        request = oss2.http.Request(sent.method, oss.url, params=dict(query), headers=headers)
        auth = oss2.Auth(oss.root.access_key_id, oss.root.secret)
        auth._sign_request(request, BUCKET, raw_key.decode("utf-8", "replace"))
        headers = {name: value for name, value in request.headers.items() if value is not None}
    encoded = "&".join(f"{quote(name)}={quote(value)}" for name, value in query.items())
    connection = http.client.HTTPConnection(urlsplit(oss.url).netloc, timeout=20)
    connection.putrequest(sent.method, f"/{BUCKET}/{quote(raw_key)}?{encoded}")
    for name, value in headers.items():
        connection.putheader(name, value.encode("latin-1", "replace"))
    connection.putheader("Content-Length", str(len(sent.body)))
    connection.endheaders(sent.body)
    answer = connection.getresponse()
    body = answer.read(4096)
    connection.close()
    return answer.status, body


@given(requests())
@example(Sent("GET", "huge", {}, {"range": "bytes=5-1"}))
@example(Sent("PUT", "copy", {}, {"x-oss-copy-source": f"/{BUCKET}/%FF"}))
@example(Sent("POST", "key", {"restore": ""}, {}, b"<RestoreRequest><Days>"))
@example(Sent("GET", "\ud800", {}, {}))
@example(Sent("GET", "", {"list-type": "2", "continuation-token": "\xa0"}, {}))
@settings(max_examples=100)
def test_no_request_breaks_the_service(filled: RunningOss, sent: Sent) -> None:
    status, body = answer_to(filled, sent)
    assert status < 500
    if status >= 400 and sent.method != "HEAD":
        assert ET.fromstring(body).findtext("Code")
