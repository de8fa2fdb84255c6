"""The histogram of uses as geometry for an SVG: bars, their labels, and round lines; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from lending.reports.rates import Bar

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 22, 44
LINES = 4
GAP = 0.2  # of a bar's room


@dataclass(frozen=True, slots=True)
class Box:
    """One bar: its rectangle, the words below and the number above it."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    words: str
    count: int


@dataclass(frozen=True, slots=True)
class Line:
    """A horizontal line at a round number."""

    y: float
    count: int


@dataclass(frozen=True, slots=True)
class Chart:
    """All there is to draw, in a view box of WIDTH × HEIGHT."""

    width: int
    height: int
    left: int
    right: int
    floor: int
    boxes: list[Box]
    lines: list[Line]


def draw_bars(bars: Sequence[Bar]) -> Chart | None:
    """The chart of some bars; None when there is nothing to show."""
    most = max((bar.count for bar in bars), default=0)
    if most == 0:
        return None
    step = round_step(most)
    top = -(-most // step) * step
    high = HEIGHT - TOP - BOTTOM
    floor = HEIGHT - BOTTOM
    room = (WIDTH - LEFT - RIGHT) / len(bars)
    boxes = []
    for place, bar in enumerate(bars):
        tall = high * bar.count / top
        x = LEFT + room * (place + GAP / 2)
        words = str(bar.first) if bar.first == bar.last else f"{bar.first}–{bar.last}"
        middle = round(LEFT + room * (place + 0.5), 1)
        wide = round(room * (1 - GAP), 1)
        boxes.append(
            Box(round(x, 1), round(floor - tall, 1), wide, round(tall, 1), middle, words, bar.count)
        )
    lines = [Line(round(floor - high * count / top, 1), count) for count in range(0, top + 1, step)]
    return Chart(WIDTH, HEIGHT, LEFT, WIDTH - RIGHT, floor, boxes, lines)


def round_step(most: int) -> int:
    """1, 2 or 5 times a power of ten, so that about four lines reach `most`."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if power * factor * LINES >= most:
                return power * factor
        power *= 10
