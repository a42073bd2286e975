"""Argon2id: hashes of passwords that cost an attacker memory. A few at once, a short line, no more.

19 MiB, two passes, one lane is the floor that OWASP names; PHC strings carry their parameters, so
older hashes stay good and are made anew at the next log-in.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct

FLOOR_KIB = 19 * 1024
FLOOR_PASSES = 2
_LANES = 1


class HashingLimits(Struct, frozen=True):
    """What log-ins may cost at most: memory is ``at_once`` times ``memory_kib``."""

    memory_kib: int = FLOOR_KIB
    passes: int = FLOOR_PASSES
    at_once: int = 2
    "Hashes that are computed at the same time, 1 to 4."
    in_line: int = 16
    "Log-ins that may wait for their turn; further ones are told to come back."


class Argon2Passwords:
    """Every method may be called from any thread; each blocks while it computes."""

    def __init__(self, limits: HashingLimits | None = None) -> None:
        limits = limits or HashingLimits()
        if limits.memory_kib < FLOOR_KIB or limits.passes < FLOOR_PASSES:
            raise ValueError(f"at least {FLOOR_KIB} KiB and {FLOOR_PASSES} passes")
        if not (1 <= limits.at_once <= 4 and limits.in_line >= 0):
            raise ValueError("1 to 4 hashes at once, and a line that is not negative")
        self._hasher = PasswordHasher(
            time_cost=limits.passes,
            memory_cost=limits.memory_kib,
            parallelism=_LANES,
            hash_len=32,
            salt_len=16,
            type=Type.ID,
        )
        self._places = BoundedSemaphore(limits.at_once + limits.in_line)
        # Threads of its own, and not a semaphore: the allocator keeps what each thread that ever
        # hashed has used, so many callers' threads would keep 19 MiB each.
        self._threads = ThreadPoolExecutor(limits.at_once, thread_name_prefix="password")
        # Nobody knows what this is the hash of; to verify against it costs what a real one costs.
        self._nobody = self._hasher.hash(os.urandom(32))

    @contextmanager
    def admission(self) -> Iterator[bool]:
        """Stand in line; ``False``: the line is full, come back in a second. Hash only inside."""
        is_admitted = self._places.acquire(blocking=False)
        try:
            yield is_admitted
        finally:
            if is_admitted:
                self._places.release()

    def verify(self, stored: str, password: str) -> bool:
        """Whether this is the password. An empty ``stored`` costs the same and is never right."""
        is_right = self._threads.submit(self._is_right, stored or self._nobody, password).result()
        return is_right and bool(stored)

    def hash(self, password: str) -> str:
        """What is stored of a password: its PHC string."""
        return self._threads.submit(self._hasher.hash, password).result()

    def close(self) -> None:
        """End the threads, once what they compute is done."""
        self._threads.shutdown()

    def is_outdated(self, stored: str) -> bool:
        """Whether a new hash would be stronger; not if there is none or it is none of ours."""
        try:
            return bool(stored) and self._hasher.check_needs_rehash(stored)
        except InvalidHashError:
            return False

    def _is_right(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False
