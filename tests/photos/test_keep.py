"""Photos are stored once, seen by officers alone with a trace, and gone after thirty days."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lending.cli.worker import drop_old_rows
from lending.db import run_transaction, transaction
from lending.errors import Code, LendingError
from lending.notices.tables import Erasure
from lending.people.actors import Actor, ActorKind
from lending.people.tables import AccessLog, Role
from lending.photos.keep import Snapshot, drop_old_photos, keep_photo, photos_about, show_photo
from lending.photos.pictures import clean_picture
from lending.photos.tables import Photo
from tests.callers import all_callers, staff_caller
from tests.personas import BOX, DAY, Loop, found_town
from tests.photos.pictures import picture, sent_as

JPEG = clean_picture(sent_as(picture(80, 60), "JPEG"))


def keep(loop: Loop, about: uuid.UUID, *, now: datetime | None = None) -> bool:
    shot = Snapshot(JPEG, loop.town.id, loop.town.sites[BOX], about)
    kept: bool = loop.write(lambda s: keep_photo(s, shot, now=now or loop.now))
    return kept


def only_photo(loop: Loop) -> uuid.UUID:
    with Session(loop.engine) as session:
        return session.scalars(sa.select(Photo.id)).one()


def test_the_same_report_brings_one_photo_under_a_random_id(loop: Loop) -> None:
    about = uuid.uuid4()
    assert keep(loop, about)
    assert not keep(loop, about)
    photo = only_photo(loop)
    assert photo != about and photo.version == 4
    with Session(loop.engine) as session:
        found = photos_about(
            session, district_id=loop.town.id, about=[about, uuid.uuid4()], now=loop.now
        )
    assert found == {about: photo}


def test_after_thirty_days_it_is_neither_shown_nor_kept(loop: Loop) -> None:
    about = uuid.uuid4()
    keep(loop, about)
    photo, officer = only_photo(loop), loop.town.officer
    end = loop.now + 30 * DAY

    def show(now: datetime) -> bytes:
        jpeg: bytes = loop.write(
            lambda s: show_photo(s, photo_id=photo, actor=officer, address="::1", now=now)
        )
        return jpeg

    assert show(end - timedelta(seconds=1)) == JPEG
    assert loop.write(lambda s: drop_old_photos(s, now=end - timedelta(seconds=1))) == 0
    with pytest.raises(LendingError) as caught:
        show(end)
    assert caught.value.code is Code.NOT_FOUND
    with Session(loop.engine) as session:
        assert not photos_about(session, district_id=loop.town.id, about=[about], now=end)
        assert session.scalar(sa.select(sa.func.count()).select_from(Erasure)) == 0
    assert loop.write(lambda s: drop_old_photos(s, now=end)) == 1
    with Session(loop.engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Photo)) == 0
        # The worker is told to clean the files, where the bytes would stay otherwise.
        assert session.scalar(sa.select(sa.func.count()).select_from(Erasure)) == 1


def test_the_worker_drops_them_without_being_asked(loop: Loop) -> None:
    keep(loop, uuid.uuid4(), now=datetime.now(UTC) - 31 * DAY)
    keep(loop, uuid.uuid4(), now=datetime.now(UTC) - 29 * DAY)
    assert drop_old_rows(loop.engine)["photos"] == 1


def test_only_officers_of_the_district_see_it_and_it_is_logged(
    loop: Loop, app: Flask, client: FlaskClient
) -> None:
    keep(loop, uuid.uuid4(), now=datetime.now(UTC))
    address = f"/office/photos/{only_photo(loop)}"
    with transaction(loop.engine) as session:
        callers = all_callers(app, session, loop.town)
        other = found_town(session, loop.keys, prefix="B-")
    for caller in callers:
        answer = caller.open(address, headers={"Accept": "*/*"})
        officer = caller.kind is ActorKind.STAFF and caller.role is Role.OFFICER
        assert (answer.status_code == 200) is officer, caller.name
        assert (answer.data == JPEG) is officer
    stranger = Actor(ActorKind.STAFF, Role.OFFICER, other.id)
    with pytest.raises(LendingError) as caught:
        run_transaction(
            loop.engine,
            lambda s: show_photo(
                s, photo_id=only_photo(loop), actor=stranger, address="-", now=datetime.now(UTC)
            ),
        )
    assert caught.value.code is Code.NOT_FOUND
    with Session(loop.engine) as session:
        log = session.execute(sa.select(AccessLog.what, AccessLog.address)).all()
    assert log == [("photo", "127.0.0.1")]


def test_it_is_served_so_that_nothing_keeps_or_runs_it(loop: Loop, app: Flask) -> None:
    keep(loop, uuid.uuid4(), now=datetime.now(UTC))
    with transaction(loop.engine) as session:
        officer = staff_caller(app, session, loop.town, Role.OFFICER)
    answer = officer.open(f"/office/photos/{only_photo(loop)}")
    assert answer.headers.getlist("Cache-Control") == ["no-store"]
    assert answer.headers.getlist("Content-Type") == ["image/jpeg"]
    assert answer.headers.getlist("X-Content-Type-Options") == ["nosniff"]
    assert answer.headers.getlist("Content-Security-Policy") == ["default-src 'none'; sandbox"]
    assert officer.open(f"/office/photos/{uuid.uuid4()}").status_code == 404
