"""/wares/crates: the crates of a place, and what is in one, where it stands, its story."""

from flask import render_template

from lending.loop.read.history import item_scans
from lending.loop.read.pieces import find_item
from lending.loop.read.sight import sees_district
from lending.people.tables import Role
from lending.wares.balances import crate_contents
from lending.wares.crates import find_crate
from lending.wares.inside import crate_moves, crates_at, pieces_inside
from lending.wares.names import load_names
from lending.wares.pages import desk, words
from lending.wares.pages.desk import COUNTERS, blueprint
from lending.web.access import current_actor, station
from lending.web.services import reading

PAGE = 50
STORY = 20


@blueprint.get("/wares/crates")
@station(*COUNTERS)
def show_crates() -> str:
    """The crates at a place and on their way there, each with how much is in it."""
    actor = current_actor()
    with reading() as session:
        if desk.must_choose():
            return desk.choose_place(session)
        site = desk.page_site(session)
        page = crates_at(
            session, district_id=actor.district_id, site_id=site.id, after=desk.cursor(), limit=PAGE
        )
        names = desk.kind_names(session, actor)
    return render_template(
        "wares/crates.html",
        site=site,
        crates=page.items,
        next=desk.next_cursor(page.next),
        names=names,
        where=desk.where(site),
        tabs=desk.tabs_of(site),
    )


@blueprint.get("/wares/crates/<code>")
@station(Role.COURIER, *COUNTERS)
def show_crate(code: str) -> str:
    """What is in a crate: by kind, then piece by piece (`?after=`); its scans (`?scans=`) and its
    counted moves (`?moves=`). A place sees crates that stand there, were there or are coming."""
    actor = current_actor()
    with reading() as session:
        found = find_item(session, code=code, actor=actor)
        crate = find_crate(session, code=code, actor=actor)
        lines = crate_contents(session, crate_ids=[crate.id])
        pieces = pieces_inside(session, crate_id=crate.id, after=desk.cursor(), limit=PAGE)
        scans = item_scans(
            session, item_id=found.id, actor=actor, after=desk.cursor("scans"), limit=STORY
        )
        moves = crate_moves(session, crate_id=crate.id, after=desk.cursor("moves"), limit=STORY)
        accounts = [one for move in moves.items for one in (move.source, move.target)]
        names = load_names(session, moves.items, accounts, with_staff=actor.role is Role.OFFICER)
        sites = desk.sites_by_id(session, actor)
        kinds = desk.kind_names(session, actor)
    return render_template(
        "wares/crate.html",
        crate=found.view,
        lines=lines,
        total=sum(line.quantity for line in lines),
        pieces=pieces.items,
        next=desk.next_cursor(pieces.next),
        scans=scans.items,
        next_scans=desk.next_cursor(scans.next),
        moves=moves.items,
        next_moves=desk.next_cursor(moves.next),
        names=names,
        sites=sites,
        by_code={site.code: site for site in sites.values()},
        kinds=kinds,
        counts=actor.role in {*COUNTERS, Role.OFFICER},
        where={"site": found.view.site} if sees_district(actor) else {},
        words=words,
    )
