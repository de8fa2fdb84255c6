"""The run as a table: what each station went through, the blows, and what held."""

from collections import Counter
from collections.abc import Iterator

from tests.chaos.errands import Errand
from tests.chaos.run import Outcome
from tests.chaos.stations import Station
from tests.chaos.tablets import Tablet

SHOWN = 4  # of what is wrong
COLUMNS = ("sent", "resent", "lost ans.", "dupl.", "asked", "alone", "ackn.", "refused")


def write_table(outcome: Outcome) -> Iterator[str]:
    """The lines, an actor each, then the blows and the findings."""
    plan = outcome.plan
    yield (
        f"chaos · {plan.backend} · seed {plan.seed} · {len(outcome.stations)} stations · "
        f"{plan.seconds:.0f} s of storm ({outcome.seconds:.0f} s in all) · "
        f"{outcome.truth:,} scans of the past"
    )
    yield _row("actor", COLUMNS)
    total: Counter[str] = Counter()
    for station in outcome.stations:
        counts = _counts(station)
        total.update(counts)
        yield _row(station.name, [f"{counts[name]:,}" for name in COLUMNS])
    for errand in outcome.errands:
        counts = _errand_counts(errand)
        yield _row(errand.name, [f"{counts[name]:,}" for name in COLUMNS])
    yield _row("all", [f"{total[name]:,}" for name in COLUMNS])
    yield "blows: " + (", ".join(f"{n} × {what}" for what, n in outcome.blows.items()) or "none")
    for finding in outcome.findings:
        verdict = f"FAILED {len(finding.wrong)}" if finding.wrong else "OK"
        yield f"  {finding.what:<52}{finding.count:>8,}   {verdict}"
        for line in finding.wrong[:SHOWN]:
            yield f"      {line}"
    if not outcome.good:
        yield (
            f"FAILED: repeat it with scripts/chaos --stations {plan.stations} "
            f"--minutes {plan.seconds / 60:g} --database {plan.backend} --seed {plan.seed}"
        )


def _counts(station: Station) -> dict[str, int]:
    net, own = station.line.counts, station.counts
    alone = own["decided alone"] if isinstance(station, Tablet) else 0
    return {
        "sent": own["sent"],
        "resent": own["resent"],
        "lost ans.": net["unheard"] + net["unread"] + net["slow"],
        "dupl.": net["twice"] + net["copy"] + net["again"] + own["double"],
        "asked": own["asked"],
        "alone": alone,
        "ackn.": len(station.receipts),
        "refused": len(station.refused),
    }


def _errand_counts(errand: Errand) -> Counter[str]:
    net: Counter[str] = Counter()
    for line in errand.lines:
        net.update(line.counts)
    return Counter(
        {
            "sent": errand.counts["sent"] - errand.counts["unanswered"],
            "resent": errand.counts["unanswered"],
            "lost ans.": net["unheard"] + net["unread"] + net["slow"],
            "dupl.": net["twice"] + net["copy"],
            "ackn.": errand.counts["sent"] - errand.counts["unanswered"],
        }
    )


def _row(name: str, cells: list[str] | tuple[str, ...]) -> str:
    return f"{name:<22}" + "".join(f"{cell:>10}" for cell in cells)
