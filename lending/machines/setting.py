"""How one machine is set up: its keeper, what it takes, when it counts as full."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.tables import ItemKind
from lending.machines.settings import FULL_AT, HOT_AT, KINDS
from lending.people.actors import Actor
from lending.people.upserts import insert_or
from lending.places.sites import SiteView, find_site, load_sites
from lending.places.texts import Problem, read_text
from lending.requests.acting import check_count, signature
from lending.requests.tables import Machine


@dataclass(frozen=True, slots=True)
class SetUp:
    """`keeper`: the code of the place whose people look after it, "" for the officers; `accepts`:
    codes of kinds, none for every kind; `full_at` in per cent, `hot_at` in °C."""

    model: str = ""
    keeper: str = ""
    accepts: tuple[str, ...] = ()
    takes_bottles: bool = False
    full_at: int = FULL_AT
    hot_at: int = HOT_AT


def load_machine_site(session: Session, *, site_id: int, district_id: int) -> SiteView:
    """The place of a machine or box of this district; NOT_FOUND (field site)."""
    site = load_sites(session, site_ids=[site_id]).get(site_id)
    if site is None or site.district_id != district_id or site.kind not in KINDS:
        raise LendingError(Code.NOT_FOUND, field="site")
    return site


def set_machine(
    session: Session, set_up: SetUp, *, site_id: int, actor: Actor, now: datetime
) -> None:
    """Sets a machine up anew; it learns of it by its next heartbeat.

    NOT_FOUND (site, keeper, accepts), INVALID (model, full_at 1 … 100, hot_at 1 … 150; keeper: a
    place nobody works at).
    """
    site = load_machine_site(session, site_id=site_id, district_id=actor.district_id)
    values = {
        "model": read_text(set_up.model, "model", empty=True),
        "keeper_id": _keeper(session, set_up.keeper, actor.district_id),
        "accepts": _kinds(session, set_up.accepts, actor.district_id),
        "takes_bottles": set_up.takes_bottles,
        "full_at": check_count(set_up.full_at, "full_at", most=100),
        "hot_at": check_count(set_up.hot_at, "hot_at", most=150),
        "changed_at": now,
        "changed_by": signature(actor),
    }
    own = {"site_id": site.id, "district_id": site.district_id}
    insert = insert_or(session, Machine).values(own | values)
    session.execute(insert.on_conflict_do_update(index_elements=["site_id"], set_=values))


def load_set_up(session: Session, *, site_id: int) -> SetUp:
    """How a machine is set up; the defaults where nobody did."""
    machine = session.get(Machine, site_id)
    if machine is None:
        return SetUp()
    keepers = load_sites(session, site_ids=[machine.keeper_id] if machine.keeper_id else [])
    return SetUp(
        machine.model, next((site.code for site in keepers.values()), ""), tuple(machine.accepts),
        machine.takes_bottles, machine.full_at, machine.hot_at,
    )  # fmt: skip


def _keeper(session: Session, code: str, district_id: int) -> int | None:
    if not code:
        return None
    try:
        site = find_site(session, code=code, district_id=district_id)
    except LendingError as error:
        raise LendingError(error.code, field="keeper", detail=error.detail) from error
    if site.kind in KINDS or not site.active:
        raise LendingError(Code.INVALID, field="keeper", detail=Problem.NO_SUCH_SITE)
    return site.id


def _kinds(session: Session, codes: Sequence[str], district_id: int) -> list[str]:
    """The codes, each once and in order; a machine takes no crates and nothing without a code."""
    query = sa.select(ItemKind.code).where(
        ItemKind.district_id == district_id, ItemKind.code.in_(codes), ~ItemKind.carrier,
        ~ItemKind.counted,
    )  # fmt: skip
    known = set(session.scalars(query))
    if set(codes) - known:
        raise LendingError(Code.NOT_FOUND, field="accepts", detail=Problem.UNKNOWN_KIND)
    return sorted(known)
