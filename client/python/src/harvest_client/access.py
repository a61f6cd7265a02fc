"""What lets a reader into a service on another machine: a token, and whom to trust for its certificate."""

from __future__ import annotations

import functools
import os
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, Mapping, Optional
from urllib.parse import urlsplit

from .errors import FetchFailed


@dataclass(frozen=True)
class Access:
    """`token`: sent in a header, over TLS or to this machine alone. `ca`, `certificate`, `key`: PEM files. A value; it may go to
    worker processes."""

    token: str = field(default="", repr=False)
    ca: str = ""
    certificate: str = ""
    key: str = ""

    @staticmethod
    def of_environment(environment: Optional[Mapping[str, str]] = None) -> "Access":
        """HARVEST_TOKEN, or the file HARVEST_TOKEN_FILE; HARVEST_CA, HARVEST_CERT, HARVEST_KEY."""
        given = os.environ if environment is None else environment
        token, file = given.get("HARVEST_TOKEN", ""), given.get("HARVEST_TOKEN_FILE", "")
        return Access(Path(file).read_text().strip() if file else token, given.get("HARVEST_CA", ""),
                      given.get("HARVEST_CERT", ""), given.get("HARVEST_KEY", ""))

    def environment(self) -> Dict[str, str]:
        """The same for a program that is started."""
        return {name: value for name, value in (("HARVEST_TOKEN", self.token), ("HARVEST_CA", self.ca),
                                                ("HARVEST_CERT", self.certificate), ("HARVEST_KEY", self.key)) if value}

    def headers(self, url: str) -> Dict[str, str]:
        if not self.token:
            return {}
        parts = urlsplit(url)
        if parts.scheme != "https" and not _is_loopback(parts.hostname or ""):
            raise FetchFailed.at(url, "no TLS", "https: a token goes to no other machine in the clear")
        return {"Authorization": f"Bearer {self.token}"}

    def context(self) -> Optional[ssl.SSLContext]:
        return _context(self.ca, self.certificate, self.key) if self.ca or self.certificate else None


NOBODY = Access()


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or (host.startswith("127.") and host.replace(".", "").isdigit())


@functools.lru_cache(maxsize=8)
def _context(ca: str, certificate: str, key: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca or None)
    if certificate:
        context.load_cert_chain(certificate, key or None)
    return context
