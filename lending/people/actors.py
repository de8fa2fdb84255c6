"""Who acts: one shape for staff, devices, API tokens, residents and the worker."""

import uuid
from dataclasses import dataclass
from enum import StrEnum

from lending.people.tables import Role


class ActorKind(StrEnum):
    STAFF = "staff"
    DEVICE = "device"
    TOKEN = "token"  # noqa: S105 - a kind of actor, no secret
    RESIDENT = "resident"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """An authenticated actor; `site_id` is its own site (None: the whole district)."""

    kind: ActorKind
    role: Role
    district_id: int
    site_id: int | None = None
    id: int | None = None  # of staff, device or token
    resident_id: uuid.UUID | None = None
