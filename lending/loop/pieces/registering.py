"""Pieces that came with their codes on them, registered from the rows of a file: all or none."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import insert_rows, one_of
from lending.db import fetch, table_of
from lending.errors import ChangedMeanwhile, Code, LendingError
from lending.loop.codes import read_code
from lending.loop.pieces.claims import MOST_AT_ONCE, Birth, give_birth, join_unknown, label_row
from lending.loop.steps import Action
from lending.loop.tables import ItemKind, Label, Scan
from lending.loop.write.mending import read_again
from lending.people.actors import Actor
from lending.places.sites import load_sites_by_code
from lending.places.texts import BadRows, Problem, RowError
from lending.places.uploads import Columns, Row

COLUMNS = Columns(
    ("code", "kind", "site"), most_rows=MOST_AT_ONCE, too_many=Problem.TOO_MANY_PIECES
)
_CODE_PROBLEMS = {Code.INVALID: Problem.NOT_A_CODE, Code.BAD_CHECK_DIGIT: Problem.BAD_CHECK_DIGIT}

_LABELS = (
    sa.select(Label.code, Label.item_id, Label.kind_id, Label.district_id)
    .where(one_of(Label.code, "codes"))
    .order_by(Label.code)
    .with_for_update()
)
_REGISTERED = sa.select(Scan.code).where(
    Scan.of == sa.bindparam("request"), Scan.action == Action.REGISTER
)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows name and the district has: kinds, sites, and labels printed already."""

    kinds: dict[str, ItemKind]
    sites: dict[str, int]
    labels: dict[str, sa.Row[tuple[str, int | None, int, int]]]


def register_pieces(
    session: Session, *, table: Sequence[Row], request_id: uuid.UUID, actor: Actor, now: datetime
) -> int:
    """Registers a piece per row (COLUMNS) that stands dirty at its site — or none; how many.

    A code is a printed label of that kind that waits to be used, or one of which nobody knew yet;
    what was scanned of it before joins the piece. BadRows names every fault of every row. The same
    request again registers nothing anew; with other codes it is ID_REUSED.
    """
    codes = [_read_row_code(values) for _, values in table]
    if registered := set(session.scalars(_REGISTERED, {"request": request_id})):
        if registered != {code for code in codes if isinstance(code, str)}:
            raise LendingError(Code.ID_REUSED, field="id")
        return len(registered)
    known = _load_known(session, table, codes, actor.district_id)
    if errors := _check(table, codes, known, actor.district_id):
        raise BadRows(errors)
    births = [
        _birth(str(code), values, position, known, request_id, now)
        for position, ((_, values), code) in enumerate(zip(table, codes, strict=True))
    ]
    new = [
        label_row(birth.code, birth.kind, actor.district_id, now)
        for birth in sorted(births, key=lambda birth: birth.code)  # two uploads wait in one order
        if birth.code not in known.labels
    ]
    if insert_rows(session, table_of(Label), new, skip_known=True) != len(new):
        raise ChangedMeanwhile  # somebody else's piece by now: the rows are looked at again
    items = give_birth(session, births, actor=actor, now=now, request=request_id)
    read_again(session, join_unknown(session, items, now=now), now=now)
    return len(items)


def _read_row_code(values: dict[str, str]) -> str | Problem:
    """The twelve digits, or what is wrong of them."""
    if not values["code"]:
        return Problem.EMPTY
    try:
        return read_code(values["code"])
    except LendingError as error:
        return _CODE_PROBLEMS[error.code]


def _load_known(
    session: Session, table: Sequence[Row], codes: Collection[str | Problem], district_id: int
) -> _Known:
    kinds = sa.select(ItemKind).where(ItemKind.district_id == district_id)
    named = {values["site"].upper() for _, values in table}
    sites = load_sites_by_code(session, codes=named, district_id=district_id)
    wanted = [code for code in codes if not isinstance(code, Problem)]
    return _Known(
        {kind.code: kind for kind in session.scalars(kinds)},
        {code: site.id for code, site in sites.items()},
        {row.code: row for row in fetch(session, _LABELS, {"codes": wanted})},
    )


def _check(
    table: Sequence[Row], codes: Sequence[str | Problem], known: _Known, district_id: int
) -> list[RowError]:
    errors: list[RowError] = []
    seen: set[str] = set()
    for (line, values), code in zip(table, codes, strict=True):
        kind = known.kinds.get(values["kind"].lower())
        faults = {
            "code": code if isinstance(code, Problem) else None,
            "kind": _check_kind(values["kind"], kind),
            "site": _check_site(values["site"], known),
        }
        if not isinstance(code, Problem):
            faults["code"] = Problem.TWICE if code in seen else _check_label(code, kind, known)
            seen.add(code)
            label = known.labels.get(code)
            if label is not None and label.district_id != district_id:
                faults["code"] = Problem.ALREADY_A_PIECE
        errors += [
            RowError(line, field, problem, values[field])
            for field, problem in faults.items()
            if problem is not None
        ]
    return errors


def _check_kind(text: str, kind: ItemKind | None) -> Problem | None:
    if kind is None:
        return Problem.UNKNOWN_KIND if text else Problem.EMPTY
    return Problem.COUNTED_KIND if kind.counted else None


def _check_site(text: str, known: _Known) -> Problem | None:
    if text.upper() in known.sites:
        return None
    return Problem.NO_SUCH_SITE if text else Problem.EMPTY


def _check_label(code: str, kind: ItemKind | None, known: _Known) -> Problem | None:
    label = known.labels.get(code)
    if label is None:
        return None
    if label.item_id is not None:
        return Problem.ALREADY_A_PIECE
    return Problem.OTHER_KIND if kind is not None and label.kind_id != kind.id else None


def _birth(
    code: str,
    values: dict[str, str],
    position: int,
    known: _Known,
    request_id: uuid.UUID,
    now: datetime,
) -> Birth:
    kind = known.kinds[values["kind"].lower()]
    site = known.sites[values["site"].upper()]
    scan_id = uuid.uuid5(request_id, code)
    return Birth(code, kind.id, site, scan_id, now, position, kind.carrier)
