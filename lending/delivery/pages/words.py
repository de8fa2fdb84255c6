"""The words of delivery: what a beep at the pass came to, how an order stands."""

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from lending.delivery.orders.pack import Packed
from lending.delivery.orders.records import Recorded, What
from lending.delivery.tables import ContactKind, OrderStatus
from lending.errors import Code
from lending.loop.steps import Gap
from lending.web.errors import explain
from lending.web.stations import Words

STATUSES: dict[OrderStatus, LazyString] = {
    OrderStatus.WAITING: lazy_gettext("포장 전"),
    OrderStatus.PACKED: lazy_gettext("나가 있음"),
    OrderStatus.PICKUP_REQUESTED: lazy_gettext("수거 요청됨"),
    OrderStatus.PICKED_UP: lazy_gettext("수거함, 돌아오는 중"),
    OrderStatus.PART_RETURNED: lazy_gettext("일부 돌아옴"),
    OrderStatus.RETURNED: lazy_gettext("다 돌아옴"),
    OrderStatus.LOST: lazy_gettext("못 찾은 것이 있음"),
    OrderStatus.SINGLE_USE: lazy_gettext("일회용"),
    OrderStatus.CANCELLED: lazy_gettext("취소됨"),
}
TONES: dict[OrderStatus, str] = {
    OrderStatus.WAITING: "info",
    OrderStatus.PACKED: "info",
    OrderStatus.PICKUP_REQUESTED: "warning",
    OrderStatus.PICKED_UP: "warning",
    OrderStatus.PART_RETURNED: "warning",
    OrderStatus.RETURNED: "success",
    OrderStatus.LOST: "danger",
    OrderStatus.SINGLE_USE: "gray",
    OrderStatus.CANCELLED: "gray",
}
CONTACTS: dict[ContactKind, LazyString] = {
    ContactKind.NONE: lazy_gettext("연락처 없음"),
    ContactKind.PHONE: lazy_gettext("주문한 분의 대여로 연결됨"),
    ContactKind.SAFE: lazy_gettext("안심번호 (3시간 뒤 지움)"),
    ContactKind.TOKEN: lazy_gettext("배달앱 주문자 표시"),
}


def words_of(done: Recorded) -> Words:
    """What became of a record, large."""
    if done.error is not None:
        return _refused(done)
    return _packed(done.packed) if done.packed else _WORDS[done.record.what](done)


def _packed(packed: Packed) -> Words:
    if packed.receipt is None:
        return Words(_("벌써 담았어요"), "calm", "check", _("이 주문에 들어 있어요"))
    gaps = set(packed.receipt.gaps)
    if packed.old or gaps & {Gap.UNCLEAN_LEND, Gap.HELD_LEND}:
        line = _("선반에 너무 오래 있던 것이었어요") if packed.old else _("쓰면 안 되는 것이었어요")
        return Words(
            _("담은 것으로 적었어요"),
            "care",
            "warning",
            line,
            _("아직 가게에 있으면 바꿔 담아 주세요."),
        )
    if packed.bag and packed.receipt.carried:
        line = _("가방 1개, 용기 %(count)s개", count=packed.receipt.carried)
    else:
        line = _("가방 1개") if packed.bag else ""
    return Words(_("담았어요"), "good", "check", line, _("주문번호는 나중에 넣어도 돼요."))


def _out(done: Recorded) -> Words:
    return Words(_("주문에서 뺐어요"), "calm", "undo", _("다시 선반에 있는 것으로 적었어요"))


def _number(done: Recorded) -> Words:
    number = done.order.number if done.order else ""
    line = _("배달앱 주문과 이어졌어요") if done.order and done.order.platform_id else ""
    return Words(_("주문 %(number)s", number=number), "good", "check", line)


def _contact(done: Recorded) -> Words:
    kind = done.order.contact if done.order else ContactKind.NONE
    return Words(_("연락처를 받았어요"), "good", "check", str(CONTACTS[kind]))


def _single_use(done: Recorded) -> Words:
    return Words(_("일회용 주문"), "calm", "check", _("다회용 선택 비율에만 들어가요"))


def _cancelled(done: Recorded) -> Words:
    return Words(_("주문을 취소했어요"), "calm", "undo", _("담은 것은 선반으로 돌려놓아 주세요"))


_WORDS = {
    What.OUT: _out,
    What.NUMBER: _number,
    What.CONTACT: _contact,
    What.SINGLE_USE: _single_use,
    What.CANCEL: _cancelled,
}


def _refused(done: Recorded) -> Words:
    code = done.error or Code.INVALID
    message, next_step = explain(code)
    if done.record.what is What.CONTACT:
        message, next_step = _("전화번호를 다시 확인해 주세요"), _("비워 두어도 괜찮아요.")
    elif done.record.what is What.NUMBER and done.field == "number":
        message, next_step = (
            _("주문번호로 적을 수 없어요"),
            _("전화번호는 연락처 칸에 적어 주세요."),
        )
    elif code is Code.ALREADY_LENT:
        message = _("다른 주문에 나가 있어요")
        next_step = _("돌아온 용기면 스캔 화면에서 반납부터 찍어 주세요.")
    elif code is Code.CONFLICT and done.record.what is What.BEEP:
        message, next_step = (
            _("가게에 온 보관 상자예요"),
            _("주문에 담을 용기나 가방을 찍어 주세요."),
        )
    elif code is Code.NOT_CLEAN:
        message, next_step = (
            _("씻은 용기가 아니에요"),
            _("다른 용기를 쓰고, 이것은 수거 가방에 넣어 주세요."),
        )
    return Words(message.rstrip("."), "bad", "warning", "", next_step)
