"""The base of every error that a user may meet."""


class SwitchroomError(Exception):
    """Something a user can put right; the text says what, where and what to do."""

    code: str = "error"
    "Stable name for programs."
