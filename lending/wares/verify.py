"""Proves that every balance is the sum of its moves and that every figure holds at its moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.tables import ItemKind
from lending.wares.book import FIRST
from lending.wares.tables import CountedAccount, CountedFigure, CountedMove
from lending.wares.ways import Account

ROWS = 5_000  # fetched at a time: bounds the memory whatever the size of the ledger


@dataclass(frozen=True, slots=True)
class CountDifference:
    """An account or a figure that is not what its moves say. `of`: the account in words."""

    of: str
    what: str
    stored: int
    summed: int

    def __str__(self) -> str:
        return f"{self.of}: {self.what} is {self.stored}, the moves say {self.summed}"


def verify_counts(session: Session) -> Iterator[CountDifference]:
    """Adds up every account's moves in the order of its story; yields each difference. Reads the
    whole ledger once, on the session's snapshot."""
    accounts = {row.id: row for row in session.execute(_accounts())}
    sums = dict.fromkeys(accounts, 0)
    for row in session.execute(_stories(), execution_options={"yield_per": ROWS}):
        if row.counted is None:
            sums[row.account] += row.gained
        elif row.counted != sums[row.account]:
            name = f"the figure of {row.at.isoformat()}"
            yield CountDifference(
                _name(accounts[row.account]), name, row.counted, sums[row.account]
            )
    for id, account in accounts.items():
        summed = sums[id] if account.outside is None else 0
        if account.balance != summed:
            yield CountDifference(_name(account), "the balance", account.balance, summed)


def rebuild_counts(session: Session) -> int:
    """Sets every balance to the sum of its moves; how many were wrong. A figure that does not hold
    is no cache: it is told of, not repaired."""
    gained = sa.select(sa.func.coalesce(sa.func.sum(CountedMove.quantity), 0))
    came = gained.where(CountedMove.to_id == CountedAccount.id).scalar_subquery()
    went = gained.where(CountedMove.from_id == CountedAccount.id).scalar_subquery()
    summed = sa.case((CountedAccount.outside.is_(None), came - went), else_=0)
    update = sa.update(CountedAccount).where(CountedAccount.balance != summed)
    rows = session.execute(
        update.values(balance=summed)
        .returning(CountedAccount.id)
        .execution_options(synchronize_session=False)
    )
    return len(rows.all())


def _accounts() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(
        CountedAccount.id, CountedAccount.balance, CountedAccount.site_id, CountedAccount.crate_id,
        CountedAccount.condition, CountedAccount.outside, ItemKind.code,
    ).join(ItemKind, ItemKind.id == CountedAccount.kind_id)  # fmt: skip


def _stories() -> sa.Select[*tuple[Any, ...]]:
    """Moves and figures of every account in order: a figure after the moves of its moment and after
    its own differences; of two at one moment, from before each had its own, the smaller id first."""
    first = sa.literal(FIRST, sa.Uuid())
    figure = sa.func.coalesce(CountedMove.figure_id, first, type_=sa.Uuid()).label("figure")
    nothing = sa.cast(sa.null(), sa.BigInteger).label("counted")

    def leg(account: Any, gained: Any) -> sa.Select[*tuple[Any, ...]]:
        return sa.select(
            account.label("account"), CountedMove.at, figure, gained.label("gained"), nothing
        )

    counted = sa.select(
        CountedFigure.account_id, CountedFigure.at, CountedFigure.id, sa.literal(0),
        CountedFigure.quantity,
    )  # fmt: skip
    both = sa.union_all(
        leg(CountedMove.from_id, -CountedMove.quantity),
        leg(CountedMove.to_id, CountedMove.quantity),
        counted,
    ).subquery()
    is_figure = sa.case((both.c.counted.is_(None), 0), else_=1)
    columns = both.c
    return sa.select(columns.account, columns.at, columns.gained, columns.counted).order_by(
        columns.account, columns.at, columns.figure, is_figure
    )


def _name(account: Any) -> str:
    held = Account(account.site_id, account.crate_id, account.condition, account.outside)
    holder = account.outside or (
        f"site {held.site_id}" if held.site_id is not None else f"crate {held.crate_id}"
    )
    condition = f" {held.condition}" if held.condition else ""
    return f"{account.code} ({holder}{condition})"
