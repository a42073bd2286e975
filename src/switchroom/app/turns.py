"""Whose turn it is: work that keeps a processor busy for seconds, in the process that has calls."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

MOST_AT_ONCE = 2
"Threads that compute beside the event loop; each makes it wait for some milliseconds."


class Turns:
    """One for each customer and few at once; nobody waits here, but is told to come again."""

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        self._most = most
        self._at_work: set[str] = set()
        self._lock = Lock()  # turns are taken in the threads of requests

    @contextmanager
    def of(self, customer_id: str) -> Iterator[bool]:
        """Whether this customer has a turn inside."""
        with self._lock:
            is_free = customer_id not in self._at_work and len(self._at_work) < self._most
            if is_free:
                self._at_work.add(customer_id)
        try:
            yield is_free
        finally:
            if is_free:
                with self._lock:
                    self._at_work.discard(customer_id)
