"""The demo district: made through the writer, the same again, equal to a replay of its scans."""

import stat
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from lending.db import reading
from lending.demo.found import RESIDENT
from lending.demo.make import DemoMade, make_demo
from lending.demo.plan import EMPTY, KINDS, SMALL, UNCOLLECTED
from lending.demo.sign_ins import keep_passwords, load_sign_ins
from lending.loop.steps import Action, Gap, State
from lending.loop.tables import Item, ItemKind, Loan, Refusal, Review, Scan, ScanBorrower, ScanGap
from lending.loop.verify import verify
from lending.notices.tables import Message, Notice, NoticeKind, NoticeState
from lending.people.contacts import read_contact
from lending.people.keys import Keys
from lending.people.residents import contact_digest
from lending.people.sign_in import check_staff
from lending.people.tables import Resident
from lending.places.districts import list_districts
from lending.places.tables import Site, SiteKind

AFTERNOON = datetime(2026, 9, 17, 6, 30, tzinfo=UTC)  # a Thursday, 15:30 in Seoul


@pytest.fixture
def demo(engine: Engine, keys: Keys) -> DemoMade:
    said: list[str] = []
    made = make_demo(engine, keys=keys, now=AFTERNOON, say=said.append, scale=SMALL)
    assert made is not None
    assert said
    return made


def test_it_equals_a_replay_of_its_scans(engine: Engine, demo: DemoMade) -> None:
    assert list(verify(engine)) == []
    with reading(engine) as session:
        scans = session.scalar(sa.select(sa.func.count()).select_from(Scan))
    assert scans == demo.scans
    assert 1_000 < demo.scans < 5_000

    # It has the places and kinds that were promised.
    with reading(engine) as session:
        assert [one.is_demo for one in list_districts(session)] == [True]
        kinds = Counter(session.scalars(sa.select(Site.kind)))
        assert session.scalar(sa.select(Site.id).where(Site.code == "OFFICE"))
        assert set(session.scalars(sa.select(ItemKind.code))) == {kind.code for kind in KINDS}
    assert kinds[SiteKind.CAFE] >= 3
    assert kinds[SiteKind.WASH_CENTRE] == kinds[SiteKind.HALL] == 1


def test_every_list_has_something_to_show(engine: Engine, demo: DemoMade) -> None:
    with reading(engine) as session:
        states = set(session.scalars(sa.select(Item.state)))
        gaps = set(session.scalars(sa.select(ScanGap.gap)))
        subjects = set(session.scalars(sa.select(Review.subject)))
        refused = set(session.scalars(sa.select(Refusal.code)))
        actions = set(session.scalars(sa.select(Scan.action)))
        overdue = session.scalar(
            sa.select(sa.func.count())
            .select_from(Loan)
            .where(Loan.closed_at.is_(None), Loan.due_at < AFTERNOON)
        )
    assert {State.READY, State.LENT, State.RETURNED, State.SHIPPED, State.RETIRED} <= states
    assert {Gap.MISSED_STOCK, Gap.SUPERSEDED, Gap.BORROWER_UNRESOLVED, Gap.UNKNOWN_CODE} <= gaps
    assert {"superseded", "borrower_unresolved", "unknown_code"} <= subjects
    assert refused == {"not_clean"}  # the till's other questions were all granted
    assert {Action.EXTEND, Action.RELABEL, Action.REWASH} <= actions
    assert overdue

    # One café is short of cups and one waits for the courier.
    with reading(engine) as session:
        ready = sa.select(sa.func.count()).select_from(Item).join(Site, Site.id == Item.site_id)
        clean = session.scalar(ready.where(Site.code == EMPTY, Item.state == State.READY))
        waiting = session.scalar(
            ready.where(
                Site.code == UNCOLLECTED,
                Item.state == State.RETURNED,
                Item.since < AFTERNOON - timedelta(days=7),
            )
        )
    assert clean is not None
    assert clean < 10
    assert waiting

    # Nothing happens after now.
    with reading(engine) as session:
        last = session.scalar(sa.select(sa.func.max(Scan.occurred_at)))
        recorded = session.scalar(sa.select(sa.func.max(Scan.recorded_at)))
    assert last is not None
    assert recorded is not None
    assert AFTERNOON - timedelta(hours=2) < last <= recorded <= AFTERNOON


def test_the_same_moment_makes_the_same_history_and_only_in_an_empty_database(
    engine: Engine, keys: Keys, demo: DemoMade
) -> None:
    first = _story(engine)
    assert make_demo(engine, keys=keys, now=AFTERNOON, say=print, scale=SMALL) is None
    assert _story(engine) == first
    _wipe(engine)
    make_demo(engine, keys=keys, now=AFTERNOON, say=print, scale=SMALL)
    assert _story(engine) == first


def test_the_resident_has_two_cups_out_and_no_old_reminder_waits(
    engine: Engine, keys: Keys, demo: DemoMade
) -> None:
    with reading(engine) as session:
        resident = session.scalars(
            sa.select(Resident).where(
                Resident.contact_digest == contact_digest(keys, read_contact(RESIDENT))
            )
        ).one()
        out = session.scalar(
            sa.select(sa.func.count())
            .select_from(Loan)
            .join(ScanBorrower, ScanBorrower.scan_id == Loan.id)
            .where(ScanBorrower.resident_id == resident.id, Loan.closed_at.is_(None))
        )
        assert resident.confirmed_at is not None
        assert resident.terms_agreed_at is not None
        assert out == 2

    # No reminder of the past waits to be sent.
    with reading(engine) as session:
        assert not session.scalar(sa.select(sa.func.count()).select_from(Message))
        states = set(session.scalars(sa.select(Notice.state)))
        late = set(
            session.scalars(
                sa.select(Loan.id).where(
                    Loan.closed_at.is_(None), Loan.due_at < AFTERNOON - timedelta(days=4)
                )
            )
        )
        told = set(
            session.scalars(sa.select(Notice.lend_id).where(Notice.kind == NoticeKind.LATE_FIRST))
        )
    assert states <= {NoticeState.SENT, NoticeState.DROPPED}
    assert late
    assert late <= told


def test_its_passwords_open_and_can_be_printed_again(
    engine: Engine, demo: DemoMade, tmp_path: Path
) -> None:
    keep_passwords(
        engine, district_id=demo.district_id, instance=tmp_path, passwords=demo.passwords
    )
    sign_ins = load_sign_ins(engine, district_id=demo.district_id, instance=tmp_path)
    assert {one.login: one.password for one in sign_ins} == demo.passwords
    (file,) = tmp_path.glob("demo-*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    file.unlink()  # as on another machine with the same database
    fresh = {
        one.login: one.password
        for one in load_sign_ins(engine, district_id=demo.district_id, instance=tmp_path)
    }
    assert fresh.keys() == demo.passwords.keys()
    assert all(fresh[login] != demo.passwords[login] for login in fresh)
    with reading(engine) as session:
        assert check_staff(session, login="mina", password=fresh["mina"] or "")


def _story(engine: Engine) -> list[tuple[object, ...]]:
    """What happened, without what is random in every database (codes, secrets)."""
    columns = (Scan.occurred_at, Scan.recorded_at, Scan.action, Site.code)
    query = sa.select(*columns).join(Site, Site.id == Scan.site_id)
    with reading(engine) as session:
        return [tuple(row) for row in session.execute(query.order_by(*columns))]


def _wipe(engine: Engine) -> None:
    from tests.databases import empty_database, full_tables

    names = [name for name in sa.inspect(engine).get_table_names() if name != "alembic_version"]
    empty_database(engine, full_tables(engine, names))
