"""`lending verify` and `lending rebuild` know counted ware."""

from pathlib import Path

import sqlalchemy as sa
from click.testing import CliRunner, Result

from lending.cli import main
from lending.db import transaction
from lending.wares.tables import CountedAccount, CountedMove
from tests.personas import HARU, WASH
from tests.wares.conftest import CLEAN, DIRTY, Wares, in_crate


def run(word: str, database_url: str, instance: Path, *more: str) -> Result:
    environ = {
        "LENDING_DATABASE_URL": database_url, "LENDING_INSTANCE": str(instance),
        "LANG": "C.UTF-8", "LC_ALL": "", "LC_MESSAGES": "",
    }  # fmt: skip
    return CliRunner().invoke(main, [word, *more], env=environ)


def test_verify_names_a_wrong_balance_and_rebuild_repairs_it(
    wares: Wares, database_url: str, instance: Path
) -> None:
    wares.buy(10, wares.at(HARU))
    wares.count(wares.figure(9, wares.at(HARU)))
    assert run("verify", database_url, instance).exit_code == 0
    inside = CountedAccount.site_id.is_not(None)
    with transaction(wares.loop.engine) as session:
        session.execute(sa.update(CountedAccount).where(inside).values(balance=12))
    said = run("verify", database_url, instance)
    assert said.exit_code == 1
    [line] = said.stdout.splitlines()
    assert line.startswith("bowl (site ") and line.endswith("the balance is 12, the moves say 9")
    said = run("rebuild", database_url, instance)
    assert said.stdout.splitlines() == [
        "0 items repaired.", "1 balances of counted ware repaired.",
    ]  # fmt: skip
    assert run("verify", database_url, instance).exit_code == 0


def test_verify_names_a_move_that_was_changed(
    wares: Wares, database_url: str, instance: Path
) -> None:
    wares.buy(10, wares.at(HARU))
    wares.count(wares.figure(9, wares.at(HARU)))
    with transaction(wares.loop.engine) as session:
        session.execute(sa.update(CountedMove).where(CountedMove.quantity == 10).values(quantity=8))
    said = run("verify", database_url, instance)
    assert [line.split(": ")[1].split(" is ")[0] for line in said.stdout.splitlines()] == [
        f"the figure of {wares.now.isoformat()}", "the balance",
    ]  # fmt: skip


def test_balances_are_listed_by_place_kind_and_condition(
    wares: Wares, database_url: str, instance: Path
) -> None:
    empty = run("wares", database_url, instance, "balances")
    assert empty.stdout == "There is no counted ware.\n"
    wares.buy(10, wares.at(HARU))
    wares.buy(3, wares.at(WASH, DIRTY), kind_id=wares.plate)
    wares.buy(5, in_crate(wares.crate(), CLEAN))
    said = run("wares", database_url, instance, "balances")
    assert [line.split() for line in said.stdout.splitlines()] == [
        ["HARU", "bowl", "clean", "10", "0", "0"],
        ["WASH", "bowl", "clean", "0", "5", "0"],
        ["WASH", "plate", "dirty", "3", "0", "0"],
    ]
    one = run("wares", database_url, instance, "balances", "--site", "haru")
    assert len(one.stdout.splitlines()) == 1
    assert run("wares", database_url, instance, "balances", "--site", "nowhere").exit_code == 1
