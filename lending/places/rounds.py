"""The worker's rounds: every district in turn, each in a transaction of its own, until it is to stop."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy.engine import Engine

from lending.db import glancing, run_transaction
from lending.places.districts import list_districts

T = TypeVar("T")
Clock = Callable[[], datetime]
Stop = Callable[[], bool]


def never() -> bool:
    """A `stop` that never says so."""
    return False


def each_district(engine: Engine, *, stop: Stop = never) -> Iterator[int]:
    """The districts' ids one after the other; none more once `stop` says so."""
    with glancing(engine) as session:
        districts = [district.id for district in list_districts(session)]
    for district in districts:
        if stop():
            return
        yield district


def sweep_districts(
    engine: Engine, work: Callable[..., T], *, clock: Clock, stop: Stop = never
) -> Iterator[T]:
    """What `work(session, district_id=, now=)` came to in each district, one transaction each; the
    next is begun only when it is asked for."""
    for district in each_district(engine, stop=stop):
        yield run_transaction(engine, partial(work, district_id=district, now=clock()))
