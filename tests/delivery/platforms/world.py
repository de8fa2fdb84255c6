"""A town with a delivery platform: what it says, what its shop packs, what it is told."""

import uuid
from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import reading
from lending.delivery.orders.book import Pass
from lending.delivery.orders.pack import Beep, pack_piece
from lending.delivery.orders.refresh import refresh_orders
from lending.delivery.orders.views import OrderView
from lending.delivery.platforms.callbacks import post_callback
from lending.delivery.platforms.register import KeysMade, add_platform
from lending.delivery.platforms.send import Telling, tell_platforms
from lending.delivery.platforms.shops import name_shop
from lending.delivery.platforms.signed import Caller
from lending.delivery.platforms.tables import Webhook
from lending.delivery.platforms.words import OrderWord, Taken, take_word
from lending.places.sites import load_sites
from tests.delivery.platforms.receiver import Receiver
from tests.personas import HARU, MINUTE, Loop

SHOP = "shop-17"  # as the platform calls café Haru
HOUR = timedelta(hours=1)


class PlatformWorld:
    """Every call commits and takes a minute of the loop's time."""

    def __init__(self, loop: Loop, receiver: Receiver) -> None:
        self.loop, self.receiver = loop, receiver
        self.made: KeysMade = self.add("배달하루", receiver.url)
        self.caller = Caller(self.made.platform_id, loop.town.id)

    def add(self, name: str, url: str, *, shop: str = SHOP, site: str = HARU) -> KeysMade:
        officer = self.loop.town.officer
        made: KeysMade = self.do(
            add_platform, name=name, callback_url=url, actor=officer, keys=self.loop.keys,
            anywhere=True,
        )  # fmt: skip
        self.name_shop(shop, site, platform_id=made.platform_id)
        return made

    def name_shop(self, shop: str, site: str, *, platform_id: int | None = None) -> None:
        """An officer tells which place the platform means."""
        self.do(
            name_shop, platform_id=platform_id or self.caller.platform_id, shop=shop,
            site=self.loop.site(site), actor=self.loop.town.officer,
        )  # fmt: skip

    def say(self, ref: str, revision: int = 1, *, caller: Caller | None = None, **more: Any):
        """The platform's word of an order."""
        word = OrderWord(ref, revision, more.pop("shop", SHOP), **more)
        taken: Taken = self.do(
            take_word, word=word, caller=caller or self.caller, keys=self.loop.keys
        )
        return taken

    def beep(self, occasion: uuid.UUID, cup: str, *, site: str = HARU) -> OrderView | None:
        """The shop packs a container into an order."""
        now = self.loop.now
        with reading(self.loop.engine) as session:
            view = load_sites(session, site_ids=[self.loop.town.sites[site]])
        here = Pass(view[self.loop.town.sites[site]], self.loop.town.mina, self.loop.keys, now)
        beep = Beep(uuid.uuid4(), occasion, cup, now, now)
        packed = self.loop.write(lambda session: pack_piece(session, beep, here=here))
        self.loop.now += MINUTE
        assert packed.error is None, packed
        order: OrderView | None = packed.order
        return order

    def here(self, site: str = HARU) -> Pass:
        town = self.loop.town
        with reading(self.loop.engine) as session:
            view = load_sites(session, site_ids=[town.sites[site]])[town.sites[site]]
        return Pass(view, town.mina, self.loop.keys, self.loop.now)

    def refresh(self, *orders: uuid.UUID) -> None:
        """The worker's look at orders."""
        self.do(refresh_orders, order_ids=list(orders))

    def tell(self, *, at: datetime | None = None, post=None) -> Counter[str]:
        """A round of the worker, its clock standing at the loop's time."""
        return tell_platforms(self.telling(at=at, post=post))

    def telling(self, *, at: datetime | None = None, post=None) -> Telling:
        clock = at or self.loop.now
        return Telling(
            self.loop.engine, self.loop.keys, lambda: clock,
            post or partial(post_callback, anywhere=True),
        )  # fmt: skip

    def let_pass(self, time: timedelta, *, every: timedelta) -> Counter[str]:
        """Time passes, with a round of the worker now and then."""
        counts: Counter[str] = Counter()
        end = self.loop.now + time
        while self.loop.now < end:
            counts += self.tell()
            self.loop.now += every
        return counts

    def waiting(self) -> int:
        """Webhooks that are still to be told."""
        with Session(self.loop.engine) as session:
            query = sa.select(sa.func.count()).where(
                Webhook.delivered_at.is_(None), Webhook.gave_up_at.is_(None)
            )
            return session.scalar(query) or 0

    def count(self, table: type[Any]) -> int:
        with Session(self.loop.engine) as session:
            return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0

    def do(self, work, **more: Any) -> Any:
        now = self.loop.now
        done = self.loop.write(lambda session: work(session, now=now, **more))
        self.loop.now += MINUTE
        return done
