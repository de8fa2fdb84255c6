"""Which of our places a platform means by its own ids of shops."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.platforms.register import lock_platform
from lending.delivery.platforms.tables import PlatformShop
from lending.errors import Code, LendingError
from lending.people.actors import Actor
from lending.places.sites import find_site
from lending.places.tables import Site, SiteKind
from lending.places.texts import Problem, read_text
from lending.requests.acting import signature

LONGEST_SHOP = 64


@dataclass(frozen=True, slots=True)
class ShopView:
    """A platform's own id of a shop, and the place it means."""

    shop: str
    site: str
    name: str
    name_en: str


def name_shop(
    session: Session, *, platform_id: int, shop: str, site: str, actor: Actor, now: datetime
) -> None:
    """From now on the platform means by `shop` the place with the code `site`, a shop or a café.

    INVALID (shop), NOT_FOUND (site) or INVALID (site) for a place of another kind. Orders that
    came before stay where they are.
    """
    shop = read_text(shop, "shop", longest=LONGEST_SHOP)
    lock_platform(session, platform_id=platform_id, district_id=actor.district_id)
    found = find_site(session, code=site, district_id=actor.district_id)
    if found.kind not in {SiteKind.SHOP, SiteKind.CAFE}:
        raise LendingError(Code.INVALID, field="site", detail=Problem.NO_SUCH_SITE)
    row = session.get(PlatformShop, (platform_id, shop))
    if row is None:
        row = PlatformShop(platform_id=platform_id, shop=shop)
        session.add(row)
    row.site_id, row.added_at, row.added_by = found.id, now, signature(actor)
    session.flush()


def forget_shop(session: Session, *, platform_id: int, shop: str, district_id: int) -> None:
    """The platform's id of a shop means no place any more; its next orders are refused."""
    lock_platform(session, platform_id=platform_id, district_id=district_id)
    session.execute(
        sa.delete(PlatformShop).where(
            PlatformShop.platform_id == platform_id, PlatformShop.shop == shop
        )
    )


def list_shops(session: Session, *, platform_id: int) -> list[ShopView]:
    """A platform's shops, by its own ids."""
    query = (
        sa.select(PlatformShop.shop, Site.code, Site.name, Site.name_en)
        .join(Site, Site.id == PlatformShop.site_id)
        .where(PlatformShop.platform_id == platform_id)
        .order_by(PlatformShop.shop)
    )
    return [ShopView(*row) for row in session.execute(query)]


def site_meant(session: Session, *, platform_id: int, shop: str) -> int:
    """The place a platform means by `shop`; INVALID (field shop) when nobody has said."""
    row = session.get(PlatformShop, (platform_id, shop))
    if row is None:
        raise LendingError(Code.INVALID, field="shop", detail=Problem.NO_SUCH_SITE)
    return row.site_id
