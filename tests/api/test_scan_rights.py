"""POST /scans: the token decides what is taken, by role and site."""

from lending.loop.codes import make_code
from tests.api.conftest import Program, moment, scan
from tests.personas import HARU, NABI, WASH, Loop


def test_rights_by_role_and_site(programs: dict[str, Program], loop: Loop) -> None:
    cup = loop.clean_cup()
    allowed = [
        ("officer", scan("return", cup, site=HARU)),
        ("courier", scan("collect", cup, site=HARU)),
        ("machine", scan("return", cup)),
        ("jun", scan("receive", cup, **{"from": HARU})),
    ]
    for name, one in allowed:
        assert programs[name].scan(one)[0]["result"] == "recorded", name
    refused = [
        ("machine", scan("lend", cup), "not_allowed_here"),
        ("courier", scan("wash", cup, site=WASH), "not_allowed_here"),
        ("mina", scan("wash", cup), "not_allowed_here"),
        ("mina", scan("return", cup, site=NABI), "not_allowed_here"),
        ("officer", scan("return", cup), "invalid"),
        ("officer", scan("return", cup, site="NOWHERE"), "invalid"),
    ]
    for name, one, code in refused:
        receipt = programs[name].scan(one)[0]
        assert (receipt["result"], receipt["error"]["code"]) == ("refused", code), name


def test_the_token_decides(programs: dict[str, Program], loop: Loop) -> None:
    stranger, body = (
        programs["stranger"],
        {"sent_at": moment(), "scans": [scan("return", make_code())]},
    )
    error = stranger.post("/scans", body, 401)["error"]
    assert error["code"] == "sign_in_needed" and error["next_step"]
    stranger.headers = {"Authorization": "Bearer reuse_wrong"}
    stranger.post("/scans", body, 401)
    stranger.headers = {"Authorization": "Basic bWluYTptaW5h"}
    stranger.post("/scans", body, 401)
