"""Writes what a call decided: scans first, then the caches that follow from them."""

from typing import Any

import sqlalchemy as sa

from lending.bulk import insert_rows, update_rows
from lending.db import table_of
from lending.errors import ChangedMeanwhile, Code
from lending.loop.steps import Action, Gap
from lending.loop.tables import Label, Refusal, Scan, ScanBorrower
from lending.loop.write.caches import store_caches, store_new_gaps
from lending.loop.write.call import Call
from lending.loop.write.entry import Entry
from lending.loop.write.prepare import Prepared
from lending.people.actors import ActorKind
from lending.people.upserts import insert_or

SCANS = table_of(Scan)


def scan_row(
    call: Call, one: Prepared, entry: Entry | None, *, party: int | None, unresolved: bool
) -> dict[str, Any]:
    """The row of a scan as it goes into the log."""
    scan, actor, crate = one.scan, call.actor, call.entries.get(one.crate)
    return {
        "id": scan.id,
        "district_id": actor.district_id,
        "item_id": entry and entry.id,
        "code": one.code,
        "action": scan.action,
        "site_id": one.site,
        "to_site_id": one.to_site,
        "from_site_id": one.from_site,
        "at": scan.at,
        "occurred_at": one.at,
        "recorded_at": call.now,
        "asked": scan.ask,
        "seq": scan.seq or 0,
        "position": one.position,
        "clock_error": scan.clock_error,
        "clock_suspect": one.suspect,
        "of": scan.of,
        "party": party,
        "unresolved": unresolved,
        "override": scan.override,
        "reason": scan.reason,
        "note": scan.note,
        "new_code": one.new_code,
        "sender_kind": actor.kind.value,
        "sender_id": actor.id,
        "sender_role": actor.role,
        "staff_id": actor.id if actor.kind is ActorKind.STAFF else scan.staff_id,
        "crate_id": crate and crate.id,
        "batch_id": scan.batch,
        "needs_batch": scan.action is Action.PASS and call.sites.requires_batch(one.site),
        "occasion_id": scan.occasion,
    }


def refusal_row(call: Call, one: Prepared, entry: Entry | None, code: Code) -> dict[str, Any]:
    """The row of a refused attempt; it stands apart from the log."""
    return {
        "district_id": call.actor.district_id,
        "site_id": one.site or call.actor.site_id,
        "item_id": entry and entry.id,
        "action": one.scan.action.value,
        "code": code.value,
        "at": call.now,
        "sender_kind": call.actor.kind.value,
        "sender_id": call.actor.id,
    }


def store_call(call: Call) -> None:
    """Everything of one call; raises ChangedMeanwhile when one of its ids was taken meanwhile."""
    _insert_scans(call)
    if call.label_rows:
        _attach_labels(call)
    entries = list({entry.id: entry for entry in call.entries.values()}.values())
    store_caches(call.session, entries, due_book=call.due_book, now=call.now)
    unknown = [_unknown_row(row) for row in call.rows if row["item_id"] is None]
    store_new_gaps(call.session, unknown, now=call.now)
    insert_rows(call.session, table_of(Refusal), call.refusals)
    # A repetition may bring the reason or override that its first sending lacked; the last of
    # several under one id holds all of them.
    update_rows(call.session, SCANS, list({row["id"]: row for row in call.filled_in}.values()))


def _insert_scans(call: Call) -> None:
    if insert_rows(call.session, SCANS, call.rows, skip_known=True) != len(call.rows):
        raise ChangedMeanwhile
    insert_rows(call.session, table_of(ScanBorrower), call.borrower_rows)


def _attach_labels(call: Call) -> None:
    rows = [
        row | {"district_id": call.actor.district_id, "created_at": call.now}
        for row in {row["code"]: row for row in call.label_rows}.values()
    ]
    insert = insert_or(call.session, Label)
    free = sa.or_(Label.item_id.is_(None), Label.item_id == insert.excluded.item_id)
    attach = insert.on_conflict_do_update(
        index_elements=["code"], set_={"item_id": insert.excluded.item_id}, where=free
    )
    if len(call.session.execute(attach.returning(Label.code), rows).all()) != len(rows):
        raise ChangedMeanwhile  # another piece took the label in between


def _unknown_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "scan_id": row["id"],
        "gap": Gap.UNKNOWN_CODE,
        "district_id": row["district_id"],
        "item_id": None,
        "site_id": row["site_id"],
        "occurred_at": row["occurred_at"],
    }
