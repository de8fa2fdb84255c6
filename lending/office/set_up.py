"""What a new district still needs before its first cup is lent."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import Base
from lending.loop.tables import ItemKind, Label, TermVersion
from lending.people.tables import ApiToken, Device, Role, Staff
from lending.places.tables import Site, SiteKind


@dataclass(frozen=True, slots=True)
class SetUp:
    """How many of each a district has; `terms` counts the versions of its terms."""

    sites: int
    centres: int
    kinds: int
    terms: int
    staff: int  # officers left out
    devices: int
    tokens: int
    labels: int

    @property
    def is_new(self) -> bool:
        """Nothing of its own stands there yet."""
        return not self.sites and not self.kinds

    @property
    def is_ready(self) -> bool:
        """Cups can go round: places, a centre, a kind, labels, and somebody to scan."""
        return bool(
            self.sites > self.centres > 0
            and self.kinds
            and self.labels
            and (self.staff or self.devices or self.tokens)
        )


def what_is_missing(session: Session, *, district_id: int) -> SetUp:
    """The counts in one statement; `labels` is 1 when there are any."""

    def count(table: type[Base], *more: Any) -> sa.ScalarSelect[int]:
        own = table.__table__.c.district_id == district_id
        return sa.select(sa.func.count()).select_from(table).where(own, *more).scalar_subquery()

    any_label = sa.exists().where(Label.district_id == district_id)
    row = session.execute(
        sa.select(
            count(Site, Site.active),
            count(Site, Site.active, Site.kind == SiteKind.WASH_CENTRE),
            count(ItemKind),
            count(TermVersion),
            count(Staff, Staff.active, Staff.role != Role.OFFICER),
            count(Device, Device.revoked_at.is_(None)),
            count(ApiToken, ApiToken.revoked_at.is_(None)),
            sa.case((any_label, 1), else_=0),
        )
    ).one()
    return SetUp(*row)
