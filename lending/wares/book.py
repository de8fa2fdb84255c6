"""The working set of one call on the ledger: locked balances, later figures, what is to be written.

A figure says what an account held at its moment and stays true whatever is told later. So a move
that comes to light after a figure was taken, but happened before it, does not change what the
account holds now: the figure's difference changes instead, by one more move beside it. Only the
next figure after the move is concerned; from it on nothing has changed.
"""

import uuid
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import insert_rows, one_of, update_rows
from lending.db import fetch, table_of
from lending.errors import ChangedMeanwhile
from lending.people.actors import Actor
from lending.wares.accounts import ACCOUNTS, Key, lock_accounts, make_accounts
from lending.wares.tables import CountedFigure, CountedMove
from lending.wares.ways import Account, Outside, Why, beyond

MOVES, FIGURES = table_of(CountedMove), table_of(CountedFigure)
FIRST = uuid.UUID(int=0)
Moment = tuple[datetime, uuid.UUID]  # where a figure stands in an account's story

_LATER_FIGURES = sa.select(CountedFigure.account_id, CountedFigure.at, CountedFigure.id).where(
    one_of(CountedFigure.account_id, "ids"), CountedFigure.at >= sa.bindparam("since")
)


def _no_legs() -> defaultdict[int, list[tuple[Moment, int]]]:
    return defaultdict(list)


@dataclass(slots=True)
class Book:
    """Accounts of a call by kind and account; all inside accounts are locked.

    `legs`: what accounts gained and lost where in their story, as far as figures ask for it.
    Outside accounts hold no balance: every move of a kind would wait for that one row.
    """

    session: Session
    actor: Actor
    now: datetime
    ids: Mapping[Key, int]
    inside: Mapping[int, int]  # kind by id of the inside accounts
    balances: dict[int, int]
    figures: dict[int, list[Moment]] = field(default_factory=dict)
    changed: dict[int, int] = field(default_factory=dict)
    legs: defaultdict[int, list[tuple[Moment, int]]] = field(default_factory=_no_legs)
    rows: list[dict[str, Any]] = field(default_factory=list)
    figure_rows: list[dict[str, Any]] = field(default_factory=list)

    def balance(self, kind_id: int, account: Account) -> int:
        return self.balances[self.ids[kind_id, account]]

    def post(self, row: dict[str, Any], after: Moment | None = None) -> None:
        """One move into the ledger; `after`: the figure whose difference it is."""
        self._enter(row)
        moment = after or (row["at"], FIRST)
        for account in (row["from_id"], row["to_id"]):
            figures = self.figures.get(account, [])
            if (next_one := bisect_right(figures, moment)) < len(figures):
                gained = row["quantity"] if account == row["to_id"] else -row["quantity"]
                self._correct(account, figures[next_one], -gained, row)

    def difference(
        self, account: int, moment: Moment, by: int, id: uuid.UUID, ref: uuid.UUID | None
    ) -> dict[str, Any]:
        """The move by which an account differs from what a figure says; `by` is not 0."""
        kind = self.inside[account]
        outside = self.ids[kind, beyond(Outside.DIFFERENCE)]
        return {
            "id": id,
            "kind_id": kind,
            "quantity": abs(by),
            "from_id": outside if by > 0 else account,
            "to_id": account if by > 0 else outside,
            "why": Why.COUNTED,
            "at": moment[0],
            "batch_id": None,
            "ref": ref,
            "figure_id": moment[1],
            "staff_id": None,
            "note": None,
            **self.stamp(),
        }

    def stamp(self) -> dict[str, Any]:
        """Who writes, and when."""
        actor = self.actor
        return {
            "district_id": actor.district_id,
            "recorded_at": self.now,
            "sender_kind": actor.kind.value,
            "sender_id": actor.id,
            "sender_role": actor.role,
        }

    def store(self) -> None:
        """Writes figures, moves and balances; ChangedMeanwhile when another writer took an id."""
        if insert_rows(self.session, FIGURES, self.figure_rows, skip_known=True) != len(
            self.figure_rows
        ):
            raise ChangedMeanwhile
        if insert_rows(self.session, MOVES, self.rows, skip_known=True) != len(self.rows):
            raise ChangedMeanwhile
        balances = [
            {"id": id, "balance": self.balances[id]} for id, by in self.changed.items() if by
        ]
        update_rows(self.session, ACCOUNTS, balances)

    def _enter(self, row: dict[str, Any]) -> None:
        self.rows.append(row)
        for account, by in ((row["from_id"], -row["quantity"]), (row["to_id"], row["quantity"])):
            if account in self.inside:
                self.legs[account].append(((row["at"], row["figure_id"] or FIRST), by))
                self.balances[account] += by
                self.changed[account] = self.changed.get(account, 0) + by

    def _correct(self, account: int, figure: Moment, by: int, row: dict[str, Any]) -> None:
        id = uuid.uuid5(figure[1], str(row["id"]))
        self._enter(
            self.difference(account, figure, by, id, row["id"]) | {"staff_id": row["staff_id"]}
        )


def open_book(
    session: Session, keys: Collection[Key], *, actor: Actor, now: datetime, since: datetime
) -> Book:
    """Finds or makes the accounts, locks those inside, loads their figures since the earliest
    moment that the call tells of."""
    kinds = {kind for kind, _ in keys}
    wanted = {*keys, *((kind, beyond(Outside.DIFFERENCE)) for kind in kinds)}
    ids = make_accounts(session, actor.district_id, wanted)
    inside = {id: key[0] for key, id in ids.items() if key[1].outside is None}
    balances = lock_accounts(session, inside)
    figures: dict[int, list[Moment]] = {}
    for row in fetch(session, _LATER_FIGURES, {"ids": list(inside), "since": since}):
        figures.setdefault(row.account_id, []).append((row.at, row.id))
    for moments in figures.values():
        moments.sort()
    return Book(session, actor, now, ids, inside, balances, figures)


def move_row(book: Book, values: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the ledger that is no difference."""
    return {**values, "figure_id": None, **book.stamp()}


def known_rows(
    session: Session, table: type[CountedMove] | type[CountedFigure], ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, Any]:
    """The rows recorded under these ids."""
    columns = table_of(table)
    rows = fetch(session, sa.select(columns).where(one_of(columns.c.id, "ids")), {"ids": list(ids)})
    return {row.id: row for row in rows}
