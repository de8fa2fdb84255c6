"""The page behind a place's own QR: what it is, and which of one's cups may have been put in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.care.drop_views import ClaimView, claims_of_loans
from lending.loop.read.loans import LoanLine, loans_of_resident
from lending.people.actors import Actor
from lending.places.sites import SiteView, find_site
from lending.requests.take_back import TAKE_BACK


@dataclass(frozen=True, slots=True)
class CupHere:
    """One of the resident's cups that are out, and the last word about it."""

    loan: LoanLine
    claim: ClaimView | None

    @property
    def waits(self) -> bool:
        return self.claim is not None and self.claim.waits


@dataclass(frozen=True, slots=True)
class PlacePage:
    """A place where cups go back. `cups` None: nobody is signed in, or of another district."""

    site: SiteView
    cups: list[CupHere] | None


def load_place_page(
    session: Session, *, code: str, resident: Actor | None, now: datetime
) -> PlacePage:
    """The page of an active place that takes cups back; NOT_FOUND (field site) for any other."""
    site = find_site(session, code=code[:40])
    if not site.active or site.kind not in TAKE_BACK:
        raise LendingError(Code.NOT_FOUND, field="site")
    if resident is None or resident.resident_id is None:
        return PlacePage(site, None)
    if resident.district_id != site.district_id:
        return PlacePage(site, None)
    loans = loans_of_resident(session, resident_id=resident.resident_id, limit=1).open
    claims = claims_of_loans(session, [loan.id for loan in loans])
    return PlacePage(site, [CupHere(loan, claims.get(loan.id)) for loan in loans])
