"""What becomes of webhooks with time: given up, sent elsewhere, signed by new keys, tried by hand, dropped."""

from lending.delivery.platforms.outbox import (
    KEPT,
    drop_old_webhooks,
    queue_trial,
)
from lending.delivery.platforms.register import change_platform, renew_keys
from lending.delivery.platforms.send import sweep_platforms
from lending.delivery.platforms.signatures import HEADER, is_signed
from lending.delivery.platforms.tables import Webhook, Word
from tests.delivery.platforms.world import HOUR, PlatformWorld
from tests.personas import DAY, MINUTE


def test_after_three_days_it_is_given_up_and_the_next_goes_out(world: PlatformWorld) -> None:
    world.say("A-1")
    world.receiver.answers = [500] * 10_000
    world.let_pass(3 * DAY + HOUR, every=HOUR / 4)
    assert sweep_platforms(world.loop.engine, clock=lambda: world.loop.now) == {"gave_up": 1}
    tried = len(world.receiver.heard)
    assert 70 < tried < 320  # about once an hour in the end, the whole three days
    world.receiver.answers = []
    world.say("A-1", 2, word=Word.CANCEL)
    world.let_pass(HOUR, every=MINUTE)
    assert world.receiver.told("A-1")[tried:] == [(2, "cancelled")]


def test_what_was_never_tried_is_tried_first_however_long_the_worker_stood_still(
    world: PlatformWorld,
) -> None:
    world.say("A-1")
    world.loop.now += 10 * DAY
    assert sweep_platforms(world.loop.engine, clock=lambda: world.loop.now) == {}
    assert world.tell() == {"told": 1}


def test_a_stopped_platform_is_told_nothing_more(world: PlatformWorld) -> None:
    world.say("A-1")
    change(world, active=False)
    assert world.tell() == {}
    world.loop.now += 4 * DAY
    assert sweep_platforms(world.loop.engine, clock=lambda: world.loop.now) == {"gave_up": 1}
    change(world, active=True, url="")
    world.say("A-2")
    assert world.count(Webhook) == 1


def test_a_new_address_is_tried_at_once(world: PlatformWorld) -> None:
    port, world.receiver.answers = world.receiver.port, [503]
    world.say("A-1")
    assert world.tell() == {"down": 1}
    change(world, url=f"http://127.0.0.1:{port}/new")
    world.loop.now += MINUTE
    assert world.tell() == {"told": 1}
    assert world.receiver.heard[-1].path == "/new"


def test_while_keys_change_both_secrets_sign(world: PlatformWorld) -> None:
    old = world.made.secret
    new = world.do(
        renew_keys, platform_id=world.caller.platform_id, at_once=False,
        actor=world.loop.town.officer, keys=world.loop.keys,
    ).secret  # fmt: skip
    world.say("A-1")
    world.tell()
    world.loop.now += DAY
    assert sweep_platforms(world.loop.engine, clock=lambda: world.loop.now) == {"old_keys": 1}
    world.say("A-2")
    world.tell()
    first, second = world.receiver.heard
    for heard, secret, good in (
        (first, old, True), (first, new, True), (second, old, False), (second, new, True),
    ):  # fmt: skip
        now = world.loop.now if heard is second else world.loop.now - DAY
        header = heard.headers[HEADER]
        assert is_signed(header, heard.body, secrets=[secret], now=now) is good


def test_a_trial_is_sent_as_everything_else(world: PlatformWorld) -> None:
    id = world.do(queue_trial, platform_id=world.caller.platform_id, district_id=world.loop.town.id)
    assert world.tell() == {"told": 1}
    [heard] = world.receiver.heard
    assert (heard.told["id"], heard.told["event"]) == (str(id), "trial")


def test_what_is_long_over_is_dropped(world: PlatformWorld) -> None:
    world.say("A-1")
    world.tell()
    world.say("A-2")
    late = world.loop.now + KEPT + DAY
    assert world.loop.write(lambda s: drop_old_webhooks(s, now=late)) == 1
    assert world.waiting() == world.count(Webhook) == 1


def change(world: PlatformWorld, *, active: bool = True, url: str | None = None) -> None:
    world.do(
        change_platform, platform_id=world.caller.platform_id, name="배달하루",
        callback_url=world.receiver.url if url is None else url, active=active,
        actor=world.loop.town.officer, anywhere=True,
    )  # fmt: skip
