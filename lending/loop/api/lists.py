"""Loans, stock, sites and the review queue as lists; none of them holds a person."""

from datetime import datetime
from typing import Any

from flask import Response

from lending.loop.api.answers import answer_page, blueprint, fails_with
from lending.loop.read.loans import LoanLine, list_loans
from lending.loop.read.paging import cut, read_key
from lending.loop.read.review_queue import ReviewView, list_reviews
from lending.loop.read.stock import stock_of_sites
from lending.loop.schemas.answered import LoanPage, ReviewPage, SitePage, StockPage
from lending.loop.schemas.sent import LoansQuery, PageQuery, SiteQuery
from lending.people.tables import Role
from lending.places.sites import SiteView, list_sites
from lending.web.access import bearer, current_actor
from lending.web.services import now, reading

PLACES = (Role.OFFICER, Role.COURIER, Role.CAFE, Role.WASH)


@blueprint.get("/loans")
@blueprint.arguments(LoansQuery, location="query")
@blueprint.response(200, LoanPage)
@fails_with(401, 403, 404, 422)
@bearer(*PLACES)
def get_loans(wanted: dict[str, Any]) -> Response:
    """List loans by the site that lent.

    With `open=true` or `overdue=true` by due date, the oldest first; else the latest lends first.
    """
    moment = now()
    with reading() as session:
        page = list_loans(
            session,
            actor=current_actor(),
            now=moment,
            open=wanted.get("open"),
            overdue=wanted.get("overdue"),
            site=wanted.get("site"),
            after=wanted.get("cursor"),
            limit=wanted["limit"],
        )
    return answer_page(page, lambda loan: dump_loan(loan, moment))


@blueprint.get("/stock")
@blueprint.arguments(SiteQuery, location="query")
@blueprint.response(200, StockPage)
@fails_with(401, 403, 404, 422)
@bearer()
def get_stock(wanted: dict[str, Any]) -> Response:
    """Count pieces by site, kind and state; a site's own include what is on its way there."""
    with reading() as session:
        page = stock_of_sites(
            session,
            actor=current_actor(),
            site=wanted.get("site"),
            after=wanted.get("cursor"),
            limit=wanted["limit"],
        )
    return answer_page(page)


@blueprint.get("/sites")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, SitePage)
@fails_with(401, 403, 422)
@bearer()
def get_sites(wanted: dict[str, Any]) -> Response:
    """List the places of the district by code."""
    key = read_key(wanted.get("cursor"), str)
    limit = wanted["limit"]
    with reading() as session:
        sites = list_sites(
            session,
            district_id=current_actor().district_id,
            after=key[0] if key else None,
            limit=limit + 1,
        )
    return answer_page(cut(sites, limit, dump_site, lambda site: (site.code,)))


@blueprint.get("/review")
@blueprint.arguments(SiteQuery, location="query")
@blueprint.response(200, ReviewPage)
@fails_with(401, 403, 404, 422)
@bearer(*PLACES)
def get_review(wanted: dict[str, Any]) -> Response:
    """List what needs a head, the oldest first; a place sees its own."""
    with reading() as session:
        page = list_reviews(
            session,
            actor=current_actor(),
            site=wanted.get("site"),
            after=wanted.get("cursor"),
            limit=wanted["limit"],
        )
    return answer_page(page, dump_review)


def dump_loan(loan: LoanLine, moment: datetime) -> dict[str, Any]:
    """A loan as `LoanLineOut` publishes it."""
    return {
        "id": loan.id,
        "code": loan.code,
        "kind": loan.kind,
        "site": loan.site,
        "opened_at": loan.opened_at,
        "due_at": loan.due_at,
        "overdue": loan.is_overdue(moment),
        "extensions": loan.extensions,
        "lost_at": loan.lost_at,
        "closed_at": loan.closed_at,
        "outcome": loan.outcome,
    }


def dump_site(site: SiteView) -> dict[str, Any]:
    """A site as `SiteOut` publishes it."""
    return {
        "code": site.code,
        "kind": site.kind,
        "name": site.name,
        "name_en": site.name_en,
        "active": site.active,
    }


def dump_review(review: ReviewView) -> dict[str, Any]:
    """An entry as `ReviewOut` publishes it."""
    return {
        "id": review.id,
        "subject": review.subject,
        "site": review.site,
        "code": review.code,
        "kind": review.kind,
        "state": review.state,
        "scan_id": review.scan_id,
        "action": review.action,
        "occurred_at": review.occurred_at,
        "opened_at": review.opened_at,
        "settle_by": review.settle_by,
    }
