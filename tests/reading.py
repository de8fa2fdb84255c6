"""What is stored of a town's pieces, as tests read it."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.replay import Story, replay
from lending.loop.steps import Gap
from lending.loop.tables import Item, Loan, ScanGap
from lending.loop.values import Piece
from lending.loop.write.rows import LoanRow
from tests.stored import Stored, check_items, events_of, item_of, stored_of
from tests.town import Town


class Reading:
    """The reading half of the loop's driver."""

    engine: sa.Engine
    town: Town

    def item_id(self, cup: str) -> int:
        """The id of the item that this label, present or replaced, is on."""
        with Session(self.engine) as session:
            return item_of(session, cup)

    def item(self, cup: str) -> Piece:
        """The stored piece that this label, present or replaced, is on."""
        return self.stored(cup).piece

    def loans(self, cup: str) -> list[LoanRow]:
        """All loans of a piece, the earliest first."""
        return sorted(self.stored(cup).loans.values(), key=lambda loan: loan.opened_at)

    def due(self, lend: uuid.UUID) -> datetime:
        """When a loan is due."""
        with Session(self.engine) as session:
            return session.scalars(sa.select(Loan.due_at).where(Loan.id == lend)).one()

    def gaps(self, cup: str) -> list[Gap]:
        """The gaps of a piece in the order in which they happened."""
        with Session(self.engine) as session:
            query = (
                sa.select(ScanGap.gap)
                .where(ScanGap.item_id == item_of(session, cup))
                .order_by(ScanGap.occurred_at, ScanGap.scan_id, ScanGap.gap)
            )
            return list(session.scalars(query))

    def stored(self, cup: str) -> Stored:
        """Everything cached of the piece that this label is on."""
        with Session(self.engine) as session:
            return stored_of(session, [item_of(session, cup)]).popitem()[1]

    def story(self, cup: str) -> Story:
        """The piece's log, replayed from nothing."""
        with Session(self.engine) as session:
            return replay(events_of(session, [item_of(session, cup)]).popitem()[1])

    def check(self) -> None:
        """Every stored item, loan and gap of the town is what replaying the log gives."""
        with Session(self.engine) as session:
            ids = session.scalars(sa.select(Item.id).where(Item.district_id == self.town.id)).all()
            check_items(session, ids)
