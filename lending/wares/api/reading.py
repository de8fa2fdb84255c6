"""Moves as they were sent, turned into the ledger's: codes looked up, ends outside filled in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lending.errors import LendingError
from lending.loop.clock import happened_at
from lending.loop.codes import read_code
from lending.loop.read.pieces import list_kinds
from lending.people.actors import Actor
from lending.places.sites import load_sites_by_code
from lending.wares.holdings import find_crates
from lending.wares.values import MoveIn
from lending.wares.ways import WAYS, Account, Condition, Outside, Why

NOBODY = 0  # an id that nothing has: the ledger refuses it, naming the field


@dataclass(frozen=True, slots=True)
class Codes:
    """What the codes of a call stand for; `own_site`: the token's."""

    kinds: Mapping[str, int]
    sites: Mapping[str, int]
    crates: Mapping[str, int]
    own_site: int | None


def load_codes(session: Session, moves: Iterable[Mapping[str, Any]], *, actor: Actor) -> Codes:
    """Looks up all codes of a call; three statements."""
    ends = [end for move in moves for end in (move["from_"], move["to"]) if end]
    district = actor.district_id
    sites = load_sites_by_code(
        session, codes={end["site"] for end in ends if end.get("site")}, district_id=district
    )
    crates = {_plain(end["crate"]) for end in ends if end.get("crate")}
    return Codes(
        {kind.code: kind.id for kind in list_kinds(session, district_id=district, counted=True)},
        {code: site.id for code, site in sites.items()},
        find_crates(session, codes=crates, district_id=district) if crates else {},
        actor.site_id,
    )


def read_move(move: Mapping[str, Any], codes: Codes, *, sent_at: datetime, now: datetime) -> MoveIn:
    """A move of the ledger. What names nothing we know stands for NOBODY, so that the ledger refuses
    that move alone."""
    why = Why(move["why"])
    way = WAYS[why]
    at, _ = happened_at(move["at"], sent_at=sent_at, recorded_at=now, clock_error=None)
    return MoveIn(
        move["id"],
        codes.kinds.get(move["kind"], NOBODY),
        move["quantity"],
        _end(move["from_"], way.from_outside, codes),
        _end(move["to"], way.to_outside, codes),
        why,
        at,
        batch_id=move["batch"],
        ref=move["ref"],
        note=move["note"],
    )


def _end(end: Mapping[str, Any] | None, outside: Outside | None, codes: Codes) -> Account:
    if end is None:
        return Account(outside=outside)
    condition = Condition(end["condition"])
    site, crate = end.get("site"), end.get("crate")
    if crate is None:
        id = codes.own_site if site is None else codes.sites.get(site, NOBODY)
        return Account(site_id=id or NOBODY, condition=condition)
    held = Account(crate_id=codes.crates.get(_plain(crate), NOBODY), condition=condition)
    return held if site is None else Account(NOBODY, held.crate_id, condition)  # two at once


def _plain(code: str) -> str:
    try:
        return read_code(code)
    except LendingError:
        return code
