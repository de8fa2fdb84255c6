"""The words of the shortfall statement, in Korean and in English."""

from datetime import datetime
from zoneinfo import ZoneInfo

from lending.events.documents.paper import HallWord, StatementPaper

KO = {
    "title": "회수·부족 확인서",
    "number": "확인서 번호 {number} · {version}번째 판",
    "qr": "QR로 확인하거나 이의를 남겨 주세요",
    "all_back": "모두 돌아왔어요",
    "short": "부족 {missing}개 · 파손 {broken}개",
    "crates_short": "상자 {count}개 부족",
    "sentence": "보낸 그릇 {sent}개 가운데 {returned}개가 온전히 돌아왔어요.",
    "hall": "장소",
    "room": "빈소·자리",
    "from": "시작",
    "to": "끝",
    "guests": "예상 인원",
    "crates": "상자",
    "guests_value": "{count}명",
    "crates_value": "보냄 {sent} · 돌아옴 {back}",
    "counts": "종류별 수량",
    "kind": "종류",
    "sent": "보냄",
    "returned": "돌아옴",
    "broken": "파손",
    "missing": "부족",
    "price": "단가(원)",
    "amount": "금액(원)",
    "total": "합계 (상자 빼고)",
    "others": "그 밖의 {count}종",
    "disputed_mark": "이의",
    "surplus": "{count}개 더 옴",
    "foreign": "섞여 온 다른 그릇 (위 수량에 넣지 않았어요)",
    "pieces": "{count}개",
    "photos": "사진",
    "centre": "세척장",
    "the_hall": "받은 곳",
    "counted": "센 사람",
    "confirmed": "확인한 사람",
    "unconfirmed": "아직 확인 전",
    "made": "만든 때 {at}",
    "no_charge": "파손·부족에 요금을 받지 않아요.",
    "charge": "금액은 파손과 부족에만 매겨요.",
    HallWord.AWAITED: "확인을 기다려요",
    HallWord.ACCEPTED: "확인했어요",
    HallWord.BY_ITSELF: "기한이 지나 인정됨(자동)",
    HallWord.DISPUTED: "이의가 있어 살펴보고 있어요",
    "until": "{at}까지 말씀이 없으면 인정한 것으로 봐요",
    "lines_disputed": "이의 {count}줄",
}
EN = {
    "title": "Shortfall statement",
    "number": "Statement {number} · version {version}",
    "qr": "Confirm or dispute by this QR",
    "all_back": "Everything came back",
    "short": "{missing} missing · {broken} broken",
    "crates_short": "{count} crates missing",
    "sentence": "Of {sent} pieces sent, {returned} came back whole.",
    "hall": "Place",
    "room": "Room or spot",
    "from": "From",
    "to": "Until",
    "guests": "Guests expected",
    "crates": "Crates",
    "guests_value": "{count}",
    "crates_value": "{sent} sent · {back} back",
    "counts": "Pieces by kind",
    "kind": "Kind",
    "sent": "Sent",
    "returned": "Back",
    "broken": "Broken",
    "missing": "Missing",
    "price": "Each (won)",
    "amount": "Sum (won)",
    "total": "Total (without crates)",
    "others": "{count} further kinds",
    "disputed_mark": "disputed",
    "surplus": "{count} more",
    "foreign": "Ware that is not ours (not counted above)",
    "pieces": "{count}",
    "photos": "Photos",
    "centre": "Washing centre",
    "the_hall": "Hall",
    "counted": "Counted by",
    "confirmed": "Confirmed by",
    "unconfirmed": "not confirmed yet",
    "made": "Made {at}",
    "no_charge": "Nothing is charged for broken or missing pieces.",
    "charge": "Only broken and missing pieces are charged.",
    HallWord.AWAITED: "To be confirmed",
    HallWord.ACCEPTED: "Confirmed",
    HallWord.BY_ITSELF: "Accepted as the time ran out (automatic)",
    HallWord.DISPUTED: "Disputed, being looked into",
    "until": "Counts as accepted unless disputed by {at}",
    "lines_disputed": "Lines disputed: {count}",
}
WORDS = {"ko": KO, "en": EN}
WEEKDAYS = {"ko": "월화수목금토일", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


def write_at(moment: datetime, zone: ZoneInfo, lang: str) -> str:
    """`2026-11-23 (월) 14:05` in the district's zone."""
    local = moment.astimezone(zone)
    return f"{local:%Y-%m-%d} ({WEEKDAYS[lang][local.weekday()]}) {local:%H:%M}"


def headline(one: StatementPaper, words: dict[str, str]) -> str:
    """What the coloured band says first."""
    missing, broken = one.total("missing"), one.total("broken")
    crates = sum(line.missing + line.broken for line in one.crates)
    said = words["short"].format(missing=f"{missing:,}", broken=f"{broken:,}")
    told = [said] if missing or broken else []
    told += [words["crates_short"].format(count=f"{crates:,}")] if crates else []
    return " · ".join(told) or words["all_back"]


def sentence(one: StatementPaper, words: dict[str, str]) -> str:
    """What it says beside that."""
    sent, returned = one.total("sent"), one.total("returned")
    return words["sentence"].format(sent=f"{sent:,}", returned=f"{returned:,}")
