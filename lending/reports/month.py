"""The month of a district: what was lent, came back, was lost and stayed out, by place and kind."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.steps import Outcome, State
from lending.loop.tables import DropClaim, Item, ItemKind, Loan, Scan
from lending.places.spans import Span
from lending.places.tables import Site

Key = tuple[int, int]  # site and kind


@dataclass(frozen=True, slots=True)
class Line:
    """One place and kind in a month; events count in the month in which they happened.

    `lent`, `lost` and `open` stand at the lending place, `returned` and `seen` where the piece
    came back. `returned`: by a return; `seen`: by a later step of the loop. `lost`: written off, or
    closed as claimed and not found, in this month and not seen since. `open`: out at its end (or now), those written off left out.
    """

    site: str
    site_name: str
    site_name_en: str
    kind: str
    kind_name: str
    kind_name_en: str
    lent: int = 0
    returned: int = 0
    seen: int = 0
    lost: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class Sum:
    """The same numbers added up."""

    lent: int = 0
    returned: int = 0
    seen: int = 0
    lost: int = 0
    open: int = 0


NUMBERS: Final = ("lent", "returned", "seen", "lost", "open")


def month_lines(session: Session, *, district_id: int, span: Span, now: datetime) -> list[Line]:
    """The lines of a span in the order of place and kind; those without any event left out.

    Seven statements, each by an index over the span or over the open loans.
    """
    counts: dict[Key, dict[str, int]] = defaultdict(lambda: dict.fromkeys(NUMBERS, 0))
    sites = {
        row.id: row
        for row in session.execute(
            sa.select(Site.id, Site.code, Site.name, Site.name_en).where(
                Site.district_id == district_id
            )
        )
    }
    kinds = {
        row.id: row
        for row in session.execute(
            sa.select(ItemKind.id, ItemKind.code, ItemKind.name, ItemKind.name_en).where(
                ItemKind.district_id == district_id
            )
        )
    }
    for name, query in _queries(district_id, list(sites), span, now):
        for site, kind, count in session.execute(query):
            counts[site, kind][name] += count
    lines = [_line(sites[site], kinds[kind], numbers) for (site, kind), numbers in counts.items()]
    return sorted(lines, key=lambda line: (line.site, line.kind))


def total_of(lines: list[Line]) -> Sum:
    """All lines added up."""
    return Sum(**{name: sum(getattr(line, name) for line in lines) for name in NUMBERS})


def by_kind(lines: list[Line]) -> list[Line]:
    """One line per kind over all places, in the order of the kinds."""
    kinds: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        kinds[line.kind].append(line)
    everywhere: dict[str, Any] = {"site": "", "site_name": "", "site_name_en": ""}
    return [
        replace(of_kind[0], **everywhere, **_numbers(total_of(of_kind)))
        for _, of_kind in sorted(kinds.items())
    ]


def _numbers(total: Sum) -> dict[str, Any]:
    return {name: getattr(total, name) for name in NUMBERS}


def _line(site: Any, kind: Any, numbers: dict[str, int]) -> Line:
    return Line(site.code, site.name, site.name_en, kind.code, kind.name, kind.name_en, **numbers)


def _queries(
    district_id: int, sites: list[int], span: Span, now: datetime
) -> list[tuple[str, sa.Select[*tuple[Any, ...]]]]:
    """(number, statement of site, kind, count) of each number."""
    opened = sa.and_(Loan.opened_at >= span.start, Loan.opened_at < span.end)
    is_open = sa.and_(Loan.closed_at.is_(None), Loan.opened_at < span.end)
    lost = sa.and_(Loan.closed_at.is_(None), Loan.lost_at >= span.start, Loan.lost_at < span.end)
    still_out = sa.or_(Loan.lost_at.is_(None), Loan.lost_at >= span.end)
    queries = [
        ("lent", _loans(district_id, opened)),
        ("lost", _loans(district_id, lost)),
        ("lost", given_up(district_id, span)),
        ("open", _loans(district_id, sa.and_(is_open, still_out))),
        ("returned", _closings(sites, span, Outcome.RETURNED)),
        ("seen", _closings(sites, span, Outcome.IMPLIED)),
    ]
    if span.end <= now:
        later = sa.and_(Loan.opened_at < span.end, Loan.closed_at >= span.end, still_out)
        queries.append(("open", _loans(district_id, later)))
    return queries


def _loans(district_id: int, condition: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(Loan.site_id, Item.kind_id, sa.func.count())
        .join(Item, Item.id == Loan.item_id)
        .where(Loan.district_id == district_id, ~Item.carrier, condition)
        .group_by(Loan.site_id, Item.kind_id)
    )


def given_up(district_id: int, span: Span) -> sa.Select[*tuple[Any, ...]]:
    """Loans closed in a span as claimed and not found, whose piece nobody has seen since, by
    lending place and kind."""
    return (
        sa.select(Loan.site_id, Item.kind_id, sa.func.count(sa.distinct(Loan.id)))
        .select_from(DropClaim)
        .join(Loan, Loan.id == DropClaim.lend_id)
        .join(Item, Item.id == Loan.item_id)
        .where(
            DropClaim.district_id == district_id,
            DropClaim.settled_at.is_not(None),
            Loan.outcome == Outcome.CLAIMED,
            Loan.closed_at >= span.start,
            Loan.closed_at < span.end,
            Item.state == State.LOST,
            Item.last_id == Loan.closed_by,
        )
        .group_by(Loan.site_id, Item.kind_id)
    )


def _closings(sites: list[int], span: Span, outcome: Outcome) -> sa.Select[*tuple[Any, ...]]:
    """Loans closed by a scan of the span, by where that scan was made."""
    return (
        sa.select(Scan.site_id, Item.kind_id, sa.func.count())
        .join(Loan, sa.and_(Loan.item_id == Scan.item_id, Loan.closed_by == Scan.id))
        .join(Item, Item.id == Scan.item_id)
        .where(
            ~Item.carrier,
            Scan.site_id.in_(sites),
            Scan.occurred_at >= span.start,
            Scan.occurred_at < span.end,
            Loan.outcome == outcome,
        )
        .group_by(Scan.site_id, Item.kind_id)
    )
