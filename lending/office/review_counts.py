"""How many entries of the review queue are open."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.tables import Review
from lending.places.tables import Site


def count_open_reviews(session: Session, *, district_id: int) -> int:
    """The open entries of a district."""
    query = sa.select(sa.func.count()).where(
        Review.district_id == district_id, Review.settled_at.is_(None)
    )
    return session.scalar(query) or 0


def count_alike(session: Session, *, district_id: int) -> dict[tuple[str, str], int]:
    """The open entries by the site's code and the subject: what can be settled together."""
    query = (
        sa.select(Site.code, Review.subject, sa.func.count())
        .join(Site, Site.id == Review.site_id)
        .where(Review.district_id == district_id, Review.settled_at.is_(None))
        .group_by(Site.code, Review.subject)
    )
    return {(row[0], row[1]): row[2] for row in session.execute(query)}
