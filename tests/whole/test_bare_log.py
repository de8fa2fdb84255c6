"""The bare log's own readings: what is said of one moment is no overlap."""

from lending.db import reading
from tests.personas import Loop
from tests.whole.bare_log import wrong_stays


def test_packed_twice_at_one_moment_a_piece_is_in_one_crate(loop: Loop) -> None:
    """Whichever of the two ids is larger: the first stay ended as it began."""
    for _ in range(4):
        (cup,), at = loop.new_cups(), loop.now
        for crate in (loop.new_crate(), loop.new_crate()):
            loop.pack(crate, cup, at=at)
        with reading(loop.engine) as session:
            assert wrong_stays(session, loop.town.id) == []
