"""Staff alerts in tests: swept, and shown to somebody."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.notices.alerts import AlertView, open_alerts
from lending.people.actors import Actor
from lending.places.tables import Site
from lending.reminders.alerts import AlertCounts, sweep_alerts
from tests.personas import Loop


def want_clean(loop: Loop, count: int, at: str | None = None) -> None:
    update = sa.update(Site).values(clean_low=count)
    if at is not None:
        update = update.where(Site.id == loop.town.sites[at])
    loop.write(lambda s: s.execute(update))


def sweep(loop: Loop) -> AlertCounts:
    done: AlertCounts = loop.write(
        lambda s: sweep_alerts(s, district_id=loop.town.id, now=loop.now)
    )
    return done


def alerts(loop: Loop, actor: Actor, **more: object) -> list[AlertView]:
    with Session(loop.engine) as session:
        return open_alerts(session, actor=actor, **more)


def kinds(loop: Loop, actor: Actor) -> list[tuple[str, int]]:
    return [(alert.kind, alert.count) for alert in alerts(loop, actor)]
