"""The screen above a box for everybody: nobody stays on it, nothing leads out, it speaks."""

from collections.abc import Callable

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from lending.web.identity import DEVICE_COOKIE
from tests.browser.box import TABLET, UPRIGHT, give, place, press, returns, sent, show_box, told
from tests.browser.live import LiveServer, axe_violations
from tests.browser.till import eventually, stop_time
from tests.personas import BOX, NABI, Loop

OpenBox = Callable[..., Page]


def test_after_twenty_seconds_everything_begins_anew(open_box: OpenBox, district: Loop) -> None:
    cup = district.lent_cup()
    box = open_box(clock=True)
    box.click("[data-language='en']")
    give(box, cup)
    told(box, "Thank you! It is returned")
    stop_time(box)
    press(box, "48")
    box.clock.fast_forward(13_500)
    expect(box.locator("#ending")).to_be_hidden()
    box.clock.fast_forward(1_000)
    expect(box.locator("#ending")).to_be_visible()
    box.click("#report")  # somebody is still there
    expect(box.locator("#ending")).to_be_hidden()
    box.clock.fast_forward(19_000)
    told(box, "Put it in, and tell us")
    box.clock.fast_forward(1_500)
    told(box, "컵의 QR을 카메라에 보여 주세요")
    expect(box.locator("html")).to_have_attribute("lang", "ko")
    expect(box.locator("#visit")).to_be_hidden()
    expect(box.locator("#typed")).to_have_value("")
    expect(box.locator("#report-tools")).to_be_hidden()
    expect(box.locator("#go")).to_have_text("반납하기")


def test_no_link_and_no_key_leads_out(
    open_box: OpenBox, district: Loop, live_server: LiveServer
) -> None:
    box = open_box()
    here = f"{live_server.url}/return"
    assert box.locator("a, area, iframe, object, embed, [target]").count() == 0
    assert box.locator("form[action]").count() == 0
    box.evaluate("() => void (window.here = true)")
    asked: list[str] = []
    box.on("request", lambda request: asked.append(request.url))
    box.context.on("page", lambda page: asked.append(f"a second page: {page.url}"))
    box.evaluate("history.back()")
    for key in ("Alt+ArrowLeft", "Alt+ArrowRight", "Backspace", "F1", "Control+n", "Control+l", "Control+o", "Control+p"):  # fmt: skip
        box.keyboard.press(key)
    box.evaluate("history.go(-1)")
    box.click("#typed", button="middle")
    for name in ("contextmenu", "dragstart", "drop", "dragover", "selectstart", "auxclick"):
        refused = box.evaluate(
            """name => !document.querySelector("#word").dispatchEvent(
              new Event(name, { bubbles: true, cancelable: true }))""",
            name,
        )
        assert refused, name
    assert box.evaluate("getComputedStyle(document.querySelector('#word')).userSelect") == "none"
    for button in box.locator("button:visible").all():
        if button.is_enabled() and button.is_visible():
            button.click()
    if box.locator("#report-cancel").is_visible():  # every button was pressed: also "report"
        box.click("#report-cancel")
    give(box, district.lent_cup())
    told(box, "Thank you! It is returned")  # … and "English"
    assert box.url == here
    assert box.evaluate("document.querySelector('#box').dataset.ready") == "1"
    elsewhere = [url for url in asked if not url.startswith((live_server.url, "blob:", "data:"))]
    assert not elsewhere
    assert box.evaluate("window.here")  # the page was never left


def test_what_is_said_aloud_can_be_switched_off(
    open_page: Callable[..., Page], live_server: LiveServer, district: Loop, box_tablet: str
) -> None:
    page = open_page(**TABLET, cookies={DEVICE_COOKIE: box_tablet})
    page.add_init_script(
        """window.said = [];
        speechSynthesis.speak = (sentence) => window.said.push([sentence.lang, sentence.text]);"""
    )
    show_box(page, live_server)

    def said() -> list[list[str]]:
        found: list[list[str]] = page.evaluate("window.said")
        return found

    give(page, district.lent_cup())
    eventually(page, lambda: len(said()) > 0)
    assert said()[-1] == ["ko-KR", "고마워요. 컵 1개 반납했어요. 컵을 반납함에 넣어 주세요."]
    page.click("[data-language='en']")
    eventually(page, lambda: said()[-1][0] == "en-US")
    page.click("#speech")
    expect(page.locator("#speech")).to_have_attribute("aria-pressed", "false")
    before = len(said())
    give(page, district.lent_cup())
    expect(page.locator("#spoken")).to_contain_text("Cups returned: 2")  # screen readers still hear
    assert len(said()) == before
    page.reload()
    expect(page.locator("#speech")).to_have_attribute("aria-pressed", "false")


def test_a_full_box_says_so_and_takes_the_cup_all_the_same(
    open_box: OpenBox, district: Loop
) -> None:
    place(district, BOX, 2, 37.5453, 126.6760)
    place(district, NABI, 0, 37.5470, 126.6790)
    cups = [district.lent_cup() for _ in range(3)]
    district.give_back(cups[0], by=district.town.machine)
    box = open_box()
    expect(box.locator("#full")).to_be_hidden()
    box.context.set_offline(True)
    give(box, cups[1])
    expect(box.locator("#full")).to_have_text(
        "반납함이 가득 찼어요 – 자리가 있는 가까운 곳: 카페 나비 (330 m). 들어가면 넣어도 반납으로 기록돼요."
    )
    give(box, cups[2])
    expect(box.locator("#count")).to_have_text("이번에 2개 반납했어요")
    box.context.set_offline(False)
    sent(box)
    assert [returns(district, cup) for cup in cups] == [1, 1, 1]
    box.reload()
    box.click("[data-language='en']")
    expect(box.locator("#full")).to_contain_text("The nearest with room is Café Nabi (330 m)")


def test_an_answer_under_way_does_not_forget_what_was_put_in(
    open_box: OpenBox, district: Loop
) -> None:
    place(district, BOX, 1, 37.5453, 126.6760)
    cup = district.lent_cup()
    box = open_box(service_workers="block")
    held: list[tuple[Route, APIResponse]] = []
    box.route("**/return/state**", lambda route: held.append((route, route.fetch())))
    box.evaluate("dispatchEvent(new Event('online'))")
    eventually(box, lambda: len(held) == 1)
    give(box, cup)
    expect(box.locator("#full")).to_be_visible()
    route, answer = held[0]
    route.fulfill(response=answer)  # as the box was before
    eventually(box, lambda: len(held) > 1)
    expect(box.locator("#full")).to_be_visible()


@pytest.mark.parametrize("size", [TABLET, UPRIGHT, {"width": 390, "height": 844}])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_axe_finds_nothing_and_targets_are_large(
    open_box: OpenBox, district: Loop, size: dict[str, int], language: str
) -> None:
    place(district, BOX, 1, 37.5453, 126.6760)
    place(district, NABI, 0, 37.5470, 126.6790)
    district.give_back(district.lent_cup(), by=district.town.machine)  # full: one more line
    box = open_box(**size)
    expect(box.locator("#full")).to_be_visible()
    states: list[Callable[[], None]] = [
        lambda: box.click(f"[data-language='{language}']"),
        lambda: press(box, "482109375519"),
        lambda: give(box, district.lent_cup()),
        lambda: box.click("#report"),
    ]
    for bring_about in states:
        bring_about()
        assert axe_violations(box) == []
        small = box.evaluate(
            """() => [...document.querySelectorAll("button, input")]
              .filter((one) => one.offsetParent)
              .map((one) => [one.id || one.textContent, one.getBoundingClientRect()])
              .filter(([, { width, height }]) => width < 64 || height < 64)
              .map(([name]) => name)"""
        )
        assert small == []
        if size["height"] >= 768 and size["width"] >= 700:
            hidden = box.evaluate(
                """() => [...document.querySelectorAll("button, input, #help")]
                  .filter((one) => one.offsetParent)
                  .filter((one) => {
                    const { x, y, width, height } = one.getBoundingClientRect();
                    const top = document.elementFromPoint(x + width / 2, y + height - 3);
                    return y + height > innerHeight || !(top && (one.contains(top) || top.contains(one)));
                  }).map((one) => one.id || one.textContent)"""
            )
            assert hidden == []  # everything is in reach without scrolling
        wide = box.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0
