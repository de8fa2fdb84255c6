"""What is there: pieces scanned one by one or tray by tray, quantities typed and taken back."""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import insert_rows, one_of
from lending.db import fetch, table_of
from lending.errors import Code, LendingError
from lending.loop.codes import read_code
from lending.loop.scans import Result
from lending.loop.steps import State
from lending.loop.tables import Item, ItemKind, Label
from lending.people.actors import Actor
from lending.wares.setting import load_setting
from lending.wares.stocktaking.sessions import lock_open, sender
from lending.wares.stocktaking.tables import StockLine, StockPiece, StockSession
from lending.wares.values import FigureIn
from lending.wares.ways import Condition, at_place, in_crate

MOST_CODES = 500  # of one call
PIECES, LINES = table_of(StockPiece), table_of(StockLine)
# Where the log has a piece in one of these states, it is to be found at its place.
STANDING = frozenset({State.DIRTY, State.WASHED, State.READY, State.RETURNED})

_BY_LABEL = (
    sa.select(Label.code.label("label"), Item.id, Item.code, Item.carrier, Item.state, Item.site_id,
              ItemKind.code.label("kind"))
    .join(Item, Item.id == Label.item_id)
    .join(ItemKind, ItemKind.id == Item.kind_id)
    .where(one_of(Label.code, "codes"), Item.district_id == sa.bindparam("district"))
)  # fmt: skip
_INSIDE = sa.select(Item.id, Item.code, Item.crate_id).where(one_of(Item.crate_id, "crates"))
_NOTED = sa.select(StockPiece.code).where(
    StockPiece.session_id == sa.bindparam("session"), one_of(StockPiece.code, "codes")
)


class Noted(StrEnum):
    """What became of a code."""

    NOTED = "noted"
    AGAIN = "again"  # counts once
    UNKNOWN = "unknown"  # well formed, but no piece of the district: kept all the same
    UNREADABLE = "unreadable"  # no code at all, or a digit is wrong: not kept


@dataclass(frozen=True, slots=True)
class NotedPiece:
    """What became of one code; `expected`: the log has the piece here. `inside`: pieces in a closed
    crate that count as seen with it."""

    code: str
    outcome: Noted
    kind: str | None = None
    expected: bool = False
    inside: int = 0


@dataclass(frozen=True, slots=True)
class LineIn:
    """So many pieces of a counted kind in one condition, loose or in a crate (`crate_id`: its
    item's). `id`: the request's; lines of the same kind, condition and crate add up."""

    id: uuid.UUID
    kind_id: int
    condition: Condition
    quantity: int
    at: datetime
    crate_id: int | None = None
    staff_id: int | None = None


def note_pieces(
    session: Session,
    *,
    session_id: uuid.UUID,
    codes: Sequence[str],
    at: datetime,
    actor: Actor,
    now: datetime,
    sealed: bool = True,
    staff_id: int | None = None,
) -> list[NotedPiece]:
    """Notes up to 500 codes, as readers send them; what became of each, in the order sent.

    A repeat counts once, within the call and over all tablets. `sealed`: what the log has in a
    crate that is scanned counts as seen with it. `at`: when, corrected. TOO_LARGE (field codes);
    NOT_FOUND, CONFLICT (field session) once it is ended, NOT_ALLOWED_HERE.
    """
    if len(codes) > MOST_CODES:
        raise LendingError(Code.TOO_LARGE, field="codes")
    stock = lock_open(session, session_id, actor)
    read = [_read(code) for code in codes]
    wanted = {code for code in read if code is not None}
    district = {"codes": list(wanted), "district": actor.district_id}
    found = {row.label: row for row in fetch(session, _BY_LABEL, district)}
    crates = {row.id for row in found.values() if row.carrier} if sealed else set()
    inside = fetch(session, _INSIDE, {"crates": list(crates)}) if crates else []
    rows: dict[str, dict[str, Any]] = {code: {"item_id": None} for code in wanted - found.keys()}
    rows |= {row.code: {"item_id": row.id} for row in found.values()}
    for row in inside:
        rows.setdefault(row.code, {"item_id": row.id, "crate_id": row.crate_id})
    base = {"noted_at": min(at, now), "staff_id": staff_id, "crate_id": None, **sender(actor)}
    known = _insert_pieces(session, session_id, {code: base | row for code, row in rows.items()})
    counts = Counter(row.crate_id for row in inside)
    return _outcomes(stock, codes, read, found, known, counts)


def note_quantity(
    session: Session, *, session_id: uuid.UUID, line: LineIn, actor: Actor, now: datetime
) -> Result:
    """Notes a quantity typed; RECORDED, or REPEATED for a line known already.

    Nought is a figure too: none is there. INVALID (field quantity, kind or account), ID_REUSED, and
    errors as `note_pieces`.
    """
    stock = lock_open(session, session_id, actor)
    account = (
        at_place(stock.site_id, line.condition)
        if line.crate_id is None
        else in_crate(line.crate_id, line.condition)
    )
    setting = load_setting(session, actor, [line.kind_id], [account])
    figure = FigureIn(line.id, line.kind_id, account, line.quantity, line.at)
    if (error := setting.refuse_figure(figure)) is not None:
        raise error
    row = {
        "id": line.id,
        "session_id": session_id,
        "kind_id": line.kind_id,
        "crate_id": line.crate_id,
        "condition": line.condition,
        "quantity": line.quantity,
        "at": min(line.at, now),
        "staff_id": line.staff_id,
        **sender(actor),
    }
    if insert_rows(session, LINES, [row], skip_known=True):
        return Result.RECORDED
    same = ("session_id", "kind_id", "crate_id", "condition", "quantity")
    known = session.get_one(StockLine, line.id)
    if any(getattr(known, name) != row[name] for name in same):
        raise LendingError(Code.ID_REUSED, field="id")
    return Result.REPEATED


def take_back_line(
    session: Session, *, session_id: uuid.UUID, line_id: uuid.UUID, actor: Actor, now: datetime
) -> None:
    """A quantity typed wrongly does not count; taken back again changes nothing. NOT_FOUND (field
    line), and errors as `note_pieces`."""
    lock_open(session, session_id, actor)
    line = session.get(StockLine, line_id)
    if line is None or line.session_id != session_id:
        raise LendingError(Code.NOT_FOUND, field="line")
    line.taken_back_at = line.taken_back_at or now
    session.flush()


def _insert_pieces(
    session: Session, session_id: uuid.UUID, rows: Mapping[str, dict[str, Any]]
) -> set[str]:
    """Inserts what is new; which of these codes the session had already."""
    names = {"session": session_id, "codes": list(rows)}
    known = {row.code for row in fetch(session, _NOTED, names)}
    fresh = [
        {"session_id": session_id, "code": code, **row}
        for code, row in sorted(rows.items())
        if code not in known
    ]
    insert_rows(session, PIECES, fresh, skip_known=True)
    return known


def _read(text: str) -> str | None:
    try:
        return read_code(text)
    except LendingError:
        return None


def _outcomes(
    stock: StockSession,
    codes: Sequence[str],
    read: Sequence[str | None],
    found: dict[str, Any],
    known: Collection[str],
    inside: Mapping[int, int],
) -> list[NotedPiece]:
    seen, outcomes = set(known), []
    for sent, code in zip(codes, read, strict=True):
        if code is None:
            outcomes.append(NotedPiece(sent[:40], Noted.UNREADABLE))
            continue
        row = found.get(code)
        label = row.code if row is not None else code
        outcome = Noted.UNKNOWN if row is None else Noted.NOTED
        if label in seen:
            outcome = Noted.AGAIN
        seen.add(label)
        if row is None:
            outcomes.append(NotedPiece(label, outcome))
            continue
        expected = row.site_id == stock.site_id and row.state in STANDING
        outcomes.append(NotedPiece(label, outcome, row.kind, expected, inside.get(row.id, 0)))
    return outcomes
