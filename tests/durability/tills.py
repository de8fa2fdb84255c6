"""Tills that keep scanning while the server is killed: what was not answered is sent again."""

import http.client
import json
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from tests.personas import HARU, WASH

PATIENCE = 60.0  # seconds that a call is repeated before the till gives up


class Till(threading.Thread):
    """Lends and takes back its own cups one by one, then sends them through the wash in one call.

    `sent` holds every scan by id, `answers` each result of its receipts, `unanswered` counts calls
    that had to be repeated, `trouble` says what should never happen.
    """

    def __init__(self, port: int, token: str, cups: list[str], borrower: str) -> None:
        super().__init__(name=f"till of {borrower}", daemon=True)
        self.port, self.token, self.cups, self.borrower = port, token, cups, borrower
        self.sent: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, list[str]] = {}
        self.unanswered = 0
        self.trouble: list[str] = []
        self.closing = threading.Event()
        self._line: http.client.HTTPConnection | None = None

    def run(self) -> None:
        try:
            while not self.closing.is_set():
                self._serve_guests()
                self._wash_up()
        except Exception as error:  # of a thread nobody would hear of it
            self.trouble.append(repr(error))
        finally:
            self._hang_up()

    def send_all_again(self) -> list[str]:
        """Every scan once more with its id, in calls of 100; the results."""
        scans = list(self.sent.values())
        parts = [scans[n : n + 100] for n in range(0, len(scans), 100)]
        receipts = [receipt for part in parts for receipt in self._call(part)]
        self._hang_up()
        return [receipt["result"] for receipt in receipts]

    def _serve_guests(self) -> None:
        for cup in self.cups:
            self._scan(_scan("lend", cup, HARU, intent="ask", borrower=self.borrower))
            self._scan(_scan("return", cup, HARU))

    def _wash_up(self) -> None:
        """All its cups through the centre and back onto the shelf."""
        steps = [("collect", HARU), ("receive", WASH), ("wash", WASH), ("pass", WASH)]
        scans = [_scan(action, cup, site) for action, site in steps for cup in self.cups]
        scans += [_scan("ship", cup, WASH, to=HARU) for cup in self.cups]
        self._scan(*scans, *(_scan("stock", cup, HARU) for cup in self.cups))

    def _scan(self, *scans: dict[str, Any]) -> None:
        self.sent |= {scan["id"]: scan for scan in scans}
        for receipt in self._call(list(scans)):
            self.answers.setdefault(receipt["id"], []).append(receipt["result"])

    def _call(self, scans: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Posts until an answer comes, with the same ids and a fresh `sent_at`; the receipts."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self._post(scans)
            except (OSError, http.client.HTTPException):
                self._hang_up()
                self.unanswered += 1
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)

    def _post(self, scans: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if self._line is None:
            self._line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        body = json.dumps({"sent_at": datetime.now(UTC).isoformat(), "scans": scans})
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        self._line.request("POST", "/api/v1/scans", body, headers)
        response = self._line.getresponse()
        text = response.read()
        assert response.status == 200, (response.status, text[:300])
        receipts: list[dict[str, Any]] = json.loads(text)["receipts"]
        assert [one["id"] for one in receipts] == [one["id"] for one in scans]
        return receipts

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None


def _scan(action: str, code: str, site: str, intent: str = "fact", **more: str) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat()
    return {
        "id": str(uuid.uuid4()), "action": action, "code": code, "site": site, "at": at,
        "intent": intent, **more,
    }  # fmt: skip
