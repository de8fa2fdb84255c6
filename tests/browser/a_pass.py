"""The pass of a delivery shop: its page, and what became of what was packed there."""

import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from lending.delivery.tables import Order
from lending.loop.loans.occasions import loans_of
from tests.browser.till import eventually, kept
from tests.delivery.shop import Shop

PASS = "/delivery/pack"
READY = "#table[data-ready='1']"


def orders(shop: Shop) -> list[Order]:
    """By when they were packed."""
    with Session(shop.loop.engine) as session:
        return list(session.scalars(sa.select(Order).order_by(Order.made_at)))


def codes_in(shop: Shop, order: Order) -> set[str]:
    assert order.occasion_id is not None
    return {
        loan.code for loan in shop.read(loans_of, occasions=[order.occasion_id])[order.occasion_id]
    }


def all_sent(page: Page) -> None:
    eventually(page, lambda: kept(page) == [])
    expect(page.locator("#unsent")).to_be_hidden()
