"""A tablet is paired once by an officer's QR and stays signed in 90 days from its last use."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import LendingError
from lending.people.actors import Actor, ActorKind
from lending.people.devices import (
    Pairing,
    find_device,
    list_devices,
    make_pairing,
    pair_device,
    revoke_device,
)
from lending.people.tables import Device, Role


def pairing(session: Session, place: Any, now: datetime, *, site: int | None = None) -> Pairing:
    return make_pairing(
        session,
        district_id=place.district,
        site_id=site or place.cafe,
        name="창가 태블릿",
        by=None,
        now=now,
    )


def test_a_tablet_is_paired_once(session: Session, place: Any, now: datetime) -> None:
    waiting = pairing(session, place, now)
    paired = pair_device(session, secret=waiting.secret, now=now + timedelta(minutes=29))
    assert paired.actor == Actor(
        ActorKind.DEVICE, Role.CAFE, place.district, site_id=place.cafe, id=waiting.device_id
    )
    assert find_device(session, credential=paired.credential, now=now) == paired.actor
    assert find_device(session, credential=waiting.secret, now=now) is None
    with pytest.raises(LendingError):
        pair_device(session, secret=waiting.secret, now=now)


def test_the_washing_centres_tablet_washes(session: Session, place: Any, now: datetime) -> None:
    waiting = pairing(session, place, now, site=place.centre)
    assert pair_device(session, secret=waiting.secret, now=now).actor.role is Role.WASH


def test_an_old_or_revoked_pairing_and_a_foreign_site_are_refused(
    session: Session, place: Any, now: datetime
) -> None:
    old, revoked = pairing(session, place, now), pairing(session, place, now)
    revoke_device(session, district_id=place.district, device_id=revoked.device_id, now=now)
    for secret, at in [
        (old.secret, now + timedelta(minutes=30)),
        (revoked.secret, now),
        ("", now),
        ("\ud800", now),
    ]:
        with pytest.raises(LendingError):
            pair_device(session, secret=secret, now=at)
    with pytest.raises(LendingError):
        make_pairing(
            session,
            district_id=place.district + 1,
            site_id=place.cafe,
            name="x",
            by=None,
            now=now,
        )


def test_ninety_days_from_the_last_use(session: Session, place: Any, now: datetime) -> None:
    credential = pair_device(
        session, secret=pairing(session, place, now).secret, now=now
    ).credential
    later = now
    for days in (89, 89):
        later += timedelta(days=days)
        assert find_device(session, credential=credential, now=later) is not None
    assert find_device(session, credential=credential, now=later + timedelta(days=90)) is None


def test_the_last_use_is_written_once_an_hour(session: Session, place: Any, now: datetime) -> None:
    credential = pair_device(
        session, secret=pairing(session, place, now).secret, now=now
    ).credential
    for minutes, written in [(59, 0), (60, 60), (119, 60), (120, 120)]:
        find_device(session, credential=credential, now=now + timedelta(minutes=minutes))
        last = session.scalars(sa.select(Device.last_used_at)).one()
        assert last == now + timedelta(minutes=written)


def test_a_revoked_tablet_is_out_at_once(session: Session, place: Any, now: datetime) -> None:
    paired = pair_device(session, secret=pairing(session, place, now).secret, now=now)
    assert paired.actor.id is not None
    with pytest.raises(LendingError):
        revoke_device(session, district_id=place.district + 1, device_id=paired.actor.id, now=now)
    revoke_device(session, district_id=place.district, device_id=paired.actor.id, now=now)
    assert find_device(session, credential=paired.credential, now=now) is None
    session.expire_all()
    (view,) = list_devices(session, district_id=place.district)
    assert (view.site, view.revoked_at) == ("CAFE-1", now)
    assert list_devices(session, district_id=place.district, before=view.id) == []
