"""The collector of cycles (``gc``) waits while much is made that has no cycles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_waiting_for = 0


@contextmanager
def collector_waits() -> Iterator[None]:
    """While the block runs, in any thread, nothing looks for cycles, for which calls would wait.

    For work on whole configurations: tens of thousands of rows, each of which the collector would
    look at several times before they are gone again.
    """
    global _waiting_for
    with _lock:
        _waiting_for += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _waiting_for -= 1
            if not _waiting_for:
                gc.enable()
