"""A delivery platform that was told, is to be told and could not be told, for tests of every page."""

from lending.delivery.platforms.callbacks import Reply
from lending.delivery.platforms.send import sweep_platforms
from tests.delivery.platforms.receiver import Receiver
from tests.delivery.platforms.world import PlatformWorld
from tests.personas import DAY, MINUTE, Loop


def fill_platforms(loop: Loop) -> int:
    """The number of a platform whose receiver fails, after some days on which it did not."""
    now, replies = loop.now, [Reply(True), Reply(False, error="HTTP 422")]
    loop.now = now - 4 * DAY
    world = PlatformWorld(loop, Receiver(port=9))
    for ref in ("B-20471", "B-20472"):
        world.say(ref, contact="0507-1234-9876")
    world.tell(post=lambda *_: replies.pop(0))
    loop.now = now - 5 * MINUTE
    sweep_platforms(loop.engine, clock=lambda: loop.now)
    world.say("B-20490")
    world.tell(post=lambda *_: Reply(False, down=True, error="ConnectionRefusedError"))
    loop.now = now
    return world.made.platform_id
