"""The rows of scans that follow from their crate's: in the log like any other, sent by nobody."""

from datetime import datetime
from typing import Any

from lending.loop.values import Event
from lending.loop.write.entry import Entry
from lending.people.actors import Actor


def carried_row(piece: Entry, event: Event, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """The row of a derived scan."""
    return {
        "id": event.id,
        "district_id": actor.district_id,
        "item_id": piece.id,
        "code": piece.before.code,
        "action": event.action,
        "site_id": event.site,
        "to_site_id": event.to_site,
        "from_site_id": None,
        "at": event.at,
        "occurred_at": event.at,
        "recorded_at": now,
        "asked": False,
        "seq": event.seq,
        "position": event.position,
        "clock_error": None,
        "clock_suspect": event.clock_suspect,
        "of": event.of,
        "party": None,
        "unresolved": False,
        "override": None,
        "reason": event.reason,
        "note": None,
        "new_code": None,
        "sender_kind": actor.kind.value,
        "sender_id": actor.id,
        "sender_role": actor.role,
        "staff_id": None,
        "crate_id": event.crate,
        "batch_id": event.batch,
        "needs_batch": event.needs_batch,
        "occasion_id": event.occasion,
    }
