"""Samples: of a batch, a machine or a place, the first time or to repeat a test that failed."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import ChangedMeanwhile, Code, LendingError
from lending.loop.tables import WashBatch
from lending.people.actors import Actor
from lending.people.upserts import insert_or
from lending.places.sites import SiteView
from lending.places.texts import Problem, read_text
from lending.washing.batches.rights import (
    check_washer,
    lock_batch,
    read_moment,
    signed,
)
from lending.washing.batches.tables import WashMachine
from lending.washing.hygiene.plan import find_kind, load_plan
from lending.washing.hygiene.tables import HygieneTest, Recall
from lending.washing.hygiene.tested import TestView, view_test


@dataclass(frozen=True, slots=True)
class SampleIn:
    """A sample: of a batch, of a machine, or (neither) of the place itself, such as its water.

    `id` is the request's; `kind` a kind's code; `retest_of`: the failed test that it repeats.
    """

    id: uuid.UUID
    kind: str
    sampled_at: datetime
    batch_id: uuid.UUID | None = None
    machine_id: int | None = None
    lab: str = ""
    retest_of: uuid.UUID | None = None
    note: str = ""


def note_sample(
    session: Session, sample: SampleIn, *, actor: Actor, site: SiteView, now: datetime
) -> TestView:
    """A sample was taken: its batch is not shipped before the result (setting, default on).

    The same request again changes nothing; another one under its id is ID_REUSED. INVALID names the
    field, NOT_FOUND (batch) a batch that is not there; what a retest repeats must have failed.
    """
    check_washer(actor, site.id)
    kind = find_kind(session, code=sample.kind, district_id=site.district_id)
    batch = _lock_subject(session, sample, actor, site)
    known = session.get(HygieneTest, sample.id)
    if known is not None:
        same = (known.kind_id, known.batch_id, known.site_id) == (kind.id, sample.batch_id, site.id)
        if not same:
            raise LendingError(Code.ID_REUSED, field="id")
        return view_test(session, known.id)
    sampled = read_moment(sample.sampled_at, "sampled_at", now=now)
    if batch is not None and sampled < batch.started_at:
        raise LendingError(Code.INVALID, field="sampled_at", detail=Problem.BEFORE_START)
    row = {
        "id": sample.id,
        "district_id": site.district_id,
        "kind_id": kind.id,
        "site_id": site.id,
        "machine_id": batch.machine_id if batch is not None else sample.machine_id,
        "batch_id": sample.batch_id,
        "lab": read_text(sample.lab, "lab", empty=True),
        "sampled_at": sampled,
        "sampled_by": signed(actor),
        "recorded_at": now,
        "limit": kind.limit,
        "retest_of_id": _read_retest(session, sample, actor),
        "superseded": False,
        "note": read_text(sample.note, "note", empty=True, longest=500),
    }
    made = insert_or(session, HygieneTest).values(row).on_conflict_do_nothing()
    if session.execute(made.returning(HygieneTest.id)).first() is None:
        raise ChangedMeanwhile  # the same request twice at this very moment
    if batch is not None and load_plan(session, district_id=site.district_id).ship_waits:
        batch.awaits_result = True
    session.flush()
    return view_test(session, sample.id)


def _lock_subject(
    session: Session, sample: SampleIn, actor: Actor, site: SiteView
) -> WashBatch | None:
    if sample.batch_id is not None:
        batch = lock_batch(session, sample.batch_id, actor=actor)
        if batch.site_id != site.id or batch.aborted_at is not None:
            raise LendingError(Code.INVALID, field="batch")
        return batch
    if sample.machine_id is not None:
        machine = session.get(WashMachine, sample.machine_id)
        if machine is None or machine.site_id != site.id:
            raise LendingError(Code.INVALID, field="machine")
    return None


def _read_retest(session: Session, sample: SampleIn, actor: Actor) -> uuid.UUID | None:
    if sample.retest_of is None:
        return None
    first = session.get(HygieneTest, sample.retest_of)
    if first is None or first.district_id != actor.district_id or first.passed is not False:
        raise LendingError(Code.INVALID, field="retest_of")
    return _with_recall(session, first)


def _with_recall(session: Session, test: HygieneTest) -> uuid.UUID:
    """The test whose recall this one belongs to: itself, or the one it was entered again for."""
    while test.corrects_id is not None:
        opened = session.scalar(sa.select(Recall.id).where(Recall.test_id == test.id))
        if opened is not None:
            break
        test = session.get_one(HygieneTest, test.corrects_id)
    return test.id
