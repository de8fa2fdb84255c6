"""The Korean words of the documents, and how they write numbers and moments."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from lending.washing.batches.tables import Measure, Stage
from lending.washing.batches.views import BatchView
from lending.washing.hygiene.book import BatchLine, TestLine, Verdict
from lending.washing.hygiene.tables import Ending

STAGES = {
    Stage.PRE_WASH: "애벌",
    Stage.WASH: "세척",
    Stage.RINSE: "헹굼",
    Stage.DRY: "건조",
    Stage.STERILISE: "살균",
}
MEASURES = {
    Measure.TEMPERATURE: ("온도", "°C"),
    Measure.DETERGENT: ("세제 농도", "g/L"),
    Measure.TIME: ("시간", "초"),
}
VERDICTS = {
    Verdict.GOOD: "적합",
    Verdict.WAITING: "결과 기다림",
    Verdict.FAILED: "부적합",
    Verdict.UNTESTED: "시료 없음",
}
ENDINGS = {
    Ending.REENTRY: "값 바로잡음",
    Ending.RELEASED: "재검사 합격",
    Ending.REWASH: "다시 세척",
    Ending.RETIRED: "폐기",
}
NO_MACHINE = "세척기 없이"


def write_value(value: float | None, unit: str = "") -> str:
    """`45.5 RLU`, at most two digits after the point; – for none."""
    if value is None:
        return "–"
    text = f"{round(value, 2):,.2f}".rstrip("0").rstrip(".")
    return f"{text} {unit}".strip()


def write_moment(moment: datetime | None, zone: ZoneInfo) -> str:
    """`2026-11-23 14:05` in the district's zone; – for none."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment else "–"


def write_clock(moment: datetime | None, zone: ZoneInfo) -> str:
    """`14:05` in the district's zone; – for none."""
    return moment.astimezone(zone).strftime("%H:%M") if moment else "–"


def write_counts(counts: Mapping[str, int], kinds: Mapping[str, str]) -> str:
    """`컵 355 mL 120 · 뚜껑 30`; – for nothing."""
    parts = [f"{kinds.get(kind, kind)} {count:,}" for kind, count in counts.items()]
    return " · ".join(parts) or "–"


def verdict_of(test: TestLine) -> str:
    """How a test came out."""
    if test.corrected:
        return "고쳐 적음"
    if test.passed is None:
        return "결과 기다림"
    return "적합" if test.passed else "부적합"


def recall_of(tests: Iterable[TestLine]) -> str:
    """What became of the recalls of these tests; empty without one."""
    called = [one for one in tests if one.recall_id is not None]
    return ", ".join(
        f"회수({ENDINGS[one.recall_ended]})" if one.recall_ended else "회수 중" for one in called
    )


def warmest(batch: BatchView) -> float | None:
    """The highest temperature that was read, in °C."""
    return max(_values(batch, Measure.TEMPERATURE), default=None)


def detergent(batch: BatchView) -> float | None:
    """The last detergent reading, in grams per litre."""
    values = _values(batch, Measure.DETERGENT)
    return values[-1] if values else None


def atp_of(line: BatchLine) -> TestLine | None:
    """The ATP test that counts: the last that was not entered again."""
    found = [one for one in line.tests if one.kind == "atp" and not one.corrected]
    return found[-1] if found else None


def certificate_number(batch: BatchView, zone: ZoneInfo) -> str:
    """`20261123-4F2A91C0`: the day it began and the head of its id."""
    return f"{batch.started_at.astimezone(zone):%Y%m%d}-{batch.id.hex[:8].upper()}"


def _values(batch: BatchView, measure: Measure) -> list[float]:
    return [one.value for one in batch.readings if one.measure is measure]
