"""A scan never holds a person: with every link to a borrower cut, the log gives the same items and loans."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import table_of
from lending.errors import Code
from lending.loop.scans import Result
from lending.loop.steps import Action
from lending.loop.tables import Loan, Scan, ScanBorrower
from lending.loop.verify import rebuild, verify
from tests.personas import DANA, DAY, MINJI, SORA, Loop, Stored


def busy_town(loop: Loop) -> list[str]:
    """Cups lent to several people, twice, without a name, brought back and not."""
    cups = loop.clean_cups(6)
    loop.lend(cups[0], MINJI)
    loop.give_back(cups[0])
    loop.lend(cups[1], DANA)
    loop.lend(cups[1], DANA, ask=False)
    loop.lend(cups[2], MINJI)
    loop.lend(cups[2], SORA, ask=False)
    loop.lend(cups[3], "somebody", ask=False)
    loop.lend(cups[4], None)
    loop.lend(cups[5], SORA)
    loop.extend(cups[5])
    return cups


def cut_all(loop: Loop) -> None:
    loop.write(lambda session: session.execute(sa.delete(ScanBorrower)))


def everything(loop: Loop, cups: list[str]) -> list[Stored]:
    return [loop.stored(cup) for cup in cups]


def test_replay_and_verify_give_the_same_without_any_borrower(loop: Loop) -> None:
    cups = busy_town(loop)
    before = everything(loop, cups)
    cut_all(loop)
    loop.check()
    assert list(verify(loop.engine)) == []
    assert everything(loop, cups) == before


def test_a_rebuild_gives_the_same_items_and_anonymous_loans(loop: Loop) -> None:
    cups = busy_town(loop)
    before = everything(loop, cups)
    cut_all(loop)
    spoil = [
        sa.text("UPDATE item SET uses = 77, state = 'lost', loan_id = NULL"),
        sa.delete(Loan),
        sa.text("DELETE FROM scan_gap"),
    ]
    loop.write(lambda session: [session.execute(statement) for statement in spoil])
    assert len(list(verify(loop.engine))) >= len(cups)
    assert rebuild(loop.engine, now=loop.now) == len(cups)
    assert everything(loop, cups) == before
    assert list(verify(loop.engine)) == []


def test_a_late_fact_after_the_cut_replays_to_the_same_loans(loop: Loop) -> None:
    cups = busy_town(loop)
    before = [set(one.loans) for one in everything(loop, cups)]
    cut_all(loop)
    for cup in cups:
        loop.stock(cup, at=loop.now - DAY)
    assert [set(one.loans) for one in everything(loop, cups)] == before
    loop.check()


def test_lent_twice_stays_one_loan_after_the_cut(loop: Loop) -> None:
    cups = busy_town(loop)
    cut_all(loop)
    assert len(loop.loans(cups[1])) == 1
    assert len(loop.loans(cups[2])) == 2
    loop.give_back(cups[1])
    loop.check()


def test_the_same_scan_after_the_cut_is_a_repetition(loop: Loop) -> None:
    cup = loop.clean_cup()
    scan = loop.scan(Action.LEND, cup, borrower=MINJI)
    loop.go(scan, by=loop.town.mina)
    cut_all(loop)
    assert loop.go(scan, by=loop.town.mina)[0].result is Result.REPEATED


def test_a_loan_cut_from_its_person_counts_for_nobody(loop: Loop) -> None:
    cups = [loop.lent_cup(MINJI) for _ in range(5)]
    another = loop.clean_cup()
    assert loop.lend(another, MINJI).error is Code.TOO_MANY_OPEN
    cut_all(loop)
    assert loop.lend(another, MINJI).result is Result.RECORDED
    assert all(loop.loans(cup)[0].closed_at is None for cup in cups)


def test_no_column_of_the_log_tells_a_person(loop: Loop) -> None:
    cups = loop.clean_cups(2)
    lends = [loop.lend(cup, MINJI).id for cup in cups]
    scans, borrowers = table_of(Scan), table_of(ScanBorrower)
    assert not {column.name for column in scans.columns} & {"resident_id", "digest", "contact"}
    with Session(loop.engine) as session:
        rows = session.execute(sa.select(scans).where(scans.c.id.in_(lends))).mappings().all()
        person = session.scalars(
            sa.select(borrowers.c.resident_id).where(borrowers.c.scan_id == lends[0])
        ).one()
    # The same person stands under another number on every piece.
    assert rows[0]["party"] != rows[1]["party"]
    told = repr([dict(row) for row in rows])
    assert str(person) not in told and person.hex not in told
    assert "23456789" not in told and "2345-6789" not in told


def test_what_was_never_resolved_goes_when_its_lend_is_taken_back(loop: Loop) -> None:
    cup = loop.clean_cup()
    lend = loop.lend(cup, "050-1234-5678", ask=False)

    def sealed() -> object:
        with Session(loop.engine) as session:
            return session.scalars(
                sa.select(ScanBorrower.sealed).where(ScanBorrower.scan_id == lend.id)
            ).one()

    assert sealed() is not None
    loop.void(cup, lend.id)
    assert sealed() is None
    loop.check()
