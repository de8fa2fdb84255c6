"""A platform's program: calls signed as it signs them."""

import json
from datetime import UTC, datetime
from typing import Any

from flask import Flask

from lending.delivery.platforms.signatures import HEADER, sign
from lending.delivery.platforms.tables import PlatformWord, Webhook
from lending.delivery.tables import Order, OrderChange
from tests.delivery.platforms.world import SHOP

ORDERS = "/api/v1/delivery/orders"
ORDER = {"order": "A-1", "revision": 1, "shop": SHOP, "reusable": True}
STORED = (Order, OrderChange, PlatformWord, Webhook)


class Program:
    """A platform's program. `secret` and `token` may be somebody else's."""

    def __init__(self, app: Flask, token: str, secret: str) -> None:
        self.app, self.token, self.secret = app, token, secret

    def post(self, body: Any, path: str = ORDERS, *, at: datetime | None = None, **headers: str):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        signed = sign(raw, secrets=[self.secret], at=at or datetime.now(UTC))
        return self.app.test_client().post(
            path, data=raw, headers=self._headers() | {HEADER: signed} | headers
        )

    def get(self, ref: str):
        return self.app.test_client().get(f"{ORDERS}/{ref}", headers=self._headers())

    def _headers(self) -> dict[str, str]:
        token = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {"Content-Type": "application/json"} | token
