"""Codes of the second factor: RFC 6238's own, each once, within a step."""

import pytest

from switchroom.identity.rules.totp import (
    RECOVERY_BYTES,
    RECOVERY_CODES,
    recovery_codes,
    recovery_hash,
    secret_from,
    step_of,
    without,
)

SECRET = secret_from(b"12345678901234567890")


@pytest.mark.parametrize(
    ("at", "code"),
    # RFC 6238 appendix B, SHA-1, the last six of its eight figures.
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_rfcs_own_examples(at: float, code: str) -> None:
    assert step_of(SECRET, code, at, 0) == at // 30
    assert step_of(SECRET, f"{code[:3]} {code[3:]}", at, 0) == at // 30


def test_a_clock_may_be_off_by_one_step() -> None:
    assert step_of(SECRET, "287082", 59 + 30, 0) == 1
    assert step_of(SECRET, "287082", 59 + 31, 0) is None
    assert step_of(SECRET, "287082", 0, 0) == 1


def test_a_step_is_taken_once_and_none_before_it_afterwards() -> None:
    assert step_of(SECRET, "287082", 59, 1) is None
    assert step_of(SECRET, "287082", 59, 2) is None


@pytest.mark.parametrize("code", ["", "28708", "2870820", "28708a", "\u0662" * 6, "x" * 10_000])
def test_what_is_no_code_is_none(code: str) -> None:
    assert step_of(SECRET, code, 59, 0) is None


def test_recovery_codes_are_taken_however_they_are_typed_and_once() -> None:
    codes = recovery_codes(bytes(range(RECOVERY_BYTES * RECOVERY_CODES)))
    hashes = tuple(map(recovery_hash, codes))
    assert len(set(hashes)) == RECOVERY_CODES
    assert all(len(code) == 19 for code in codes)

    left = without(hashes, codes[3].lower().replace("-", " "))

    assert left == hashes[:3] + hashes[4:]
    assert without(left, codes[3]) is None
    assert without(hashes, "") is None
    assert without(hashes, "A" * 100_000) is None


def test_too_little_chance_is_refused() -> None:
    with pytest.raises(ValueError, match="100 random bytes"):
        recovery_codes(b"few")
