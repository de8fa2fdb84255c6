"""A tray at the washing table: pieces read together in one picture take one step in one call."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.codes import read_code
from lending.loop.commands import FAULTS, STEPS, Command
from lending.loop.scans import Receipt, Result, ScanIn
from lending.loop.steps import Action, State
from lending.people.actors import Actor
from lending.people.sealing import Keys
from lending.places.sites import SiteView
from lending.washing.table.crates import take_in_hand, unload
from lending.washing.table.desk import (
    Desk,
    PieceRow,
    begin_set,
    lock_set,
    move_to,
    note_act,
    open_desk,
)
from lending.washing.table.outcomes import WAY, Fate, Load, Outcome, Tray, TrayAnswer, TrayLine
from lending.washing.table.sets import Found, Membership, find_items, find_memberships
from lending.washing.table.tables import WashAct, WashPiece


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of the tray with the set it is known to; `again`: this tray has recorded it."""

    code: str
    scan_id: uuid.UUID
    item: Found | None
    found: Membership | None
    again: bool


def take_tray(
    session: Session, tray: Tray, *, actor: Actor, site: SiteView, keys: Keys, now: datetime
) -> TrayAnswer:
    """All pieces of the tray take its step, or leave with its fault; one line for each.

    A piece counts once however often it was read. The same tray again records nothing twice: a
    scan's id comes from the tray's id and its code. One piece refused never holds up the others.
    NOT_ALLOWED_HERE without a right to the step at this site; INVALID for another command.
    """
    action, reason = _verb(tray.beep.command)
    desk = open_desk(session, tray.beep, actor=actor, site=site, keys=keys, now=now)
    before = (desk.lane.set_id, desk.lane.step)
    _stand_at(desk, action, reason)
    codes, misread = _read_codes(tray.codes)
    pieces, spare = _find_pieces(desk, codes)
    kept = {piece.code for piece in pieces if _is_kept(piece, reason)}
    due = [
        piece
        for piece in pieces
        if piece.code not in kept and (piece.again or not _has_taken(piece, action, reason))
    ]
    for set_id in sorted({piece.found.set_id for piece in due if piece.found}):
        lock_set(desk, set_id)
    lock_set(desk, desk.lane.set_id)
    scans = [_scan(desk, piece, action, reason) for piece in due]
    receipts = desk.record(scans) if scans else []
    loads = _note(desk, due, receipts, before, action, reason)
    told = {piece.code: receipt for piece, receipt in zip(due, receipts, strict=True)}
    lines = [
        TrayLine(code, Fate.KEPT) if code in kept else _line(code, told.get(code), loads)
        for code in codes
        if code not in spare
    ]
    return TrayAnswer(tray.beep.id, action, reason, (*lines, *misread))


def _verb(command: Command | None) -> tuple[Action, str | None]:
    if command in STEPS:
        return STEPS[command], None
    if command in FAULTS:
        return FAULTS[command], command.value
    raise LendingError(Code.INVALID, field="command")


def _stand_at(desk: Desk, action: Action, reason: str | None) -> None:
    """The lane stands at the tray's step; a fault that waited for its piece has found it."""
    lane = desk.lane
    if reason is None:
        lane.step = action
    if reason is None or (lane.fault is not None and lane.fault.value == reason):
        desk.drop_fault()


def _read_codes(texts: Sequence[str]) -> tuple[list[str], list[TrayLine]]:
    """The codes, each once, and lines for what is no piece's code."""
    codes: dict[str, None] = {}
    misread: dict[str, TrayLine] = {}
    for text in texts:
        try:
            codes[read_code(text)] = None
        except LendingError as error:
            misread[text] = TrayLine(text, Fate.REFUSED, error=error.code)
    return list(codes), list(misread.values())


def _find_pieces(desk: Desk, codes: Sequence[str]) -> tuple[list[_Piece], set[str]]:
    """The pieces behind the codes, and the codes of pieces that another label named already."""
    ids = {code: uuid.uuid5(desk.beep.id, code) for code in codes}
    query = sa.select(WashPiece.scan_id).where(WashPiece.scan_id.in_(ids.values()))
    recorded = set(desk.session.scalars(query))
    district, site, now = desk.site.district_id, desk.site.id, desk.now
    items = find_items(desk.session, codes=codes, district_id=district)
    known = {item.id for item in items.values()}
    sets = find_memberships(desk.session, item_ids=known, site_id=site, now=now)
    pieces: list[_Piece] = []
    spare: set[str] = set()
    met: set[int] = set()
    for code, scan_id in ids.items():
        item = items.get(code)
        if item is not None and item.id in met:
            spare.add(code)
            continue
        met.update([] if item is None else [item.id])
        found = sets.get(item.id) if item is not None else None
        if found and found.set_id != desk.lane.set_id and found.action not in WAY:
            found = None  # scanned out of that set: it begins anew
        pieces.append(_Piece(code, scan_id, item, found, scan_id in recorded))
    return pieces, spare


def _has_taken(piece: _Piece, action: Action, reason: str | None) -> bool:
    found = piece.found
    if found is None:
        return False
    if reason is not None:
        return (found.action, found.reason) == (action, reason)
    return found.action in WAY and WAY.index(found.action) >= WAY.index(action)


def _is_kept(piece: _Piece, reason: str | None) -> bool:
    """Whether it has the stain that alone does not retire a piece of its kind."""
    return reason == Command.STAIN and piece.item is not None and piece.item.kept_stained


def _scan(desk: Desk, piece: _Piece, action: Action, reason: str | None) -> ScanIn:
    is_crate = piece.item is not None and piece.item.carrier
    bag = desk.lane.crate if action is Action.RECEIVE and not is_crate else None
    return desk.scan(piece.scan_id, action, piece.code, reason=reason, crate=bag)


def _note(
    desk: Desk,
    due: Sequence[_Piece],
    receipts: Sequence[Receipt],
    before: tuple[uuid.UUID | None, Action],
    action: Action,
    reason: str | None,
) -> dict[uuid.UUID, Load]:
    """Writes the tray down, one act for each set, so that it is undone as a whole; what its crates
    took along, by their scans."""
    fresh = [
        (piece, receipt)
        for piece, receipt in zip(due, receipts, strict=True)
        if receipt.result is not Result.REFUSED and not piece.again
    ]
    homes = _choose_sets(desk, fresh, action, with_new=reason is None)
    crates = {
        receipt.id: piece.item.id for piece, receipt in fresh if piece.item and piece.item.carrier
    }
    loads = unload(desk, crates, action)
    take_in_hand(desk, [piece.code for piece, receipt in fresh if receipt.id in crates], action)
    acts: dict[uuid.UUID | None, list[PieceRow]] = {}
    for piece, receipt in fresh:
        home = homes.get(piece.code)
        row = (receipt.id, piece.item.id if piece.item else None, piece.code, home is not None)
        inside, _ = loads.get(receipt.id, ([], None))
        acts.setdefault(home, []).extend([row, *(inside if home is not None else ())])
    tray_id = desk.beep.id
    query = sa.select(sa.func.count()).where(WashAct.tray_id == tray_id)
    made = desk.session.scalar(query) or 0
    for number, (set_id, rows) in enumerate(acts.items(), made):
        note_act(
            desk, Outcome.TRAY, before=before, set_id=set_id, action=action, reason=reason,
            pieces=rows, tray=(tray_id, number),
        )  # fmt: skip
    return {scan: load for scan, (_, load) in loads.items()}


def _choose_sets(
    desk: Desk, fresh: Sequence[tuple[_Piece, Receipt]], action: Action, *, with_new: bool
) -> dict[str, uuid.UUID]:
    """The set each piece counts into; the one in hand changes when nothing of it is left to do.

    Pieces known to a set stay in it, the others join the one in hand or begin a new one; unknown
    labels and retired pieces are noted, but carried no further.
    """
    if not with_new:  # a fault: they leave the set they are known to
        return {piece.code: piece.found.set_id for piece, _ in fresh if piece.found}
    going = [piece for piece, receipt in fresh if _can_go_on(receipt)]
    homes = {piece.code: piece.found.set_id for piece in going if piece.found}
    joining = [piece.code for piece in going if not piece.found]
    current = desk.current()
    if joining:
        here = current.id if current and not current.beyond(action) else begin_set(desk)
        return homes | dict.fromkeys(joining, here)
    if homes and (current is None or not current.before(action)):
        [(most, _)] = Counter(homes.values()).most_common(1)
        if current is None or current.id != most:
            move_to(desk, most)
    return homes


def _can_go_on(receipt: Receipt) -> bool:
    return receipt.item is not None and receipt.item.state is not State.RETIRED


def _line(code: str, receipt: Receipt | None, loads: dict[uuid.UUID, Load]) -> TrayLine:
    if receipt is None:
        return TrayLine(code, Fate.ALREADY)
    if receipt.result is Result.REFUSED:
        return TrayLine(code, Fate.REFUSED, receipt, receipt.error)
    return TrayLine(code, Fate.TAKEN, receipt, load=loads.get(receipt.id))
