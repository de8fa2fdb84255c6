"""What befalls a crate befalls what is in it: one scan per piece, derived from the crate's own."""

import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lending.errors import Code, LendingError
from lending.loop.crates.carried_rows import carried_row
from lending.loop.judge import refuse_piece
from lending.loop.policy.shelf import refuse_by_shelf
from lending.loop.replay import voided_ids
from lending.loop.steps import CARRYING, STEPS, Action, State
from lending.loop.values import Event, Piece
from lending.loop.washed.batches import refuse_by_batch
from lending.loop.write.entry import Entry
from lending.loop.write.rows import event_from_values

if TYPE_CHECKING:
    from lending.loop.write.call import Call
    from lending.loop.write.prepare import Prepared

MOST_AT_ONCE = 20_000  # scans of one call, those of the pieces in its crates included


def carried_id(crate_scan: uuid.UUID, item_id: int) -> uuid.UUID:
    """The id of the scan that a crate's scan is for a piece in it."""
    return uuid.uuid5(crate_scan, f"carried {item_id}")


def emptied_id(crate_scan: uuid.UUID, item_id: int) -> uuid.UUID:
    """The id of the collection of a piece that was known to lie in a box when its bag was taken."""
    return uuid.uuid5(crate_scan, f"emptied {item_id}")


def carries(one: "Prepared", entry: Entry | None) -> bool:
    """Whether this scan is of a crate and befalls what is in it."""
    return entry is not None and entry.before.carrier and one.scan.action in CARRYING


def refuse_contents(call: "Call", one: "Prepared", entry: Entry) -> Code | None:
    """Why a question about a crate is refused for one of its pieces, or None."""
    if not carries(one, entry):
        return None
    for piece in call.inside.get(entry.id, ()):
        if not _is_inside(piece.now(), entry):
            continue
        found = (
            refuse_piece(piece.now(), one.scan.action)
            or refuse_by_batch(call, one, piece)
            or refuse_by_shelf(call, one, piece)
        )
        if found is not None:
            return found
    return None


def spread(call: "Call", one: "Prepared", entry: Entry, row: dict[str, Any]) -> int:
    """Takes a crate's scan, just recorded, to what is in it; returns how many pieces it befell.

    Pieces whose story was loaded are settled when the call is complete.
    """
    if not carries(one, entry):
        return 0
    scan = event_from_values(row)
    befallen = 0
    for piece in call.inside.get(entry.id, ()):
        now = piece.now()
        if _is_inside(now, entry):
            befallen += 1
            if not piece.has_story:
                _add(call, piece, _carried(scan, carried_id(scan.id, piece.id), entry.id))
        elif _lies_in_box(call, now, scan):
            befallen += 1
            _add(call, piece, _carried(scan, emptied_id(scan.id, piece.id), entry.id))
    return befallen


def settle(call: "Call") -> None:
    """Adds and takes back derived scans where a late scan changed what was in a crate when."""
    crates = {entry.id: entry for entry in call.entries.values() if entry.before.carrier}
    done: set[int] = set()
    for piece in list(call.entries.values()):
        if piece.has_story and not piece.before.carrier and piece.id not in done:
            done.add(piece.id)
            # Taking a lend of the crate back puts the piece into it again, and so on with what
            # befell the crate since; each round settles the next in time at least.
            while missing := missing_scans(piece, crates):
                for event in missing:
                    _add(call, piece, event)
    _check_size(call)  # what was sent after the last crate counts as well


def wanted_scans(piece: Entry, crates: dict[int, Entry]) -> dict[uuid.UUID, Event]:
    """The derived scans that a piece should have, by id: those of its crates while it was in them,
    and the emptying of the box whose bag it was received from. `crates`: with their stories."""
    wanted: dict[uuid.UUID, Event] = {}
    standing = {id: _standing(crates[id]) for id in crates_of(piece) & crates.keys()}
    events, gone = piece.events, voided_ids(piece.events.values())
    for stay in piece.stays().values():
        begins = events[stay.id].order
        ends = events[stay.left_by].order if stay.left_by is not None else None
        for scan in standing.get(stay.crate, ()):
            made = _carried(scan, carried_id(scan.id, piece.id), stay.crate)
            # A lend of the crate ends the stay by the very scan that is derived from it.
            inside = ends is None or made.order < ends or made.id == stay.left_by
            if begins < made.order and inside:
                wanted[made.id] = made
                if STEPS[scan.action].empties and made.id not in gone:
                    break  # it went out of the crate by this
    for event in list(events.values()):
        if event.action is not Action.RECEIVE or event.crate is None or event.carried:
            continue
        emptied = [
            scan
            for scan in standing.get(event.crate, ())
            if scan.action is Action.COLLECT and scan.order < event.order
        ]
        known = {emptied_id(scan.id, piece.id) for scan in emptied[-1:]} & events.keys() - gone
        if event.id not in gone and emptied and not known:
            made = _carried(emptied[-1], carried_id(emptied[-1].id, piece.id), event.crate)
            wanted[made.id] = made
    return wanted


def crates_of(piece: Entry) -> set[int]:
    """Every crate that a piece with a story was ever in or came out of, by item id."""
    named = {event.crate for event in piece.events.values()}
    named |= {stay.crate for stay in piece.stays_before.values()}
    return {crate for crate in named if crate is not None}


def missing_scans(piece: Entry, crates: dict[int, Entry]) -> list[Event]:
    """What a piece's story lacks of what its crates' say: derived scans to be added, and voids of
    those it should not have. `crates`: with their stories; of others nothing is said."""
    events, named = piece.events, crates_of(piece)
    if not named:
        return []
    wanted, gone = wanted_scans(piece, crates), voided_ids(events.values())
    mine = named & crates.keys()
    standing = {id: {scan.id for scan in _standing(crates[id])} for id in mine}
    missing = [wanted[id] for id in wanted.keys() - events.keys()]
    for event in events.values():
        if not event.carried or event.crate not in crates or event.action is Action.VOID:
            continue
        stands = event.of in standing[event.crate] and (
            event.id in wanted or event.id == emptied_id(event.of, piece.id)
        )
        if stands and event.id in gone:
            missing += _restoring(piece, event, gone)
        elif not stands and event.id not in gone:
            missing.append(_void(piece, event))
    return missing


def _standing(crate: Entry) -> list[Event]:
    """The scans of a crate that befell what was in it, in order."""
    gone = voided_ids(crate.events.values())
    scans = (one for one in crate.events.values() if one.action in CARRYING and one.id not in gone)
    return sorted(scans, key=lambda one: one.order)


def _is_inside(piece: Piece, crate: Entry) -> bool:
    return piece.stay is not None and piece.stay.crate == crate.id


def _lies_in_box(call: "Call", piece: Piece, scan: Event) -> bool:
    """Whether the bag that is taken from a box holds this piece, known to lie there by then."""
    if scan.action is not Action.COLLECT or not call.sites.is_box(scan.site):
        return False
    here = piece.state is State.RETURNED and piece.site == scan.site
    return here and piece.last_at is not None and piece.last_at < scan.at


def _carried(scan: Event, id: uuid.UUID, crate: int) -> Event:
    return replace(scan, id=id, of=scan.id, crate=crate, party=None, unresolved=False, code=None)


def _void(piece: Entry, event: Event) -> Event:
    """Takes a derived scan out; numbered, for it may come back and go again."""
    number = sum(one.of == event.id for one in piece.events.values())
    return _taking_back(event, uuid.uuid5(event.id, f"not carried {number}"))


def _restoring(piece: Entry, event: Event, gone: set[uuid.UUID]) -> list[Event]:
    """What takes back the voids of a derived scan, unless people voided it."""
    voids = [one for one in piece.events.values() if one.of == event.id and one.id not in gone]
    ours = {uuid.uuid5(event.id, f"not carried {number}") for number in range(len(voids) + 1)}
    if not all(one.id in ours for one in voids):
        return []
    return [_taking_back(void, uuid.uuid5(void.id, "carried after all")) for void in voids]


def _taking_back(event: Event, id: uuid.UUID) -> Event:
    return replace(
        event, id=id, action=Action.VOID, of=event.id, crate=None, to_site=None, reason=None,
        batch=None, needs_batch=False, occasion=None,
    )  # fmt: skip


def _add(call: "Call", piece: Entry, event: Event) -> None:
    """One derived scan into the log and the piece's story."""
    row = carried_row(piece, event, actor=call.actor, now=call.now)
    call.rows.append(row)
    _check_size(call)
    piece.take(event_from_values(row))


def _check_size(call: "Call") -> None:
    if len(call.rows) > MOST_AT_ONCE:
        raise LendingError(Code.TOO_LARGE, field="scans")


def inside_of(pieces: Iterable[tuple[int, Entry]]) -> dict[int, list[Entry]]:
    """Pieces by the crate they may be in; `pieces`: (crate's item id, piece)."""
    found: dict[int, list[Entry]] = {}
    for crate, piece in pieces:
        found.setdefault(crate, []).append(piece)
    return found
