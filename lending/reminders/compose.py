"""Writes a message about loans from their state at the moment of sending."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import fetch
from lending.loop.care.remind import told_before
from lending.loop.loans.due import load_terms
from lending.loop.loans.stopped import told_nothing
from lending.loop.tables import Forgiveness, Item, Loan
from lending.loop.terms import TermBook
from lending.loop.washed.recalled import is_recall
from lending.notices.deliver import NotYet, Writer, Written
from lending.notices.links import make_token
from lending.notices.outbox import ClaimedMessage
from lending.notices.quiet import after_quiet
from lending.notices.tables import Notice, NoticeKind, NoticeState
from lending.people.keys import Keys
from lending.people.residents import load_reachable
from lending.places.districts import load_district
from lending.reminders.schedule import STAGES, stages_due
from lending.reminders.texts import About, Sender, write_text


@dataclass(slots=True)
class Verdict:
    """What each notice of a message is worth now; those not named in the lists go out."""

    due: list[date]
    corrected: int
    recalled: int  # their hygiene is in doubt
    not_found: int  # of those due: said to be back, and not found
    not_in_bag: list[date]  # of those due: not among what the courier took
    states: defaultdict[NoticeState, list[uuid.UUID]]
    too_early: list[uuid.UUID]  # the loan was extended: to be planned anew when its day comes
    waits: list[uuid.UUID]  # the loan's clock stands again: to be told once it goes on


def make_writer(keys: Keys, *, public_url: str) -> Writer:
    """The writer of reminders and corrections, with links to this public address."""

    def write(session: Session, claimed: ClaimedMessage, now: datetime) -> Written | NotYet | None:
        assert claimed.resident_id is not None
        found = load_reachable(session, keys=keys, resident_ids=[claimed.resident_id])
        reader = found.get(claimed.resident_id)
        district = load_district(session, district_id=claimed.district_id)
        book = load_terms(session, claimed.district_id)
        terms = book.at(None, now)
        begins = after_quiet(
            now, quiet_from=terms.quiet_from, quiet_to=terms.quiet_to, zone=district.zone
        )
        if begins > now:
            return NotYet(begins)
        rows = fetch(session, _notices(claimed.id))
        verdict = _judge(
            rows, book, now, district.zone, confirmed=bool(reader and reader.confirmed)
        )
        _store(session, verdict)
        if reader is None or not (verdict.due or verdict.corrected or verdict.recalled):
            return None
        token = make_token(keys, claimed.id, now=now)
        english = reader.language == "en" and district.name_en
        subject, text = write_text(
            reader.language,
            About(
                verdict.due,
                verdict.corrected,
                now.astimezone(district.zone).date(),
                not_found=verdict.not_found,
                not_in_bag=verdict.not_in_bag,
                recalled=verdict.recalled,
            ),
            Sender(
                district=district.name_en if english else district.name,
                helpdesk=district.helpdesk,
                returned_link=f"{public_url}/n/{token}",
                not_mine_link=f"{public_url}/n/{token}/not-me",
            ),
        )
        return Written(reader.contact, subject, text)

    return write


def _notices(message_id: uuid.UUID) -> sa.Select[*tuple[Any, ...]]:
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            Notice.id, Notice.kind, Notice.lend_id, Loan.id.label("loan"), Loan.due_at,
            Loan.opened_at, Loan.closed_at, Loan.lost_at, Item.kind_id, Item.hold,
            told_before(Notice.lend_id).label("told"),
            told_nothing(Notice.lend_id).label("disputed"),
            sa.exists().where(Forgiveness.lend_id == Notice.lend_id).label("forgiven"),
        )
        .outerjoin(Loan, Loan.id == Notice.lend_id)
        .outerjoin(Item, Item.id == Loan.item_id)
        .where(Notice.message_id == message_id, Notice.state == NoticeState.WAITING)
    )  # fmt: skip
    return query


def _judge(
    rows: Sequence[Any], book: TermBook, now: datetime, zone: ZoneInfo, *, confirmed: bool
) -> Verdict:
    verdict = Verdict([], 0, 0, 0, [], defaultdict(list), [], [])
    by_loan: dict[uuid.UUID, list[Any]] = {}
    for row in rows:
        if row.kind is NoticeKind.RECALLED:  # everybody's to know, told before or not
            if is_recall(row.hold):
                verdict.recalled += 1
            else:
                verdict.states[NoticeState.DROPPED].append(row.id)
        elif row.told and not confirmed:  # one message per loan to a contact nobody has proven
            verdict.states[NoticeState.PASSED_OVER].append(row.id)
        elif row.kind is NoticeKind.CORRECTION:
            if row.closed_at is None:
                verdict.states[NoticeState.DROPPED].append(row.id)
            else:
                verdict.corrected += 1
        elif _waits(row):
            verdict.waits.append(row.id)
        elif _is_moot(row):
            verdict.states[NoticeState.DROPPED].append(row.id)
        elif row.kind in STAGES and row.kind not in _stages(row, book, now, zone):
            verdict.too_early.append(row.id)
        else:
            by_loan.setdefault(row.lend_id, []).append(row)
    for notices in by_loan.values():
        day = notices[0].due_at.astimezone(zone).date()
        verdict.due.append(day)
        latest = max(notices, key=_rank)
        verdict.not_found += any(row.kind is NoticeKind.RESUMED for row in notices)
        verdict.not_in_bag += [day for row in notices if row.kind is NoticeKind.NOT_IN_BAG]
        passed = [row.id for row in notices if row is not latest]
        verdict.states[NoticeState.PASSED_OVER] += passed
    return verdict


def _waits(row: Any) -> bool:
    """What a bag lacked is told once, and by nothing else: not while a machine's refusal or a word
    about the loan stops its clock, but then."""
    is_open = row.loan is not None and row.closed_at is None
    return row.kind is NoticeKind.NOT_IN_BAG and is_open and bool(row.disputed)


def _is_moot(row: Any) -> bool:
    """The loan is gone, closed or written off, or somebody's word about it counts first."""
    if row.loan is None or row.closed_at is not None or row.disputed:
        return True
    asked = row.kind is NoticeKind.ON_REQUEST
    return not asked and (row.lost_at is not None or row.forgiven)


def _stages(row: Any, book: TermBook, now: datetime, zone: ZoneInfo) -> Collection[NoticeKind]:
    return stages_due(row.due_at, book.at(row.kind_id, row.opened_at), now=now, zone=zone)


def _rank(row: Any) -> int:
    """The later stage speaks; that the clock goes on and an officer's request before all."""
    return STAGES.index(row.kind) if row.kind in STAGES else len(STAGES)


def _store(session: Session, verdict: Verdict) -> None:
    for state, ids in verdict.states.items():
        if ids:
            session.execute(
                sa.update(Notice)
                .where(Notice.id.in_(ids))
                .values(state=state)
                .execution_options(synchronize_session=False)
            )
    if verdict.too_early:
        session.execute(
            sa.delete(Notice)
            .where(Notice.id.in_(verdict.too_early))
            .execution_options(synchronize_session=False)
        )
    if verdict.waits:
        session.execute(
            sa.update(Notice)
            .where(Notice.id.in_(verdict.waits))
            .values(message_id=None)
            .execution_options(synchronize_session=False)
        )
