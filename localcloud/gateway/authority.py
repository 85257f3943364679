"""The certificate authority of a local cloud. Its key exists only in memory."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import trustme


class CertificateAuthority:
    """Issues a certificate for each requested host."""

    def __init__(self) -> None:
        self._authority = trustme.CA(organization_name="oss-restore local cloud")
        self._context_of = lru_cache(maxsize=1_000)(self._make_context)

    def write(self, path: Path) -> None:
        """Write the authority's certificate, which clients must trust, as PEM."""
        self._authority.cert_pem.write_to_path(str(path))

    def server_context(self, serves: Callable[[str], bool]) -> ssl.SSLContext:
        """Return a server's TLS context.

        Args:
            serves: returns whether the server answers for a host; other handshakes fail.
        """

        def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
            if name is None:
                return None
            if not serves(name):
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            connection.context = self._context_of(name.lower())
            return None

        context = self._make_context("localhost")
        context.sni_callback = choose
        return context

    def _make_context(self, host: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        self._authority.issue_cert(host).configure_cert(context)
        return context
