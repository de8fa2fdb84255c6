"""A district to measure, and logs of any length written straight into the tables."""

import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from lending.bulk import insert_rows
from lending.db import table_of, transaction
from lending.loop.advance import advance
from lending.loop.codes import MOST_AT_ONCE, make_codes
from lending.loop.loans.due import load_due_book
from lending.loop.pieces.claims import register_items
from lending.loop.policy.defaults import write_default_terms
from lending.loop.record import record_scans
from lending.loop.scans import ScanIn
from lending.loop.steps import Action
from lending.loop.tables import Item, ItemKind, Label, Loan, Scan, ScanBorrower
from lending.loop.values import Event, Piece
from lending.loop.write.rows import item_values
from lending.people.actors import Actor, ActorKind
from lending.people.keys import Keys
from lending.people.tables import Resident, Role
from lending.people.tokens import create_token
from lending.places.tables import District, Site, SiteKind

START = datetime(2026, 1, 5, 1, tzinfo=UTC)
BATCH = 20_000  # rows of the log at a time
ROUND = (Action.LEND, Action.RETURN, Action.COLLECT, Action.RECEIVE, Action.WASH, Action.PASS)


@dataclass(frozen=True)
class World:
    """What every measurement needs to know of its district."""

    district: int
    wash: int
    cafe: int
    kind: int
    officer: Actor
    token: str


def make_world(engine: Engine) -> World:
    """A district with a washing centre, a café, one kind of cup and an officer's token."""
    with transaction(engine) as session:
        district = District(name="측정", created_at=START)
        session.add(district)
        session.flush()
        own = {"district_id": district.id, "created_at": START}
        wash = Site(code="WASH", kind=SiteKind.WASH_CENTRE, name="세척장", **own)
        cafe = Site(code="CAFE", kind=SiteKind.CAFE, name="카페", **own)
        kind = ItemKind(code="cup-355", name="컵", **own)
        session.add_all([wash, cafe, kind])
        session.flush()
        write_default_terms(session, district_id=district.id, now=START)
        officer = Actor(ActorKind.SYSTEM, Role.OFFICER, district.id)
        token = create_token(session, site="WASH", role=Role.OFFICER, now=START).token
        return World(district.id, wash.id, cafe.id, kind.id, officer, token)


def ready_cups(engine: Engine, keys: Keys, world: World, count: int) -> list[str]:
    """`count` cups that stand clean at the café."""
    codes: list[str] = []
    for start in range(0, count, 5_000):
        some = min(5_000, count - start)
        with transaction(engine) as session:
            codes += register_items(
                session, kind="cup-355", count=some, site="WASH", actor=world.officer, now=START
            )
        for minute, (action, site) in enumerate(
            (
                (Action.WASH, "WASH"),
                (Action.PASS, "WASH"),
                (Action.SHIP, "WASH"),
                (Action.STOCK, "CAFE"),
            )
        ):
            at = START + timedelta(minutes=minute + 1)
            scans = [ScanIn(uuid.uuid4(), action, code, at, site=site) for code in codes[start:]]
            with transaction(engine) as session:
                record_scans(session, scans, actor=world.officer, keys=keys, now=at)
    return codes


def write_log(engine: Engine, world: World, *, items: int, scans: int, lent: bool) -> list[str]:
    """Items with `scans` scans each, by the rules but past the writer; returns their codes.

    `lent`: the last scan of each is a lend. The due book is the real one, so `verify` is clean.
    """
    codes = _draw_codes(items)
    story = _story(world, scans, lent)
    with transaction(engine) as session:
        due_book = load_due_book(session)
        first = (session.scalar(sa.select(sa.func.max(Item.id))) or 0) + 1
    per_batch = max(1, BATCH // scans)
    for start in range(0, items, per_batch):
        rows: dict[str, list[dict[str, Any]]] = {"item": [], "label": [], "scan": [], "loan": []}
        for number, code in enumerate(codes[start : start + per_batch], first + start):
            _add_item(rows, world, story, number, code, due_book)
        with transaction(engine) as session:
            for name, table in (("item", Item), ("label", Label), ("scan", Scan), ("loan", Loan)):
                insert_rows(session, table_of(table), rows[name])
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("SELECT setval('item_id_seq', (SELECT max(id) FROM item))"))
            connection.execute(sa.text("ANALYZE"))
    return codes


def _draw_codes(count: int) -> list[str]:
    """Any number of distinct codes; the rule's own limit is one order of labels."""
    codes: dict[str, None] = {}
    while len(codes) < count:
        codes |= dict.fromkeys(make_codes(min(MOST_AT_ONCE, count - len(codes))))
    return list(codes)


def write_borrowers(engine: Engine, world: World, *, loans_each: int) -> None:
    """Gives every open loan without one a borrower with a contact, `loans_each` to a person."""
    with transaction(engine) as session:
        known = sa.exists().where(ScanBorrower.scan_id == Loan.id)
        query = sa.select(Loan.id).where(Loan.closed_at.is_(None), ~known).order_by(Loan.item_id)
        loans = list(session.scalars(query))
    for some in each(loans, BATCH):
        people, rows = [], []
        for number, loan in enumerate(some):
            if number % loans_each == 0:
                people.append(_resident(world))
            rows.append(
                {"scan_id": loan, "district_id": world.district, "resident_id": people[-1]["id"],
                 "digest": people[-1]["contact_digest"], "sealed": None}
            )  # fmt: skip
        with transaction(engine) as session:
            insert_rows(session, table_of(Resident), people)
            insert_rows(session, table_of(ScanBorrower), rows)


def _resident(world: World) -> dict[str, Any]:
    return {
        "id": uuid.uuid4(), "district_id": world.district, "contact_digest": secrets.token_bytes(32),
        "contact_sealed": secrets.token_bytes(48), "contact_kind": "phone", "language": "ko",
        "confirmed_at": START, "member_number": secrets.token_hex(8), "session_epoch": 0,
        "created_at": START,
    }  # fmt: skip


def _story(world: World, scans: int, lent: bool) -> list[tuple[Action, int, datetime]]:
    """(action, site, time) of one item's scans: registered, washed, passed, then round after round."""
    actions = [Action.REGISTER, Action.WASH, Action.PASS]
    while len(actions) < scans - (1 if lent else 0):
        actions.append(ROUND[(len(actions) - 3) % len(ROUND)])
    if lent:
        actions = actions[: scans - 1] + [Action.LEND]
    return [
        (action, world.wash, START + timedelta(hours=number))
        for number, action in enumerate(actions)
    ]


def _add_item(
    rows: dict[str, list[dict[str, Any]]],
    world: World,
    story: list[tuple[Action, int, datetime]],
    number: int,
    code: str,
    due_book: Any,
) -> None:
    piece = Piece()
    for action, site, at in story:
        event = Event(
            uuid.uuid4(), action, at, site, code=code if action is Action.REGISTER else None
        )
        step = advance(piece, event)
        assert not step.gaps, (action, step.gaps)
        piece = step.piece
        rows["scan"].append(_scan(world, event, number, code))
        if step.closed is not None:
            loan = step.closed.loan
            rows["loan"].append(
                _loan(world, loan, number, due_book)
                | {"closed_at": at, "closed_by": event.id, "outcome": step.closed.outcome}
            )
    due = due_book.due_of(world.kind, piece.loan) if piece.loan else None
    rows["item"].append(
        item_values(piece, due)
        | {"id": number, "district_id": world.district, "kind_id": world.kind}
    )
    rows["label"].append(
        {"code": code, "district_id": world.district, "kind_id": world.kind, "item_id": number,
         "created_at": START}
    )  # fmt: skip
    if piece.loan is not None:
        rows["loan"].append(_loan(world, piece.loan, number, due_book))


def _loan(world: World, loan: Any, item: int, due_book: Any) -> dict[str, Any]:
    return {
        "id": loan.id, "district_id": world.district, "item_id": item, "site_id": loan.site,
        "opened_at": loan.opened_at, "due_at": due_book.due_of(world.kind, loan), "extensions": 0,
        "lost_at": None, "closed_at": None, "closed_by": None, "outcome": None,
    }  # fmt: skip


def _scan(world: World, event: Event, item: int, code: str) -> dict[str, Any]:
    return {
        "id": event.id, "district_id": world.district, "item_id": item, "code": code,
        "action": event.action, "site_id": event.site, "to_site_id": None, "from_site_id": None,
        "at": event.at, "occurred_at": event.at, "recorded_at": event.at, "asked": False, "seq": 0,
        "position": 0, "clock_error": None, "clock_suspect": False, "of": None, "party": None,
        "unresolved": False, "override": None, "reason": None, "note": None,
        "new_code": event.code, "sender_kind": "system", "sender_id": None,
        "sender_role": Role.OFFICER,
    }  # fmt: skip


def each(values: list[Any], size: int) -> Iterator[list[Any]]:
    """`values` in lists of `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
