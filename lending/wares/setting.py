"""What the moves and figures of a call are judged by: kinds, places, crates, batches, rights."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import one_of
from lending.db import fetch
from lending.errors import Code, LendingError
from lending.loop.tables import Item, ItemKind, WashBatch
from lending.people.actors import Actor, ActorKind
from lending.people.rights import at_any_site
from lending.people.tables import Role
from lending.places.tables import Site
from lending.wares.values import MOST_PIECES, FigureIn, MoveIn
from lending.wares.ways import NEVER_SENT, Account, Condition, Holder, Why, wrong_part

_EVERYWHERE = frozenset({Why.PACKED, Why.UNPACKED, Why.MOVED, Why.BROKEN, Why.COUNTED, Why.FOUND})
_AT_A_CAFE = _EVERYWHERE | {
    Why.USED, Why.HELD, Why.RETIRED, Why.JOINED, Why.PARTED, Why.MISSED,
}  # fmt: skip
_EVERYTHING = (frozenset(Why) - NEVER_SENT) | {Why.COUNTED}  # else ware would be clean by a word
# Who may say what: only the washing centre makes ware clean, buys, and releases it from a hold.
RIGHTS: Mapping[Role, frozenset[Why]] = {
    Role.OFFICER: _EVERYTHING,
    Role.WASH: _EVERYTHING,
    Role.CAFE: _AT_A_CAFE,
    Role.COURIER: _EVERYWHERE | {Why.USED},
    Role.MACHINE: frozenset(),
    Role.RESIDENT: frozenset(),
    Role.PLATFORM: frozenset(),
}

_KINDS = sa.select(ItemKind.id).where(
    one_of(ItemKind.id, "ids"), ItemKind.district_id == sa.bindparam("district"), ItemKind.counted
)
_SITES = sa.select(Site.id, Site.batch_required).where(
    one_of(Site.id, "ids"), Site.district_id == sa.bindparam("district")
)
_CRATES = sa.select(Item.id, Item.site_id, Item.to_site_id, Item.last_site_id).where(
    one_of(Item.id, "ids"), Item.district_id == sa.bindparam("district"), Item.carrier
)
_BATCHES = sa.select(WashBatch.id).where(
    one_of(WashBatch.id, "ids"),
    WashBatch.district_id == sa.bindparam("district"),
    WashBatch.ended_at.is_not(None),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """All that a call is judged by beside the accounts themselves; loaded in four statements."""

    actor: Actor
    kinds: frozenset[int]  # counted ones of the district
    sites: Mapping[int, bool]  # whether a batch is required
    crates: Mapping[int, tuple[int | None, ...]]  # where each stands, goes to, was scanned last
    batches: frozenset[uuid.UUID]  # that ended

    def refuse_move(self, move: MoveIn) -> LendingError | None:
        """Why a move cannot be taken whatever the accounts hold, or None."""
        if wrong := self._wrong_shape(move):
            return LendingError(Code.INVALID, field=wrong)
        if not self._may(move.why, (move.source, move.target)):
            return LendingError(Code.NOT_ALLOWED_HERE, field="site")
        if move.batch_id is not None and move.why is Why.WASHED:
            if move.batch_id not in self.batches:
                return LendingError(Code.INVALID, field="batch")
        elif move.why is Why.WASHED and self.requires_batch(move.target):
            return LendingError(Code.NO_BATCH)
        if move.why is Why.BOUGHT and self.requires_batch(move.target):
            dirty = move.target.condition is Condition.DIRTY
            return None if dirty else LendingError(Code.NO_BATCH)
        return None

    def refuse_figure(self, figure: FigureIn) -> LendingError | None:
        """Why a figure cannot be taken, or None."""
        if not _is_amount(figure.quantity, least=0):
            return LendingError(Code.INVALID, field="quantity")
        if figure.kind_id not in self.kinds:
            return LendingError(Code.INVALID, field="kind")
        known = figure.account.is_whole and self._knows(figure.account)
        if not known or figure.account.outside is not None:
            return LendingError(Code.INVALID, field="account")
        allowed = self._may(Why.COUNTED, (figure.account,))
        return None if allowed else LendingError(Code.NOT_ALLOWED_HERE, field="site")

    def requires_batch(self, account: Account) -> bool:
        """Whether ware of this account becomes clean only through a finished batch."""
        if account.site_id is not None:
            return self.sites[account.site_id]
        stands = self.crates[account.crate_id][0] if account.crate_id is not None else None
        return stands is not None and self.sites.get(stands, False)

    def _wrong_shape(self, move: MoveIn) -> str | None:
        if not _is_amount(move.quantity, least=1):
            return "quantity"
        if move.kind_id not in self.kinds:
            return "kind"
        if wrong := wrong_part(move.why, move.source, move.target):
            return wrong
        if not self._knows(move.source):
            return "source"
        return None if self._knows(move.target) else "target"

    def _knows(self, account: Account) -> bool:
        if account.holder is Holder.PLACE:
            return account.site_id in self.sites
        return account.holder is Holder.OUTSIDE or account.crate_id in self.crates

    def _may(self, why: Why, accounts: Collection[Account]) -> bool:
        """A place moves what is its own: loose ware of its own on one side at least, else a crate
        that is there, was there or is on its way there."""
        actor = self.actor
        if actor.kind is ActorKind.SYSTEM:
            return True
        if why not in RIGHTS[actor.role]:
            return False
        if at_any_site(actor.role):
            return True
        places = [one.site_id for one in accounts if one.site_id is not None]
        if places:
            return actor.site_id in places
        crates = [self.crates[one.crate_id] for one in accounts if one.crate_id is not None]
        return not crates or any(actor.site_id in stands for stands in crates)


def load_setting(
    session: Session,
    actor: Actor,
    kinds: Collection[int],
    accounts: Collection[Account],
    batches: Collection[uuid.UUID] = (),
) -> Setting:
    """What the moves and figures over these kinds and accounts are judged by."""
    crates = {
        row[0]: tuple(row[1:])
        for row in _of_district(session, _CRATES, actor, {one.crate_id for one in accounts})
    }
    sites = {one.site_id for one in accounts} | {stands[0] for stands in crates.values()}
    return Setting(
        actor,
        frozenset(row[0] for row in _of_district(session, _KINDS, actor, set(kinds))),
        {row[0]: row[1] for row in _of_district(session, _SITES, actor, sites)},
        crates,
        frozenset(row[0] for row in _of_district(session, _BATCHES, actor, set(batches))),
    )


def _of_district(
    session: Session, query: sa.Select[*tuple[Any, ...]], actor: Actor, ids: set[Any]
) -> Collection[Any]:
    ids = ids - {None}
    if not ids:
        return []
    return fetch(session, query, {"ids": list(ids), "district": actor.district_id})


def _is_amount(quantity: object, *, least: int) -> bool:
    whole = isinstance(quantity, int) and not isinstance(quantity, bool)
    return whole and least <= quantity <= MOST_PIECES  # type: ignore[operator]
