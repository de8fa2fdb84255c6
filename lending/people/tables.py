"""Tables of staff, residents, cards, devices, tokens, sign-in attempts and the access log."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base


class Role(StrEnum):
    """What an actor may do: see lending/people/rights.py."""

    CAFE = "cafe"
    WASH = "wash"
    COURIER = "courier"
    MACHINE = "machine"
    OFFICER = "officer"
    RESIDENT = "resident"
    PLATFORM = "platform"  # a delivery platform's program: its own orders and nothing else


def role_column() -> sa.Enum:
    """How a role is stored."""
    return by_value(Role, length=8)


class Staff(Base):
    """A person who works at a site, or an officer of the whole district (no site)."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"))
    login: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    role: Mapped[Role] = mapped_column(role_column())
    language: Mapped[str] = mapped_column(default="ko")
    active: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(sa.Integer, default=0)  # raised: all sessions end
    created_at: Mapped[datetime]


class FirstOfficerLink(Base):
    """The one-time link by which the first officer names the district and sets a password."""

    __tablename__ = "first_officer_link"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Device(Base):
    """A tablet paired to a site by an officer's QR; stays signed in 90 days from last use."""

    __tablename__ = "device"

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"), index=True)
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(role_column())
    pairing_hash: Mapped[bytes | None] = mapped_column(unique=True)  # the QR's secret, used once
    pairing_until: Mapped[datetime | None]
    credential_hash: Mapped[bytes | None] = mapped_column(unique=True)
    paired_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class ApiToken(Base):
    """A bearer token of the API: stored hashed, shown once, revocable."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"))
    name: Mapped[str] = mapped_column(default="")
    role: Mapped[Role] = mapped_column(role_column())
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Resident(Base):
    """A borrower: one contact at most, sealed, found by its keyed digest. No name, no address."""

    __tablename__ = "resident"
    __table_args__ = (sa.UniqueConstraint("district_id", "contact_digest"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    contact_digest: Mapped[bytes | None]
    contact_sealed: Mapped[bytes | None]
    contact_kind: Mapped[str | None]  # "phone" | "email" | none for a card without contact
    language: Mapped[str] = mapped_column(default="ko")
    confirmed_at: Mapped[datetime | None]  # the contact was proven by a one-time code
    terms_agreed_at: Mapped[datetime | None]  # notice given and age 14+ stated
    terms_agreed_how: Mapped[str | None]
    member_secret: Mapped[bytes | None]  # sealed; the member QR is derived from it
    member_number: Mapped[str] = mapped_column(unique=True)  # in the member QR; never an item code
    session_epoch: Mapped[int] = mapped_column(sa.Integer, default=0)
    loss_forgiven_at: Mapped[datetime | None]  # a declared loss is forgiven once a year
    created_at: Mapped[datetime]


class Card(Base):
    """A printed card for people without a smartphone: blank until its first scan binds it."""

    __tablename__ = "card"

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"), index=True)
    code: Mapped[str] = mapped_column(unique=True)
    resident_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("resident.id", ondelete="SET NULL"), index=True
    )
    printed_at: Mapped[datetime]
    bound_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class LoginCode(Base):
    """A one-time code of six digits: hashed, bound to the browser, five minutes, five tries."""

    __tablename__ = "login_code"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    contact_digest: Mapped[bytes] = mapped_column(index=True)
    contact_sealed: Mapped[bytes]
    browser_digest: Mapped[bytes]
    code_hash: Mapped[bytes]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(sa.Integer, default=0)
    used_at: Mapped[datetime | None]


class Budget(Base):
    """How often something guarded was done in one window: sign-in, codes, public pages, probing."""

    __tablename__ = "budget"

    key: Mapped[bytes] = mapped_column(primary_key=True)  # digest of purpose and subject
    window_start: Mapped[datetime] = mapped_column(primary_key=True)
    spent: Mapped[int] = mapped_column(sa.Integer, default=0)


class AccessLog(Base):
    """Who of the staff read whose data, when, from where, what and why (kept 1 or 2 years)."""

    __tablename__ = "access_log"
    __table_args__ = (sa.Index(None, "district_id", "at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    address: Mapped[str]
    resident_id: Mapped[uuid.UUID | None]  # no foreign key: it outlives an erasure
    what: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
