"""Counted ware through its pages: forms as a browser sends them, tablets as JSON."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.callers import Caller

if TYPE_CHECKING:
    from tests.wares.conftest import Wares


@dataclass
class Door:
    """One caller at the pages; `site` is named by who acts for the district."""

    caller: Caller
    wares: "Wares"
    site: str | None = None

    def get(self, path: str, status: int = 200, **query: str) -> str:
        answer = self.caller.open(path, query_string=self._where() | query)
        assert answer.status_code == status, (answer.status_code, answer.text[:800])
        text: str = answer.text
        return text

    def post(self, path: str, status: int = 302, **fields: Any) -> Any:
        answer = self.caller.open(path, "POST", data=self._where() | fields)
        assert answer.status_code == status, (answer.status_code, answer.text[:800])
        return answer

    def record(self, what: str, status: int = 302, **fields: Any) -> str:
        """One thing told by the form; what the page after it says."""
        values = {"id": str(uuid.uuid4()), "kind": "bowl", "condition": "clean"} | fields
        answer = self.post(f"/wares/record/{what}", status, **values)
        return alerts(self.caller.open(answer.location).text if status == 302 else answer.text)

    def send(self, path: str, status: int = 200, **body: Any) -> Any:
        """What a tablet sends."""
        now = datetime.now(UTC).isoformat()
        values = {"id": str(uuid.uuid4()), "at": now, "sent_at": now} | body
        answer = self.caller.open(path, "POST", json=values)
        assert answer.status_code == status, (answer.status_code, answer.text[:800])
        return answer.get_json()

    def _where(self) -> dict[str, str]:
        return {"site": self.site} if self.site else {}


def alerts(page: str) -> str:
    """The messages and the errors of fields on a page, as one text."""
    found = re.findall(r'class="alert-title">(.*?)</p>', page, re.S)
    found += re.findall(r'class="field-error"[^>]*>.*?<span>(.*?)</span>', page, re.S)
    return " | ".join(" ".join(text.split()) for text in found)
