"""Recalls: opened by a failed test, confirmed, ended by a retest, a rewash or by retiring."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import one_of
from lending.db import fetch
from lending.errors import Code, LendingError
from lending.loop.codes import read_code
from lending.loop.scans import ScanIn
from lending.loop.steps import Action, State
from lending.loop.tables import Item, Label
from lending.loop.washed.recalled import recall_reason
from lending.people.actors import Actor, ActorKind
from lending.people.sealing import Keys
from lending.places.texts import read_text
from lending.washing.batches.rights import check_washer, lock_batch, lock_machine, signed
from lending.washing.hygiene.awaiting import settle_awaiting
from lending.washing.hygiene.checks import failed_again, good_at_last
from lending.washing.hygiene.counted import hold_counted, release_counted
from lending.washing.hygiene.holds import (
    end_pieces,
    hold_reach,
    record_all,
    take_holds_back,
)
from lending.washing.hygiene.tables import Ending, HygieneTest, Reach, Recall, RecallPiece, Scope
from lending.washing.hygiene.tell import tell_borrowers

RECALLS = uuid.UUID("e0a8b6ee-6f0b-4f1b-8a35-2f7b3c7d9a10")  # a recall's id follows from its test


def open_recall(
    session: Session, test: HygieneTest, scope: Scope, *, actor: Actor, keys: Keys, now: datetime
) -> Recall:
    """Opens the recall of a failed test and holds all it reaches. The batch and its machine are
    locked by the caller; the same test again opens nothing."""
    recall_id = uuid.uuid5(RECALLS, str(test.id))
    known = session.get(Recall, recall_id)
    if known is not None:
        return known
    if test.machine_id is None:
        scope = Scope.BATCH
    recall = Recall(
        id=recall_id,
        district_id=test.district_id,
        site_id=test.site_id,
        test_id=test.id,
        scope=scope,
        batch_id=test.batch_id,
        machine_id=test.machine_id if scope is Scope.MACHINE else None,
        since=_last_good(session, test) if scope is Scope.MACHINE else None,
        opened_at=now,
        opened_by=signed(actor),
    )
    session.add(recall)
    session.flush()
    hold_reach(session, recall, actor=actor, keys=keys, now=now)
    hold_counted(session, recall, actor=actor, now=now)
    return recall


def confirm_recall(session: Session, *, recall_id: uuid.UUID, actor: Actor, now: datetime) -> int:
    """An inspector or officer stands by the recall: borrowers are told, the public banner shows.

    Returns how many loans are told of. CONFLICT (field retest) before a retest failed or the same
    value was entered again over the limit, (field recall) once it is over. Again: nobody is told
    twice.
    """
    recall = lock_recall(session, recall_id, actor=actor)
    if recall.closed_at is not None:
        raise LendingError(Code.CONFLICT, field="recall")
    if not failed_again(session, recall):
        raise LendingError(Code.CONFLICT, field="retest")
    if recall.confirmed_at is None:
        recall.confirmed_at, recall.confirmed_by = now, signed(actor)
        session.flush()
    return tell_borrowers(session, recall, now=now)


def release_recall(
    session: Session, *, recall_id: uuid.UUID, reason: str, actor: Actor, keys: Keys, now: datetime
) -> int:
    """Ends a recall after a good retest, with a reason; how many holds were taken back.

    What was sent to be washed again or retired stays so. INVALID (field reason) without one,
    CONFLICT (field retest) without a retest that was good after the last that was not.
    """
    why = read_text(reason, "reason", longest=500)
    recall = lock_recall(session, recall_id, actor=actor)
    if recall.closed_at is not None:
        raise LendingError(Code.CONFLICT, field="recall")
    if not good_at_last(session, recall):
        raise LendingError(Code.CONFLICT, field="retest")
    hold_reach(session, recall, actor=actor, keys=keys, now=now)
    back = take_holds_back(session, recall, how=Ending.RELEASED, actor=actor, keys=keys, now=now)
    _close(session, recall, Ending.RELEASED, reason=why, actor=actor, now=now)
    return back


def end_by_reentry(
    session: Session, *, test_id: uuid.UUID, actor: Actor, keys: Keys, now: datetime
) -> None:
    """Ends the recall of a test that was typed wrong, unless it was confirmed: then people were told
    and it takes a retest."""
    query = sa.select(Recall).where(
        Recall.test_id == test_id, Recall.closed_at.is_(None), Recall.confirmed_at.is_(None)
    )
    recall = session.scalars(query.with_for_update()).one_or_none()
    if recall is not None:
        take_holds_back(session, recall, how=Ending.REENTRY, actor=actor, keys=keys, now=now)
        _close(session, recall, Ending.REENTRY, reason=None, actor=actor, now=now)


def send_to_rewash(
    session: Session,
    *,
    recall_id: uuid.UUID,
    codes: Sequence[str],
    actor: Actor,
    keys: Keys,
    now: datetime,
) -> list[str]:
    """Held pieces that lie at the centre go to be washed again: held no more, and dirty. Returns
    the codes that were not the recall's to end. With the last one the recall ends."""
    steps = (Action.REWASH, Action.RELEASE)
    return _end_some(session, recall_id, codes, steps, Ending.REWASH, actor, keys, now)


def retire_pieces(
    session: Session,
    *,
    recall_id: uuid.UUID,
    codes: Sequence[str],
    actor: Actor,
    keys: Keys,
    now: datetime,
) -> list[str]:
    """Held pieces are put out of use for good; as `send_to_rewash`."""
    return _end_some(session, recall_id, codes, (Action.RETIRE,), Ending.RETIRED, actor, keys, now)


def lock_recall(session: Session, recall_id: uuid.UUID, *, actor: Actor) -> Recall:
    """The recall with its batch or machine and its own row locked, as it stands; NOT_FOUND (field
    recall), NOT_ALLOWED_HERE (site) for who does not wash there."""
    recall = session.get(Recall, recall_id)
    if recall is None or recall.district_id != actor.district_id:
        raise LendingError(Code.NOT_FOUND, field="recall")
    check_washer(actor, recall.site_id)
    if recall.batch_id is not None:
        lock_batch(session, recall.batch_id, actor=actor)
    else:
        lock_machine(session, recall.machine_id)
    query = sa.select(Recall).where(Recall.id == recall_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _last_good(session: Session, test: HygieneTest) -> datetime | None:
    """When the machine was last found good by such a test, before this sample."""
    query = sa.select(sa.func.max(HygieneTest.sampled_at)).where(
        HygieneTest.machine_id == test.machine_id,
        HygieneTest.kind_id == test.kind_id,
        HygieneTest.passed.is_(True),
        ~HygieneTest.superseded,
        HygieneTest.sampled_at < test.sampled_at,
    )
    return session.scalar(query)


def _end_some(
    session: Session,
    recall_id: uuid.UUID,
    codes: Sequence[str],
    steps: Sequence[Action],
    how: Ending,
    actor: Actor,
    keys: Keys,
    now: datetime,
) -> list[str]:
    recall = lock_recall(session, recall_id, actor=actor)
    wanted = [read_code(code) for code in codes]
    query = (
        sa.select(Label.code, Item.id, Item.code.label("now"), RecallPiece.hold_id)
        .join(Item, Item.id == Label.item_id)
        .join(RecallPiece, RecallPiece.item_id == Item.id)
        .where(one_of(Label.code, "codes"), RecallPiece.recall_id == recall_id)
        .where(RecallPiece.reach == Reach.HELD, RecallPiece.ended_how.is_(None))
    )
    found = {row.code: row for row in fetch(session, query, {"codes": wanted})}
    pieces = {row.id: row for row in found.values()}
    scans = [
        ScanIn(
            uuid.uuid5(recall_id, f"{step} {piece.hold_id}"), step, piece.now, now,
            reason=recall_reason(recall_id), staff_id=actor.id if actor.kind is ActorKind.STAFF else None,
        )
        for _, piece in sorted(pieces.items())
        for step in steps
    ]  # fmt: skip
    record_all(session, recall, scans, actor=actor, keys=keys, now=now)
    end_pieces(session, recall, list(pieces), how=how, actor=actor, now=now)
    if recall.closed_at is None and not _is_left(session, recall):
        _close(session, recall, how, reason=None, actor=actor, now=now)
    return [code for code in wanted if code not in found]


def _is_left(session: Session, recall: Recall) -> bool:
    """Whether the recall still holds a piece; one found lost or out of use since holds nothing up."""
    query = (
        sa.select(RecallPiece.item_id)
        .join(Item, Item.id == RecallPiece.item_id)
        .where(RecallPiece.recall_id == recall.id, RecallPiece.reach == Reach.HELD)
        .where(RecallPiece.ended_how.is_(None), Item.state.not_in([State.LOST, State.RETIRED]))
        .limit(1)
    )
    return session.scalar(query) is not None


def _close(
    session: Session,
    recall: Recall,
    how: Ending,
    *,
    reason: str | None,
    actor: Actor,
    now: datetime,
) -> None:
    recall.closed_at, recall.closed_by, recall.closed_how = now, signed(actor), how
    recall.reason = reason
    session.flush()
    release_counted(session, recall, actor=actor, now=now)
    settle_awaiting(session, recall.batch_id)
