"""/wares: the counted ware of a place now and over a time, its moves one by one; all places."""

from collections.abc import Sequence

from flask import render_template, request

from lending.people.tables import Role
from lending.places.sites import SiteView
from lending.wares.balances import PlaceTotal, place_totals
from lending.wares.names import load_names
from lending.wares.pages import desk, words
from lending.wares.pages.desk import COUNTERS, blueprint
from lending.wares.pages.record import verbs_of
from lending.wares.story import list_moves, place_balances
from lending.wares.ways import Condition
from lending.web.access import current_actor, station
from lending.web.services import reading

PAGE = 50


@blueprint.get("/wares")
@station(*COUNTERS)
def show_place() -> str:
    """The place's ware by kind and condition; `?from=&to=` what came and went. All places for who
    acts for the district and names none (`?site=`)."""
    actor = current_actor()
    if actor.site_id is None and not request.args.get("site"):
        return _show_all()
    period, form = desk.read_period()
    with reading() as session:
        site = desk.page_site(session)
        totals = place_totals(session, district_id=actor.district_id, site_id=site.id)
        balances = place_balances(session, site_id=site.id, since=period.begins, until=period.ends)
        kinds = desk.counted_kinds(session, actor)
    return render_template(
        "wares/place.html",
        site=site,
        rows=_rows([kind.code for kind in kinds], totals),
        kinds={kind.code: kind for kind in kinds},
        balances=balances,
        period=period,
        form=form,
        verbs=verbs_of(actor.role),
        where=desk.where(site),
        tabs=desk.tabs_of(site),
        words=words,
    )


@blueprint.get("/wares/moves")
@station(*COUNTERS)
def show_moves() -> str:
    """The moves of a place's ware, the newest first; `?kind=` of one kind."""
    actor = current_actor()
    with reading() as session:
        if desk.must_choose():
            return desk.choose_place(session)
        site = desk.page_site(session)
        kinds = {kind.code: kind for kind in desk.counted_kinds(session, actor)}
        wanted = kinds.get(request.args.get("kind", ""))
        page = list_moves(
            session, site_id=site.id, kind_id=wanted.id if wanted else None,
            after=desk.cursor(), limit=PAGE,
        )  # fmt: skip
        accounts = [one for move in page.items for one in (move.source, move.target)]
        names = load_names(session, page.items, accounts, with_staff=actor.role is Role.OFFICER)
        sites = desk.sites_by_id(session, actor)
    return render_template(
        "wares/moves.html",
        site=site,
        moves=page.items,
        next=desk.next_cursor(page.next),
        kinds=kinds,
        chosen=wanted,
        names=names,
        sites=sites,
        where=desk.where(site),
        tabs=desk.tabs_of(site),
        words=words,
    )


def _show_all() -> str:
    actor = current_actor()
    with reading() as session:
        totals = place_totals(session, district_id=actor.district_id)
        sites = desk.sites_by_id(session, actor)
        kinds = {kind.code: kind for kind in desk.counted_kinds(session, actor)}
    by_site: dict[int, list[PlaceTotal]] = {}
    for total in totals:
        by_site.setdefault(total.site_id, []).append(total)
    filled: list[tuple[SiteView, list[tuple[str, dict[str, int]]]]] = [
        (sites[id], _rows(sorted({one.kind for one in found}), found))
        for id, found in by_site.items()
        if id in sites
    ]
    empty = [site for site in sites.values() if site.kind in desk.PLACES and site.id not in by_site]
    return render_template(
        "wares/places.html", filled=filled, empty=empty, kinds=kinds, words=words
    )


def _rows(kinds: Sequence[str], totals: Sequence[PlaceTotal]) -> list[tuple[str, dict[str, int]]]:
    """(kind, {condition or "in_crates", "coming", "all": pieces}) for each kind, none left out."""
    rows = {code: dict.fromkeys([*Condition, "in_crates", "coming", "all"], 0) for code in kinds}
    for total in totals:
        row = rows.get(total.kind)
        if row is None:
            continue
        row[total.condition] += total.loose
        row["in_crates"] += total.in_crates
        row["coming"] += total.coming
        row["all"] += total.loose + total.in_crates
    return list(rows.items())
