"""Names of places and kinds in the language of the page, by code."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lending.loop.read.pieces import list_kinds
from lending.places.sites import list_sites
from lending.web.i18n import name_of
from lending.web.stations import MOST_SITES


@dataclass(frozen=True, slots=True)
class Names:
    """Names by code; a code without a name stands for itself."""

    sites: Mapping[str, str]
    kinds: Mapping[str, str]

    def site(self, code: str | None) -> str:
        return self.sites.get(code or "", code or "")

    def kind(self, code: str | None) -> str:
        return self.kinds.get(code or "", code or "")


def load_names(session: Session, *, district_id: int) -> Names:
    """Of the district's places and all its kinds; two statements."""
    sites = list_sites(session, district_id=district_id, limit=MOST_SITES)
    kinds = list_kinds(session, district_id=district_id, counted=None)
    return Names(
        {site.code: name_of(site) for site in sites}, {kind.code: name_of(kind) for kind in kinds}
    )  # fmt: skip
