"""Occasions in a town, for the tests of what is lent to them."""

import uuid
from collections.abc import Sequence
from datetime import date
from functools import partial

from sqlalchemy.orm import Session

from lending.loop.loans.lent_for import OccasionKind
from lending.loop.loans.occasions import OccasionLoan, loans_of, open_occasion
from lending.loop.scans import Receipt
from lending.loop.steps import Action
from tests.personas import HARU, OFFICE, WASH, Loop


def new_occasion(
    loop: Loop,
    kind: OccasionKind = OccasionKind.BOOKING,
    *,
    at: str = HARU,
    ends_on: date | None = None,
    id: uuid.UUID | None = None,
) -> uuid.UUID:
    """An occasion that begins now at a place of the town."""
    make = partial(
        open_occasion, id=id or uuid.uuid4(), kind=kind, site_id=loop.town.sites[at],
        district_id=loop.town.id, ends_on=ends_on, now=loop.now,
    )  # fmt: skip
    made: uuid.UUID = loop.write(lambda session: make(session).id)
    return made


def lend_to(loop: Loop, code: str, occasion: uuid.UUID, at: str = HARU, **more: object) -> Receipt:
    """A piece, bag or crate goes out for an occasion."""
    scan = loop.scan(
        Action.LEND, code, site=loop.site(at), occasion=occasion, **({"ask": True} | more)
    )
    return loop.go(scan)[0]


def out_of(loop: Loop, occasion: uuid.UUID) -> Sequence[OccasionLoan]:
    """The loans of an occasion."""
    with Session(loop.engine) as session:
        return loans_of(session, [occasion])[occasion]


def packed_crate(loop: Loop, count: int = 2, at: str = HARU) -> tuple[str, list[str]]:
    """A crate with clean cups in it that stands at a place."""
    crate, cups = loop.new_crate(), loop.passed_cups(count)
    loop.pack(crate, *cups)
    loop.ship(crate, to=loop.site(at))
    loop.one(Action.STOCK, crate, site=loop.site(at), ask=False)
    return crate, cups


__all__ = ["HARU", "OFFICE", "WASH", "lend_to", "new_occasion", "out_of", "packed_crate"]
