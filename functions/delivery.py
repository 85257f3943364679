"""Deliver a notice to one target by HTTP POST, with retries.

Error messages contain no more of a URL than the host, since a webhook's URL is a secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Final
from urllib.parse import quote_plus, urlsplit
from xml.sax.saxutils import escape

from functions.credentials import Credentials
from thaw.notices import Notice
from thaw.notification_targets import NotificationTarget
from thaw.retry import SERVER_ERRORS, TOO_MANY_REQUESTS, RetryPolicy

TIMEOUT_SECONDS: Final = 10.0  # to connect, and for each part of the response
PATIENCE_SECONDS: Final = 60.0  # no new attempt for a target starts after this time
ATTEMPTS: Final = 5
_RESPONSE_BYTES: Final = 64 * 1024
_SUCCESS: Final = range(200, 300)

# DingTalk always answers 200, with a code in the body: -1 is "busy", 130101 "too many messages"
# (docs: global error codes; custom robots).
_DINGTALK_BUSY: Final = (-1, 130101)


class DeliveryError(Exception):
    """A target refused a notice, and would refuse it again."""


class BusyError(ConnectionError):
    """A target did not accept a notice, and may do so later."""


@dataclass(frozen=True)
class NotificationRequest:
    """An HTTP POST."""

    url: str
    body: bytes
    headers: Mapping[str, str]


def deliver(
    target: NotificationTarget,
    notice: Notice,
    credentials: Credentials,
    retry: RetryPolicy,
    *,
    now: Callable[[], float] = time.time,
) -> None:
    """Deliver a notice.

    Args:
        target: the receiver.
        notice: the message.
        credentials: the keys of the functions' role, for Message Service.
        retry: the retry policy; its deadline is shortened to a minute from now.
        now: the clock, in seconds since 1970.

    Raises:
        DeliveryError: the target refused it.
        OSError: the target could not be reached, or was busy, for too long.
    """
    deadline = min(retry.deadline, retry.monotonic() + PATIENCE_SECONDS)
    patient = replace(retry, attempts=ATTEMPTS, base_seconds=1.0, deadline=deadline)
    # Each attempt has its own signature, which contains the time.
    patient.call(lambda: _post(target, request_of(target, notice, credentials, now())))


def request_of(
    target: NotificationTarget, notice: Notice, credentials: Credentials, now: float
) -> NotificationRequest:
    """Make the request for a target."""
    if target.kind == "dingtalk":
        return _dingtalk(target, notice, now)
    if target.kind == "webhook":
        return _webhook(target, notice, now)
    return _mns(target, notice, credentials, now)


def _webhook(target: NotificationTarget, notice: Notice, now: float) -> NotificationRequest:
    body = json.dumps(notice.to_json()).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": notice.id}
    if target.secret:
        moment = str(int(now))
        signed = f"{moment}.".encode() + body
        digest = hmac.new(target.secret.encode(), signed, hashlib.sha256).hexdigest()
        headers["X-Oss-Restore-Timestamp"] = moment
        headers["X-Oss-Restore-Signature"] = f"sha256={digest}"
    return NotificationRequest(target.url, body, headers)


def _dingtalk(target: NotificationTarget, notice: Notice, now: float) -> NotificationRequest:
    """Make a message for a custom robot (docs: custom robots, security settings)."""
    markdown = {"title": notice.title, "text": notice.markdown()}
    body = json.dumps({"msgtype": "markdown", "markdown": markdown}).encode()
    url = target.url
    if target.secret:
        moment = str(round(now * 1000))
        signed = f"{moment}\n{target.secret}".encode()
        digest = hmac.new(target.secret.encode(), signed, hashlib.sha256).digest()
        sign = quote_plus(base64.b64encode(digest))
        url += f"{'&' if '?' in url else '?'}timestamp={moment}&sign={sign}"
    return NotificationRequest(url, body, {"Content-Type": "application/json"})


def _mns(
    target: NotificationTarget, notice: Notice, credentials: Credentials, now: float
) -> NotificationRequest:
    """Make a message for a queue or a topic (docs 35134; signature: docs 27487)."""
    text = json.dumps(notice.to_json())
    # The SDKs decode messages from queues; topics pass them on unchanged.
    if target.kind == "mns-queue":
        text = base64.b64encode(text.encode()).decode()
    body = (
        '<?xml version="1.0" encoding="utf-8"?><Message xmlns="http://mns.aliyuncs.com/doc/v1/">'
        f"<MessageBody>{escape(text)}</MessageBody></Message>"
    ).encode()
    content_type, date = "text/xml", formatdate(now, usegmt=True)
    ours = {"x-mns-version": "2015-06-06"}
    named = "".join(f"{name}:{value}\n" for name, value in sorted(ours.items()))
    path = urlsplit(target.url).path
    signed = f"POST\n\n{content_type}\n{date}\n{named}{path}".encode()
    digest = hmac.new(credentials.access_key_secret.encode(), signed, hashlib.sha1).digest()
    headers = {
        **ours,
        "Content-Type": content_type,
        "Date": date,
        "Authorization": f"MNS {credentials.access_key_id}:{base64.b64encode(digest).decode()}",
    }
    if credentials.security_token:
        headers["security-token"] = credentials.security_token
    return NotificationRequest(target.url, body, headers)


def _post(target: NotificationTarget, request: NotificationRequest) -> None:
    """Send a request without following redirects, which would send the secrets elsewhere."""
    try:
        parts = urlsplit(request.url)
        secure = parts.scheme == "https"
        connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = connect(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
        try:
            path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
            headers = {"User-Agent": "oss-restore", **request.headers}
            connection.request("POST", path, request.body, headers)
            response = connection.getresponse()
            body = response.read(_RESPONSE_BYTES)
        finally:
            connection.close()
    except (http.client.InvalidURL, ValueError):
        # Messages of these errors would quote the URL.
        raise DeliveryError("the URL is invalid: http(s)://HOST[:PORT]/PATH is expected") from None
    except http.client.HTTPException as error:
        raise BusyError(
            f"{parts.hostname} sent an invalid response: {type(error).__name__}"
        ) from error
    if response.status in _SUCCESS:
        if target.kind == "dingtalk":
            _check_dingtalk(body)
        return
    problem = f"{parts.hostname} answered {response.status} {response.reason}"
    if response.status >= SERVER_ERRORS or response.status == TOO_MANY_REQUESTS:
        raise BusyError(problem)
    raise DeliveryError(problem)


def _check_dingtalk(body: bytes) -> None:
    try:
        response = json.loads(body)
        code, message = int(response["errcode"]), str(response.get("errmsg", ""))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DeliveryError("DingTalk sent a response without an errcode") from error
    if code == 0:
        return
    problem = f"DingTalk answered errcode {code}: {message[:200]}"
    raise BusyError(problem) if code in _DINGTALK_BUSY else DeliveryError(problem)
