"""Names of those who signed something: "staff:12" is somebody's login, "device:3" a tablet."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.people.tables import ApiToken, Device, Staff


def name_signers(session: Session, signatures: Collection[str | None]) -> dict[str, str]:
    """Names by signature, as "staff:12" or "device:3"; the system's and unknown ones are left
    out. At most three statements."""
    tables: dict[str, tuple[Any, Any]] = {
        "staff": (Staff.id, Staff.login),
        "device": (Device.id, Device.name),
        "token": (ApiToken.id, ApiToken.name),
    }
    names: dict[str, str] = {}
    for kind, (id, name) in tables.items():
        ids = {int(one.partition(":")[2]) for one in signatures if one and _is_of(one, kind)}
        if ids:
            rows = session.execute(sa.select(id, name).where(id.in_(ids)))
            names |= {f"{kind}:{row[0]}": row[1] for row in rows}
    return names


def _is_of(signature: str, kind: str) -> bool:
    found, _, number = signature.partition(":")
    return found == kind and number.isdecimal()
