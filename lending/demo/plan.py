"""What the demo district consists of: its places, its people and how busy it is; pure."""

from dataclasses import dataclass
from datetime import date, timedelta, timezone

from lending.loop.pieces.kinds import NewKind, Sort
from lending.places.spots import Spot
from lending.places.tables import SiteKind

KST = timezone(timedelta(hours=9))  # Korea has no summer time, so a day has always 24 hours
DISTRICT = "서구 데모"
DISTRICT_EN = "Seo-gu demo"
HELPDESK = "032-000-0000"
CENTRE = "WASH"
OFFICE = "OFFICE"
HALL = "HALL-01"
BOX = "BOX-01"

MONDAY_TO_FRIDAY = 0b0011111
MONDAY_TO_SATURDAY = 0b0111111
EVERY_DAY = 0b1111111
NOWHERE = Spot()


@dataclass(frozen=True, slots=True)
class Place:
    """A site of the demo. `share` is its part of the district's loans, `shelf` the clean cups it
    is filled up to, `spot` where it lies and what its box holds."""

    code: str
    kind: SiteKind
    name: str
    name_en: str
    weekdays: int = EVERY_DAY
    share: int = 0
    shelf: int = 0
    spot: Spot = NOWHERE

    def is_open(self, weekday: int) -> bool:
        """Whether it opens on this day of the week (0 is Monday)."""
        return bool(self.weekdays >> weekday & 1)


PLACES = (
    Place(CENTRE, SiteKind.WASH_CENTRE, "공유용기 세척센터", "Washing centre", MONDAY_TO_SATURDAY,
          spot=Spot(0, 37.5598, 126.6651)),
    Place(OFFICE, SiteKind.OFFICE, "구청", "District office", MONDAY_TO_FRIDAY,
          spot=Spot(0, 37.5571, 126.6774)),
    Place("CAFE-01", SiteKind.CAFE, "카페 물결", "Café Mulgyeol", EVERY_DAY, 20, 80,
          Spot(0, 37.5468, 126.6785)),
    Place("CAFE-02", SiteKind.CAFE, "커피 정거장", "Coffee Stop", EVERY_DAY, 18, 75,
          Spot(0, 37.5449, 126.6751)),
    Place("CAFE-03", SiteKind.CAFE, "카페 소담", "Café Sodam", MONDAY_TO_SATURDAY, 15, 65,
          Spot(0, 37.5512, 126.6809)),
    Place("CAFE-04", SiteKind.CAFE, "북카페 온", "Book Café On", MONDAY_TO_SATURDAY, 12, 55,
          Spot(0, 37.5530, 126.6702)),
    Place("CAFE-05", SiteKind.CAFE, "커피 모퉁이", "Coffee Corner", MONDAY_TO_SATURDAY, 12, 55,
          Spot(0, 37.5489, 126.6668)),
    Place("CAFE-06", SiteKind.CAFE, "카페 하루", "Café Haru", MONDAY_TO_SATURDAY, 11, 50,
          Spot(0, 37.5421, 126.6822)),
    Place("CAFE-07", SiteKind.CAFE, "구내 카페", "Office Café", MONDAY_TO_FRIDAY, 12, 55,
          Spot(0, 37.5570, 126.6777)),
    Place("SHOP-01", SiteKind.SHOP, "살구 디저트", "Salgu Desserts", MONDAY_TO_SATURDAY, 4, 25,
          Spot(0, 37.5477, 126.6723)),
    Place(HALL, SiteKind.HALL, "서구 장례식장", "Seo-gu funeral hall",
          spot=Spot(0, 37.5620, 126.6740)),
    Place(BOX, SiteKind.BOX, "역 앞 반납함", "Return box at the station",
          spot=Spot(60, 37.5453, 126.6760)),
    Place("MACHINE-01", SiteKind.MACHINE, "구청 로비 무인회수기", "Return machine in the lobby",
          spot=Spot(80, 37.5571, 126.6772)),
)  # fmt: skip
LENDING_PLACES = tuple(place for place in PLACES if place.share)
BY_CODE = {place.code: place for place in PLACES}

FORGETFUL = "CAFE-05"  # often misses the scans of what arrives
EMPTY = "CAFE-04"  # gets few cups these days: its clean cups run low
UNCOLLECTED = "CAFE-06"  # the courier has not come for nine days
UNSTOCKED = "CAFE-03"  # a crate stands unopened since three days


CUPS = {"cup-355": 50, "cup-414": 30, "cup-473": 20}  # their part of the stock, in percent
LID, CONTAINER, CRATE, BAG = "lid-900", "container-900", "crate", "bag"
BOWL, PLATE, SPOON = "bowl", "plate", "spoon"
KINDS = (
    NewKind("cup-355", "컵 355 mL", "Cup 355 mL"),
    NewKind("cup-414", "컵 414 mL", "Cup 414 mL"),
    NewKind("cup-473", "컵 473 mL", "Cup 473 mL"),
    NewKind(LID, "다회용기 뚜껑", "Container lid", sort=Sort.COUNTED),
    NewKind(CONTAINER, "다회용기 900 mL", "Container 900 mL", design_uses=2800, part=LID),
    NewKind(BOWL, "국그릇", "Soup bowl", sort=Sort.COUNTED),
    NewKind(PLATE, "접시", "Plate", sort=Sort.COUNTED),
    NewKind(SPOON, "숟가락", "Spoon", sort=Sort.COUNTED),
    NewKind(CRATE, "상자", "Crate", sort=Sort.CRATE),
    NewKind(BAG, "수거 자루", "Liner bag", sort=Sort.CRATE),
)
CRATES, BAGS = 22, 4
CONTAINERS = 80


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is made; the defaults stay below 60,000 scans."""

    seed: int = 20260701
    days: int = 61  # before today
    cups: int = 1200
    residents: int = 250
    loans: int = 110  # on an ordinary weekday


SMALL = Scale(seed=20, days=12, cups=120, residents=30, loans=14)
TINY = Scale(days=2, cups=40, residents=12, loans=12)


def working_days_before(day: date, count: int) -> date:
    """The washing centre's `count`-th working day before a day."""
    while count:
        day -= timedelta(days=1)
        count -= BY_CODE[CENTRE].is_open(day.weekday())
    return day


def working_day_from(day: date) -> date:
    """This day, or the washing centre's first working day after it."""
    while not BY_CODE[CENTRE].is_open(day.weekday()):
        day += timedelta(days=1)
    return day
