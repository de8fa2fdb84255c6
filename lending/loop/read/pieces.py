"""Items as answers show them: one by its code, lists by place and state, the public page's view."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.errors import Code, LendingError
from lending.loop.codes import read_code
from lending.loop.pieces.kinds import Sort
from lending.loop.read.history import load_voided_of_item
from lending.loop.read.paging import DEFAULT_LIMIT, KeyPart, Page, beyond, cut, read_key
from lending.loop.read.sight import seen_by, site_asked
from lending.loop.scans import ItemView
from lending.loop.steps import Action, State
from lending.loop.tables import Item, ItemKind, Label, Scan
from lending.people.actors import Actor
from lending.places.tables import Site

Destination = aliased(Site)

VIEW_COLUMNS = (
    Item.code,
    ItemKind.code,
    Item.state,
    Item.clean,
    Item.hold,
    Site.code,
    Destination.code,
    Item.uses,
    Item.washes,
    Item.due_at,
    Item.since,
    Item.gaps,
)


@dataclass(frozen=True, slots=True)
class FoundItem:
    """An item with its id and open loan, for services that go on from there."""

    id: int
    view: ItemView
    loan_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class KindView:
    """A kind of ware; `name_en` may be empty. `carrier`: a crate or bag; `counted`: without a code
    for each piece; `part_id`: the counted kind that makes a set with it."""

    id: int
    code: str
    name: str
    name_en: str
    design_uses: int
    break_even_uses: int
    carrier: bool = False
    counted: bool = False
    part_id: int | None = None

    @property
    def sort(self) -> Sort:
        """How its pieces are known."""
        if self.carrier:
            return Sort.CRATE
        return Sort.COUNTED if self.counted else Sort.TRACKED


@dataclass(frozen=True, slots=True)
class PublicItem:
    """What everybody may know of a piece: nothing of a lend or return, nor whether it is out."""

    code: str
    kind: KindView
    district_id: int
    uses: int
    washes: int
    last_wash_at: datetime | None
    last_pass_at: datetime | None


def view_items() -> sa.Select[*tuple[Any, ...]]:
    """The statement every view of an item begins with; its columns make `ItemView(*row[:12])`."""
    return (
        sa.select(*VIEW_COLUMNS, Item.id, Item.loan_id)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .join(Site, Site.id == Item.site_id)
        .outerjoin(Destination, Destination.id == Item.to_site_id)
    )


def view_item(row: Any) -> ItemView:
    """The view in a row of `view_items`."""
    return ItemView(*row[: len(VIEW_COLUMNS)])


def find_item(session: Session, *, code: str, actor: Actor | None) -> FoundItem:
    """The item a label, present or replaced, is on, as far as the actor sees it (None: all).

    `code`: whatever a reader sends. INVALID or BAD_CHECK_DIGIT for what is no code, NOT_FOUND for
    an item that is unknown or not the actor's to see.
    """
    query = view_items().join(Label, Label.item_id == Item.id).where(Label.code == read_code(code))
    if actor is not None:
        query = query.where(seen_by(actor))
    row = session.execute(query).one_or_none()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="code")
    return FoundItem(row.id, view_item(row), row.loan_id)


def list_items(
    session: Session,
    *,
    actor: Actor,
    site: str | None = None,
    state: State | None = None,
    kind: str | None = None,
    after: Sequence[KeyPart] | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[ItemView]:
    """The items an actor sees in the order of their registration, by the site they stand at, by
    state and by kind; an unknown kind gives an empty list. Errors: `site_asked`, cursor INVALID."""
    key = read_key(after, int)
    query = view_items().where(seen_by(actor), beyond([Item.id], key))
    if site is not None:
        query = query.where(Item.site_id == site_asked(session, actor=actor, code=site))
    if state is not None:
        query = query.where(Item.state == state)
    if kind is not None:
        query = query.where(ItemKind.code == kind)
    rows = session.execute(query.order_by(Item.id).limit(limit + 1)).all()
    return cut(rows, limit, view_item, lambda row: (row.id,))


def list_kinds(
    session: Session, *, district_id: int, counted: bool | None = False
) -> list[KindView]:
    """The kinds of ware of a district by code: those with a code for each piece, crates among them;
    with `counted` those without, with None all."""
    query = sa.select(*KIND_COLUMNS).where(ItemKind.district_id == district_id)
    if counted is not None:
        query = query.where(ItemKind.counted == counted)
    return [KindView(*row) for row in session.execute(query.order_by(ItemKind.code))]


KIND_COLUMNS = (
    ItemKind.id, ItemKind.code, ItemKind.name, ItemKind.name_en, ItemKind.design_uses,
    ItemKind.break_even_uses, ItemKind.carrier, ItemKind.counted, ItemKind.part_id,
)  # fmt: skip


def public_item(session: Session, *, code: str) -> PublicItem:
    """What the public page tells of a piece; errors as `find_item`."""
    query = (
        sa.select(Item.id, Item.district_id, Item.code, Item.uses, Item.washes, *KIND_COLUMNS)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .join(Label, Label.item_id == Item.id)
        .where(Label.code == read_code(code))
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="code")
    last = _last_cleaning(session, row[0])
    return PublicItem(
        code=row[2],
        kind=KindView(*row[5:]),
        district_id=row[1],
        uses=row[3],
        washes=row[4],
        last_wash_at=last.get(Action.WASH),
        last_pass_at=last.get(Action.PASS),
    )


def _last_cleaning(session: Session, item_id: int) -> dict[Action, datetime]:
    """When the piece was last washed and last passed, scans taken back left out."""
    voided = load_voided_of_item(session, item_id)
    query = (
        sa.select(Scan.action, sa.func.max(Scan.occurred_at, type_=Scan.occurred_at.type))
        .where(Scan.item_id == item_id, Scan.action.in_([Action.WASH, Action.PASS]))
        .where(Scan.id.not_in(voided))
        .group_by(Scan.action)
    )
    return {row[0]: row[1] for row in session.execute(query)}
