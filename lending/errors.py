"""The one error the domain raises: a stable code in the users' words, without HTTP."""

from enum import StrEnum


class Code(StrEnum):
    """Why something was refused; each has one text and one next step (lending/web/errors.py)."""

    # the scan itself
    INVALID = "invalid"
    BAD_CHECK_DIGIT = "bad_check_digit"
    ID_REUSED = "id_reused"
    NOT_ALLOWED_HERE = "not_allowed_here"
    # the piece
    UNKNOWN_CODE = "unknown_code"
    NOT_CLEAN = "not_clean"
    HELD = "held"
    RETIRED = "retired"
    ALREADY_LENT = "already_lent"
    NO_BATCH = "no_batch"  # washed, but in no finished batch where one is required
    AWAITING_RESULT = "awaiting_result"  # its batch was sampled and not found good yet
    SHELF_OLD = "shelf_old"  # clean, and too long on a shop's shelf: it goes back
    # the borrower
    BORROWER_UNKNOWN = "borrower_unknown"
    BORROWER_PAUSED = "borrower_paused"
    TOO_MANY_OPEN = "too_many_open"
    NOT_EXTENDABLE = "not_extendable"
    # everything else that can be asked for
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    SIGN_IN_NEEDED = "sign_in_needed"
    WRONG_SIGN_IN = "wrong_sign_in"
    NOT_ALLOWED = "not_allowed"
    TOO_MANY_TRIES = "too_many_tries"
    TOO_LARGE = "too_large"
    UNAVAILABLE = "unavailable"


class LendingError(Exception):
    """A refusal with its code; `field` names the input at fault, `detail` is for the log.

    `retry_after` (seconds) says when trying again makes sense, for TOO_MANY_TRIES.
    """

    def __init__(
        self,
        code: Code,
        *,
        field: str | None = None,
        detail: str = "",
        retry_after: int | None = None,
    ) -> None:
        super().__init__(f"{code}{f' ({field})' if field else ''}{f': {detail}' if detail else ''}")
        self.code = code
        self.field = field
        self.detail = detail
        self.retry_after = retry_after


class ChangedMeanwhile(Exception):
    """Another writer took the same id in between: the whole transaction is to be run again."""
