"""Lines of the new actors: a platform's program that signs, a phone that sends forms."""

import http.client
import json
import urllib.parse
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lending.delivery.platforms.signatures import HEADER, sign
from tests.chaos.network import Line


@dataclass
class SignedLine(Line):
    """A delivery platform's: everything it sends is signed."""

    secret: str = ""

    def _headers(self, body: bytes | None) -> dict[str, str]:
        signed = sign(body or b"", secrets=[self.secret], at=datetime.now(UTC))
        return super()._headers(body) | {HEADER: signed}


@dataclass
class PhoneLine(Line):
    """Somebody's browser: forms, redirects, an address of its own."""

    address: str = "198.51.100.1"

    def send_form(self, path: str, fields: dict[str, str]) -> str:
        """Where a sent form leads; Lost without an answer."""
        if self._form_token is None:
            self._ask("/staff/sign-in", None)  # any page with a form begins the session
            self._fetch_form_token()
        return str(self.post(path, fields, good=(302,))["location"])

    def _encode(self, body: dict[str, Any]) -> bytes:
        return urllib.parse.urlencode(body).encode()

    def _read(self, response: http.client.HTTPResponse, text: bytes) -> dict[str, Any]:
        if response.headers.get_content_type() == "application/json":
            found: dict[str, Any] = json.loads(text)
            return found
        return {"location": response.headers.get("Location", "")}

    def _headers(self, body: bytes | None) -> dict[str, str]:
        return super()._headers(body) | {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "text/html" if body is not None else "application/json",
            "X-Forwarded-For": self.address,
        }
