"""The read side: lists cut into pages, stories, the day of a till."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.read.history import item_scans, last_scans, today_counts
from lending.loop.read.loans import list_loans
from lending.loop.read.paging import Page
from lending.loop.read.pieces import find_item, list_items
from lending.loop.read.review_queue import list_reviews
from lending.loop.read.stock import stock_of_sites
from lending.loop.steps import Action, Gap
from tests.personas import BOX, DANA, DAY, HARU, Loop


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
