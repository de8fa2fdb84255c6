"""Sites: added one by one or from a file, changed, listed, found by code."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.places.spots import Spot, read_spot
from lending.places.tables import Site, SiteKind
from lending.places.texts import (
    BadRows,
    Problem,
    RowError,
    is_site_code,
    read_site_code,
    read_text,
)
from lending.places.uploads import Columns, Row

COLUMNS = Columns(("code", "kind", "name"), ("name_en", "capacity", "latitude", "longitude"))


@dataclass(frozen=True, slots=True)
class SiteView:
    """A site as it is shown; `clean_low`: fewer clean pieces than this raise an alert; `spot`:
    where it lies and how much its box holds; `batch_required`: a washing centre where only a
    finished batch makes clean."""

    id: int
    district_id: int
    code: str
    kind: SiteKind
    name: str
    name_en: str
    active: bool
    clean_low: int
    spot: Spot
    batch_required: bool = False


def add_site(
    session: Session,
    *,
    district_id: int,
    code: str,
    kind: str,
    name: str,
    now: datetime,
    name_en: str = "",
) -> SiteView:
    """A new site; INVALID names the wrong field, CONFLICT (field code) for a code in use."""
    row = _read_site(
        district_id, now, {"code": code, "kind": kind, "name": name, "name_en": name_en}
    )
    if load_sites_by_code(session, codes=[row["code"]]):
        raise LendingError(Code.CONFLICT, field="code", detail=Problem.IN_USE)
    return _insert(session, [row])[0]


def add_sites_from_rows(
    session: Session, *, district_id: int, table: Sequence[Row], now: datetime
) -> list[SiteView]:
    """All sites of a file's rows (COLUMNS) — or none.

    BadRows lists every wrong line.
    """
    rows: list[dict[str, Any]] = []
    errors: list[RowError] = []
    lines: dict[str, int] = {}
    for line, values in table:
        try:
            row = _read_site(district_id, now, values)
        except LendingError as error:
            errors.append(RowError(line, error.field or "?", Problem(error.detail)))
            continue
        if row["code"] in lines:
            errors.append(RowError(line, "code", Problem.TWICE))
        lines.setdefault(row["code"], line)
        rows.append(row)
    used = load_sites_by_code(session, codes=lines)
    errors += [RowError(lines[code], "code", Problem.IN_USE) for code in used]
    if errors:
        raise BadRows(sorted(errors, key=lambda error: error.line))
    return _insert(session, rows)


def change_site(
    session: Session,
    *,
    district_id: int,
    site_id: int,
    name: str,
    name_en: str,
    active: bool,
    clean_low: int,
) -> SiteView:
    """Changes what may change of a site: its code and kind stay, for they stand in the log."""
    site = session.get(Site, site_id)
    if site is None or site.district_id != district_id:
        raise LendingError(Code.NOT_FOUND, field="site")
    if not 0 <= clean_low <= 100_000:
        raise LendingError(Code.INVALID, field="clean_low", detail=Problem.OUT_OF_RANGE)
    site.name = read_text(name, "name")
    site.name_en = read_text(name_en, "name_en", empty=True)
    site.active = active
    site.clean_low = clean_low
    session.flush()
    return view_site(site)


def require_batches(session: Session, *, district_id: int, site_id: int, required: bool) -> None:
    """Whether only a finished wash batch makes clean there; of washing centres alone. NOT_FOUND."""
    site = session.get(Site, site_id)
    if site is None or site.district_id != district_id:
        raise LendingError(Code.NOT_FOUND, field="site")
    site.batch_required = required and site.kind is SiteKind.WASH_CENTRE
    session.flush()


def list_sites(
    session: Session,
    *,
    district_id: int | None,
    after: str | None = None,
    limit: int = 100,
    kinds: Collection[SiteKind] = (),
) -> list[SiteView]:
    """At most `limit` sites in the order of their codes, from the first after `after` on.

    `district_id` None: of all districts (the command line).
    """
    query = sa.select(Site).order_by(Site.code).limit(limit)
    if district_id is not None:
        query = query.where(Site.district_id == district_id)
    if after is not None:
        query = query.where(Site.code > after)
    if kinds:
        query = query.where(Site.kind.in_(kinds))
    return [view_site(site) for site in session.scalars(query)]


def load_sites_by_code(
    session: Session, *, codes: Collection[str], district_id: int | None = None
) -> dict[str, SiteView]:
    """Sites by their codes (capitals); unknown codes are left out; one statement."""
    query = sa.select(Site).where(Site.code.in_([code for code in codes if is_site_code(code)]))
    if district_id is not None:
        query = query.where(Site.district_id == district_id)
    return {site.code: view_site(site) for site in session.scalars(query)}


def load_sites(session: Session, *, site_ids: Collection[int]) -> dict[int, SiteView]:
    """Sites by id; one statement."""
    query = sa.select(Site).where(Site.id.in_(site_ids))
    return {site.id: view_site(site) for site in session.scalars(query)}


def find_site(session: Session, *, code: str, district_id: int | None = None) -> SiteView:
    """The site with this code, written in any case; NOT_FOUND (field site)."""
    wanted = code.strip().upper()
    found = load_sites_by_code(session, codes=[wanted], district_id=district_id).get(wanted)
    if found is None:
        raise LendingError(Code.NOT_FOUND, field="site", detail=Problem.NO_SUCH_SITE)
    return found


def view_site(site: Site) -> SiteView:
    """A row as a value."""
    return SiteView(
        id=site.id,
        district_id=site.district_id,
        code=site.code,
        kind=site.kind,
        name=site.name,
        name_en=site.name_en,
        active=site.active,
        clean_low=site.clean_low,
        spot=Spot(site.capacity, site.latitude, site.longitude),
        batch_required=site.batch_required,
    )


def _read_site(district_id: int, now: datetime, values: dict[str, str]) -> dict[str, Any]:
    if values["kind"] not in [kind.value for kind in SiteKind]:
        raise LendingError(Code.INVALID, field="kind", detail=Problem.UNKNOWN_KIND)
    spot = read_spot(*(values.get(name, "") for name in ("capacity", "latitude", "longitude")))
    return {
        "district_id": district_id,
        "code": read_site_code(values["code"]),
        "kind": SiteKind(values["kind"]),
        "name": read_text(values["name"], "name"),
        "name_en": read_text(values.get("name_en", ""), "name_en", empty=True),
        "capacity": spot.capacity,
        "latitude": spot.latitude,
        "longitude": spot.longitude,
        "created_at": now,
    }


def _insert(session: Session, rows: Sequence[dict[str, Any]]) -> list[SiteView]:
    sites = [Site(**row) for row in rows]
    session.add_all(sites)
    session.flush()
    return [view_site(site) for site in sites]
