"""`lending worker`: sends notices and does what falls due by itself, until it is told to stop."""

import signal
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import click
import structlog
from sqlalchemy.engine import Engine

from config import Config, load_keys
from lending.db import make_engine, run_transaction
from lending.people.keys import Keys

if TYPE_CHECKING:
    from lending.delivery.platforms.send import Telling
    from lending.notices.deliver import PostOffice
    from lending.ops.worker import Job


@click.command("worker")
@click.pass_obj
def command(config: Config) -> None:
    """Send notices, sweep what is due and draw labels; several workers at once are safe."""
    from lending.ops.worker import run_worker, set_up_worker_logs

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    set_up_worker_logs(config.log_level)
    engine = make_engine(config.database_url)
    jobs = make_jobs(config, engine, load_keys(config.instance))
    structlog.get_logger("lending.worker").info("worker", jobs=[job.name for job in jobs])
    run_worker(engine, jobs, clock=clock, stop=stop)
    engine.dispose()


def clock() -> datetime:
    """The time of this moment in UTC: the worker's only clock."""
    return datetime.now(UTC)


def make_jobs(config: Config, engine: Engine, keys: Keys) -> "list[Job]":
    """Every kind of work with how often it is looked at, in seconds."""
    from lending.delivery.platforms.send import sweep_platforms, tell_platforms
    from lending.delivery.worker import send_back_old_ware, sweep_delivery
    from lending.events.worker import sweep_events
    from lending.labels.work import run_label_jobs
    from lending.machines.watch import sweep_machines
    from lending.moving.worker import join_all_waiting, make_all_due_orders
    from lending.notices.cleaning import clean_files
    from lending.notices.deliver import deliver
    from lending.offices.worker import sweep_offices
    from lending.ops.worker import Job
    from lending.people.contacts import ContactKind
    from lending.reminders import rounds
    from lending.requests.pickups.worker import sweep_all_pickups
    from lending.washing.rounds import sweep_washing

    office, memory = make_post_office(config, engine, keys), rounds.Memory()
    telling = make_telling(config, engine, keys)
    every = float(config.worker_seconds)

    def upkeep(stop: Callable[[], bool]) -> Counter[str]:
        counts = rounds.let_time_pass(engine, keys=keys, clock=clock, stop=stop)
        return +(counts + drop_old_rows(engine))

    def clean(_: Callable[[], bool]) -> dict[str, int]:
        return {} if clean_files(engine, now=clock()) else {"busy": 1}

    def draw_labels(_: Callable[[], bool]) -> Counter[str]:
        folder = config.instance / "labels"
        url = config.public_url
        return +Counter(drawn=run_label_jobs(engine, folder=folder, public_url=url, clock=clock))

    return [
        Job("sweep", every, lambda stop: rounds.sweep_reminders(
            engine, clock=clock, memory=memory, stop=stop)),
        Job("send_phone", 1.0, lambda stop: deliver(office, ContactKind.PHONE, stop=stop)),
        Job("send_email", 1.0, lambda stop: deliver(office, ContactKind.EMAIL, stop=stop)),
        Job("alerts", max(every, 60.0), lambda stop: rounds.sweep_all_alerts(
            engine, clock=clock, stop=stop)),
        Job("washing", max(every, 30.0), lambda stop: sweep_washing(
            engine, keys=keys, clock=clock, stop=stop)),
        Job("deliveries", max(every, 15.0), lambda stop: sweep_delivery(
            engine, clock=clock, stop=stop)),
        Job("shelves", max(every, 3600.0), lambda stop: send_back_old_ware(
            engine, clock=clock, stop=stop)),
        Job("events", max(every, 60.0), lambda stop: sweep_events(
            engine, clock=clock, stop=stop)),
        Job("offices", max(every, 300.0), lambda stop: sweep_offices(
            engine, clock=clock, stop=stop)),
        Job("machines", max(every, 30.0), lambda stop: sweep_machines(
            engine, clock=clock, stop=stop)),
        Job("orders", max(every, 300.0), lambda stop: make_all_due_orders(
            engine, clock=clock, stop=stop)),
        Job("pickup_rounds", max(every, 60.0), lambda stop: join_all_waiting(
            engine, keys=keys, clock=clock, stop=stop)),
        Job("pickups", max(every, 30.0), lambda stop: sweep_all_pickups(
            engine, keys=keys, clock=clock, stop=stop)),
        Job("platforms", 1.0, lambda stop: tell_platforms(telling, stop=stop)),
        Job("platforms_upkeep", 60.0, lambda _: sweep_platforms(engine, clock=clock)),
        Job("upkeep", 3600.0, upkeep),
        Job("clean", every, clean),
        Job("labels", every, draw_labels),
    ]  # fmt: skip


def make_post_office(config: Config, engine: Engine, keys: Keys) -> "PostOffice":
    """The senders that the configuration sets up, and who writes which message."""
    from lending.notices.deliver import PostOffice
    from lending.notices.senders import make_senders
    from lending.notices.smtp import read_smtp_url
    from lending.notices.solapi import SolapiSettings
    from lending.notices.tables import Purpose
    from lending.reminders.compose import make_writer

    smtp = read_smtp_url(config.smtp_url, mail_from=config.mail_from) if config.smtp_url else None
    solapi = None
    if config.solapi_key and config.solapi_secret:
        solapi = SolapiSettings(
            config.solapi_url, config.solapi_key, config.solapi_secret, config.solapi_sender,
            config.solapi_channel, config.solapi_template,
        )  # fmt: skip
    senders = make_senders(
        engine, keys=keys, clock=clock, smtp=smtp, solapi=solapi, wish=config.sender
    )
    writers = {Purpose.REMINDER: make_writer(keys, public_url=config.public_url)}
    return PostOffice(engine, keys, clock, senders, writers)


def make_telling(config: Config, engine: Engine, keys: Keys) -> "Telling":
    """How delivery platforms are told: by a post to the public network only, unless set."""
    from lending.delivery.platforms.callbacks import post_callback
    from lending.delivery.platforms.send import Telling

    return Telling(engine, keys, clock, partial(post_callback, anywhere=config.callbacks_anywhere))


def drop_old_rows(engine: Engine) -> Counter[str]:
    """What is kept for a time only: the access log, one-time codes, budgets, photos, credits."""
    from lending.delivery.orders.records import drop_old_records
    from lending.delivery.platforms.outbox import drop_old_webhooks
    from lending.machines.watch import drop_old_machine_rows
    from lending.people.access_log import drop_old_access
    from lending.people.budgets import drop_old_budgets
    from lending.people.login_codes import drop_old_login_codes
    from lending.photos.keep import drop_old_photos
    from lending.requests.credits import drop_old_credits

    drops = {
        "access_log": drop_old_access,
        "login_codes": drop_old_login_codes,
        "budgets": drop_old_budgets,
        "photos": drop_old_photos,
        "credits": drop_old_credits,
        "delivery_records": drop_old_records,
        "machines": drop_old_machine_rows,
        "webhooks": drop_old_webhooks,
    }
    return Counter(
        {name: run_transaction(engine, partial(drop, now=clock())) for name, drop in drops.items()}
    )
