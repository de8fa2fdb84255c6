"""Return rates and uses per piece by the definitions of the domain (§6); pure.

"75 % came back" can hide the loss: of 7,680 cups lent 16,962 times 1,980 were lost, which is 74 %
by stock, 88 % per loan and 2.2 uses per cup. So all three are always shown together.
"""

from collections.abc import Mapping
from dataclasses import dataclass

MOST_BARS = 12
WIDTHS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000)


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares between 0 and 1, None where there is nothing to divide by.

    `per_loan`: 1 − lost loans ÷ matured loans (loans that came back or are past due by the days
    after which they count as lost). `per_stock`: 1 − lost pieces ÷ pieces ever put in
    circulation. `uses_*`: lends ÷ pieces, over all, over lost and over existing pieces.
    """

    matured: int
    lost_loans: int
    pieces: int
    lost_pieces: int
    per_loan: float | None
    per_stock: float | None
    uses_all: float | None
    uses_lost: float | None
    uses_existing: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """`count` pieces with `first` to `last` uses (both counted in)."""

    first: int
    last: int
    count: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What the rates are made of; existing pieces are neither lost nor retired."""

    matured: int
    lost_loans: int
    pieces: int
    lost_pieces: int
    existing_pieces: int
    uses: int
    uses_of_lost: int
    uses_of_existing: int


def rates_of(counts: Counts) -> Rates:
    """The three definitions over the same counts."""
    lost_share = divide(counts.lost_loans, counts.matured)
    stock_share = divide(counts.lost_pieces, counts.pieces)
    return Rates(
        matured=counts.matured,
        lost_loans=counts.lost_loans,
        pieces=counts.pieces,
        lost_pieces=counts.lost_pieces,
        per_loan=None if lost_share is None else 1 - lost_share,
        per_stock=None if stock_share is None else 1 - stock_share,
        uses_all=divide(counts.uses, counts.pieces),
        uses_lost=divide(counts.uses_of_lost, counts.lost_pieces),
        uses_existing=divide(counts.uses_of_existing, counts.existing_pieces),
    )


def divide(part: int, whole: int) -> float | None:
    """`part` ÷ `whole`; None for a whole of 0."""
    return part / whole if whole else None


def bars_of(uses: Mapping[int, int]) -> list[Bar]:
    """A histogram of pieces by uses, at most 12 bars of one round width, from 0 on without a hole.

    `uses`: pieces by number of uses.
    """
    if not uses:
        return []
    most = max(uses)
    width = next((w for w in WIDTHS if most < w * MOST_BARS), most // MOST_BARS + 1)
    counts = [0] * (most // width + 1)
    for used, pieces in uses.items():
        counts[used // width] += pieces
    return [Bar(n * width, (n + 1) * width - 1, count) for n, count in enumerate(counts)]
