"""A town in which everybody, with their programs and browsers, can be told something of a person."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask

from lending.db import transaction
from lending.delivery.platforms.register import add_platform
from lending.delivery.platforms.shops import name_shop
from lending.delivery.platforms.signatures import HEADER, sign
from lending.machines.setting import SetUp, set_machine
from lending.people.profile import agree_terms
from lending.people.tables import Role
from tests.callers import (
    Caller,
    device_caller,
    resident_caller,
    staff_caller,
    token_caller,
)
from tests.delivery.platforms.receiver import Receiver
from tests.personas import BOX, HARU, MINJI, Loop
from tests.whole.crawl import Canaries

SHOP = "SHOP"  # of tests/delivery/filled.py
OWN = "shop-17"


class Town:
    """Everybody who is told something of a person, with their programs and browsers."""

    def __init__(self, app: Flask, loop: Loop, receiver: Receiver) -> None:
        self.app, self.loop, self.known = app, loop, Canaries()
        with transaction(loop.engine) as session:
            town, now = loop.town, datetime.now(UTC)
            self.office = staff_caller(app, session, town, Role.OFFICER)
            self.courier = staff_caller(app, session, town, Role.COURIER)
            self.cafe = staff_caller(app, session, town, Role.CAFE)
            self.till = device_caller(app, session, town, HARU)
            self.shop = device_caller(app, session, town, SHOP)
            self.program = token_caller(app, session, Role.CAFE)
            self.machine = token_caller(app, session, Role.MACHINE, BOX)
            self.minji = resident_caller(app, town)
            agree_terms(session, resident_id=town.residents[MINJI], how="test", now=now)
            self.made = add_platform(
                session, name="배달하루", callback_url=receiver.url, actor=town.officer,
                keys=loop.keys, now=now, anywhere=True,
            )  # fmt: skip
            name_shop(
                session, platform_id=self.made.platform_id, shop=OWN, site=SHOP,
                actor=town.officer, now=now,
            )  # fmt: skip
            set_machine(
                session, SetUp(takes_bottles=True), site_id=town.sites[BOX], actor=town.officer,
                now=now,
            )  # fmt: skip
        self.stranger = Caller("stranger", app.test_client())
        loop.now = datetime.now(UTC) - timedelta(hours=1)
        self.cups = loop.clean_cups(3)
        self.ware = loop.clean_cups(8, SHOP)

    def tell(self, caller: Caller, path: str, body: Any, *good: int, **more: Any) -> Any:
        """A post that is to be answered so."""
        answer = caller.open(path, "POST", **({"json": body} | more))
        assert answer.status_code in (good or (200,)), (path, answer.status_code, answer.text[:500])
        return answer

    def form(self, caller: Caller, path: str, *good: int, **data: Any) -> Any:
        return self.tell(caller, path, None, *(good or (302,)), json=None, data=data)

    def platform(self, body: dict[str, Any]) -> Any:
        raw = json.dumps(body).encode()
        headers = {
            HEADER: sign(raw, secrets=[self.made.secret], at=datetime.now(UTC)),
            "Authorization": f"Bearer {self.made.token}",
        }
        return self.app.test_client().post("/api/v1/delivery/orders", data=raw, headers=headers)

    def records(self, *records: dict[str, Any]) -> list[dict[str, Any]]:
        """What the shop's tablet tells."""
        now = datetime.now(UTC).isoformat()
        told = [{"id": str(uuid.uuid4()), "at": now} | record for record in records]
        answer = self.tell(self.shop, "/delivery/records", {"sent_at": now, "records": told})
        receipts: list[dict[str, Any]] = answer.get_json()["receipts"]
        return receipts
