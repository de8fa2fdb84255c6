"""Label jobs for the worker: claimed one at a time, drawn into a file, progress told."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.db import reading, run_transaction
from lending.errors import LendingError
from lending.labels.sheets import PER_SHEET, SheetText, write_sheets
from lending.labels.tables import JobState, LabelJob, LabelJobCode
from lending.loop.tables import ItemKind
from lending.places.tables import District

LEASE = timedelta(minutes=5)  # a worker silent for so long is taken for dead
MOST_ATTEMPTS = 3
TELL_EVERY = 10 * PER_SHEET  # labels; 10,000 of them take about ten seconds


class LeaseLost(Exception):
    """Another worker took the job over in between."""


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job under way; `attempt` tells this claim from a later one of the same job."""

    id: int
    attempt: int


@dataclass(frozen=True, slots=True)
class JobSheet:
    """All that is to be drawn for one job."""

    codes: list[str]
    correction: str
    kind_name: str
    district_name: str


def run_label_jobs(
    engine: Engine, *, folder: Path, public_url: str, clock: Callable[[], datetime]
) -> int:
    """Draws every job that waits, oldest first, into `folder`; how many were settled.

    Several workers at once are safe. A job whose worker died is taken up again after the lease,
    three times at most.
    """
    settled = 0
    while claimed := run_transaction(engine, lambda session: claim_label_job(session, now=clock())):
        try:
            draw_label_job(engine, claimed, folder=folder, public_url=public_url, clock=clock)
        except LeaseLost:
            continue
        except (LendingError, OSError) as error:
            _settle(engine, claimed, {"state": JobState.FAILED, "error": str(error)}, clock())
        settled += 1
    return settled


def claim_label_job(session: Session, *, now: datetime) -> ClaimedJob | None:
    """Takes the oldest waiting or abandoned job under way for one lease; None when there is none."""
    abandoned = sa.and_(LabelJob.state == JobState.RUNNING, LabelJob.leased_until < now)
    session.execute(
        sa.update(LabelJob)
        .where(abandoned, LabelJob.attempts >= MOST_ATTEMPTS)
        .values(state=JobState.FAILED, error="the worker stopped three times", finished_at=now)
    )
    oldest = (
        sa.select(LabelJob.id)
        .where(sa.or_(LabelJob.state == JobState.WAITING, abandoned))
        .order_by(LabelJob.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = session.execute(
        sa.update(LabelJob)
        .where(LabelJob.id == oldest.scalar_subquery())
        .values(
            state=JobState.RUNNING,
            attempts=LabelJob.attempts + 1,
            leased_until=now + LEASE,
            done_count=0,
        )
        .returning(LabelJob.id, LabelJob.attempts)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return None if row is None else ClaimedJob(*row)


def draw_label_job(
    engine: Engine,
    claimed: ClaimedJob,
    *,
    folder: Path,
    public_url: str,
    clock: Callable[[], datetime],
) -> None:
    """Draws the claimed job beside its final name and moves it there when it is whole.

    Raises LeaseLost when another worker took over, LendingError or OSError when it cannot be drawn.
    """
    with reading(engine) as session:
        sheet = load_job_sheet(session, job_id=claimed.id)

    def tell(done: int) -> None:
        if done % TELL_EVERY == 0:
            _settle(engine, claimed, {"done_count": done}, clock())

    folder.mkdir(parents=True, exist_ok=True)
    final = folder / f"labels-{claimed.id}.pdf"
    part = folder / f".{final.name}.{claimed.attempt}"
    text = SheetText(public_url, sheet.kind_name, sheet.district_name)
    try:
        with part.open("wb") as file:
            write_sheets(file, sheet.codes, text, correction=sheet.correction, progress=tell)
            file.flush()
            os.fsync(file.fileno())
        part.replace(final)
    finally:
        part.unlink(missing_ok=True)
    done = {"state": JobState.DONE, "done_count": len(sheet.codes), "file_name": final.name}
    _settle(engine, claimed, done, clock())


def load_job_sheet(session: Session, *, job_id: int) -> JobSheet:
    """What a job's sheets say."""
    kind_name, district_name, correction = session.execute(
        sa.select(ItemKind.name, District.name, LabelJob.correction)
        .join(ItemKind, ItemKind.id == LabelJob.kind_id)
        .join(District, District.id == LabelJob.district_id)
        .where(LabelJob.id == job_id)
    ).one()
    codes = session.scalars(
        sa.select(LabelJobCode.code)
        .where(LabelJobCode.job_id == job_id)
        .order_by(LabelJobCode.position)
    )
    return JobSheet(list(codes), correction, kind_name, district_name)


def _settle(engine: Engine, claimed: ClaimedJob, values: dict[str, object], now: datetime) -> None:
    """Writes progress or the end of a job still ours, and renews the lease."""
    ended = values.get("state") is not None
    values |= {"finished_at": now} if ended else {"leased_until": now + LEASE}
    ours = (
        sa.update(LabelJob)
        .where(LabelJob.id == claimed.id, LabelJob.attempts == claimed.attempt)
        .where(LabelJob.state == JobState.RUNNING)
        .values(values)
        .returning(LabelJob.id)
        .execution_options(synchronize_session=False)
    )
    if not run_transaction(engine, lambda session: session.execute(ours).all()):
        raise LeaseLost
