"""The public page of a cup: what it is and how clean, and nothing of who has it or whether."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.care.drop_views import ClaimView, claims_of_loans
from lending.loop.read.history import load_voided_of_item
from lending.loop.read.pieces import PublicItem, find_item, public_item
from lending.loop.steps import Action
from lending.loop.tables import Scan
from lending.people.actors import Actor
from lending.residents.own import own_open_loan_of


@dataclass(frozen=True, slots=True)
class CupPage:
    """What everybody sees of a cup. `uses` are those before the last wash, so that the page stays
    the same while the cup is lent and brought back."""

    item_id: int
    item: PublicItem
    uses: int

    @property
    def uses_to_go(self) -> int:
        """Uses until the cup has done better than paper cups; 0 when it has."""
        return max(0, self.item.kind.break_even_uses - self.uses)


def load_cup_page(session: Session, *, code: str) -> CupPage:
    """The page of the piece this label, present or replaced, is on.

    INVALID or BAD_CHECK_DIGIT for what is no code, NOT_FOUND for an unknown one.
    """
    item = public_item(session, code=code)
    found = find_item(session, code=code, actor=None)
    return CupPage(found.id, item, _uses_before(session, found.id, item.last_wash_at))


@dataclass(frozen=True, slots=True)
class OwnCup:
    """The cup as its borrower sees it: until when, and the last word about it."""

    loan_id: uuid.UUID
    due_at: datetime
    claim: ClaimView | None


def load_own_cup(session: Session, *, resident: Actor, code: str) -> OwnCup | None:
    """The resident's own side of the cup, if they have it."""
    found = find_item(session, code=code, actor=None)
    own = own_open_loan_of(session, resident=resident, item_id=found.id)
    if own is None or found.view.due_at is None:
        return None
    return OwnCup(own, found.view.due_at, claims_of_loans(session, [own]).get(own))


def _uses_before(session: Session, item_id: int, wash_at: datetime | None) -> int:
    if wash_at is None:
        return 0
    voided = load_voided_of_item(session, item_id)
    query = sa.select(sa.func.count()).where(
        Scan.item_id == item_id,
        Scan.action == Action.LEND,
        Scan.occurred_at < wash_at,
        Scan.id.not_in(voided),
    )
    return session.scalar(query) or 0
