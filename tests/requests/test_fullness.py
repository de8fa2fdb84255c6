"""How full a box is, against the log counted by hand; where there is room; who is told."""

import uuid
from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.care.unreadable import Unreadable, report_unreadable
from lending.loop.codes import make_code
from lending.loop.pieces.claims import print_labels
from lending.loop.replay import replay, voided_ids
from lending.loop.steps import Action, State
from lending.loop.tables import Item, Review, Scan
from lending.loop.write.rows import EVENT_COLUMNS, event_from_row
from tests.personas import BOX, HARU, Loop, events_of
from tests.requests.boxes import fullness, hold, put_in


def report(loop: Loop, **more: object) -> bool:
    values = {"id": uuid.uuid4(), "at": loop.now} | more
    told = Unreadable(district_id=loop.town.id, site_id=loop.town.sites[BOX], **values)
    new: bool = loop.write(lambda s: report_unreadable(s, told, now=loop.now))
    loop.now += timedelta(minutes=1)
    return new


def counted_by_hand(loop: Loop, site: str) -> int:
    """What lies in a box: each piece's story replayed from nothing, and what nobody knew that came
    in after the last collection which was not taken back."""
    here = loop.town.sites[site]
    with Session(loop.engine) as session:
        items = session.scalars(sa.select(Item.id)).all()
        stories = [replay(events) for events in events_of(session, items).values()]
        rows = session.execute(sa.select(*EVENT_COLUMNS, Scan.item_id)).all()
        told = session.execute(
            sa.select(Review.scan_id, Review.opened_at, Review.site_id).where(
                Review.subject == "unreadable_return"
            )
        ).all()
    known = [one for one in stories if (one.piece.state, one.piece.site) == (State.RETURNED, here)]
    items_of = {row[0]: row.item_id for row in rows}
    events = [event_from_row(row) for row in rows]
    gone = voided_ids(events)
    standing = [one for one in events if one.id not in gone and one.site == here]
    emptied = max((one.at for one in standing if one.action is Action.COLLECT), default=None)
    came = [one.at for one in standing if one.action is Action.RETURN and items_of[one.id] is None]
    came += [at for scan, at, where in told if where == here and scan not in items_of]
    return len(known) + sum(emptied is None or at > emptied for at in came)


def test_returns_fill_a_box_and_collections_empty_it(loop: Loop) -> None:
    hold(loop, BOX, 4)
    cups = [loop.lent_cup(None) for _ in range(4)]
    assert (fullness(loop)[BOX].fill, fullness(loop)[BOX].emptied_at) == (0, None)
    for cup in cups[:3]:
        put_in(loop, cup)
    assert (fullness(loop)[BOX].fill, fullness(loop)[BOX].percent) == (3, 75)
    put_in(loop, make_code())  # a stranger's piece takes room too
    box = fullness(loop)[BOX]
    assert (box.pieces, box.unknown, box.percent, box.is_full) == (3, 1, 100, True)
    report(loop)  # one that nobody could read
    put_in(loop, cups[3])
    assert (fullness(loop)[BOX].fill, fullness(loop)[BOX].percent) == (6, 150)
    last = [loop.collect(cup, site=BOX) for cup in cups][-1]
    box = fullness(loop)[BOX]
    assert (box.fill, box.unknown) == (0, 0)
    assert box.emptied_at == loop.now - timedelta(minutes=1)
    # The last collection was a mistake: its cup is still there, the others are not.
    loop.void(cups[3], last.id, by=loop.town.officer, site=BOX)
    assert fullness(loop)[BOX].pieces == 1
    assert fullness(loop)[BOX].fill == counted_by_hand(loop, BOX)


def test_a_report_about_a_scan_counts_once_with_it(loop: Loop) -> None:
    hold(loop, BOX, 10)
    stranger = make_code()
    scan = put_in(loop, stranger)
    assert report(loop, id=scan.id)
    assert not report(loop, id=scan.id)  # sent again
    assert fullness(loop)[BOX].fill == 1
    loop.void(stranger, scan.id, by=loop.town.officer, site=BOX, ask=False)
    assert fullness(loop)[BOX].fill == counted_by_hand(loop, BOX) == 0


def test_an_unknown_piece_that_becomes_known_counts_once(loop: Loop) -> None:
    hold(loop, BOX, 10)
    [label] = loop.write(
        lambda s: print_labels(
            s, kind_id=loop.town.kinds["cup-355"], count=1, district_id=loop.town.id, now=loop.now
        )
    )
    put_in(loop, label)
    assert (fullness(loop)[BOX].pieces, fullness(loop)[BOX].unknown) == (0, 1)
    loop.claim(label)
    assert (fullness(loop)[BOX].pieces, fullness(loop)[BOX].unknown) == (1, 0)


@pytest.mark.parametrize("seed", range(6))
def test_fullness_is_what_the_log_says(loop: Loop, seed: int) -> None:
    """Any mixture of returns, collections, lends, reports and voids, also late ones."""
    rng = Random(seed)
    hold(loop, BOX, 7)
    hold(loop, HARU, 5)
    cups, made = loop.clean_cups(6), []
    strangers = [make_code(rng) for _ in range(3)]
    for _ in range(45):
        cup = rng.choice([*cups, *cups, *strangers])
        late = loop.now - timedelta(minutes=rng.choice([0, 0, 0, 7, 40]))
        what = rng.choice(["box", "box", "cafe", "collect", "lend", "void", "report"])
        if what == "box":
            made.append(put_in(loop, cup, at=late, sent_at=loop.now).id)
        elif what == "cafe":
            loop.give_back(cup, at=late, sent_at=loop.now, ask=False)
        elif what == "collect":
            where = rng.choice([BOX, HARU])
            made.append(loop.collect(cup, site=where, at=late, sent_at=loop.now).id)
        elif what == "lend" and cup in cups:
            loop.lend(cup, None, ask=False)
        elif what == "void" and made:
            of = rng.choice(made)
            made.append(loop.void(cup, of, by=loop.town.officer, site=BOX).id)
        elif what == "report":
            report(loop, at=late)
    for site in (BOX, HARU):
        assert fullness(loop)[site].fill == counted_by_hand(loop, site)
    loop.check()


def test_what_is_read_off_a_piece_is_no_telephone_number(loop: Loop) -> None:
    def note(text: str) -> str | None:
        told = uuid.uuid4()
        report(loop, id=told, text=text)
        with Session(loop.engine) as session:
            return session.scalars(sa.select(Review.note).where(Review.scan_id == told)).one()

    assert note("4821 0937 55") == "4821 0937 55"
    assert note(" ab-12!\x00가 ") == "AB-12"
    assert note("010-2345-6789") is None
    assert note("+82 10 2345 6789") is None
    assert note("mina7@example.org") is None
    assert note("Minji Kim") is None
    assert note("") is None
    assert len(note("1 " * 200) or "") <= 40
