"""A session's result: what is missing, what is there unexpectedly, how quantities differ."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.loop.read.paging import DEFAULT_LIMIT, KeyPart, Page, beyond, cut, read_key
from lending.loop.steps import State
from lending.loop.tables import Item, ItemKind
from lending.people.actors import Actor
from lending.places.tables import Site
from lending.wares.figures import load_differences
from lending.wares.stocktaking.notes import STANDING
from lending.wares.stocktaking.sessions import SessionView, load_session
from lending.wares.stocktaking.tables import StockLine, StockPiece, Verdict
from lending.wares.tables import CountedAccount, CountedFigure
from lending.wares.ways import Condition

Crate = aliased(Item)


@dataclass(frozen=True, slots=True)
class KindTally:
    """Tracked pieces of a kind: those the log has here now, and those noted."""

    kind: str
    expected: int
    noted: int


@dataclass(frozen=True, slots=True)
class LineView:
    """A quantity typed and not taken back; `crate`: the code of the crate it is in."""

    id: uuid.UUID
    kind: str
    kind_id: int
    condition: Condition
    crate: str | None
    quantity: int
    at: datetime


@dataclass(frozen=True, slots=True)
class FigureView:
    """A quantity counted; `difference`: counted less expected, as known now. `counted` None: nobody
    has counted it in the session, although the ledger has some here."""

    kind: str
    kind_id: int
    condition: Condition
    crate: str | None
    counted: int | None
    expected: int

    @property
    def difference(self) -> int | None:
        return None if self.counted is None else self.counted - self.expected


@dataclass(frozen=True, slots=True)
class Progress:
    """An open session as a tablet shows it; `unknown`: codes of no piece. `not_counted`: what the
    ledger has here and no line tells of."""

    session: SessionView
    tallies: list[KindTally]
    unknown: int
    lines: list[LineView]
    not_counted: list[FigureView]


@dataclass(frozen=True, slots=True)
class StocktakeResult:
    """What an ended session found; the pieces themselves come by `list_pieces`."""

    session: SessionView
    pieces: dict[Verdict, int]
    figures: list[FigureView]

    @property
    def is_right(self) -> bool:
        """Whether all was as expected."""
        wrong = {Verdict.MISSING, Verdict.UNEXPECTED, Verdict.UNKNOWN} & self.pieces.keys()
        return not wrong and not any(figure.difference for figure in self.figures)


@dataclass(frozen=True, slots=True)
class PieceView:
    """A piece of a result; `site` and `state`: where and how the log has it now."""

    code: str
    verdict: Verdict
    kind: str | None
    state: State | None
    site: str | None
    crate: str | None
    noted_at: datetime | None


def load_progress(session: Session, *, session_id: uuid.UUID, actor: Actor) -> Progress:
    """What is noted so far beside what is expected; six statements. Errors as `load_session`."""
    view = load_session(session, session_id=session_id, actor=actor)
    lines = _load_lines(session, session_id)
    told = {(line.kind_id, line.condition) for line in lines if line.crate is None}
    held = _held_there(session, view.site_id)
    return Progress(
        view,
        _load_tallies(session, view),
        session.scalar(
            sa.select(sa.func.count()).where(
                StockPiece.session_id == session_id, StockPiece.item_id.is_(None)
            )
        )
        or 0,
        lines,
        [one for one in held if (one.kind_id, one.condition) not in told],
    )


def load_result(session: Session, *, session_id: uuid.UUID, actor: Actor) -> StocktakeResult:
    """The result of an ended session; of an open one what is known so far. Errors as
    `load_session`."""
    view = load_session(session, session_id=session_id, actor=actor)
    counts: sa.Select[*tuple[Any, ...]] = (
        sa.select(StockPiece.verdict, sa.func.count())
        .where(StockPiece.session_id == session_id, StockPiece.verdict.is_not(None))
        .group_by(StockPiece.verdict)
    )
    pieces = {Verdict(row[0]): row[1] for row in session.execute(counts)}
    return StocktakeResult(view, pieces, _load_figures(session, session_id))


def list_pieces(
    session: Session,
    *,
    session_id: uuid.UUID,
    actor: Actor,
    verdicts: Collection[Verdict] = (Verdict.MISSING, Verdict.UNEXPECTED, Verdict.UNKNOWN),
    after: Sequence[KeyPart] | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[PieceView]:
    """The pieces of an ended session with these verdicts, by verdict and code. Errors: cursor
    INVALID, and as `load_session`."""
    load_session(session, session_id=session_id, actor=actor)
    key = read_key(after, str, str)
    verdict = sa.type_coerce(StockPiece.verdict, sa.Text())
    order = (verdict, StockPiece.code)
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            StockPiece.code, StockPiece.verdict, ItemKind.code, Item.state, Site.code, Crate.code,
            StockPiece.noted_at,
        )
        .outerjoin(Item, Item.id == StockPiece.item_id)
        .outerjoin(ItemKind, ItemKind.id == Item.kind_id)
        .outerjoin(Site, Site.id == Item.site_id)
        .outerjoin(Crate, Crate.id == StockPiece.crate_id)
        .where(StockPiece.session_id == session_id, StockPiece.verdict.in_(verdicts))
        .where(beyond(order, key))
        .order_by(*order)
        .limit(limit + 1)
    )  # fmt: skip
    rows = session.execute(query).all()
    return cut(rows, limit, lambda row: PieceView(*row), lambda row: (row[1].value, row[0]))


def _load_tallies(session: Session, view: SessionView) -> list[KindTally]:
    noted = sa.exists().where(
        StockPiece.session_id == view.id,
        StockPiece.item_id == Item.id,
        StockPiece.noted_at.is_not(None),
    )
    here = sa.and_(Item.site_id == view.site_id, Item.state.in_(STANDING))
    mine = sa.select(StockPiece.item_id).where(StockPiece.session_id == view.id)
    query = (
        sa.select(ItemKind.code, _count_if(here), _count_if(noted))
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(here | Item.id.in_(mine))
        .group_by(ItemKind.code)
        .order_by(ItemKind.code)
    )
    return [KindTally(row[0], int(row[1]), int(row[2])) for row in session.execute(query)]


def _load_lines(session: Session, session_id: uuid.UUID) -> list[LineView]:
    query = (
        sa.select(
            StockLine.id, ItemKind.code, StockLine.kind_id, StockLine.condition, Item.code,
            StockLine.quantity, StockLine.at,
        )
        .join(ItemKind, ItemKind.id == StockLine.kind_id)
        .outerjoin(Item, Item.id == StockLine.crate_id)
        .where(StockLine.session_id == session_id, StockLine.taken_back_at.is_(None))
        .order_by(StockLine.at, StockLine.id)
    )  # fmt: skip
    return [LineView(*row) for row in session.execute(query)]


def _held_there(session: Session, site_id: int) -> list[FigureView]:
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            ItemKind.code, ItemKind.id, CountedAccount.condition, sa.null(), sa.null(),
            CountedAccount.balance,
        )
        .join(ItemKind, ItemKind.id == CountedAccount.kind_id)
        .where(CountedAccount.site_id == site_id, CountedAccount.balance != 0)
        .order_by(ItemKind.code, CountedAccount.condition)
    )  # fmt: skip
    return [FigureView(*row) for row in session.execute(query)]


def _load_figures(session: Session, session_id: uuid.UUID) -> list[FigureView]:
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            CountedFigure.id, ItemKind.code, ItemKind.id, CountedAccount.condition, Item.code,
            CountedFigure.quantity,
        )
        .join(CountedAccount, CountedAccount.id == CountedFigure.account_id)
        .join(ItemKind, ItemKind.id == CountedAccount.kind_id)
        .outerjoin(Item, Item.id == CountedAccount.crate_id)
        .where(CountedFigure.ref == session_id)
        .order_by(ItemKind.code, CountedAccount.condition, Item.code)
    )  # fmt: skip
    rows = session.execute(query).all()
    differences = load_differences(session, [row[0] for row in rows])
    return [
        FigureView(row[1], row[2], row[3], row[4], row[5], row[5] - differences.get(row[0], 0))
        for row in rows
    ]


def _count_if(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)
