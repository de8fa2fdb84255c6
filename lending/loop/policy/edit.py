"""Loan terms and limits as officers see and change them: only new versions, never for the past."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime, time
from itertools import pairwise

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import fetch
from lending.errors import Code, LendingError
from lending.loop.policy.limits import DEFAULT_LIMITS, Limit, LimitOwner
from lending.loop.tables import ItemKind, StateLimit, TermVersion
from lending.loop.terms import Terms
from lending.people.tables import Staff
from lending.places.texts import Problem

MOST_DAYS = 3650
MOST_CUPS = 1000
MOST_LIMIT_DAYS = 365
AT_LEAST_ONE = {"max_open", "retention_days", "claim_close_days", "claims_window_days"}

_COLUMNS = tuple(getattr(TermVersion, field.name) for field in fields(Terms))


@dataclass(frozen=True, slots=True)
class TermsView:
    """A version of the terms; `kind` None: for every kind without terms of its own."""

    kind: str | None
    valid_from: datetime
    changed_by: str | None  # the login
    terms: Terms


@dataclass(frozen=True, slots=True)
class LimitView:
    """A version of a limit: after `days` in `state`, `owner` is told."""

    state: str
    valid_from: datetime
    days: int
    owner: LimitOwner


def list_terms(session: Session, *, district_id: int) -> list[TermsView]:
    """Every version of a district's terms: the district's first, then each kind's, newest first."""
    query = (
        sa.select(ItemKind.code, TermVersion.valid_from, Staff.login, *_COLUMNS)
        .outerjoin(ItemKind, ItemKind.id == TermVersion.kind_id)
        .outerjoin(Staff, Staff.id == TermVersion.changed_by)
        .where(TermVersion.district_id == district_id)
        .order_by(ItemKind.code.is_not(None), ItemKind.code, TermVersion.valid_from.desc())
    )
    return [TermsView(row[0], row[1], row[2], Terms(*row[3:])) for row in fetch(session, query)]


def terms_in_force(views: list[TermsView], *, kind: str | None, now: datetime) -> Terms:
    """The terms that hold now for a kind (None: the district's), as `list_terms` gave them."""
    for wanted in (kind, None):
        for view in views:
            if view.kind == wanted and view.valid_from <= now:
                return view.terms
    return Terms()


def add_terms_version(
    session: Session,
    *,
    district_id: int,
    kind: str | None,
    terms: Terms,
    valid_from: datetime,
    staff_id: int | None,
    now: datetime,
) -> None:
    """A new version in force from `valid_from` on, for loans that begin then.

    INVALID names the wrong field (the past, a number out of range, steps out of order), NOT_FOUND
    an unknown kind, CONFLICT a version that begins at the very same moment.
    """
    if valid_from < now:
        raise LendingError(Code.INVALID, field="valid_from", detail=Problem.IN_THE_PAST)
    check_terms(terms)
    kind_id = _find_kind(session, district_id, kind) if kind else None
    same = sa.select(TermVersion.id).where(
        TermVersion.district_id == district_id,
        TermVersion.valid_from == valid_from,
        TermVersion.kind_id.is_(None) if kind_id is None else TermVersion.kind_id == kind_id,
    )
    if session.scalar(same) is not None:
        raise LendingError(Code.CONFLICT, field="valid_from", detail=Problem.IN_USE)
    values = {
        "district_id": district_id,
        "kind_id": kind_id,
        "valid_from": valid_from,
        "changed_by": staff_id,
    }
    session.execute(sa.insert(TermVersion), [values | asdict(terms)])


def check_terms(terms: Terms) -> None:
    """INVALID (OUT_OF_RANGE) names the first number that cannot stand."""
    for field in fields(Terms):
        value = getattr(terms, field.name)
        if isinstance(value, time):
            continue
        most = MOST_CUPS if field.name.startswith("max_open") else MOST_DAYS
        least = 1 if field.name in AT_LEAST_ONE else 0
        if not least <= value <= most:
            raise LendingError(Code.INVALID, field=field.name, detail=Problem.OUT_OF_RANGE)
    # Each reminder comes after the one before, and nothing is written off before the last.
    steps = ("late_first_days", "late_second_days", "final_days", "lost_days")
    for earlier, later in pairwise(steps):
        if getattr(terms, later) <= getattr(terms, earlier):
            raise LendingError(Code.INVALID, field=later, detail=Problem.OUT_OF_RANGE)
    # The desk has some days before what nobody decided ends by itself.
    if terms.claim_close_days <= terms.claim_review_days:
        raise LendingError(Code.INVALID, field="claim_close_days", detail=Problem.OUT_OF_RANGE)


def list_limits(session: Session, *, district_id: int) -> list[LimitView]:
    """Every version of every limit a district has set, newest first."""
    query = (
        sa.select(StateLimit.state, StateLimit.valid_from, StateLimit.days, StateLimit.owner)
        .where(StateLimit.district_id == district_id)
        .order_by(StateLimit.valid_from.desc(), StateLimit.state)
    )
    return [
        LimitView(row.state, row.valid_from, row.days, LimitOwner(row.owner))
        for row in session.execute(query)
    ]


def set_limit(
    session: Session,
    *,
    district_id: int,
    state: str,
    limit: Limit,
    valid_from: datetime,
    now: datetime,
) -> None:
    """A new version of one limit; INVALID names the wrong field, CONFLICT the same moment."""
    if state not in DEFAULT_LIMITS:
        raise LendingError(Code.INVALID, field="state", detail=Problem.OUT_OF_RANGE)
    if not 1 <= limit.days <= MOST_LIMIT_DAYS:
        raise LendingError(Code.INVALID, field="days", detail=Problem.OUT_OF_RANGE)
    if valid_from < now:
        raise LendingError(Code.INVALID, field="valid_from", detail=Problem.IN_THE_PAST)
    same = (
        StateLimit.district_id == district_id,
        StateLimit.state == state,
        StateLimit.valid_from == valid_from,
    )
    if session.scalar(sa.select(StateLimit.id).where(*same)) is not None:
        raise LendingError(Code.CONFLICT, field="valid_from", detail=Problem.IN_USE)
    session.add(
        StateLimit(
            district_id=district_id,
            state=state,
            valid_from=valid_from,
            days=limit.days,
            owner=limit.owner.value,
        )
    )
    session.flush()


def _find_kind(session: Session, district_id: int, kind: str) -> int:
    found = session.scalar(
        sa.select(ItemKind.id).where(ItemKind.district_id == district_id, ItemKind.code == kind)
    )
    if found is None:
        raise LendingError(Code.NOT_FOUND, field="kind")
    return found
