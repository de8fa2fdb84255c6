"""The officer's morning: forecast, stock, what was asked, a proposal; accepted or changed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.tables import ItemKind
from lending.moving.supply.crate_sizes import crates_for, load_crate_sizes
from lending.moving.supply.demand import load_demand
from lending.moving.supply.forecast import forecast
from lending.moving.supply.orders import local_today
from lending.moving.supply.stock import Key, load_stock
from lending.moving.tables import Allotment, OrderWhy, SupplyOrder
from lending.people.actors import Actor
from lending.people.upserts import insert_or
from lending.places.opening import load_opening_days
from lending.places.tables import Site
from lending.requests.acting import check_count, signature

SAFETY = 0.25  # more than forecast: its error on a place's day of the demo (lending forecast)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One kind for one place on one day, in pieces.

    `forecast`: what will be lent; `asked`: tapped and standing orders, or what a level wants if
    that is more; `stock`: clean there now; `on_the_way`: shipped to it; `pieces`: proposed;
    `crates`: full and begun ones for `decided` or else `pieces`; `decided`: what the officer gave
    (by whom: `decided_by`), None as long as nobody has.
    """

    site_id: int
    site: str
    site_name: str
    kind_id: int
    kind: str
    kind_name: str
    forecast: float
    asked: int
    stock: int
    on_the_way: int
    pieces: int
    crates: int
    decided: int | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the officer gives: pieces of a kind for a place (codes); None accepts the proposal."""

    site: str
    kind: str
    pieces: int | None = None


def propose_supply(
    session: Session, *, district_id: int, day: date, now: datetime
) -> list[Proposal]:
    """A proposal for every place and kind that lends, asks or was decided on for `day`, by place and
    kind; about fifteen statements whatever the size.

    Pieces = what is asked, or the forecast plus 25 % less what is there and on the way, whichever is
    more. A place that is closed on the day gets only what it asks for.
    """
    today = local_today(session, district_id=district_id, now=now)
    until = min(day, today)  # today is not over yet
    demand = load_demand(session, district_id=district_id, until=until, now=now)
    stock = load_stock(session, district_id=district_id)
    asked = _load_asked(session, district_id, day)
    decided = _load_decided(session, district_id, day)
    sizes = load_crate_sizes(session, district_id=district_id)
    keys = sorted(demand.series.keys() | asked.keys() | decided.keys())
    opening = load_opening_days(session, site_ids={site for site, _ in keys})
    sites, kinds = _names(session, district_id)
    found = []
    for key in keys:
        site, kind = key
        if site not in sites or kind not in kinds:
            continue  # closed for good
        open_then = opening[site].is_open(day, now)
        need = forecast(demand.series.get(key, {}), day) if open_then else 0.0
        there, way, wish = stock.there(key), stock.on_the_way(key), asked.get(key, 0)
        pieces = max(wish, math.ceil(need * (1 + SAFETY)) - there - way, 0)
        given = decided.get(key)
        number = pieces if given is None else given[0]
        found.append(
            Proposal(
                site, *sites[site], kind, *kinds[kind], round(need, 1), wish, there, way, pieces,
                crates_for(number, sizes.get(kind)), *(given or ()),
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (one.site, one.kind))


def decide_supply(
    session: Session,
    decisions: Sequence[Decision],
    *,
    day: date,
    actor: Actor,
    now: datetime,
    changed_only: bool = False,
) -> list[Proposal]:
    """Accepts or changes proposals for a day; each is kept with what was proposed, on what, by whom.
    Deciding again replaces the number; with `changed_only` what says the same as the number that
    stands is left as it was decided. Returns all proposals of the day as they stand then.

    INVALID (pieces, day: past), NOT_FOUND (site, kind) for what is not among the proposals and is
    no place or kind of the district; nothing is decided then.
    """
    district = actor.district_id
    if day < local_today(session, district_id=district, now=now):
        raise LendingError(Code.INVALID, field="day")
    proposals = {
        (one.site, one.kind): one
        for one in propose_supply(session, district_id=district, day=day, now=now)
    }
    sites, kinds = _names(session, district)
    site_ids = {code: id for id, (code, _) in sites.items()}
    kind_ids = {code: id for id, (code, _) in kinds.items()}
    rows: dict[tuple[str, str], dict[str, object]] = {}
    for one in decisions:
        if one.site not in site_ids:
            raise LendingError(Code.NOT_FOUND, field="site", detail=one.site)
        if one.kind not in kind_ids:
            raise LendingError(Code.NOT_FOUND, field="kind", detail=one.kind)
        known = proposals.get((one.site, one.kind))
        if changed_only and known and known.decided is not None and known.decided == one.pieces:
            continue
        proposed = known.pieces if known else 0
        rows[one.site, one.kind] = {
            "district_id": district,
            "site_id": site_ids[one.site],
            "kind_id": kind_ids[one.kind],
            "day": day,
            "forecast": known.forecast if known else 0.0,
            "asked": known.asked if known else 0,
            "stock": known.stock if known else 0,
            "on_the_way": known.on_the_way if known else 0,
            "proposed": proposed,
            "pieces": proposed
            if one.pieces is None
            else check_count(one.pieces, "pieces", least=0),
            "decided_at": now,
            "decided_by": signature(actor),
        }
    if rows:
        insert = insert_or(session, Allotment)
        keep = {"district_id", "site_id", "kind_id", "day"}
        changed = {
            name: insert.excluded[name] for row in rows.values() for name in row.keys() - keep
        }
        session.execute(
            insert.on_conflict_do_update(
                index_elements=["site_id", "kind_id", "day"], set_=changed
            ),
            [rows[key] for key in sorted(rows)],
        )
    return propose_supply(session, district_id=district, day=day, now=now)


def _load_asked(session: Session, district_id: int, day: date) -> dict[Key, int]:
    """Pieces asked for by place and kind: taps and standing orders together, or what a level wants
    where that is more."""
    by_level = SupplyOrder.why == OrderWhy.LEVEL
    query = (
        sa.select(
            SupplyOrder.site_id,
            SupplyOrder.kind_id,
            sa.func.sum(sa.case((by_level, 0), else_=SupplyOrder.quantity)),
            sa.func.sum(sa.case((by_level, SupplyOrder.quantity), else_=0)),
        )
        .where(
            SupplyOrder.district_id == district_id,
            SupplyOrder.day == day,
            SupplyOrder.withdrawn_at.is_(None),
        )
        .group_by(SupplyOrder.site_id, SupplyOrder.kind_id)
    )
    rows = session.execute(query)
    return {(site, kind): max(int(asked), int(level)) for site, kind, asked, level in rows}


def _load_decided(
    session: Session, district_id: int, day: date
) -> dict[Key, tuple[int, str, datetime]]:
    query = sa.select(
        Allotment.site_id, Allotment.kind_id, Allotment.pieces, Allotment.decided_by,
        Allotment.decided_at,
    ).where(Allotment.district_id == district_id, Allotment.day == day)  # fmt: skip
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in session.execute(query)}


def _names(
    session: Session, district_id: int
) -> tuple[dict[int, tuple[str, str]], dict[int, tuple[str, str]]]:
    """(code, name) of the district's open places and its kinds of ware, by id."""
    places = sa.select(Site.id, Site.code, Site.name).where(
        Site.district_id == district_id, Site.active
    )
    wares = sa.select(ItemKind.id, ItemKind.code, ItemKind.name).where(
        ItemKind.district_id == district_id, ~ItemKind.carrier
    )
    return (
        {row.id: (row.code, row.name) for row in session.execute(places)},
        {row.id: (row.code, row.name) for row in session.execute(wares)},
    )
