"""A bad network between a station and the server: requests and answers get lost, doubled, late."""

import contextlib
import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LONGEST_WAIT = 15.0  # seconds for an answer
LATEST_COPY = 3.0  # seconds after which a copy of a request may still arrive

# What befalls one request in how many: the request lost, cut off in its middle, the answer lost
# before or after it left the server, the request delivered twice at once, once more later, or
# only after the station has given up on it.
FAULTS = {
    "lost": 0.07, "cut": 0.03, "unheard": 0.05, "unread": 0.05, "twice": 0.06, "copy": 0.05,
    "slow": 0.04,
}  # fmt: skip
# A question is doubled only before its answer: a browser or a proxy asks again when none came. One
# delivered again after it was refused would be judged anew, for a refusal leaves nothing behind.
TILL_FAULTS = {"lost": 0.05, "cut": 0.02, "unheard": 0.1, "unread": 0.15, "again": 0.1, "slow": 0.1}


class Lost(Exception):
    """No answer: whether the server heard the request nobody can tell."""


@dataclass
class Line:
    """One station's connection; `counts` what befell its requests. `calm` ends the faults."""

    port: int
    rng: random.Random
    counts: Counter[str] = field(default_factory=Counter)
    cookies: dict[str, str] = field(default_factory=dict)
    token: str | None = None
    calm: bool = False
    _form_token: str | None = None
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _copies: list[threading.Thread] = field(default_factory=list)

    def post(
        self,
        path: str,
        body: dict[str, Any],
        faults: Mapping[str, float] = FAULTS,
        good: tuple[int, ...] = (200,),
    ) -> dict[str, Any]:
        """The JSON of a good answer; Lost without one. AssertionError for one that ends the matter."""
        if self.cookies and self._form_token is None:
            self._fetch_form_token()
        fault = "" if self.calm else self._draw(faults)
        self.counts[fault] += bool(fault)
        status, answer = self._deliver(path, self._encode(body), fault)
        if status == 403 and answer.get("error", {}).get("code") == "form_expired":
            self._form_token = None
            raise Lost
        if status >= 500 or status == 429:
            self.counts["server in trouble"] += 1
            raise Lost
        assert status in good, (path, status, answer)
        return answer

    def hang_up(self) -> None:
        """Returns when no copy of a request is under way any more."""
        for copy in self._copies:
            copy.join()

    def _draw(self, faults: Mapping[str, float]) -> str:
        roll = self.rng.random()
        for fault, share in faults.items():
            if roll < share:
                return fault
            roll -= share
        return ""

    def _deliver(self, path: str, body: bytes, fault: str) -> tuple[int, dict[str, Any]]:
        if fault == "lost":
            raise Lost
        if fault == "cut":
            self._cut(path, body)
            raise Lost
        if fault == "unheard":
            self._send(path, body).close()
            raise Lost
        if fault in ("twice", "copy", "slow"):
            wait = 0.0 if fault == "twice" else self.rng.uniform(0.2, LATEST_COPY)
            copy = threading.Thread(target=self._again, args=(path, body, wait), daemon=True)
            copy.start()
            self._copies.append(copy)
        if fault == "slow":
            raise Lost
        if fault == "again":
            with contextlib.suppress(Lost):
                self._ask(path, body)
        answer = self._ask(path, body)
        if fault == "unread":
            raise Lost
        return answer

    def _ask(self, path: str, body: bytes | None) -> tuple[int, dict[str, Any]]:
        line = self._send(path, body)
        try:
            response = line.getresponse()
            text = response.read()
            self._keep_cookies(response)
            return response.status, self._read(response, text)
        except (OSError, http.client.HTTPException, ValueError):
            raise Lost from None
        finally:
            line.close()

    def _send(self, path: str, body: bytes | None) -> http.client.HTTPConnection:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST_WAIT)
        try:
            line.request("POST" if body is not None else "GET", path, body, self._headers(body))
        except OSError:
            line.close()
            raise Lost from None
        return line

    def _cut(self, path: str, body: bytes) -> None:
        """Half a body, and the connection is gone."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST_WAIT)
        with contextlib.suppress(OSError):
            line.putrequest("POST", path)
            for name, value in (self._headers(body) | {"Content-Length": str(len(body))}).items():
                line.putheader(name, value)
            line.endheaders(body[: len(body) // 2])
        line.close()

    def _again(self, path: str, body: bytes, wait: float) -> None:
        time.sleep(wait)
        with contextlib.suppress(Lost):
            self._ask(path, body)

    def _encode(self, body: dict[str, Any]) -> bytes:
        return json.dumps(body).encode()

    def _read(self, response: http.client.HTTPResponse, text: bytes) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(text)
        return found

    def _headers(self, body: bytes | None) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self._form_token:
            headers["X-CSRFToken"] = self._form_token
        return headers

    def _fetch_form_token(self) -> None:
        status, answer = self._ask("/form-token", None)
        if status != 200:
            raise Lost
        self._form_token = str(answer["token"])

    def _keep_cookies(self, response: http.client.HTTPResponse) -> None:
        with self._guard:
            for line in response.headers.get_all("Set-Cookie") or []:
                name, _, rest = line.partition("=")
                self.cookies[name.strip()] = rest.partition(";")[0]
