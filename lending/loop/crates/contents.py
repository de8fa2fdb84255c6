"""What a call's crates hold, or held when its scans happened: found and locked with their stories."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from lending.bulk import one_of
from lending.db import fetch
from lending.errors import Code, LendingError
from lending.loop.crates.carry import carries, crates_of, inside_of
from lending.loop.steps import Action, State
from lending.loop.tables import CrateStay, Item, Scan
from lending.loop.write import queries
from lending.loop.write.entry import Entry
from lending.loop.write.load import load_stories
from lending.loop.write.prepare import LONG_AGO

if TYPE_CHECKING:
    from lending.loop.write.call import Call
    from lending.loop.write.prepare import Prepared

STAYED_SINCE = sa.select(CrateStay.crate_id, CrateStay.item_id).where(
    one_of(CrateStay.crate_id, "crates"),
    CrateStay.left_at.is_(None) | (CrateStay.left_at >= sa.bindparam("since")),
)
"""(crate, piece) of every stay that went on at some time since."""

TOUCHED = sa.select(Scan.crate_id, Scan.item_id).where(
    one_of(Scan.of, "scans"), one_of(Scan.crate_id, "crates")
)
"""(crate, piece) of what these scans of a crate befell."""

RECEIVED_FROM = sa.select(Scan.crate_id, Scan.item_id).where(
    one_of(Scan.crate_id, "crates"),
    Scan.crate_id.is_not(None),
    Scan.of.is_(None),
    Scan.occurred_at >= sa.bindparam("since"),
    Scan.action == Action.RECEIVE,
)
"""(crate, piece) of what was received from it since."""

HAPPENED = sa.select(Scan.occurred_at).where(one_of(Scan.id, "ids"))

LYING_THERE = sa.select(Item.id).where(
    queries.of_any_district(),
    Item.site_id == sa.bindparam("site"),
    Item.state == State.RETURNED,
    ~Item.carrier,
)
"""What is known to lie in a box."""


def refuse_crate(call: "Call", one: "Prepared") -> LendingError | None:
    """Why what a scan names as its crate cannot be one, or None."""
    if not one.crate:
        return None
    crate, piece = call.entries.get(one.crate), call.entries.get(one.code)
    if crate is None:
        return LendingError(Code.UNKNOWN_CODE, field="crate")
    if not crate.before.carrier or (piece is not None and piece.before.carrier):
        return LendingError(Code.INVALID, field="crate")
    return None


def load_contents(call: "Call", fresh: Sequence["Prepared"]) -> None:
    """Fills `call.inside`: what is, or was by then, in the crates that this call scans."""
    moved = [one for one in fresh if carries(one, call.entries.get(one.code))]
    voids = [one for one in fresh if _voids_crate(call, one)]
    if not moved and not voids:
        return
    crates = {call.entries[one.code].id for one in (*moved, *voids)}
    named = {id for one in voids for id in (one.scan.of, _target_of(call, one)) if id is not None}
    moments = [one.at for one in moved]
    if named:
        moments += [row[0] for row in fetch(call.session, HAPPENED, {"ids": list(named)})]
    since = min(moments, default=call.now)
    given = {"crates": list(crates), "since": since, "scans": list(named)}
    pairs = {(crate, item) for crate, item in fetch(call.session, STAYED_SINCE, given)}
    if named:
        pairs |= {(crate, item) for crate, item in fetch(call.session, TOUCHED, given)}
    pairs |= {(crate, item) for crate, item in fetch(call.session, RECEIVED_FROM, given)}
    for one in moved:
        if one.scan.action is Action.COLLECT and call.sites.is_box(one.site):
            there = fetch(call.session, LYING_THERE, {"site": one.site})
            pairs |= {(call.entries[one.code].id, row.id) for row in there}
    for one in fresh:  # what goes into or comes out of them in this very call
        if one.crate in call.entries and one.code in call.entries:
            crate = call.entries[one.crate].id
            pairs |= {(crate, call.entries[one.code].id)} if crate in crates else set()
    lock_more(call, {item for _, item in pairs})
    by_id = {entry.id: entry for entry in call.entries.values()}
    call.inside = inside_of((crate, by_id[item]) for crate, item in sorted(pairs))


def lock_more(call: "Call", ids: Collection[int]) -> None:
    """Locks further items of the call by their ids, in the order of these."""
    known = {entry.id for entry in call.entries.values()}
    if missing := set(ids) - known:
        for row in fetch(call.session, queries.LOCKED_ITEMS_BY_ID, {"items": list(missing)}):
            entry = Entry(row)
            call.entries[entry.before.code or ""] = entry


def late_pieces(
    call: "Call", fresh: Sequence["Prepared"], voids_waiting: set[uuid.UUID]
) -> list[Entry]:
    """The pieces whose stories must be known because a crate's scan comes late for them, is taken
    back, or because they go into a crate that was scanned since."""
    found: dict[int, Entry] = {}
    latest: dict[int, datetime] = {}
    scanned = {call.entries[one.code].id for one in fresh if one.code in call.entries}
    for one in fresh:
        entry = call.entries.get(one.code)
        if entry is None:
            continue
        if carries(one, entry):
            back = one.at <= latest.get(
                entry.id, LONG_AGO
            )  # earlier than one before it in the call
            latest[entry.id] = max(one.at, latest.get(entry.id, LONG_AGO))
            all_of_it = back or one.scan.id in voids_waiting
            late = [
                piece
                for piece in call.inside.get(entry.id, ())
                if all_of_it or piece.id in scanned or not _precedes(piece, one.at)
            ]
            found |= {piece.id: piece for piece in late}
        elif _voids_crate(call, one):
            found |= {piece.id: piece for piece in call.inside.get(entry.id, ())}
        elif one.crate in call.entries:
            from_bag = one.scan.action is Action.RECEIVE
            if from_bag or not _precedes(call.entries[one.crate], one.at):
                found[entry.id] = entry
    return list(found.values())


def load_crates(call: "Call") -> None:
    """Stories of every crate that a piece of this call with a story was in or came out of."""
    with_story = [entry for entry in call.entries.values() if entry.has_story]
    wanted = {crate for entry in with_story for crate in crates_of(entry)}
    named = {
        call.entries[one.crate].id
        for one in call.scans
        if one.crate in call.entries
        and (piece := call.entries.get(one.code)) is not None
        and piece.has_story
    }
    if not wanted | named:
        return
    lock_more(call, wanted | named)
    by_id = {entry.id: entry for entry in call.entries.values()}
    load_stories(call.session, [by_id[id] for id in wanted | named if not by_id[id].has_story])


def _precedes(entry: Entry, moment: datetime) -> bool:
    return entry.piece.last_at is None or entry.piece.last_at < moment


def _voids_crate(call: "Call", one: "Prepared") -> bool:
    entry = call.entries.get(one.code)
    return entry is not None and entry.before.carrier and one.scan.action is Action.VOID


def _target_of(call: "Call", one: "Prepared") -> object:
    """What a void of a void took out in the first place."""
    known = call.known.get(one.scan.of) if one.scan.of else None
    return known.of if known is not None and known.action == Action.VOID else None
