"""The words of a message about loans: short, neutral, in the person's language; pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language; `{n}` cups, `{day}` a date."""

    subject: str
    today: str
    tomorrow: str
    soon: str
    late: str
    corrected: str
    not_found: str
    not_in_bag: str
    recalled: str
    anywhere: str
    returned: str
    not_mine: str
    help: str
    one: str
    many: str
    day: str


LANGUAGES: Mapping[str, Words] = {
    "ko": Words(
        subject="[{district} 리플컵] 빌린 컵 안내",
        today="{cups}: 오늘({day})까지예요.",
        tomorrow="{cups}: 내일({day})까지예요.",
        soon="{cups}: {day}까지예요.",
        late="{cups}: {day}까지였어요.",
        corrected="{cups}: 지난 알림보다 먼저 반납된 걸 확인했어요. 앞선 알림은 없던 일로 해 주세요. 고맙습니다.",
        not_found="돌려주셨다는 {cups}는 아직 찾지 못했어요. 한 번 더 살펴봐 주세요.",
        not_in_bag="수거한 가방에 {cups}가 없었어요. 가지고 계시면 {day}까지 돌려주세요.",
        recalled="{cups}: 위생 점검에서 다시 확인할 것이 나왔어요. 가지고 계시면 쓰지 말고 반납해 주세요.",
        anywhere="어느 반납처에나 돌려주시면 돼요.",
        returned="이미 반납하셨나요?",
        not_mine="빌린 적이 없으신가요?",
        help="도움 전화",
        one="컵 1개",
        many="컵 {n}개",
        day="{month}월 {day}일",
    ),
    "en": Words(
        subject="[{district} Reple Cup] About the cups you borrowed",
        today="{cups}: due today ({day}).",
        tomorrow="{cups}: due tomorrow ({day}).",
        soon="{cups}: due {day}.",
        late="{cups}: was due {day}.",
        corrected="{cups}: back before our last reminder. Please disregard it. Thank you.",
        not_found="{cups} you brought back: not found yet. Please have another look.",
        not_in_bag="{cups} not found in the bag we took. If you have it, please bring it back by {day}.",
        recalled="{cups}: a hygiene check found something to look at. If you have it, please do not use it and bring it back.",
        anywhere="Bring them back to any return point.",
        returned="Already brought back?",
        not_mine="Not you?",
        help="Help desk",
        one="1 cup",
        many="{n} cups",
        day="{day} {name}",
    ),
}


@dataclass(frozen=True, slots=True)
class About:
    """What a message is about: due days of cups still out, and how many were back in time."""

    due: Sequence[date]
    corrected: int
    today: date
    not_found: int = 0  # of those due: said to be back and not found
    recalled: int = 0
    not_in_bag: Sequence[date] = ()  # of those due: not among what the courier took


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: the district's name and help desk, and the two links without sign-in."""

    district: str
    helpdesk: str
    returned_link: str
    not_mine_link: str


def write_text(language: str, about: About, sender: Sender) -> tuple[str, str]:
    """(subject, text), with one line for each due day, the earliest first.

    What is overdue asks "already brought back?" and names the help desk; every reminder says
    what to do when it is somebody else's cup.
    """
    words = LANGUAGES.get(language, LANGUAGES["ko"])
    subject = words.subject.format(district=sender.district)
    due = Counter(about.due) - Counter(about.not_in_bag)
    lines = [subject]
    lines += [_line(words, day, count, about.today) for day, count in sorted(due.items())]
    if about.corrected:
        lines.append(words.corrected.format(cups=_cups(words, about.corrected)))
    if about.not_found:
        lines.append(words.not_found.format(cups=_cups(words, about.not_found)))
    missing = Counter(about.not_in_bag)
    lines += [
        words.not_in_bag.format(cups=_cups(words, count), day=_day(words, day))
        for day, count in sorted(missing.items())
    ]
    if about.recalled:
        lines.append(words.recalled.format(cups=_cups(words, about.recalled)))
    if about.due or about.recalled:
        lines.append(words.anywhere)
    if about.due:
        if any(day < about.today for day in about.due):
            lines.append(f"{words.returned} {sender.returned_link}")
        lines.append(f"{words.not_mine} {sender.not_mine_link}")
    if sender.helpdesk:
        lines.append(f"{words.help} {sender.helpdesk}")
    return subject, "\n".join(lines)


def _line(words: Words, day: date, count: int, today: date) -> str:
    ahead = (day - today).days
    sentence = words.late
    if ahead >= 0:
        sentence = {0: words.today, 1: words.tomorrow}.get(ahead, words.soon)
    return sentence.format(cups=_cups(words, count), day=_day(words, day))


def _cups(words: Words, count: int) -> str:
    return words.one if count == 1 else words.many.format(n=count)


def _day(words: Words, day: date) -> str:
    return words.day.format(month=day.month, day=day.day, name=MONTHS[day.month - 1])
