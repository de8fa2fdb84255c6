"""Somebody with a lid in hand and a phone: asks on the public pages, in the present."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.requests.pickups.tables import Pickup
from tests.callers import Caller
from tests.personas import Loop
from tests.pickups.conftest import Deliveries


@pytest.fixture
def loop(loop: Loop) -> Loop:
    """The town of the last hours: pages live in the present."""
    loop.now = datetime.now(UTC) - timedelta(hours=2)
    return loop


@pytest.fixture
def phone(app: Flask) -> Caller:
    """A stranger's, without an account."""
    return Caller("stranger", app.test_client())


def form(**more: Any) -> dict[str, Any]:
    """What the form sends where nothing is changed in it."""
    return {"id": str(uuid.uuid4()), "place": "door", "window": "any"} | more


def ask(phone: Caller, lid: str, **more: Any) -> Any:
    """Asks by the form of this lid; the answer."""
    if not phone.client.get_cookie("asker"):
        phone.open(f"/i/{lid}/pickup")
    return phone.open(f"/i/{lid}/pickup", "POST", data=form(**more))


def rows(shop: Deliveries) -> int:
    """How many requests there are."""
    with Session(shop.loop.engine) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Pickup)) or 0
