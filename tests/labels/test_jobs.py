"""Label jobs: ordered, drawn by one of several workers, survived a dead one, listed by page."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import reading, transaction
from lending.errors import Code, LendingError
from lending.labels.jobs import (
    LabelJobView,
    LabelOrder,
    list_job_codes,
    list_label_jobs,
    repeat_label_job,
    request_label_job,
    show_label_job,
)
from lending.labels.tables import JobState, LabelJob
from lending.labels.work import (
    LEASE,
    LeaseLost,
    claim_label_job,
    draw_label_job,
    run_label_jobs,
)
from lending.loop.codes import is_item_code
from lending.loop.tables import ItemKind, Label
from lending.people.tables import Role, Staff
from lending.places.tables import District
from tests.conftest import LONG

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
URL = "https://cups.example.kr"


@pytest.fixture
def district(engine: sa.Engine) -> int:
    with transaction(engine) as session:
        here = District(name="인천 서구", created_at=NOW)
        there = District(name="검단구", created_at=NOW)
        session.add_all([here, there])
        session.flush()
        for place in (here, there):
            kind = ItemKind(district_id=place.id, code="cup-355", name="컵 355 mL", created_at=NOW)
            session.add(kind)
        session.add(
            Staff(
                district_id=here.id,
                login="sora",
                password_hash="",
                role=Role.OFFICER,
                created_at=NOW,
            )
        )
        return here.id


def other(session: Session, district: int) -> int:
    found = session.scalar(sa.select(District.id).where(District.id != district))
    assert found is not None
    return found


def order(engine: sa.Engine, district: int, order: LabelOrder, now: datetime = NOW) -> LabelJobView:
    with transaction(engine) as session:
        staff_id = session.scalar(sa.select(Staff.id))
        return request_label_job(session, order, district_id=district, staff_id=staff_id, now=now)


def show(engine: sa.Engine, district: int, job: int) -> LabelJobView:
    with reading(engine) as session:
        return show_label_job(session, district_id=district, job_id=job)


def run(engine: sa.Engine, folder: Path, now: datetime = NOW, url: str = URL) -> int:
    return run_label_jobs(engine, folder=folder, public_url=url, clock=lambda: now)


def test_labels_printed_ahead_wait_to_be_claimed(engine: sa.Engine, district: int) -> None:
    job = order(engine, district, LabelOrder("cup-355", count=60))
    assert (job.state, job.count, job.done_count) == (JobState.WAITING, 60, 0)
    assert job.is_open
    assert (job.kind, job.requested_by) == ("cup-355", "sora")
    with reading(engine) as session:
        codes = list_job_codes(session, district_id=district, job_id=job.id)
        labels = session.execute(sa.select(Label.code, Label.item_id).order_by(Label.code)).all()
    assert len(codes) == 60
    assert all(map(is_item_code, codes))
    assert [tuple(label) for label in labels] == [(code, None) for code in sorted(codes)]


def test_a_job_is_drawn_into_its_file(engine: sa.Engine, district: int, tmp_path: Path) -> None:
    job = order(engine, district, LabelOrder("cup-355", count=60, correction="H"))
    assert run(engine, tmp_path / "labels") == 1
    done = show(engine, district, job.id)
    assert (done.state, done.done_count, done.finished_at) == (JobState.DONE, 60, NOW)
    assert not done.is_open
    assert done.file_name is not None
    assert [path.name for path in (tmp_path / "labels").iterdir()] == [done.file_name]
    assert len(pypdfium2.PdfDocument(tmp_path / "labels" / done.file_name)) == 2
    assert run(engine, tmp_path / "labels") == 0


def test_many_labels_tell_their_progress(engine: sa.Engine, district: int, tmp_path: Path) -> None:
    count = 10_000 if LONG else 1_700
    job = order(engine, district, LabelOrder("cup-355", count=count))
    seen: set[int] = set()

    def clock() -> datetime:
        seen.add(show(engine, district, job.id).done_count)
        return NOW

    run_label_jobs(engine, folder=tmp_path, public_url=URL, clock=clock)
    assert seen >= set(range(0, count - 540, 540))
    assert show(engine, district, job.id).done_count == count


def test_given_codes_are_printed_in_their_order(engine: sa.Engine, district: int) -> None:
    first = order(engine, district, LabelOrder("cup-355", count=5))
    with reading(engine) as session:
        codes = tuple(reversed(list_job_codes(session, district_id=district, job_id=first.id)))
    again = order(engine, district, LabelOrder("cup-355", codes=codes))
    with reading(engine) as session:
        assert tuple(list_job_codes(session, district_id=district, job_id=again.id)) == codes
        assert session.scalar(sa.select(sa.func.count()).select_from(Label)) == 5


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        (LabelOrder("cup-355", count=0), Code.INVALID, "count"),
        (LabelOrder("cup-355", count=-3), Code.INVALID, "count"),
        (LabelOrder("cup-355", count=10_001), Code.INVALID, "count"),
        (LabelOrder("cup-355", codes=("482109375518",)), Code.INVALID, "codes"),
        (LabelOrder("bowl", count=1), Code.NOT_FOUND, "kind"),
    ],
)
def test_a_wrong_order_is_refused(
    engine: sa.Engine, district: int, wrong: LabelOrder, code: Code, field: str
) -> None:
    with pytest.raises(LendingError) as caught:
        order(engine, district, wrong)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_another_districts_codes_and_jobs_are_out_of_reach(
    engine: sa.Engine, district: int
) -> None:
    job = order(engine, district, LabelOrder("cup-355", count=2))
    with reading(engine) as session:
        stranger = other(session, district)
        codes = tuple(list_job_codes(session, district_id=district, job_id=job.id))
        for reach in (show_label_job, list_job_codes):
            with pytest.raises(LendingError) as caught:
                reach(session, district_id=stranger, job_id=job.id)
            assert caught.value.code is Code.NOT_FOUND
        assert list_label_jobs(session, district_id=stranger) == ([], None)
    with pytest.raises(LendingError):
        order(engine, stranger, LabelOrder("cup-355", codes=codes))
    with pytest.raises(LendingError), transaction(engine) as session:
        repeat_label_job(session, district_id=stranger, job_id=job.id)


def test_jobs_are_listed_newest_first_by_page(engine: sa.Engine, district: int) -> None:
    made = [order(engine, district, LabelOrder("cup-355", count=1)).id for _ in range(5)]
    with reading(engine) as session:
        page, more = list_label_jobs(session, district_id=district, limit=3)
        rest, end = list_label_jobs(session, district_id=district, before=more, limit=3)
    assert [job.id for job in [*page, *rest]] == made[::-1]
    assert (more, end) == (made[2], None)


def test_two_workers_draw_each_job_once(engine: sa.Engine, district: int, tmp_path: Path) -> None:
    for _ in range(6):
        order(engine, district, LabelOrder("cup-355", count=1))
    settled: list[int] = []
    threads = [
        threading.Thread(target=lambda: settled.append(run(engine, tmp_path))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(settled) == 6
    with reading(engine) as session:
        assert set(session.scalars(sa.select(LabelJob.attempts))) == {1}


def test_a_dead_workers_job_is_taken_up_after_the_lease(
    engine: sa.Engine, district: int, tmp_path: Path
) -> None:
    job = order(engine, district, LabelOrder("cup-355", count=3))
    with transaction(engine) as session:
        first = claim_label_job(session, now=NOW)
    assert first is not None
    assert run(engine, tmp_path, NOW + LEASE) == 0
    later = NOW + LEASE + timedelta(seconds=1)
    with transaction(engine) as session:
        second = claim_label_job(session, now=later)
    assert second is not None
    assert second.id == first.id
    with pytest.raises(LeaseLost):  # the first was not dead, only slow
        draw_label_job(engine, first, folder=tmp_path, public_url=URL, clock=lambda: later)
    draw_label_job(engine, second, folder=tmp_path, public_url=URL, clock=lambda: later)
    assert show(engine, district, job.id).state is JobState.DONE


def test_a_job_that_kills_its_worker_is_given_up(engine: sa.Engine, district: int) -> None:
    job = order(engine, district, LabelOrder("cup-355", count=3))
    for attempt in range(4):
        with transaction(engine) as session:
            claimed = claim_label_job(session, now=NOW + attempt * 2 * LEASE)
        assert (claimed is None) == (attempt == 3)
    failed = show(engine, district, job.id)
    assert (failed.state, failed.error) == (JobState.FAILED, "the worker stopped three times")


def test_what_cannot_be_drawn_fails_and_can_be_repeated(
    engine: sa.Engine, district: int, tmp_path: Path
) -> None:
    job = order(engine, district, LabelOrder("cup-355", count=3))
    assert run(engine, tmp_path, url="https://" + "a" * 90 + ".kr") == 1
    failed = show(engine, district, job.id)
    assert failed.state is JobState.FAILED
    assert "public_url" in (failed.error or "")
    assert list(tmp_path.iterdir()) == []
    with transaction(engine) as session:
        again = repeat_label_job(session, district_id=district, job_id=job.id)
    assert (again.state, again.error) == (JobState.WAITING, None)
    assert run(engine, tmp_path) == 1
    assert show(engine, district, job.id).state is JobState.DONE
