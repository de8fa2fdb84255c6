"""Pieces whose log grew behind their caches: their stories read again, the caches written from them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import insert_rows, one_of
from lending.db import fetch, table_of
from lending.loop.crates.carried_rows import carried_row
from lending.loop.crates.carry import crates_of, missing_scans
from lending.loop.loans.due import DueBook, load_due_book, occasions_of
from lending.loop.system import system_actor
from lending.loop.tables import Item, ItemKind, Scan
from lending.loop.write import queries
from lending.loop.write.caches import store_caches
from lending.loop.write.entry import Entry
from lending.loop.write.load import load_occasions, load_stories
from lending.loop.write.rows import ITEM_COLUMNS, event_from_values

CRATES = (
    sa.select(*ITEM_COLUMNS, ItemKind.code)
    .join(ItemKind, ItemKind.id == Item.kind_id)
    .where(one_of(Item.id, "items"))
)


def read_again(session: Session, item_ids: Collection[int], *, now: datetime) -> None:
    """Replays these pieces, to whose log scans were joined, and writes what that changes."""
    if not item_ids:
        return
    given = {"items": list(item_ids)}
    entries = [Entry(row) for row in fetch(session, queries.LOCKED_ITEMS_BY_ID, given)]
    load_stories(session, entries)
    add_carried(session, entries, now=now)
    store_caches(session, entries, due_book=cache(lambda: due_book_of(session, entries)), now=now)


def due_book_of(session: Session, entries: Sequence[Entry]) -> DueBook:
    """All that due dates of these locked items depend on; the ends of their occasions stay as they
    are until the transaction is over."""
    occasions = load_occasions(session, occasions_of(entries))
    ends = {id: occasion.ends_on for id, occasion in occasions.items()}
    return load_due_book(session).ending(ends)


def add_carried(session: Session, entries: Sequence[Entry], *, now: datetime) -> set[int]:
    """Adds what these pieces lack of their crates' scans; the ids of those that lacked any.

    `entries`: locked, with their stories, which take what was added.
    """
    crates = load_crates_of(session, entries)
    rows: list[dict[str, Any]] = []
    lacking: set[int] = set()
    for entry in entries:
        while not entry.before.carrier and (missing := missing_scans(entry, crates)):
            lacking.add(entry.id)
            for event in missing:
                row = carried_row(entry, event, actor=system_actor(entry.district), now=now)
                rows.append(row)
                entry.take(event_from_values(row))
    insert_rows(session, table_of(Scan), rows)
    return lacking


def load_crates_of(session: Session, entries: Sequence[Entry]) -> dict[int, Entry]:
    """The crates that these pieces were ever in, by item id, with their stories; not locked: what
    happens to a crate waits for the locks of what is in it."""
    wanted = {crate for entry in entries for crate in crates_of(entry)}
    if not wanted:
        return {}
    crates = [Entry(row) for row in fetch(session, CRATES, {"items": list(wanted)})]
    load_stories(session, crates)
    return {crate.id: crate for crate in crates}
