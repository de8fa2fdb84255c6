"""An orderer who asks to be erased while their order is out: nothing of it leads back to them."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.erase import erase_person
from lending.loop.loans.occasions import loans_of
from lending.loop.tables import ScanBorrower
from lending.people.actors import Actor, ActorKind
from lending.people.tables import Resident, Role
from lending.residents.attach import attach_cup
from tests.delivery.shop import Shop
from tests.personas import MINJI, SORA


def owners(shop: Shop, order: uuid.UUID) -> set[uuid.UUID | None]:
    """Whose the pieces of an order are."""
    lends = [one.lend_id for one in shop.read(loans_of, occasions=[order])[order]]
    with Session(shop.loop.engine) as session:
        rows = session.execute(
            sa.select(ScanBorrower.scan_id, ScanBorrower.resident_id).where(
                ScanBorrower.scan_id.in_(lends)
            )
        )
        found = {row[0]: row[1] for row in rows}
    return {found.get(id) for id in lends}


def everybody(shop: Shop) -> set[uuid.UUID]:
    with Session(shop.loop.engine) as session:
        return set(session.scalars(sa.select(Resident.id)))


def test_what_an_erased_orderer_has_out_is_nobodys_and_stays_so(shop: Shop) -> None:
    """More is packed for the order, and the worker goes by: nobody is made of it anew. Whoever has
    the lid in hand may say that it is theirs, as of any order that is nobody's."""
    lid, *others, later = shop.containers(3)
    order = shop.packed(lid, *others)
    known = everybody(shop)
    shop.contact(order, SORA)
    [sora] = everybody(shop) - known
    assert owners(shop, order) == {sora}
    assert shop.loop.write(lambda s: erase_person(s, resident_id=sora, now=shop.now))
    shop.beep(later, order)
    shop.sweep()
    assert owners(shop, order) == {None}
    assert everybody(shop) == known
    id = shop.town.residents[MINJI]
    minji = Actor(ActorKind.RESIDENT, Role.RESIDENT, shop.town.id, resident_id=id)
    given = {"resident": minji, "code": lid, "keys": shop.loop.keys, "now": shop.now}
    assert shop.loop.write(lambda s: attach_cup(s, **given))
    assert owners(shop, order) == {id}
    shop.is_true()
