"""A tablet whose storage is full takes no scan, and says so: none is shown that is not kept."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from lending.loop.codes import format_code
from lending.loop.steps import State
from tests.browser.offline import (
    all_sent,
    in_queue,
    lent_cups,
    nudge,
    with_server,
    without_server,
)
from tests.browser.till import gun, is_online, kept, told
from tests.personas import Loop


@pytest.fixture
def till(open_station: Callable[..., Page]) -> Page:
    """The till of Mina's café."""
    return open_station()


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
    gun(till, first)
    told(till, "반납 완료")
    disk = Disk(till)
    is_online(till, online)
    disk.fill()
    gun(till, second)
    told(till, "저장 공간이 가득 찼어요")
    expect(till.locator("#stage-line")).to_have_text("이 컵은 적지 못했어요")
    expect(till.locator("#stage-next")).to_contain_text("그동안은 종이에 적어 주세요")
    expect(till.locator("#stage-cup")).to_contain_text(format_code(second))
    expect(till.locator("#spoken")).to_contain_text("저장 공간이 가득 찼어요")
    taken = till.locator("#log li.tone-back", has_text=format_code(second))
    expect(taken).to_have_count(0)
    assert second not in {record["code"] for record in kept(till)}
    assert district.item(second).state is State.LENT
    in_queue(till, 0 if online else 1)
    disk.clear()
    gun(till, third)
    told(till, "반납 완료")
    gun(till, second)
    expect(till.locator("#stage-cup")).to_contain_text(format_code(second))
    told(till, "반납 완료")
    expect(taken).to_have_count(1)
    if not online:
        assert [one["code"] for one in in_queue(till, 3)] == [first, third, second]
        with_server(till)
        nudge(till)
    all_sent(till)
    for cup in (first, second, third):
        assert district.item(cup).state is State.RETURNED


def test_an_undo_that_cannot_be_kept_is_not_shown_as_done(till: Page, district: Loop) -> None:
    [cup] = lent_cups(district, 1)
    gun(till, cup)
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
