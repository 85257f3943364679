"""Delivery of notices, to a server on this machine."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.credentials import Credentials
from functions.delivery import ATTEMPTS, BusyError, DeliveryError, deliver
from tests.receiver import Received, Receiver, receiver
from tests.thaw.test_notices import NOTICE
from thaw.notification_targets import ENDINGS, Kind, NotificationTarget
from thaw.retry import RetryPolicy

KEYS = Credentials("AKID", "KEY-SECRET", "STS-TOKEN")
NOW = 1_700_000_000.25


@pytest.fixture
def inbox() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


def send(
    inbox: Receiver,
    kind: Kind = "webhook",
    *,
    path: str = "/hook?token=T0KEN",
    secret: str = "",
    keys: Credentials = KEYS,
    waits: list[float] | None = None,
) -> Received:
    """Deliver the notice, and return what the server received last."""
    waited: list[float] = [] if waits is None else waits
    retry = RetryPolicy(sleep=waited.append, jitter=lambda: 1.0)
    target = NotificationTarget("ops", kind, ENDINGS, inbox.url + path, secret)
    deliver(target, NOTICE, keys, retry, now=lambda: NOW)
    return inbox.received[-1]


def test_a_webhook_receives_the_notice_as_json_with_its_id(inbox: Receiver) -> None:
    got = send(inbox)
    assert got.path == "/hook?token=T0KEN"
    assert got.json == NOTICE.to_json()
    assert got.headers["Content-Type"] == "application/json"
    assert got.headers["Idempotency-Key"] == NOTICE.id
    assert "X-Oss-Restore-Signature" not in got.headers


def test_a_webhook_with_a_secret_receives_a_signature(inbox: Receiver) -> None:
    got = send(inbox, secret="s3cret")
    signed = got.headers["X-Oss-Restore-Timestamp"].encode() + b"." + got.body
    expected = hmac.new(b"s3cret", signed, hashlib.sha256).hexdigest()
    assert got.headers["X-Oss-Restore-Signature"] == f"sha256={expected}"
    assert got.headers["X-Oss-Restore-Timestamp"] == "1700000000"


def test_a_robot_receives_markdown_signed_as_dingtalk_requires(inbox: Receiver) -> None:
    got = send(inbox, "dingtalk", path="/robot/send?access_token=T", secret="SECa+b/c")
    query = parse_qs(urlsplit(got.path).query)
    moment = query["timestamp"][0]
    assert (query["access_token"], moment) == (["T"], "1700000000250")
    expected = hmac.new(b"SECa+b/c", f"{moment}\nSECa+b/c".encode(), hashlib.sha256).digest()
    assert base64.b64decode(query["sign"][0]) == expected
    assert got.json["msgtype"] == "markdown"
    assert got.json["markdown"] == {"title": NOTICE.title, "text": NOTICE.markdown()}
    assert "oss-restore" in got.json["markdown"]["text"]  # for a robot that wants a keyword


def test_a_message_to_a_robot_without_a_secret_is_not_signed(inbox: Receiver) -> None:
    got = send(inbox, "dingtalk", path="/robot/send?access_token=T")
    assert got.path == "/robot/send?access_token=T"


@pytest.mark.parametrize(
    ("kind", "path"),
    [("mns-topic", "/topics/ends/messages"), ("mns-queue", "/queues/ends/messages")],
)
def test_message_service_receives_a_signed_message(inbox: Receiver, kind: Kind, path: str) -> None:
    inbox.usual = (201, "<Message/>")
    got = send(inbox, kind, path=path)
    text = got.message if kind == "mns-topic" else base64.b64decode(got.message).decode()
    assert json.loads(text) == NOTICE.to_json()
    headers = got.headers
    assert headers["security-token"] == "STS-TOKEN"
    assert parsedate_to_datetime(headers["Date"]).timestamp() == int(NOW)
    signed = (
        f"POST\n\n{headers['Content-Type']}\n{headers['Date']}\n"
        f"x-mns-version:{headers['x-mns-version']}\n{path}"
    )
    digest = hmac.new(b"KEY-SECRET", signed.encode(), hashlib.sha1).digest()
    assert headers["Authorization"] == f"MNS AKID:{base64.b64encode(digest).decode()}"


def test_permanent_keys_send_no_token(inbox: Receiver) -> None:
    got = send(inbox, "mns-topic", path="/topics/t/messages", keys=Credentials("A", "S", ""))
    assert "security-token" not in got.headers


def test_a_busy_receiver_is_retried_with_increasing_waits(inbox: Receiver) -> None:
    inbox.answers = [(503, ""), (429, ""), (500, "")]
    waits: list[float] = []
    send(inbox, waits=waits)
    assert len(inbox.received) == 4
    assert waits == [1, 2, 4]


def test_every_attempt_sends_the_same_notice(inbox: Receiver) -> None:
    inbox.answers = [(503, "")]
    send(inbox)
    first, second = inbox.received
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert first.body == second.body


def test_a_receiver_that_stays_busy_is_given_up(inbox: Receiver) -> None:
    inbox.usual = (502, "")
    with pytest.raises(BusyError, match="502"):
        send(inbox)
    assert len(inbox.received) == ATTEMPTS


@pytest.mark.parametrize("status", [400, 401, 404])
def test_a_refusal_is_not_retried(inbox: Receiver, status: int) -> None:
    inbox.usual = (status, "")
    with pytest.raises(DeliveryError, match=str(status)):
        send(inbox)
    assert len(inbox.received) == 1


def test_no_redirect_is_followed(inbox: Receiver) -> None:
    inbox.usual = (307, f"{inbox.url}/elsewhere")
    with pytest.raises(DeliveryError, match="307"):
        send(inbox)
    assert len(inbox.received) == 1


@pytest.mark.parametrize("code", [-1, 130101])
def test_a_busy_robot_is_retried(inbox: Receiver, code: int) -> None:
    inbox.answers = [(200, json.dumps({"errcode": code, "errmsg": "slow down"}))]
    send(inbox, "dingtalk")
    assert len(inbox.received) == 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"errcode": 310000, "errmsg": "sign not match"}', "310000: sign not match"),
        ("<html>", "without an errcode"),
        ("[]", "without an errcode"),
    ],
)
def test_a_robots_refusal_is_reported(inbox: Receiver, body: str, words: str) -> None:
    inbox.usual = (200, body)
    with pytest.raises(DeliveryError, match=words):
        send(inbox, "dingtalk")
    assert len(inbox.received) == 1


def test_an_unreachable_receiver_is_retried_and_given_up() -> None:
    with receiver() as gone:
        pass
    waits: list[float] = []
    with pytest.raises(ConnectionRefusedError):
        send(gone, waits=waits)
    assert len(waits) == ATTEMPTS - 1


@pytest.mark.parametrize("url", ["http://", "http://h:port/T0KEN", "http://h/T0 KEN", "T0KEN"])
def test_a_wrong_url_is_reported_without_its_secret(url: str) -> None:
    target = NotificationTarget("ops", "webhook", ENDINGS, url)
    with pytest.raises((DeliveryError, OSError)) as refused:
        deliver(target, NOTICE, KEYS, RetryPolicy(sleep=lambda _: None))
    assert "T0" not in str(refused.value)


def test_delivery_to_one_target_takes_at_most_a_minute(inbox: Receiver) -> None:
    inbox.usual = (503, "")
    clock = iter([0.0, *[59.5] * 9])
    target = NotificationTarget("ops", "webhook", ENDINGS, inbox.url)
    retry = RetryPolicy(sleep=lambda _: None, jitter=lambda: 1.0, monotonic=lambda: next(clock))
    with pytest.raises(BusyError):
        deliver(target, NOTICE, KEYS, retry)
    assert len(inbox.received) == 1
