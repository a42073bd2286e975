"""Slow hashes: real argon2id, few at once, a short line."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import pytest
from argon2 import PasswordHasher, extract_parameters

from switchroom.drivers.passwords import FLOOR_KIB, Argon2Passwords, HashingLimits

PASSWORD = "correct zebra battery"


@pytest.fixture(scope="module")
def passwords() -> Iterator[Argon2Passwords]:
    made = Argon2Passwords()
    yield made
    made.close()


def test_a_password_is_known_again_and_no_other(passwords: Argon2Passwords) -> None:
    stored = passwords.hash(PASSWORD)

    assert passwords.verify(stored, PASSWORD)
    assert not passwords.verify(stored, PASSWORD + "x")
    assert stored != passwords.hash(PASSWORD)
    assert PASSWORD not in stored


def test_hashes_cost_what_owasp_asks(passwords: Argon2Passwords) -> None:
    found = extract_parameters(passwords.hash(PASSWORD))

    assert found.type.name == "ID"
    assert (found.memory_cost, found.time_cost, found.parallelism) == (FLOOR_KIB, 2, 1)


@pytest.mark.parametrize("stored", ["", "nonsense", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA"])
def test_no_password_is_right_for_what_is_no_hash(passwords: Argon2Passwords, stored: str) -> None:
    assert not passwords.verify(stored, PASSWORD)
    assert not passwords.verify(stored, "")


def test_only_what_is_weaker_is_outdated(passwords: Argon2Passwords) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)

    assert passwords.is_outdated(weak)
    assert passwords.verify(weak, PASSWORD)
    assert not passwords.is_outdated(passwords.hash(PASSWORD))
    assert not passwords.is_outdated("")
    assert not passwords.is_outdated("nonsense")


def test_the_line_is_short_and_empties() -> None:
    passwords = Argon2Passwords(HashingLimits(at_once=1, in_line=2))
    met = Barrier(5)

    def enter(_: int) -> bool:
        with passwords.admission() as is_admitted:
            met.wait(10)
            return is_admitted

    with ThreadPoolExecutor(5) as pool:
        said = list(pool.map(enter, range(5)))
    assert said.count(True) == 3
    with passwords.admission() as is_admitted:
        assert is_admitted


def test_a_failure_inside_gives_the_place_back() -> None:
    passwords = Argon2Passwords(HashingLimits(at_once=1, in_line=0))

    for _ in range(3):
        with suppress(ZeroDivisionError), passwords.admission() as is_admitted:
            assert is_admitted
            raise ZeroDivisionError


@pytest.mark.parametrize(
    "limits",
    [
        HashingLimits(memory_kib=FLOOR_KIB - 1),
        HashingLimits(passes=1),
        HashingLimits(at_once=0),
        HashingLimits(at_once=5),
        HashingLimits(in_line=-1),
    ],
)
def test_limits_below_the_floor_are_refused(limits: HashingLimits) -> None:
    with pytest.raises(ValueError, match=r"at least|at once"):
        Argon2Passwords(limits)


MEASURE = """
import resource
from concurrent.futures import ThreadPoolExecutor
from switchroom.drivers.passwords import Argon2Passwords, HashingLimits

passwords = Argon2Passwords(HashingLimits(at_once=2, in_line=64))
stored = passwords.hash("correct zebra battery")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with ThreadPoolExecutor(24) as pool:
    list(pool.map(lambda _: passwords.verify(stored, "wrong"), range(48)))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_crowd_costs_no_more_memory_than_two() -> None:
    # 24 at once would take 456 MiB; a process of its own has a peak of its own.
    grown_kib = int(
        subprocess.check_output([sys.executable, "-c", MEASURE], text=True, timeout=120)
    )

    assert grown_kib < 3 * FLOOR_KIB
