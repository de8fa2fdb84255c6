"""The line from a machine to the server: JSON over HTTP, with a token."""

import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

TIMEOUT = 10.0  # seconds


class NoLine(Exception):
    """No answer came, or the server cannot answer now: what was to be told stays to be told."""


@dataclass
class Line:
    """`url` of the server and the machine's `token`; unplugged, nothing gets through."""

    url: str
    token: str
    plugged: bool = True

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """(status, JSON) of an answer; NoLine when none came, for 429 and for any 5xx."""
        if not self.plugged:
            raise NoLine("unplugged")
        try:
            request = urllib.request.Request(
                f"{self.url.rstrip('/')}/api/v1/machines/{path}",
                data=json.dumps(body).encode(),
                headers={
                    "Authorization": f"Bearer {self.token}", "Content-Type": "application/json",
                },
            )  # fmt: skip
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 429 or error.code >= 500:
                raise NoLine(str(error.code)) from error
            return error.code, _read(error)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise NoLine(str(error) or type(error).__name__) from error


def _read(answer: urllib.error.HTTPError) -> Any:
    """The JSON of a refusal; NoLine for what another server answers."""
    try:
        return json.load(answer)
    except ValueError:
        raise NoLine(f"{answer.code}, not this system's answer") from answer
