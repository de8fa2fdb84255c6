"""Counting: a figure stands for what an account held at its moment; what differs is written down."""

import uuid
from bisect import insort
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import one_of
from lending.db import fetch
from lending.errors import Code, LendingError
from lending.loop.scans import Result
from lending.people.actors import Actor
from lending.wares.book import FIRST, Book, Moment, known_rows, open_book
from lending.wares.setting import load_setting
from lending.wares.tables import CountedFigure, CountedMove
from lending.wares.values import MOST_AT_ONCE, FigureIn, FigureReceipt

_SINCE = CountedMove.at >= sa.bindparam("since")
_LEGS = sa.union_all(
    sa.select(
        CountedMove.from_id.label("account"), CountedMove.at, CountedMove.figure_id,
        (-CountedMove.quantity).label("gained"),
    ).where(one_of(CountedMove.from_id, "ids"), _SINCE),
    sa.select(
        CountedMove.to_id.label("account"), CountedMove.at, CountedMove.figure_id,
        CountedMove.quantity.label("gained"),
    ).where(one_of(CountedMove.to_id, "ids"), _SINCE),
)  # fmt: skip


def count_wares(
    session: Session, figures: Sequence[FigureIn], *, actor: Actor, now: datetime
) -> list[FigureReceipt]:
    """Takes up to 5,000 figures; each sets what its account held then, and the difference becomes a
    move of its own with who counted and when. Of two for one moment the one told last holds.

    Nothing is absorbed: see lending/wares/book.py for what is told later. Refused: INVALID (field
    quantity, kind or account), NOT_ALLOWED_HERE, ID_REUSED. TOO_LARGE for the call;
    ChangedMeanwhile: run the transaction again.
    """
    if len(figures) > MOST_AT_ONCE:
        raise LendingError(Code.TOO_LARGE, field="figures")
    session.flush()
    kinds, accounts = {one.kind_id for one in figures}, {one.account for one in figures}
    setting = load_setting(session, actor, kinds, accounts)
    wrong = [setting.refuse_figure(figure) for figure in figures]
    fit = [one for one, error in zip(figures, wrong, strict=True) if error is None]
    if not fit:
        return [_refused(one, error) for one, error in zip(figures, wrong, strict=True) if error]
    since = min(min(one.at for one in fit), now)
    keys = {(one.kind_id, one.account) for one in fit}
    book = open_book(session, keys, actor=actor, now=now, since=since)
    _load_legs(session, book, since)
    known: dict[uuid.UUID, Any] = known_rows(session, CountedFigure, [one.id for one in fit])
    results = []
    for figure, error in zip(figures, wrong, strict=True):
        results.append(error or _take(book, known, figure))
    book.store()
    differences = load_differences(session, [one.id for one in fit])
    return [
        _refused(figure, result)
        if isinstance(result, LendingError)
        else _receipt(figure, result, differences.get(figure.id, 0))
        for figure, result in zip(figures, results, strict=True)
    ]


def load_differences(session: Session, figures: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """By how many pieces each figure differs from what was expected, as known now; those that do
    not are left out."""
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(CountedMove.figure_id, sa.func.sum(_gain()))
        .join(CountedFigure, CountedFigure.id == CountedMove.figure_id)
        .where(one_of(CountedMove.figure_id, "ids"))
        .group_by(CountedMove.figure_id)
    )
    return {row[0]: int(row[1]) for row in fetch(session, query, {"ids": list(figures)}) if row[1]}


def _gain() -> sa.ColumnElement[int]:
    gained = CountedMove.to_id == CountedFigure.account_id
    return sa.case((gained, CountedMove.quantity), else_=-CountedMove.quantity)


def _load_legs(session: Session, book: Book, since: datetime) -> None:
    """What each account gained and lost since, each at its place in the account's story."""
    found = fetch(session, _LEGS, {"ids": list(book.inside), "since": since})
    for row in found:
        book.legs[row.account].append(((row.at, row.figure_id or FIRST), row.gained))


def _take(book: Book, known: dict[uuid.UUID, Any], figure: FigureIn) -> Result | LendingError:
    account = book.ids[figure.kind_id, figure.account]
    if (before := known.get(figure.id)) is not None:
        same = (before.account_id, before.quantity) == (account, figure.quantity)
        return Result.REPEATED if same else LendingError(Code.ID_REUSED, field="id")
    taken = book.figures.get(account, [])
    moment: Moment = (_own_moment(taken, min(figure.at, book.now)), figure.id)
    since = sum(gained for when, gained in book.legs[account] if when > moment)
    by = figure.quantity - (book.balances[account] - since)
    row = {
        "id": figure.id,
        "account_id": account,
        "quantity": figure.quantity,
        "at": moment[0],
        "ref": figure.ref,
        "staff_id": figure.staff_id,
        **book.stamp(),
    }
    book.figure_rows.append(row)
    known[figure.id] = SimpleNamespace(**row)
    insort(book.figures.setdefault(account, []), moment)
    if by:
        id = uuid.uuid5(figure.id, "difference")
        made = book.difference(account, moment, by, id, figure.ref)
        book.post(made | {"staff_id": figure.staff_id}, after=moment)
    return Result.RECORDED


def _own_moment(taken: Collection[Moment], at: datetime) -> datetime:
    """`at`, or the next microsecond at which the account has no figure: whoever counts again for
    the same minute puts the count before it right, so of two at one moment the one told last holds."""
    known = {moment for moment, _ in taken}
    while at in known:
        at += timedelta.resolution
    return at


def _receipt(figure: FigureIn, result: Result, difference: int) -> FigureReceipt:
    expected = figure.quantity - difference
    return FigureReceipt(figure.id, result, expected=expected, difference=difference)


def _refused(figure: FigureIn, error: LendingError) -> FigureReceipt:
    return FigureReceipt(figure.id, Result.REFUSED, error.code, error.field)
