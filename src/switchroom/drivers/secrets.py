"""Random bytes that nobody can guess, from the kernel."""

import os


class KernelSecrets:
    """For tokens, keys and codes; ``ids.py`` is for names that are no secrets."""

    def random(self, count: int) -> bytes:
        """So many new random bytes."""
        return os.urandom(count)
