"""Label jobs for people: ordered, listed, looked at, drawn again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.labels.tables import JobState, LabelJob, LabelJobCode
from lending.loop.pieces.claims import MOST_AT_ONCE, print_labels
from lending.loop.tables import ItemKind, Label
from lending.people.tables import Staff

PAGE = 50


@dataclass(frozen=True, slots=True)
class LabelOrder:
    """What is to be printed: `count` new labels of a kind to be claimed later, or given `codes`."""

    kind: str
    count: int = 0
    codes: tuple[str, ...] = ()
    correction: str = "Q"  # H on flat lids and crates


@dataclass(frozen=True, slots=True)
class LabelJobView:
    """A job as it is shown; `done_count` of `count` labels are drawn."""

    id: int
    kind: str
    kind_name: str
    kind_name_en: str
    count: int
    done_count: int
    correction: str
    state: JobState
    file_name: str | None
    error: str | None
    requested_by: str | None  # the login
    created_at: datetime
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it still waits or is being drawn."""
        return self.state in {JobState.WAITING, JobState.RUNNING}


def request_label_job(
    session: Session, order: LabelOrder, *, district_id: int, staff_id: int | None, now: datetime
) -> LabelJobView:
    """Stores a job for the worker; new codes are drawn here, so that any retry prints the same.

    INVALID (field `count` or `codes`) unless 1 to 10,000 labels, all of this kind and district;
    NOT_FOUND for an unknown kind. Raises ChangedMeanwhile when a drawn code was taken.
    """
    kind_id = session.scalar(
        sa.select(ItemKind.id).where(
            ItemKind.district_id == district_id, ItemKind.code == order.kind
        )
    )
    if kind_id is None:
        raise LendingError(Code.NOT_FOUND, field="kind")
    codes = order.codes or _draw(session, order.count, kind_id, district_id, now)
    if order.codes:
        _check(session, order.codes, kind_id, district_id)
    job = LabelJob(
        district_id=district_id,
        kind_id=kind_id,
        count=len(codes),
        correction="H" if order.correction == "H" else "Q",
        state=JobState.WAITING,
        requested_by=staff_id,
        created_at=now,
    )
    session.add(job)
    session.flush()
    rows = [{"job_id": job.id, "position": n, "code": code} for n, code in enumerate(codes)]
    session.execute(sa.insert(LabelJobCode), rows)
    return show_label_job(session, district_id=district_id, job_id=job.id)


def repeat_label_job(session: Session, *, district_id: int, job_id: int) -> LabelJobView:
    """Lets a settled job be drawn again with the same codes, for instance for a new address.

    NOT_FOUND for another district's job; one still under way stays as it is.
    """
    session.execute(
        sa.update(LabelJob)
        .where(LabelJob.id == job_id, LabelJob.district_id == district_id)
        .where(LabelJob.state.in_([JobState.DONE, JobState.FAILED]))
        .values(state=JobState.WAITING, done_count=0, error=None, finished_at=None)
    )
    return show_label_job(session, district_id=district_id, job_id=job_id)


def show_label_job(session: Session, *, district_id: int, job_id: int) -> LabelJobView:
    """One job of the district; NOT_FOUND otherwise."""
    query = _query().where(LabelJob.district_id == district_id, LabelJob.id == job_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="job")
    return LabelJobView(*row)


def list_label_jobs(
    session: Session, *, district_id: int, before: int | None = None, limit: int = PAGE
) -> tuple[list[LabelJobView], int | None]:
    """The district's jobs, newest first, older than job `before`; and `before` of the next page."""
    query = _query().where(LabelJob.district_id == district_id)
    if before is not None:
        query = query.where(LabelJob.id < before)
    rows = session.execute(query.order_by(LabelJob.id.desc()).limit(limit + 1)).all()
    jobs = [LabelJobView(*row) for row in rows[:limit]]
    return jobs, jobs[-1].id if len(rows) > limit else None


def list_job_codes(session: Session, *, district_id: int, job_id: int) -> list[str]:
    """The codes of a job in the order of its sheets; NOT_FOUND for another district's job."""
    query = (
        sa.select(LabelJobCode.code)
        .join(LabelJob, LabelJob.id == LabelJobCode.job_id)
        .where(LabelJob.district_id == district_id, LabelJob.id == job_id)
        .order_by(LabelJobCode.position)
    )
    codes = list(session.scalars(query))
    if not codes:
        raise LendingError(Code.NOT_FOUND, field="job")
    return codes


def _draw(
    session: Session, count: int, kind_id: int, district_id: int, now: datetime
) -> Sequence[str]:
    if not 1 <= count <= MOST_AT_ONCE:
        raise LendingError(Code.INVALID, field="count")
    return print_labels(session, kind_id=kind_id, count=count, district_id=district_id, now=now)


def _check(session: Session, codes: Sequence[str], kind_id: int, district_id: int) -> None:
    """All codes differ and are labels of this kind and district."""
    if len(codes) > MOST_AT_ONCE or len(set(codes)) != len(codes):
        raise LendingError(Code.INVALID, field="codes")
    known = session.scalar(
        sa.select(sa.func.count())
        .select_from(Label)
        .where(Label.code.in_(codes))
        .where(Label.kind_id == kind_id, Label.district_id == district_id)
    )
    if known != len(codes):
        raise LendingError(Code.INVALID, field="codes")


def _query() -> sa.Select[*tuple[Any, ...]]:
    columns = (
        LabelJob.id,
        ItemKind.code,
        ItemKind.name,
        ItemKind.name_en,
        LabelJob.count,
        LabelJob.done_count,
        LabelJob.correction,
        LabelJob.state,
        LabelJob.file_name,
        LabelJob.error,
        Staff.login,
        LabelJob.created_at,
        LabelJob.finished_at,
    )  # in the order of LabelJobView
    return (
        sa.select(*columns)
        .join(ItemKind, ItemKind.id == LabelJob.kind_id)
        .outerjoin(Staff, Staff.id == LabelJob.requested_by)
    )
