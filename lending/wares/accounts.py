"""Accounts found, made where they are missing, and locked in one order."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import insert_rows, one_of
from lending.db import fetch, table_of
from lending.wares.tables import CountedAccount
from lending.wares.ways import Account

ACCOUNTS = table_of(CountedAccount)
Key = tuple[int, Account]  # kind and account

ACCOUNT_COLUMNS = (
    CountedAccount.site_id, CountedAccount.crate_id, CountedAccount.condition,
    CountedAccount.outside,
)  # fmt: skip
"""What makes `Account(*row)`."""


def _held_by(holder: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    kinds = one_of(CountedAccount.kind_id, "kinds")
    return sa.select(CountedAccount.id, CountedAccount.kind_id, *ACCOUNT_COLUMNS).where(
        kinds, holder
    )


# One part for each unique index: SQLite would scan the whole table for an OR of them.
_FOUND = sa.union_all(
    _held_by(one_of(CountedAccount.site_id, "sites")),
    _held_by(one_of(CountedAccount.crate_id, "crates")),
    _held_by(CountedAccount.outside.is_not(None)),
)
_LOCKED = (
    sa.select(CountedAccount.id, CountedAccount.balance)
    .where(one_of(CountedAccount.id, "ids"))
    .order_by(CountedAccount.id)
    .with_for_update()
)


def make_accounts(session: Session, district_id: int, keys: Collection[Key]) -> dict[Key, int]:
    """The id of each account, made where it is missing; nothing is locked."""
    found = _find(session, keys)
    missing = [key for key in keys if key not in found]
    if missing:
        rows = [_row(district_id, *key) for key in sorted(set(missing), key=_order)]
        insert_rows(session, ACCOUNTS, rows, skip_known=True)
        found = _find(session, keys)
    return {key: found[key] for key in keys}


def lock_accounts(session: Session, ids: Iterable[int]) -> dict[int, int]:
    """The balance of each account, locked in the order of their ids."""
    rows = fetch(session, _LOCKED, {"ids": list(set(ids))})
    return {row.id: row.balance for row in rows}


def _find(session: Session, keys: Collection[Key]) -> dict[Key, int]:
    named: Mapping[str, set[int | None]] = {
        "kinds": {kind for kind, _ in keys},
        "sites": {account.site_id for _, account in keys},
        "crates": {account.crate_id for _, account in keys},
    }
    lists = {name: list(ids - {None}) for name, ids in named.items()}
    holders = {(kind, account.site_id, account.crate_id) for kind, account in keys}
    return {
        (row[1], Account(*row[2:])): row[0]
        for row in fetch(session, _FOUND, lists)
        if row[1:4] in holders  # of each kind with each place, few are asked for
    }


def _row(district_id: int, kind_id: int, account: Account) -> dict[str, Any]:
    return {
        "district_id": district_id,
        "kind_id": kind_id,
        "site_id": account.site_id,
        "crate_id": account.crate_id,
        "condition": account.condition,
        "outside": account.outside,
        "balance": 0,
    }


def _order(key: Key) -> tuple[Any, ...]:
    """Two calls that make the same accounts make them in the same order: none waits in a circle."""
    kind, account = key
    return (
        kind, account.site_id or 0, account.crate_id or 0, account.condition or "",
        account.outside or "",
    )  # fmt: skip
