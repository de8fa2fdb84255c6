"""Tablets of a place: paired once by an officer's QR, signed in for 90 days from the last use."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.people.actors import Actor, ActorKind
from lending.people.credentials import hash_credential, make_credential
from lending.people.tables import Device, Role
from lending.places.tables import Site, SiteKind
from lending.places.texts import read_text

PAIRING_FOR = timedelta(minutes=30)
SIGNED_IN_FOR = timedelta(days=90)
LAST_USE_EVERY = timedelta(hours=1)
ROLES = {
    SiteKind.WASH_CENTRE: Role.WASH,
    SiteKind.BOX: Role.MACHINE,  # a tablet above a box takes returns and nothing else
    SiteKind.MACHINE: Role.MACHINE,
}


@dataclass(frozen=True, slots=True)
class Pairing:
    """A new device waiting for its tablet; `secret` stands in the QR and works once."""

    device_id: int
    secret: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Paired:
    """A tablet that is signed in from now on; `credential` goes into its cookie."""

    actor: Actor
    credential: str


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A device as officers see it; `site` is its code, `paired_at` None until a tablet came."""

    id: int
    name: str
    site: str
    role: Role
    paired_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


def make_pairing(
    session: Session,
    *,
    district_id: int,
    site_id: int,
    name: str,
    by: int | None,
    now: datetime,
    drives: bool = False,
) -> Pairing:
    """A device for a site, to be paired within 30 minutes; NOT_FOUND (field site). `drives`: the
    phone of a van that leaves from there; INVALID (drives) where no round begins."""
    secret = make_credential()
    device = _new_device(session, district_id, site_id, name, by)
    if drives and device.role is not Role.WASH:
        raise LendingError(Code.INVALID, field="drives")
    if drives:
        device.role = Role.COURIER
    device.pairing_hash = hash_credential(secret)
    device.pairing_until = now + PAIRING_FOR
    session.add(device)
    session.flush()
    return Pairing(device.id, secret, now + PAIRING_FOR)


def enrol_device(
    session: Session, *, district_id: int, site_id: int, name: str, by: int | None, now: datetime
) -> Paired:
    """A device signed in at once: the browser at which staff of the site stand themselves."""
    credential = make_credential()
    device = _new_device(session, district_id, site_id, name, by)
    device.credential_hash = hash_credential(credential)
    device.paired_at = device.last_used_at = now
    session.add(device)
    session.flush()
    return Paired(_actor(device.id, device.role, district_id, site_id), credential)


def pair_device(session: Session, *, secret: str, now: datetime) -> Paired:
    """Signs a tablet in by the QR's secret; NOT_FOUND when it is wrong, used or too old."""
    credential = make_credential()
    row = session.execute(
        sa.update(Device)
        .where(
            Device.pairing_hash == hash_credential(secret),
            Device.pairing_until > now,
            Device.revoked_at.is_(None),
        )
        .values(
            pairing_hash=None,
            pairing_until=None,
            credential_hash=hash_credential(credential),
            paired_at=now,
            last_used_at=now,
        )
        .returning(Device.id, Device.role, Device.district_id, Device.site_id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="pairing")
    return Paired(_actor(row.id, row.role, row.district_id, row.site_id), credential)


def find_device(session: Session, *, credential: str, now: datetime) -> Actor | None:
    """The device of a credential, if not revoked and used within 90 days; notes the use hourly."""
    row = session.execute(
        sa.select(
            Device.id, Device.role, Device.district_id, Device.site_id, Device.last_used_at
        ).where(
            Device.credential_hash == hash_credential(credential),
            Device.revoked_at.is_(None),
            Device.last_used_at > now - SIGNED_IN_FOR,
        )
    ).one_or_none()
    if row is None:
        return None
    if row.last_used_at <= now - LAST_USE_EVERY:
        session.execute(
            sa.update(Device)
            .where(Device.id == row.id, Device.last_used_at < now)
            .values(last_used_at=now)
            .execution_options(synchronize_session=False)
        )
    return _actor(row.id, row.role, row.district_id, row.site_id)


def revoke_device(session: Session, *, district_id: int, device_id: int, now: datetime) -> None:
    """Signs a device out for ever; NOT_FOUND when the district has no such device in force."""
    ended = session.execute(
        sa.update(Device)
        .where(
            Device.id == device_id,
            Device.district_id == district_id,
            Device.revoked_at.is_(None),
        )
        .values(revoked_at=now, pairing_hash=None, credential_hash=None)
        .returning(Device.id)
        .execution_options(synchronize_session=False)
    )
    if ended.first() is None:
        raise LendingError(Code.NOT_FOUND, field="device")


def list_devices(
    session: Session, *, district_id: int, before: int | None = None, limit: int = 100
) -> list[DeviceView]:
    """At most `limit` devices, the newest first, from the first below the id `before` on."""
    query = (
        sa.select(Device, Site.code)
        .join(Site, Site.id == Device.site_id)
        .where(Device.district_id == district_id)
        .order_by(Device.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Device.id < before)
    return [
        DeviceView(
            id=device.id,
            name=device.name,
            site=code,
            role=device.role,
            paired_at=device.paired_at,
            last_used_at=device.last_used_at,
            revoked_at=device.revoked_at,
        )
        for device, code in session.execute(query)
    ]


def _new_device(
    session: Session, district_id: int, site_id: int, name: str, by: int | None
) -> Device:
    kind = session.scalar(
        sa.select(Site.kind).where(Site.id == site_id, Site.district_id == district_id)
    )
    if kind is None:
        raise LendingError(Code.NOT_FOUND, field="site")
    return Device(
        district_id=district_id,
        site_id=site_id,
        name=read_text(name, "name"),
        role=ROLES.get(kind, Role.CAFE),
        created_by=by,
    )


def _actor(device_id: int, role: Role, district_id: int, site_id: int) -> Actor:
    return Actor(ActorKind.DEVICE, role, district_id, site_id=site_id, id=device_id)
