"""Missed steps per place: what the loop expected there in a span and did not see."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.loop.steps import ROUND, Action, Gap
from lending.loop.tables import Item, Scan, ScanGap
from lending.places.spans import Span
from lending.places.tables import Site
from lending.reports.rates import divide

MISSED: Mapping[Gap, Action] = {
    gap: Action(gap.value.removeprefix("missed_")) for gap in Gap if gap.value.startswith("missed_")
}
Target = aliased(Scan)
Void = aliased(Scan)


@dataclass(frozen=True, slots=True)
class MissedSteps:
    """A place in a span: missed steps by action, all of them, and all steps expected there."""

    site: str
    site_name: str
    site_name_en: str
    by_step: dict[Action, int]
    missed: int
    expected: int

    @property
    def rate(self) -> float | None:
        """Missed ÷ expected (domain §6); None where nothing was expected."""
        return divide(self.missed, self.expected)


def missed_steps(session: Session, *, district_id: int, span: Span) -> list[MissedSteps]:
    """One line per place at which a step of the round was seen or missed, by its code.

    A missed step counts at the place whose scan showed it. Expected = seen + missed; scans taken
    back and those of crates count as neither. Five statements.
    """
    query = sa.select(Site.id, Site.code, Site.name, Site.name_en).where(
        Site.district_id == district_id
    )
    places = session.execute(query.order_by(Site.code)).all()
    seen = _seen(session, district_id, [place.id for place in places], span)
    missed: dict[int, dict[Action, int]] = defaultdict(dict)
    gaps = (
        sa.select(ScanGap.site_id, ScanGap.gap, sa.func.count())
        .where(
            ScanGap.district_id == district_id,
            ScanGap.occurred_at >= span.start,
            ScanGap.occurred_at < span.end,
            ScanGap.gap.in_(list(MISSED)),
        )
        .group_by(ScanGap.site_id, ScanGap.gap)
    )
    for site, gap, count in session.execute(gaps):
        missed[site][MISSED[gap]] = count
    lines = [_line(place, missed[place.id], seen.get(place.id, 0)) for place in places]
    return [line for line in lines if line.expected]


def _line(place: Any, by_step: dict[Action, int], seen: int) -> MissedSteps:
    missed = sum(by_step.values())
    return MissedSteps(place.code, place.name, place.name_en, by_step, missed, seen + missed)


def _seen(session: Session, district_id: int, sites: list[int], span: Span) -> dict[int, int]:
    """Scans of pieces in the round per site, without those that a void took out.

    Crates' own scans are taken off afterwards: they are few, and found by their own index.
    """
    counted = (
        sa.select(Scan.site_id, sa.func.count())
        .where(_in_span(Scan, sites, span))
        .group_by(Scan.site_id)
    )
    seen: dict[int, int] = {row[0]: row[1] for row in session.execute(counted)}
    of_crates = (
        sa.select(Scan.site_id, sa.func.count())
        .join(Item, Item.id == Scan.item_id)
        .where(Item.district_id == district_id, Item.carrier, _in_span(Scan, sites, span))
        .group_by(Scan.site_id)
    )
    for site, count in session.execute(of_crates):
        seen[site] -= count
    undone = sa.exists().where(Void.of == Scan.id, Void.action == Action.VOID)
    taken_back = (
        sa.select(Target.site_id, sa.func.count(sa.distinct(Target.id)))
        .select_from(Scan)
        .join(Target, Target.id == Scan.of)
        .outerjoin(Item, Item.id == Target.item_id)
        .where(Item.carrier.is_not(True))
        .where(Scan.of.is_not(None), Scan.action == Action.VOID, ~undone)
        .where(_in_span(Target, sites, span))
        .group_by(Target.site_id)
    )
    for site, count in session.execute(taken_back):
        seen[site] -= count
    return seen


def _in_span(scan: Any, sites: list[int], span: Span) -> sa.ColumnElement[bool]:
    return sa.and_(
        scan.site_id.in_(sites),
        scan.occurred_at >= span.start,
        scan.occurred_at < span.end,
        scan.action.in_(ROUND),
    )
