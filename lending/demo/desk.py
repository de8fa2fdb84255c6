"""What a happening of the demo has at hand: the session, who acts, places and kinds by their codes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.demo.found import Founded
from lending.loop.tables import ItemKind
from lending.people.actors import Actor
from lending.people.keys import Keys
from lending.places.sites import SiteView, load_sites_by_code


@dataclass(slots=True)
class Desk:
    """The services' surroundings, once for the whole demo; `now`: the moment the demo is made."""

    session: Session
    founded: Founded
    keys: Keys
    now: datetime
    _sites: dict[str, SiteView] = field(default_factory=dict)
    _kinds: dict[str, int] = field(default_factory=dict)

    @property
    def district_id(self) -> int:
        return self.founded.district_id

    def actor(self, by: str) -> Actor:
        return self.founded.actors[by]

    def site(self, code: str) -> SiteView:
        if code not in self._sites:
            self._sites |= load_sites_by_code(self.session, codes={code})
        return self._sites[code]

    def kind(self, code: str) -> int:
        """The id of a kind."""
        if not self._kinds:
            query = sa.select(ItemKind.code, ItemKind.id).where(
                ItemKind.district_id == self.district_id
            )
            self._kinds = {row.code: row.id for row in self.session.execute(query)}
        return self._kinds[code]


@dataclass(frozen=True, slots=True)
class Happening:
    """Something besides scans that is done at a moment, through the services."""

    at: datetime
    do: Callable[[Desk, datetime], None]
