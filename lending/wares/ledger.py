"""The one writer of counted ware: moves go in, each once, and every balance goes with them."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.scans import Result
from lending.people.actors import Actor
from lending.places.texts import read_text
from lending.wares.book import Book, known_rows, move_row, open_book
from lending.wares.setting import Setting, load_setting
from lending.wares.tables import CountedMove
from lending.wares.values import MOST_AT_ONCE, FigureReceipt, MoveIn, MoveReceipt
from lending.wares.ways import Why

LONGEST_NOTE = 500


def record_moves(
    session: Session, moves: Sequence[MoveIn], *, actor: Actor, now: datetime
) -> list[MoveReceipt]:
    """Records up to 5,000 moves in list order; a receipt for each. A handful of statements.

    What happened is taken even where more goes out than was known of (`left` below zero). Refused,
    without touching the others: INVALID (field quantity, kind, why, source, target, batch or note),
    NOT_ALLOWED_HERE, ID_REUSED, NO_BATCH for a wash without a finished batch where one is required,
    and there NOT_CLEAN (field quantity) for passing more than was washed. TOO_LARGE for the call;
    ChangedMeanwhile: run the transaction again. Locks accounts: in one transaction with scans,
    record the scans first.
    """
    if len(moves) > MOST_AT_ONCE:
        raise LendingError(Code.TOO_LARGE, field="moves")
    session.flush()
    setting = load_setting(
        session,
        actor,
        {move.kind_id for move in moves},
        {account for move in moves for account in (move.source, move.target)},
        {move.batch_id for move in moves if move.batch_id is not None},
    )
    wrong = [_refuse(setting, move) for move in moves]
    fit = [move for move, error in zip(moves, wrong, strict=True) if error is None]
    if not fit:
        return [_refused(move, error) for move, error in zip(moves, wrong, strict=True) if error]
    keys = {(move.kind_id, account) for move in fit for account in (move.source, move.target)}
    since = min(min(move.at for move in fit), now)
    book = open_book(session, keys, actor=actor, now=now, since=since)
    known: dict[uuid.UUID, Any] = known_rows(session, CountedMove, [move.id for move in fit])
    receipts = [
        _refused(move, error) if error else _take(book, setting, known, move)
        for move, error in zip(moves, wrong, strict=True)
    ]
    book.store()
    return receipts


def require_all(receipts: Iterable[MoveReceipt] | Iterable[FigureReceipt]) -> None:
    """Raises the first refusal, for callers whose own work stands or falls with every move."""
    for receipt in receipts:
        if receipt.result is Result.REFUSED:
            raise LendingError(receipt.error or Code.INVALID, field=receipt.field)


def _refuse(setting: Setting, move: MoveIn) -> LendingError | None:
    try:
        read_text(move.note or "", "note", longest=LONGEST_NOTE, empty=True)
    except LendingError as error:
        return error
    return setting.refuse_move(move)


def _take(book: Book, setting: Setting, known: dict[uuid.UUID, Any], move: MoveIn) -> MoveReceipt:
    row = _row(book, move)
    inside = move.source.outside is None
    if (before := known.get(move.id)) is not None:
        if _identity(before) != _identity(row):
            return _refused(move, LendingError(Code.ID_REUSED, field="id"))
        left = book.balance(move.kind_id, move.source) if inside else None
        return MoveReceipt(move.id, Result.REPEATED, left=left)
    proven = move.why is Why.PASSED and setting.requires_batch(move.target)
    if proven and move.quantity > book.balance(move.kind_id, move.source):
        return _refused(move, LendingError(Code.NOT_CLEAN, field="quantity"))
    book.post(row)
    known[move.id] = row
    left = book.balance(move.kind_id, move.source) if inside else None
    return MoveReceipt(move.id, Result.RECORDED, left=left)


def _row(book: Book, move: MoveIn) -> dict[str, Any]:
    return move_row(
        book,
        {
            "id": move.id,
            "kind_id": move.kind_id,
            "quantity": move.quantity,
            "from_id": book.ids[move.kind_id, move.source],
            "to_id": book.ids[move.kind_id, move.target],
            "why": move.why,
            "at": min(move.at, book.now),
            "batch_id": move.batch_id,
            "ref": move.ref,
            "staff_id": move.staff_id,
            "note": move.note or None,
        },
    )


_IDENTITY = ("kind_id", "quantity", "from_id", "to_id", "why", "batch_id", "ref")


def _identity(row: Any) -> tuple[Any, ...]:
    """What makes two moves under one id the same; not when, who and in which words."""
    if isinstance(row, dict):
        return tuple(row[name] for name in _IDENTITY)
    return tuple(getattr(row, name) for name in _IDENTITY)


def _refused(move: MoveIn, error: LendingError) -> MoveReceipt:
    return MoveReceipt(move.id, Result.REFUSED, error.code, error.field)
