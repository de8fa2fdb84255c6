"""The message that carries a resident's one-time code."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from lending.notices.drafts import Draft, queue_message
from lending.notices.tables import Purpose
from lending.people.keys import Keys
from lending.people.login_codes import CodeToSend

TEXTS = {
    "ko": "[리플컵] 인증번호 {code} (5분 동안만 쓸 수 있어요)",
    "en": "[Reple Cup] Your code is {code} (valid for 5 minutes)",
}


def queue_login_code(
    session: Session, *, keys: Keys, code: CodeToSend, language: str, now: datetime
) -> uuid.UUID:
    """Queues a one-time code in `ko` or `en`; it goes out first, or not at all once expired."""
    text = TEXTS.get(language, TEXTS["ko"]).format(code=code.code)
    draft = Draft(code.contact, Purpose.LOGIN_CODE, text, code.expires_at)
    return queue_message(session, keys=keys, district_id=code.district_id, draft=draft, now=now)
