"""The mark by which a piece shows that a recall holds it; pure."""

import uuid

_RECALL = "recall:"


def recall_reason(recall_id: uuid.UUID) -> str:
    """The reason of a hold by this recall."""
    return f"{_RECALL}{recall_id}"


def is_recall(hold: str | None) -> bool:
    """Whether a piece on hold for this reason is held by a recall."""
    return hold is not None and hold.startswith(_RECALL)
