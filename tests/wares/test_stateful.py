"""Random days of the ledger: in any order, late and repeated, the same balances come out."""

import uuid
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)  # fmt: skip

from lending.db import transaction
from lending.loop.scans import Result
from lending.people.keys import Keys
from lending.people.tables import Role
from lending.wares.balances import balances, outside_totals
from lending.wares.setting import RIGHTS
from lending.wares.tables import CountedAccount, CountedMove
from lending.wares.values import FigureIn, MoveIn
from lending.wares.ways import WAYS, Account, Condition, Outside, Why, at_place, beyond, in_crate
from lending.wares.ways import wrong_part as wrong_part_of
from tests.conftest import LONG
from tests.personas import HARU, MINUTE, NABI, WASH, Loop, found_town
from tests.wares.conftest import Wares, add_counted

SENT = tuple(why for why in WAYS if why in RIGHTS[Role.OFFICER])
numbers = st.integers(0, 10**6)
quantities = st.integers(1, 50)
ages = st.integers(0, 200)
Sent = MoveIn | FigureIn


class Ledger(RuleBasedStateMachine):
    """Moves and figures over two kinds, three places and two crates; all that was sent is kept."""

    def __init__(self, engine: sa.Engine, keys: Keys) -> None:
        super().__init__()
        self.engine, self.keys = engine, keys

    @initialize()
    def open_town(self) -> None:
        self.wares = self.found()
        self.sent: list[Sent] = []
        self.wares.loop.now += timedelta(days=1)

    def found(self) -> Wares:
        with transaction(self.engine) as session:
            loop = Loop(
                self.engine, self.keys, found_town(session, self.keys, prefix=uuid.uuid4().hex)
            )
            kinds = add_counted(session, loop, ["bowl", "plate"])
        wares = Wares(loop, *kinds)
        self.crates = [wares.crate() for _ in range(2)]
        return wares

    def accounts(self) -> list[Account]:
        sites = [self.wares.loop.town.sites[code] for code in (WASH, HARU, NABI)]
        inside = [at_place(site, condition) for site in sites for condition in Condition]
        inside += [in_crate(crate, condition) for crate in self.crates for condition in Condition]
        return inside

    @rule(draw=numbers, quantity=quantities, ago=ages, why=st.sampled_from(SENT))
    def move(self, draw: int, quantity: int, ago: int, why: Why) -> None:
        """Any move the table of ways allows, some of them long ago."""
        everything = [*self.accounts(), *map(beyond, Outside)]
        pairs = [(a, b) for a in everything for b in everything if fits(why, a, b)]
        source, target = pairs[draw % len(pairs)]
        kind = (self.wares.bowl, self.wares.plate)[draw % 2]
        at = self.wares.now - ago * MINUTE
        self.send(self.wares.move(quantity, source, target, why, kind_id=kind, at=at))

    @rule(draw=numbers, quantity=st.integers(0, 100), ago=ages)
    def count(self, draw: int, quantity: int, ago: int) -> None:
        accounts = self.accounts()
        kind = (self.wares.bowl, self.wares.plate)[draw % 2]
        account, at = accounts[draw % len(accounts)], self.wares.now - ago * MINUTE
        self.send(self.wares.figure(quantity, account, kind_id=kind, at=at))

    @rule(draw=numbers, quantity=quantities, ago=ages)
    def busy_shelf(self, draw: int, quantity: int, ago: int) -> None:
        """One shelf that everybody moves to and counts, so that the two meet often."""
        shelf = self.accounts()[0]
        at = self.wares.now - ago // 20 * MINUTE
        if draw % 2:
            self.send(self.wares.figure(quantity, shelf, at=at))
        else:
            self.send(self.wares.move(quantity, beyond(Outside.BOUGHT), shelf, Why.BOUGHT, at=at))

    @rule(which=st.lists(numbers, min_size=1, max_size=4))
    def again(self, which: list[int]) -> None:
        """What was sent is sent again: nothing changes."""
        if self.sent:
            before = self.stand()
            for number in which:
                one = self.sent[number % len(self.sent)]
                assert self.record(self.wares, [one]) == {Result.REPEATED}
            assert self.stand() == before

    @rule(minutes=st.integers(1, 60))
    def time_passes(self, minutes: int) -> None:
        self.wares.loop.now += minutes * MINUTE

    @invariant()
    def all_adds_up(self) -> None:
        if hasattr(self, "wares"):
            self.wares.check()
            expected = told(self.sent)
            assert self.stand() == {key: count for key, count in expected.items() if count}
            self.nothing_comes_from_nowhere()

    def nothing_comes_from_nowhere(self) -> None:
        """Over all accounts, outside ones too, every kind adds up to nought."""
        district = self.wares.loop.town.id
        sums: dict[int, int] = defaultdict(int)
        for (kind, _), quantity in self.stand().items():
            sums[kind] += quantity
        outside = self.wares.read(lambda s: outside_totals(s, district_id=district))
        for (kind, _), quantity in outside.items():
            sums[kind] += quantity
        assert not any(sums.values())

    def teardown(self) -> None:
        """Everything in another order and other calls, in another town, comes to the same."""
        if not getattr(self, "sent", None):
            return
        first, end, sent = self.wares, self.stand(), self.sent
        old_crates = self.crates
        second = self.found()
        second.loop.now = first.now
        rename = dict(zip(old_crates, self.crates, strict=True))
        sites = {id: second.loop.town.sites[code] for code, id in first.loop.town.sites.items()}
        kinds = {first.bowl: second.bowl, first.plate: second.plate}

        def there(account: Account) -> Account:
            return replace(
                account,
                site_id=account.site_id and sites[account.site_id],
                crate_id=account.crate_id and rename[account.crate_id],
            )

        def moved(one: Any) -> Any:
            more = {"id": uuid.uuid4(), "kind_id": kinds[one.kind_id]}
            if isinstance(one, FigureIn):
                return replace(one, account=there(one.account), **more)
            return replace(one, source=there(one.source), target=there(one.target), **more)

        rng = Random(len(sent))
        shuffled = [moved(one) for one in another_order(sent, rng)]
        while shuffled:
            size = rng.randint(1, 5)
            self.record(second, shuffled[:size])
            shuffled = shuffled[size:]
        second.check()
        self.wares = second
        assert self.stand() == {(kinds[k], there(a)): count for (k, a), count in end.items()}

    def send(self, one: Sent) -> None:
        assert self.record(self.wares, [one]) == {Result.RECORDED}
        self.sent.append(one)

    def record(self, wares: Wares, these: list[Any]) -> set[Result]:
        moves = [one for one in these if isinstance(one, MoveIn)]
        figures = [one for one in these if isinstance(one, FigureIn)]
        receipts: list[Any] = [*wares.count(*figures)] if figures else []
        receipts += wares.record(*moves) if moves else []
        return {receipt.result for receipt in receipts}

    def stand(self) -> dict[tuple[int, Account], int]:
        district = self.wares.loop.town.id
        rows = self.wares.read(lambda s: balances(s, district_id=district))
        return {(row.kind_id, row.account): row.quantity for row in rows}


def fits(why: Why, source: Account, target: Account) -> bool:
    return wrong_part_of(why, source, target) is None


def another_order(sent: list[Sent], rng: Random) -> list[Sent]:
    """Any other order in which of two figures of one moment the same one is told last."""
    order = {one.id: number for number, one in enumerate(sent)}
    shuffled = rng.sample(sent, len(sent))
    places: dict[Any, list[int]] = defaultdict(list)
    for place, one in enumerate(shuffled):
        if isinstance(one, FigureIn):
            places[one.kind_id, one.account, one.at].append(place)
    for group in places.values():
        told_so = sorted((shuffled[place] for place in group), key=lambda one: order[one.id])
        for place, one in zip(group, told_so, strict=True):
            shuffled[place] = one
    return shuffled


def told(sent: list[Sent]) -> dict[tuple[int, Account], int]:
    """What stands where, told without the ledger: the last figure, and what came and went since."""
    story: dict[tuple[int, Account], list[tuple[Any, ...]]] = defaultdict(list)
    for number, one in enumerate(sent):
        if isinstance(one, FigureIn):
            story[one.kind_id, one.account].append((one.at, 1, number, one.quantity))
            continue
        for account, sign in ((one.source, -1), (one.target, 1)):
            if account.outside is None:
                story[one.kind_id, account].append((one.at, 0, number, sign * one.quantity))
    totals = {}
    for key, lines in story.items():
        total = 0
        for _, is_figure, _, quantity in sorted(lines):
            total = quantity if is_figure else total + quantity
        totals[key] = total
    return totals


def test_balances_add_up_in_any_order_and_with_repeats(
    engine: sa.Engine, keys: Keys, backend: str
) -> None:
    examples = (100 if LONG else 20) if backend == "sqlite" else (40 if LONG else 6)
    run_state_machine_as_test(
        lambda: Ledger(engine, keys),
        settings=settings(settings(), max_examples=examples, stateful_step_count=25),
    )


def test_the_ledger_itself_refuses_what_no_code_may_write(wares: Wares) -> None:
    """The database's own constraints: no account with two holders, no move of nothing."""
    wares.buy(1, wares.at(HARU))
    for wrong in (
        sa.update(CountedMove).values(quantity=0),
        sa.update(CountedMove).values(to_id=CountedMove.from_id),
        sa.update(CountedMove).values(why=Why.COUNTED),
        sa.update(CountedAccount).values(outside=Outside.BROKEN, condition=Condition.CLEAN),
    ):
        try:
            wares.write(lambda s, statement=wrong: s.execute(statement))
        except sa.exc.IntegrityError:
            continue
        raise AssertionError(wrong)
