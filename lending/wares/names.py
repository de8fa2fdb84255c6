"""Who recorded something and where accounts are, by name: looked up once for a whole page."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.tables import Item
from lending.people.actors import ActorKind
from lending.people.tables import ApiToken, Device, Staff
from lending.wares.ways import Account


class Recorded(Protocol):
    """Something with its sender, and the staff signed in there."""

    @property
    def sender_kind(self) -> ActorKind: ...
    @property
    def sender_id(self) -> int | None: ...
    @property
    def staff_id(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Names:
    """Logins of staff, names of devices and tokens, codes of crates, each by id."""

    staff: dict[int, str]
    devices: dict[int, str]
    tokens: dict[int, str]
    crates: dict[int, str]

    def who(self, one: Recorded) -> str:
        """The name of who recorded it; empty for the system and for what is not named."""
        if one.staff_id is not None and one.staff_id in self.staff:
            return self.staff[one.staff_id]
        of = {
            ActorKind.STAFF: self.staff,
            ActorKind.DEVICE: self.devices,
            ActorKind.TOKEN: self.tokens,
        }.get(one.sender_kind, {})
        return of.get(one.sender_id or 0, "")


def load_names(
    session: Session,
    recorded: Iterable[Recorded],
    accounts: Iterable[Account] = (),
    *,
    with_staff: bool,
) -> Names:
    """The names in these rows; logins of staff only where `with_staff` (the office). At most four
    statements."""
    rows = list(recorded)

    def ids(kind: ActorKind) -> set[int]:
        return {row.sender_id for row in rows if row.sender_kind is kind and row.sender_id}

    staff = ids(ActorKind.STAFF) | {row.staff_id for row in rows if row.staff_id}
    crates = {one.crate_id for one in accounts if one.crate_id is not None}
    return Names(
        _by_id(session, Staff.id, Staff.login, staff if with_staff else ()),
        _by_id(session, Device.id, Device.name, ids(ActorKind.DEVICE)),
        _by_id(session, ApiToken.id, ApiToken.name, ids(ActorKind.TOKEN)),
        _by_id(session, Item.id, Item.code, crates),
    )


def _by_id(session: Session, id: Any, name: Any, wanted: Collection[int]) -> dict[int, str]:
    if not wanted:
        return {}
    return {row[0]: row[1] for row in session.execute(sa.select(id, name).where(id.in_(wanted)))}
