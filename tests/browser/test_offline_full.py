"""A tablet whose storage is full takes no scan, and says so: none is shown that is not kept."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from lending.loop.steps import State
from tests.browser.conftest import LiveServer
from tests.browser.offline import (
    all_sent,
    in_queue,
    lent_cups,
    nudge,
    rattle,
    with_server,
    without_server,
)
from tests.browser.till import is_online, kept, knows, open_till, pair_tablet, told
from tests.personas import Loop


@pytest.fixture
def till(
    open_page: Callable[..., Page], live_server: LiveServer, district: Loop, engine: sa.Engine
) -> Page:
    """The till of Mina's café."""
    page = open_till(open_page, live_server, pair_tablet(district, engine), service_workers="block")
    knows(page)
    return page


class Disk:
    """The space a browser gives a page: none, as it tells the page of it, or what it likes.

    Chromium notices a quota that changed under a running page only half a minute later; so its
    answer is given here in its stead.
    """

    def __init__(self, page: Page) -> None:
        self._page = page

    def fill(self) -> None:
        """Full: nothing more is kept."""
        self._page.evaluate(
            """() => {
              window.keptBefore = IDBObjectStore.prototype.put;
              IDBObjectStore.prototype.put = () => {
                throw new DOMException("no space is left", "QuotaExceededError");
              };
            }"""
        )

    def clear(self) -> None:
        """There is space again."""
        self._page.evaluate("() => void (IDBObjectStore.prototype.put = window.keptBefore)")


@pytest.mark.parametrize("online", [True, False])
def test_when_the_storage_is_full_no_scan_is_taken(
    till: Page, district: Loop, online: bool
) -> None:
    first, second, third = lent_cups(district, 3)
    if not online:
        without_server(till)
    rattle(till, [first])
    told(till, "반납 완료")
    disk = Disk(till)
    is_online(till, online)
    rows = till.locator("#log li")
    shown = rows.count()
    disk.fill()
    rattle(till, [second])
    told(till, "저장 공간이 가득 찼어요")
    expect(till.locator("#stage-line")).to_have_text("이 컵은 적지 못했어요")
    expect(till.locator("#stage-next")).to_contain_text("그동안은 종이에 적어 주세요")
    expect(till.locator("#stage-cup")).to_contain_text(second[-4:])
    expect(till.locator("#spoken")).to_contain_text("저장 공간이 가득 찼어요")
    expect(rows).to_have_count(shown)
    assert second not in {record["code"] for record in kept(till)}
    assert district.item(second).state is State.LENT
    assert len(kept(till)) == (0 if online else 1)
    disk.clear()
    rattle(till, [third])
    told(till, "반납 완료")
    rattle(till, [second])
    expect(till.locator("#stage-streak")).to_contain_text("이어서")
    if not online:
        assert [one["code"] for one in in_queue(till, 3)] == [first, third, second]
        with_server(till)
        nudge(till)
    all_sent(till)
    for cup in (first, second, third):
        assert district.item(cup).state is State.RETURNED


def test_an_undo_that_cannot_be_kept_is_not_shown_as_done(till: Page, district: Loop) -> None:
    [cup] = lent_cups(district, 1)
    rattle(till, [cup])
    told(till, "반납 완료")
    disk = Disk(till)
    disk.fill()
    till.get_by_role("button", name="되돌리기: 반납").click()
    told(till, "저장 공간이 가득 찼어요")
    expect(till.locator("#log li.is-voided")).to_have_count(0)
    assert district.item(cup).state is State.RETURNED
    disk.clear()
    till.get_by_role("button", name="되돌리기: 반납").click()
    told(till, "되돌림")
    all_sent(till)
    assert district.item(cup).state is State.LENT
