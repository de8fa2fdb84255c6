"""A shift at the washing centre step by step, as an operator's hands do it on one tablet: each step
begins where the one before ended and leaves the page on its screen."""

from playwright.sync_api import Page, expect

from lending.loop.commands import Command
from tests.browser.centre import READY, gun, told

MACHINE, PROGRAMME = "1호기", "표준"


def go_to(page: Page, screen: str) -> None:
    """By the menu of screens."""
    page.locator(".screens summary").click()
    page.locator(".screens nav").get_by_role("link", name=screen, exact=True).click()
    page.wait_for_selector(READY, state="attached")


def receive_crate(page: Page, crate: str, count: int) -> None:
    """At the washing table: one beep receives the crate with all that is in it."""
    gun(page, crate)
    told(page, "세척장 도착", f"{count}개")
    expect(page.locator("#stage-line")).to_have_text(f"상자 · 컵 {count}개")


def begin_batch(page: Page) -> None:
    """Two taps: the machine, the programme."""
    page.locator(".machine", has_text=MACHINE).click()
    page.locator(".programme", has_text=PROGRAMME).click()
    await_batch(page)


def begin_batch_by_keys(page: Page) -> None:
    """Two keys: the first machine, the first programme."""
    page.keyboard.press("1")
    expect(page.locator("#begin")).to_be_visible()
    page.keyboard.press("1")
    await_batch(page)


def await_batch(page: Page) -> None:
    page.wait_for_url("**/wash/batches/*-*")
    page.wait_for_selector(READY, state="attached")


def fill_batch(page: Page, codes: list[str], count: int) -> None:
    """Cups and crates go in by the scanner."""
    gun(page, *codes)
    expect(page.locator("#batch-total")).to_have_text(str(count))


def note_stages(page: Page, *stages: str) -> None:
    for stage in stages:
        page.get_by_role("button", name=stage).click()
        expect(page.locator("#stage-line")).to_have_text(stage)


def note_temperature(page: Page, value: str) -> None:
    """On the number pad."""
    page.get_by_role("button", name="측정값 적기").click()
    for key in value:
        page.locator(f"#reading [data-key='{key}']").click()
    page.locator("#reading .sheet-go").click()
    expect(page.locator("#stage-line")).to_have_text(f"온도 {value} °C")


def finish_batch(page: Page) -> None:
    """By the wall's code, twice: the second is the yes."""
    gun(page, Command.FINISH)
    expect(page.locator("#ask-finish")).to_be_visible()
    gun(page, Command.FINISH)
    told(page, "세척 끝")


def inspect(page: Page, good: list[str], faults: dict[str, str]) -> None:
    """Good cups by the scanner alone; each cup with a fault after its number key."""
    for cup in good:
        gun(page, cup)
        told(page, "검사 통과")
    for cup, key in faults.items():
        page.keyboard.press(key)
        expect(page.locator(f".choice-pad[data-key='{key}']")).to_have_attribute(
            "aria-pressed", "true"
        )
        gun(page, cup)
        expect(page.locator("#next-word")).to_have_text("검사 통과")
        expect(page.locator("#stage-cup")).to_contain_text(cup[-4:])
    expect(page.locator("#latest li")).to_have_count(len(good) + len(faults))
