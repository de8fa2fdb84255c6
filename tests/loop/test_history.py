"""The read side: who sees which piece, lists cut into pages, stories, stock, loans and reviews."""

import uuid
from datetime import timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.claims import print_labels
from lending.loop.codes import make_code
from lending.loop.read.history import item_scans, last_scans, today_counts
from lending.loop.read.loans import list_loans, loans_of_resident
from lending.loop.read.paging import Page
from lending.loop.read.pieces import find_item, list_items, list_kinds, public_item
from lending.loop.read.review_queue import list_reviews
from lending.loop.read.stock import oldest_items, oldest_waiting, stock_of_sites
from lending.loop.steps import Action, Gap, Outcome, State
from lending.people.actors import Actor
from tests.personas import BOX, DANA, DAY, HARU, MINJI, NABI, WASH, Loop


@pytest.fixture
def read(loop: Loop) -> Any:
    """A session to read with; each statement sees what was committed before."""
    with Session(loop.engine) as session:
        sa.event.listen(session, "do_orm_execute", lambda _state: session.rollback())
        yield session


def all_pages(get: Any) -> list[Any]:
    """Every entry of a list, page by page, the cursor passed as an answer would carry it."""
    found, after = [], None
    for _ in range(100):
        page: Page[Any] = get(after)
        found += page.items
        if page.next is None:
            return found
        after = [part.isoformat() if hasattr(part, "isoformat") else part for part in page.next]
    raise AssertionError("the list never ends")


def sees(session: Session, actor: Actor, code: str) -> bool:
    try:
        return find_item(session, code=code, actor=actor).view.code == code
    except LendingError as error:
        assert error.code is Code.NOT_FOUND
        return False


def test_an_item_is_found_by_any_reading_of_its_code(loop: Loop, read: Session) -> None:
    cup = loop.lent_cup()
    written = f"https://old.example/i/{cup}"
    hyphened = f"{cup[:4]}-{cup[4:8]}-{cup[8:]}"
    for text in (cup, written, hyphened):
        view = find_item(read, code=text, actor=None).view
        assert (view.code, view.state, view.site, view.uses) == (cup, State.LENT, HARU, 1)
    assert view.due_at == loop.due(find_item(read, code=cup, actor=None).loan_id or uuid.uuid4())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no code", Code.INVALID),
        ("482109375517", Code.BAD_CHECK_DIGIT),
        (make_code(Random(7)), Code.NOT_FOUND),
    ],
)
def test_what_is_no_item_is_not_found(loop: Loop, read: Session, text: str, code: Code) -> None:
    if code is Code.BAD_CHECK_DIGIT:
        good = make_code()
        text = good[:-1] + str((int(good[-1]) + 1) % 10)
    for look in (
        lambda: find_item(read, code=text, actor=None),
        lambda: public_item(read, code=text),
    ):
        with pytest.raises(LendingError) as refused:
            look()
        assert refused.value.code is code


def test_a_replaced_label_finds_the_piece_and_a_blank_one_nothing(
    loop: Loop, read: Session
) -> None:
    cup, town = loop.clean_cup(), loop.town
    (fresh,) = loop.write(
        lambda s: print_labels(
            s, kind_id=town.kinds["cup-355"], count=1, district_id=town.id, now=loop.now
        )
    )
    with pytest.raises(LendingError):
        find_item(read, code=fresh, actor=town.officer)
    loop.relabel(cup, fresh)
    assert find_item(read, code=cup, actor=None).view.code == fresh
    assert public_item(read, code=cup).code == fresh


def test_a_place_sees_what_stands_there_was_last_there_or_comes_there(
    loop: Loop, read: Session
) -> None:
    mina, yuna, jun = loop.town.mina, loop.town.yuna, loop.town.jun
    cup = loop.new_cups()[0]
    assert sees(read, jun, cup) and not sees(read, mina, cup)
    loop.wash(cup)
    loop.pass_(cup)
    loop.ship(cup, to=HARU)
    assert sees(read, mina, cup) and sees(read, jun, cup) and not sees(read, yuna, cup)
    loop.stock(cup)
    assert sees(read, mina, cup) and not sees(read, jun, cup)
    loop.lend(cup)
    loop.give_back(cup, by=yuna)
    assert sees(read, yuna, cup) and not sees(read, mina, cup)
    loop.hold(cup, by=mina)  # a mark: the piece stands at Nabi, last scanned at Haru
    assert sees(read, yuna, cup) and sees(read, mina, cup)
    assert sees(read, loop.town.courier, cup) and sees(read, loop.town.officer, cup)


def test_lists_hold_what_a_place_sees_and_no_more(loop: Loop, read: Session) -> None:
    here, there = loop.clean_cups(3, at=HARU), loop.clean_cups(2, at=NABI, kind="cup-473")
    loop.lend(here[0])
    listed = list_items(read, actor=loop.town.mina).items
    assert {item.code for item in listed} == set(here)
    everything = list_items(read, actor=loop.town.officer)
    assert [item.code for item in everything.items] == here + there
    lent = list_items(read, actor=loop.town.mina, state=State.LENT).items
    assert [item.code for item in lent] == [here[0]]
    kind = list_items(read, actor=loop.town.officer, kind="cup-473", site="nabi").items
    assert [item.code for item in kind] == there
    assert list_items(read, actor=loop.town.officer, kind="spoon").items == []
    with pytest.raises(LendingError) as refused:
        list_items(read, actor=loop.town.mina, site=NABI)
    assert (refused.value.code, refused.value.field) == (Code.NOT_ALLOWED_HERE, "site")
    with pytest.raises(LendingError) as refused:
        list_items(read, actor=loop.town.officer, site="NOWHERE")
    assert refused.value.code is Code.NOT_FOUND


def test_another_district_stays_unseen(loop: Loop, read: Session) -> None:
    from dataclasses import replace

    cup = loop.lent_cup()
    stranger = replace(loop.town.officer, district_id=loop.town.id + 1)
    assert not sees(read, stranger, cup)
    assert list_items(read, actor=stranger).items == []
    assert list_loans(read, actor=stranger, now=loop.now).items == []
    assert stock_of_sites(read, actor=stranger).items == []


def test_every_list_is_whole_page_by_page(loop: Loop, read: Session) -> None:
    cups = loop.clean_cups(5)
    for cup in cups:
        loop.lend(cup, DANA)
    loop.give_back(cups[0])
    officer, now = loop.town.officer, loop.now
    item = find_item(read, code=cups[0], actor=None).id
    lists = [
        lambda after, n: list_items(read, actor=officer, after=after, limit=n),
        lambda after, n: item_scans(read, item_id=item, actor=officer, after=after, limit=n),
        lambda after, n: list_loans(read, actor=officer, now=now, after=after, limit=n),
        lambda after, n: list_loans(read, actor=officer, now=now, open=True, after=after, limit=n),
        lambda after, n: stock_of_sites(read, actor=officer, after=after, limit=n),
    ]
    for get in lists:
        whole = get(None, 1000)
        assert whole.next is None and len(whole.items) > 1
        for size in (1, 2, len(whole.items)):
            assert all_pages(lambda after, g=get, n=size: g(after, n)) == whole.items


@pytest.mark.parametrize(
    "after", [[], ["x"], [1.5], [None], ["2026-01-01", 3], [2**70], ["a\x00"], [1, 2, 3, 4, 5]]
)
def test_a_cursor_we_did_not_make_is_invalid(loop: Loop, read: Session, after: list[Any]) -> None:
    officer = loop.town.officer
    for look in (
        lambda: list_items(read, actor=officer, after=after),
        lambda: list_loans(read, actor=officer, now=loop.now, after=after),
        lambda: item_scans(read, item_id=1, actor=officer, after=after),
        lambda: stock_of_sites(read, actor=officer, after=after),
        lambda: list_reviews(read, actor=officer, after=after),
    ):
        with pytest.raises(LendingError) as refused:
            look()
        assert (refused.value.code, refused.value.field) == (Code.INVALID, "cursor")


def test_the_story_is_newest_first_with_gaps_and_what_was_taken_back(
    loop: Loop, read: Session
) -> None:
    cup = loop.new_cups()[0]
    loop.wash(cup)
    loop.pass_(cup)
    lend = loop.lend(cup)
    undo = loop.void(cup, lend.id)
    again = loop.lend(cup, note="blue lid")
    item = find_item(read, code=cup, actor=None).id
    story = item_scans(read, item_id=item, actor=None).items
    assert [scan.action for scan in story] == [
        Action.LEND, Action.VOID, Action.LEND, Action.PASS, Action.WASH, Action.REGISTER,
    ]  # fmt: skip
    assert [scan.voided for scan in story] == [False, False, True, False, False, False]
    assert story[0].gaps == (Gap.MISSED_SHIP, Gap.MISSED_STOCK) and story[0].note == "blue lid"
    assert (story[0].site, story[0].kind, story[0].asked) == (HARU, "cup-355", True)
    assert (story[1].id, story[1].of, story[0].id) == (undo.id, lend.id, again.id)
    loop.void(cup, undo.id)  # taken back in turn: the first lend counts again
    story = item_scans(read, item_id=item, actor=loop.town.jun).items
    assert {scan.id for scan in story if scan.voided} == {undo.id}
    assert story[1].note is None  # Mina's note is not Jun's to read


def test_the_till_sees_its_last_scans_and_counts(loop: Loop, read: Session) -> None:
    cups = loop.clean_cups(3)
    yesterday = loop.lend(cups[0], at=loop.now - DAY, ask=False)
    lends = [loop.lend(cup) for cup in cups[1:]]
    back = loop.give_back(cups[1])
    loop.void(cups[2], lends[1].id)
    site = loop.town.sites[HARU]
    counts = today_counts(read, site_id=site, now=loop.now)
    assert counts == {Action.STOCK: 3, Action.LEND: 1, Action.RETURN: 1, Action.VOID: 1}
    shown = last_scans(read, site_id=site, limit=3)
    assert [scan.id for scan in shown] == [back.id, lends[1].id, lends[0].id]
    assert [scan.voided for scan in shown] == [False, True, False]
    ids = {scan.id for scan in last_scans(read, site_id=site)}
    assert yesterday.id in ids
    assert today_counts(read, site_id=loop.town.sites[BOX], now=loop.now) == {}


def test_the_day_begins_at_local_midnight(loop: Loop, read: Session) -> None:
    cup = loop.lent_cup()
    midnight = loop.now.replace(hour=15, minute=0)  # in Seoul
    site = loop.town.sites[HARU]
    assert today_counts(read, site_id=site, now=midnight - timedelta(microseconds=1))
    assert today_counts(read, site_id=site, now=midnight) == {}
    assert cup


def test_stock_counts_clean_and_held_pieces(loop: Loop, read: Session) -> None:
    cups = loop.clean_cups(4)
    loop.hold(cups[0])
    loop.lend(cups[1])
    loop.give_back(cups[1])
    new = loop.new_cups(2)
    loop.wash(new[0])
    loop.pass_(new[0])
    loop.ship(new[0], to=HARU)
    lines = stock_of_sites(read, actor=loop.town.mina).items
    assert [(s.site, s.state, s.to, s.count, s.clean, s.held) for s in lines] == [
        (HARU, State.READY, None, 3, 2, 1),
        (HARU, State.RETURNED, None, 1, 0, 0),
        (WASH, State.SHIPPED, HARU, 1, 1, 0),
    ]
    assert stock_of_sites(read, actor=loop.town.yuna).items == []
    officer = stock_of_sites(read, actor=loop.town.officer).items
    assert sum(line.count for line in officer) == 6
    assert officer[-2:][0].state is State.DIRTY


def test_what_waits_longest(loop: Loop, read: Session) -> None:
    cups = loop.new_cups(3)
    first = find_item(read, code=cups[0], actor=None).view.since
    loop.wash(cups[0])
    later = find_item(read, code=cups[0], actor=None).view.since
    waiting = oldest_waiting(
        read, district_id=loop.town.id, states=[State.DIRTY, State.WASHED],
        site_id=loop.town.sites[WASH],
    )  # fmt: skip
    assert [(w.state, w.count, w.since) for w in waiting] == [
        (State.DIRTY, 2, first),
        (State.WASHED, 1, later),
    ]
    longest = oldest_items(read, site_id=loop.town.sites[WASH], states=[State.DIRTY], limit=1)
    assert [item.code for item in longest] == [cups[1]]


def test_loans_open_overdue_and_closed(loop: Loop, read: Session) -> None:
    cups = loop.clean_cups(3)
    old = loop.lend(cups[0], at=loop.now - 20 * DAY, ask=False)
    assert old.result == "recorded"
    done = loop.lend(cups[1], DANA)
    loop.give_back(cups[1])
    fresh = loop.lend(cups[2], DANA)
    mina = loop.town.mina

    def ids(**wanted: Any) -> list[uuid.UUID]:
        return [loan.id for loan in list_loans(read, actor=mina, now=loop.now, **wanted).items]

    # The late fact lies before the stocking: the cup was seen since, so that loan is closed.
    assert ids(open=True) == [fresh.id]
    assert set(ids()) == {old.id, done.id, fresh.id} and ids()[0] == fresh.id
    assert ids(open=False) == [done.id, old.id]
    assert ids(overdue=True) == []
    later = list_loans(read, actor=mina, now=loop.now + 20 * DAY, overdue=True).items
    assert [loan.id for loan in later] == [fresh.id] and later[0].is_overdue(loop.now + 20 * DAY)
    closed = {loan.id: loan.outcome for loan in list_loans(read, actor=mina, now=loop.now).items}
    assert closed == {old.id: Outcome.IMPLIED, done.id: Outcome.RETURNED, fresh.id: None}
    assert list_loans(read, actor=loop.town.yuna, now=loop.now).items == []


def test_a_resident_sees_the_own_loans(loop: Loop, read: Session) -> None:
    cups = loop.clean_cups(4)
    mine = [loop.lend(cup) for cup in cups[:3]]
    loop.lend(cups[3], DANA)
    loop.give_back(cups[0])
    loop.give_back(cups[1])
    minji = loop.town.residents[MINJI]
    found = loans_of_resident(read, resident_id=minji, limit=1)
    assert [loan.id for loan in found.open] == [mine[2].id]
    assert [loan.id for loan in found.history.items] == [mine[1].id]
    rest = loans_of_resident(
        read, resident_id=minji,
        after=[part.isoformat() if hasattr(part, "isoformat") else part
               for part in found.history.next or ()],
    )  # fmt: skip
    assert [loan.id for loan in rest.history.items] == [mine[0].id]
    assert (found.open[0].site_name, found.open[0].kind_name_en) == ("카페 하루", "")


def test_reviews_are_the_places_own(loop: Loop, read: Session) -> None:
    dirty = loop.new_cups()[0]
    loop.lend(dirty, ask=False)
    unknown = make_code()
    loop.give_back(unknown, by=loop.town.yuna, ask=False)
    mina, yuna = (
        list_reviews(read, actor=actor).items for actor in (loop.town.mina, loop.town.yuna)
    )
    assert [(r.subject, r.code, r.kind, r.action) for r in mina] == [
        (Gap.UNCLEAN_LEND, dirty, "cup-355", Action.LEND)
    ]
    assert [(r.subject, r.code, r.kind) for r in yuna] == [(Gap.UNKNOWN_CODE, unknown, None)]
    officer = list_reviews(read, actor=loop.town.officer, limit=1)
    assert officer.items == mina and officer.next is not None
    assert list_reviews(read, actor=loop.town.officer, settled=True).items == []


def test_the_public_view_tells_of_washing_only(loop: Loop, read: Session) -> None:
    cup = loop.lent_cup()
    shown = public_item(read, code=cup)
    story = loop.story(cup)
    assert (shown.uses, shown.washes, shown.kind.code) == (1, 1, "cup-355")
    assert shown.last_wash_at and shown.last_pass_at and shown.last_wash_at <= shown.last_pass_at
    assert shown.kind.break_even_uses == 6
    wash = loop.wash(cup)
    assert public_item(read, code=cup).last_wash_at > shown.last_wash_at
    loop.void(cup, wash.id, by=loop.town.jun)
    assert public_item(read, code=cup).last_wash_at == shown.last_wash_at
    assert story.piece.washes == 1


def test_kinds_by_code(loop: Loop, read: Session) -> None:
    kinds = list_kinds(read, district_id=loop.town.id)
    assert [kind.code for kind in kinds] == ["cup-355", "cup-414", "cup-473"]


def test_no_list_asks_the_database_per_row(loop: Loop, read: Session) -> None:
    cups = loop.clean_cups(6)
    for cup in cups[:5]:
        loop.lend(cup)
    officer, asked = loop.town.officer, []
    sa.event.listen(loop.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    looks = [
        lambda n: list_items(read, actor=officer, limit=n),
        lambda n: list_loans(read, actor=officer, now=loop.now, limit=n),
        lambda n: list_reviews(read, actor=officer, limit=n),
        lambda n: item_scans(read, item_id=1, actor=officer, limit=n),
    ]
    for look in looks:
        counts = []
        for size in (1, 100):
            asked.clear()
            look(size)
            counts.append(len(asked))
        assert counts[0] == counts[1] <= 6


def test_a_place_sees_no_state_of_a_piece_that_went_on(loop: Loop) -> None:
    (cup,) = loop.new_cups()
    loop.lend(cup, ask=False)  # unclean: Mina's to look at
    loop.give_back(cup)

    def states(actor: Actor) -> list[State | None]:
        with Session(loop.engine) as session:
            return [entry.state for entry in list_reviews(session, actor=actor).items]

    assert states(loop.town.mina) == [State.RETURNED]
    loop.collect(cup)
    loop.receive(cup)
    loop.wash(cup)
    assert states(loop.town.mina) == [None]
    assert states(loop.town.officer) == [State.WASHED]
